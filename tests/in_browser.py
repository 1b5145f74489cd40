"""A page opened in Chromium from disk, and what happened there."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
VIOLATIONS = """async () => (await axe.run(
    // A chart's hundreds of marks are one picture with one name, which a test of its own looks at.
    // Style sheets need no fetching, which a browser refuses from disk.
    {exclude: ["svg.marks > g"]}, {preload: false, resultTypes: ["violations"]})).violations
  .filter(found => ["serious", "critical"].includes(found.impact))
  .map(found => `${found.id}: ${found.nodes[0].html.slice(0, 200)}`)"""
CHARTS_DRAWN = """() => [...document.querySelectorAll('[id^=altair-viz]')].every(
    chart => chart.querySelector('svg.marks') || chart.innerText.includes('Error'))"""
LOOK = """() => {
  const charts = [...document.querySelectorAll('[id^=altair-viz]')].map(chart => {
    const svg = chart.querySelector('svg.marks');
    const label = chart.querySelector('[aria-roledescription=visualization][aria-label]');
    return {
      // Axes and legends are drawn for no data too; what counts is the marks.
      shapes: svg ? svg.querySelectorAll('g.role-mark > *').length : 0,
      name: label ? label.getAttribute('aria-label') : '',
      texts: [...chart.querySelectorAll('.role-axis text, .role-legend text')].map(
        text => getComputedStyle(text).fill),
    };
  });
  return {
    charts,
    behind: getComputedStyle(document.body).backgroundColor,
    overflow: document.documentElement.scrollWidth - innerWidth,
    text: document.body.innerText,
    links: [...document.querySelectorAll('a[href^="#"]')].map(link => link.hash.slice(1)).filter(
      name => name && !document.getElementById(decodeURIComponent(name))),
  };
}"""


@dataclass
class Visit:
    """One page, opened once."""

    page: str
    look: str
    """``light`` or ``dark``, perhaps narrow."""
    foreign: list[str] = field(default_factory=list)
    """Requests to anything but the disk."""
    errors: list[str] = field(default_factory=list)
    charts: list[dict] = field(default_factory=list)
    behind: str = ""
    """The page's background."""
    overflow: int = 0
    """Pixels by which the page is wider than the screen."""
    text: str = ""
    barriers: list[str] = field(default_factory=list)
    """What axe-core calls a serious or critical barrier; looked for on wide screens."""
    links: list[str] = field(default_factory=list)
    """Anchors on this page that its links point to and that are not there."""


def chromium() -> str:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not program:
        pytest.fail("Chromium is needed to look at the pages (Debian: apt install chromium)")
    return program


def open_page(page: Page, url: str, visit: Visit, look_for_barriers: bool) -> Visit:
    local = ("file:", "data:", "blob:")
    page.on("request", lambda r: r.url.startswith(local) or visit.foreign.append(r.url))
    page.on("console", lambda m: m.type == "error" and visit.errors.append(m.text))
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.goto(url, wait_until="load")
    page.wait_for_function(CHARTS_DRAWN)
    for name, value in page.evaluate(LOOK).items():
        setattr(visit, name, value)
    if look_for_barriers:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        visit.barriers = page.evaluate(VIOLATIONS)
    return visit
