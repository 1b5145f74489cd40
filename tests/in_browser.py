"""A page opened in Chromium from disk, and what happened there."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

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
WAIT = 120_000
"""Milliseconds, on a machine that does something else at the same time."""
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
VIOLATIONS = """async rules => (await axe.run(
    // A chart's hundreds of marks are one picture with one name, which a test of its own looks at.
    {exclude: ["svg.marks > g"]},
    // Style sheets need no fetching, which a browser refuses from disk.
    {preload: false, resultTypes: ["violations"], ...(rules ? {runOnly: rules} : {})})).violations
  .filter(found => ["serious", "critical"].includes(found.impact))
  .map(found => `${found.id}: ${found.nodes[0].html.slice(0, 200)}`)"""
LAYOUT = Path(__file__).with_name("layout.js").read_text(encoding="utf-8")
CHARTS_DRAWN = """() => [...document.querySelectorAll('[id^=altair-viz]')].every(
    chart => chart.querySelector('svg.marks') || chart.innerText.includes('Error'))"""
CHARTS_FIT = """() => [...document.querySelectorAll('.vega-embed')].every(chart =>
    Math.abs(chart.querySelector('svg.marks').clientWidth - chart.clientWidth) <= 1)"""
STILL = """() => {
  const still = new CSSStyleSheet();
  still.replaceSync('* { transition: none !important; animation: none !important }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
}"""
THEMED = """scheme => [undefined, scheme].includes(document.documentElement.dataset.theme)"""
UNFOLD = """() => document.querySelectorAll('main details:not(.vega-embed *)').forEach(
    folded => folded.open = true)"""
LOOK = """() => {
  const charts = [...document.querySelectorAll('[id^=altair-viz]')].map(chart => {
    const svg = chart.querySelector('svg.marks');
    const label = chart.querySelector('[aria-roledescription=visualization][aria-label]');
    return {
      // Axes and legends are drawn for no data too; what counts is the marks.
      shapes: svg ? svg.querySelectorAll('g.role-mark > *').length : 0,
      name: label ? label.getAttribute('aria-label') : '',
      texts: [...chart.querySelectorAll(
        ':is(.role-axis, .role-legend, .zones_marks, .notes_marks, .above_zero_marks, '
        + '.below_zero_marks) text'
      )].map(text => getComputedStyle(text).fill),
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
class Look:
    """How a page is looked at."""

    scheme: Literal["light", "dark"] = "light"
    width: int = 1280
    barriers: Literal["none", "color-contrast", "all"] = "none"
    """Which of them axe-core looks for, which takes its time; between light and dark, only colours
    differ."""
    fitting: bool = True
    """Whether to wait until charts fit the page; on slides that are not shown they cannot."""


@dataclass
class Visit:
    """One look at a page."""

    page: str
    look: Look
    foreign: list[str]
    """Requests to anything but the disk, in this look or another."""
    errors: list[str]
    charts: list[dict]
    behind: str
    """The page's background."""
    overflow: int
    """Pixels by which the page is wider than the screen."""
    text: str
    links: list[str]
    """Anchors on this page that its links point to and that are not there."""
    layout: list[str]
    """What overlaps, is cut or cannot be reached."""
    barriers: list[str]
    """What axe-core calls a serious or critical barrier."""


def chromium() -> str:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not program:
        pytest.fail("Chromium is needed to look at the pages (Debian: apt install chromium)")
    return program


def look_at(page: Page, url: str, name: str, looks: Sequence[Look]) -> list[Visit]:
    """A page, opened once, with all that is folded open, and looked at in several ways."""
    page.set_default_timeout(WAIT)
    foreign: list[str] = []
    errors: list[str] = []
    local = ("file:", "data:", "blob:")
    page.on("request", lambda r: r.url.startswith(local) or foreign.append(r.url))
    page.on("console", lambda m: m.type == "error" and errors.append(m.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url, wait_until="load")
    page.wait_for_function(CHARTS_DRAWN)
    page.evaluate(STILL)  # colours that fade from one theme into the other are those of neither
    if any(look.barriers != "none" for look in looks):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    barriers = [found_by_axe(page, look) for look in looks]
    page.evaluate(UNFOLD)  # only now: axe would take minutes over the tables of all data
    visits = []
    for look, found in zip(looks, barriers, strict=True):
        show(page, look)
        layout = page.evaluate(LAYOUT)
        seen = page.evaluate(LOOK)
        visits.append(Visit(name, look, foreign, errors, layout=layout, barriers=found, **seen))
    return visits


def show(page: Page, look: Look) -> None:
    page.emulate_media(color_scheme=look.scheme)
    page.set_viewport_size({"width": look.width, "height": 900})
    page.wait_for_function(THEMED, arg=look.scheme)
    if look.fitting:
        page.wait_for_function(CHARTS_FIT)


def found_by_axe(page: Page, look: Look) -> list[str]:
    if look.barriers == "none":
        return []
    show(page, look)
    return page.evaluate(VIOLATIONS, None if look.barriers == "all" else [look.barriers])
