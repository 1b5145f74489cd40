"""The built book: strict, complete, and at home on a disk without a network.

Every page is opened in Chromium from disk, in light and dark, on screens of three widths, and what
happened there is collected once; each test then looks at one thing in it. Pages of the API
reference are set alike, so that two of them stand for the others, which are opened in one look.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import unquote

import pytest
from in_browser import FLAGS, Look, Visit, chromium, look_at
from playwright.sync_api import sync_playwright

from instrdiv.paths import project_root
from instrdiv.publishing.number_format import tidy_page

# Where text stands does not depend on its colour.
NARROW = Look("dark", 390)
LOOKS = [
    Look("light", 1280, barriers="all"),
    Look("dark", 1280, barriers="color-contrast"),
    Look("light", 768),
    NARROW,
]
SAMPLE = ("api/index", "api/statistics")
"""Pages of the API reference that are opened in every look."""


def name_of(path: Path) -> str:
    """A page's name; those of the API reference tell that they are."""
    return f"api/{path.stem}" if "api" in path.parts else path.stem


def looks_at(name: str) -> list[Look]:
    return LOOKS if name in SAMPLE or not name.startswith("api/") else [NARROW]


def visit(paths: Iterable[Path], looks: Callable[[str], list[Look]]) -> list[Visit]:
    collected = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        context = browser.new_context(offline=True)
        for path in paths:
            page = context.new_page()
            url = path.as_uri() + ("?q=rules" if path.name == "search.html" else "")
            collected += look_at(page, url, name_of(path), looks(name_of(path)))
            page.close()
        browser.close()
    return collected


@pytest.fixture(scope="module")
def visits(html) -> list[Visit]:
    pages = sorted(
        path for folder in ("book", "notebooks") for path in (html / folder).rglob("*.html")
    )
    assert len(pages) > 5 and set(SAMPLE) < set(map(name_of, pages))
    return visit([*pages, html / "search.html"], looks_at)


def test_no_page_asks_another_host(visits):
    assert {(v.page, url) for v in visits for url in v.foreign} == set()


def test_no_page_has_an_error_in_the_console(visits):
    assert {(v.page, error) for v in visits for error in v.errors} == set()


def test_no_page_is_wider_than_the_screen(visits):
    assert {(v.page, str(v.look), v.overflow) for v in visits if v.overflow > 0} == set()


def test_no_text_in_a_figure_or_table_overlaps_another_or_is_cut(visits):
    assert {(v.page, v.look.width, fault) for v in visits for fault in v.layout} == set()


def test_on_a_phone_each_line_of_a_folded_table_has_the_name_of_its_column(html):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": NARROW.width, "height": 800}, offline=True)
        for name in ("what-we-learned", "number-or-path"):
            page.goto((html / "book" / f"{name}.html").as_uri())
            tables = page.locator(".pst-scrollable-table-container:has(+ details.rules) table")
            assert tables.count() and set(tables.evaluate_all(MISNAMED)) == {""}
        browser.close()


MISNAMED = """tables => tables.flatMap(table => [...table.querySelectorAll("td")].map(cell => {
  const column = table.tHead.rows[0].cells[cell.cellIndex].textContent;
  return getComputedStyle(cell, "::before").content === JSON.stringify(column) ? "" : column;
}))"""
"""Columns of which a cell does not show the name before what it says."""


def test_no_page_shuts_out_readers_with_assistive_technology(visits):
    assert barriers(visits) == set()


def barriers(visits: list[Visit]) -> set[tuple[str, str, str]]:
    found = {(v.page, str(v.look), barrier) for v in visits for barrier in v.barriers}
    # Sphinx's own markup puts more into its lists of definitions than terms and definitions.
    return {each for each in found if not (each[0].startswith("api/") and "<dl" in each[2])}


@pytest.mark.soak
def test_no_page_of_the_reference_has_a_fault_in_any_look(html):
    found = visit((html / "book" / "api").glob("*.html"), lambda name: LOOKS)
    assert barriers(found) == set()
    assert not [(v.page, v.look.width, v.overflow) for v in found if v.overflow > 0 or v.layout]


def test_links_within_a_page_lead_somewhere(visits):
    assert {(v.page, name) for v in visits for name in v.links} == set()


def test_links_between_pages_lead_to_pages(html):
    for path in html.rglob("*.html"):
        for link in re.findall(
            r'<a [^>]*href="([^"#:]+)(?:#[^"]*)?"', path.read_text(encoding="utf-8")
        ):
            assert (path.parent / unquote(link)).exists(), f"{path.stem} links to {link}"


def test_every_figure_in_the_text_is_on_its_page(html):
    """Figures are numbered as they are shown, so a figure put in between moves the others."""
    for path in html.rglob("*.html"):
        if "api" in path.parts:  # docstrings speak of other pages' figures
            continue
        page = path.read_text(encoding="utf-8")
        for number in re.findall(r"[Ff]igures? (\d\.\d+)", page):
            assert f'id="figure-{number.replace(".", "-")}"' in page, f"{path.stem}: {number}"


def test_pages_are_light(html):
    for path in html.rglob("*.html"):
        assert path.stat().st_size < 1_500_000, path


def test_every_chart_is_drawn_and_has_a_name(visits):
    assert any(v.charts for v in visits if v.page == "index"), "the first page shows no result"
    for visit in visits:
        for place, chart in enumerate(visit.charts):
            where = f"chart {place} of {visit.page}, {visit.look}"
            assert chart["shapes"] > 0, f"{where} is empty"
            assert len(chart["name"]) > 20, f"{where} has no text alternative"


def test_text_in_charts_stands_out_in_light_and_dark(visits):
    for visit in visits:
        colors = {color for chart in visit.charts for color in chart["texts"]}
        assert bool(colors) == bool(visit.charts), visit.page
        for color in colors:
            assert contrast(color, visit.behind) >= 4.5, (visit.page, visit.look, color)


def test_dark_pages_are_dark(visits):
    for visit in visits:
        assert (luminance(visit.behind) < 0.1) == (visit.look.scheme == "dark"), visit


def test_numbers_in_the_text_were_computed(visits):
    """What is glued in must be text, not the name of a Python object or a missing key."""
    for visit in visits:
        assert "<IPython" not in visit.text and "object at 0x" not in visit.text, visit.page


def test_numbers_have_one_format_on_every_page(html):
    for path in html.rglob("*.html"):
        article = (
            path.read_text(encoding="utf-8").partition("<article")[2].partition("</article")[0]
        )
        assert tidy_page(article) == article, path.stem


def test_pages_tell_nothing_of_the_machine_that_built_them(html):
    home = str(project_root())
    for path in html.rglob("*"):
        if path.suffix in (".html", ".ipynb", ".md"):
            assert home not in path.read_text(encoding="utf-8"), path


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two CSS colours."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    channels = [float(c) / 255 for c in color[color.index("(") + 1 : -1].split(",")[:3]]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_a_page_has_no_two_figures_or_widgets_of_one_name(html):
    for path in html.rglob("*.html"):
        names = re.findall(
            r'id="((?:figure|rewriter|stages)-[^"]+)"', path.read_text(encoding="utf-8")
        )
        assert len(names) == len(set(names)), path.stem
