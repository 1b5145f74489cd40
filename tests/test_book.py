"""The built book: strict, complete, and at home on a disk without a network.

Every page is opened in Chromium from disk, in light and dark and on a narrow screen, and what
happened there is collected once; each test then looks at one thing in it.
"""

import base64
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import altair
import axe_playwright_python
import nbclient
import nbformat
import pandas as pd
import pytest
import yaml
from playwright.sync_api import Page, sync_playwright
from pypdf import PdfReader

from instrdiv.charts.figure import Figures, data_html, figure_html
from instrdiv.charts.theme import described
from instrdiv.experiments.points import listed_notebooks
from instrdiv.paths import project_root
from instrdiv.publishing.build import (
    BookError,
    build_book,
    chart_script,
    execute_all,
    execute_if_changed,
    stage,
)
from instrdiv.publishing.launch import launch_settings, take_along, without_outputs
from instrdiv.publishing.pdf import PdfError, make_pdf, pages_in_order
from instrdiv.publishing.slides import SlidesError, make_slides
from instrdiv.tasks.rewriting import rewrite

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
WIDTHS = {"light": 1280, "dark": 1280, "light, narrow": 400}
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


@pytest.fixture(scope="session")
def html(tmp_path_factory) -> Path:
    """The folder of pages of a whole new build."""
    return build_book(tmp_path_factory.mktemp("book [ü]")).parent  # as folders are called


def chromium() -> str:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not program:
        pytest.fail("Chromium is needed to look at the pages (Debian: apt install chromium)")
    return program


@pytest.fixture(scope="session")
def visits(html) -> list[Visit]:
    program = chromium()
    pages = sorted(
        path for folder in ("book", "notebooks") for path in (html / folder).rglob("*.html")
    )
    assert len(pages) > 5
    collected = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        for look, width in WIDTHS.items():
            context = browser.new_context(
                color_scheme=look.split(",")[0],
                viewport={"width": width, "height": 900},
                offline=True,
            )
            for path in [*pages, html / "search.html"]:
                page = context.new_page()
                url = path.as_uri() + ("?q=rules" if path.name == "search.html" else "")
                wide = "narrow" not in look
                collected.append(open_page(page, url, Visit(path.stem, look), wide))
                page.close()
        browser.close()
    return collected


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


def test_no_page_asks_another_host(visits):
    assert {(v.page, url) for v in visits for url in v.foreign} == set()


def test_no_page_has_an_error_in_the_console(visits):
    assert {(v.page, error) for v in visits for error in v.errors} == set()


def test_no_page_is_wider_than_the_screen(visits):
    assert {(v.page, v.look, v.overflow) for v in visits if v.overflow > 0} == set()


def test_no_page_shuts_out_readers_with_assistive_technology(visits):
    assert {(v.page, v.look, found) for v in visits for found in v.barriers} == set()


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
        assert (luminance(visit.behind) < 0.1) == visit.look.startswith("dark"), visit


def test_numbers_in_the_text_were_computed(visits):
    """What is glued in must be text, not the name of a Python object or a missing key."""
    for visit in visits:
        assert "<IPython" not in visit.text and "object at 0x" not in visit.text, visit.page


def test_pages_tell_nothing_of_the_machine_that_built_them(html):
    home = str(Path(__file__).resolve().parent.parent)
    for path in html.rglob("*"):
        if path.suffix in (".html", ".ipynb", ".md"):
            assert home not in path.read_text(encoding="utf-8"), path


@pytest.fixture
def idea(html):
    """The page on which rules can be tried, in a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(offline=True)
        page.goto((html / "book" / "see-the-idea.html").as_uri())
        yield page
        browser.close()


@pytest.mark.parametrize(
    ("rule", "text"), [("aa>bac", "caaba"), ("ab>", "ab"), ("ab>abab", "xab"), ("ab>c", "ba")]
)
def test_a_rule_tried_on_the_page_ends_as_the_oracle_says(idea, rule, text):
    idea.get_by_role("textbox", name="rule").fill(rule)
    idea.get_by_role("textbox", name="input").fill(text)
    button = idea.get_by_role("button", name="Next step")
    while button.is_enabled():
        button.press("Enter")
    assert idea.locator(".rewriter code").inner_text() == rewrite(*rule.split(">"), text)


def test_a_rule_without_an_arrow_is_explained(idea):
    idea.get_by_role("textbox", name="rule").fill("ab")
    assert "then >, then what to put there" in idea.locator(".rewriter").inner_text()


def test_the_slider_shows_one_model_at_a_time_and_can_be_moved_by_keys(idea):
    slider = idea.get_by_role("slider")
    shown = idea.locator(".stages section:visible")
    slider.press("Home")
    assert shown.count() == 1 and "10 rules" in shown.get_attribute("data-label")
    slider.press("End")
    assert shown.count() == 1 and "100,000 rules" in shown.get_attribute("data-label")


def test_the_pdf_holds_every_page_of_the_contents_with_its_charts(html, tmp_path):
    book = PdfReader(make_pdf(html, tmp_path / "book.pdf"))
    marks = [book.get_destination_page_number(mark) for mark in book.outline]
    assert len(marks) == len(pages_in_order()) and marks == sorted(set(marks))
    assert [path.name for path in tmp_path.iterdir()] == ["book.pdf"]
    text = "".join(sheet.extract_text() for sheet in book.pages)
    assert "Figure 1.2." in text and "optimiser steps" in text  # a caption, and a chart's axis


def test_a_pdf_of_a_book_that_was_not_built_says_how_to_build_it(tmp_path):
    with pytest.raises(PdfError, match=r"index.html is missing: .* `make book`"):
        make_pdf(tmp_path, tmp_path / "book.pdf")


def test_slides_show_every_figure_and_verdict_of_a_chapter_and_ask_no_host(html, tmp_path):
    decks = make_slides(html.parent / "executed" / "notebooks", tmp_path / "slides")
    figure = re.compile(r'id="(figure-[\d-]+)"')
    for deck in decks:
        chapter = (html / "notebooks" / deck.name).read_text(encoding="utf-8")
        assert figure.findall(deck.read_text(encoding="utf-8")) == figure.findall(chapter), (
            deck.stem
        )
        assert "What decides each verdict" in deck.read_text(
            encoding="utf-8"
        ) and "Solutions" not in deck.read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        visit = Visit(decks[0].stem, "light")
        open_page(browser.new_page(offline=True), decks[0].as_uri(), visit, look_for_barriers=False)
        browser.close()
    assert not visit.foreign and not visit.errors
    assert len(visit.charts) > 3 and all(chart["shapes"] for chart in visit.charts)


def test_slides_of_a_book_that_was_not_built_say_how_to_build_it(tmp_path):
    with pytest.raises(SlidesError, match="build the book first, `make book`"):
        make_slides(tmp_path, tmp_path / "slides")


def test_launch_buttons_need_a_public_repository():
    settings = yaml.safe_load(launch_settings("https://example.org/me/book"))
    assert settings["repository"]["url"] == "https://example.org/me/book"
    assert launch_settings("") == ""
    chapter = "# A\n\n**Time and hardware:** a minute."
    assert "/github/me/book/blob/colab/01.ipynb" in take_along(
        chapter, "01", "https://example.org/me/book"
    )
    assert "olab" not in take_along(chapter, "01", None)


def test_chapters_can_be_downloaded_without_outputs(html):
    for path in listed_notebooks():
        (downloaded,) = html.rglob(f"_downloads/*/{path.name}")
        assert downloaded.name in (html / "notebooks" / f"{path.stem}.html").read_text(
            encoding="utf-8"
        )
        notebook = nbformat.read(downloaded, as_version=4)
        assert not any(cell.get("outputs") for cell in notebook.cells)
        written = nbformat.read(path, as_version=4)
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        assert code == [cell.source for cell in written.cells if cell.cell_type == "code"]


def test_editions_are_laid_out_alike_but_for_the_solutions(html, tmp_path):
    executed = sorted((html.parent / "executed").rglob("*.ipynb"))
    student, instructor = (
        stage(project_root(), executed, tmp_path / edition, edition)
        for edition in ("student", "instructor")
    )
    files = [
        sorted(p.relative_to(folder) for p in folder.rglob("*")) for folder in (student, instructor)
    ]
    assert files[0] == files[1]
    for chapter in listed_notebooks():
        cells = [
            nbformat.read(folder / "notebooks" / chapter.name, as_version=4).cells
            for folder in (student, instructor)
        ]
        code, text = (
            [[c.source for c in part if c.cell_type == kind] for part in cells]
            for kind in ("code", "markdown")
        )
        assert code[0] == code[1]
        left_out = [source for source in text[1] if source not in text[0]]
        assert len(left_out) == 1 and ":open:" in left_out[0], chapter.stem


def test_a_notebook_for_colab_fetches_nothing_where_the_project_is_installed(tmp_path):
    chapter = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import instrdiv")])
    alone = without_outputs(chapter, "https://example.org/me/book")
    assert "git clone --quiet --depth 1 https://example.org/me/book" in alone.cells[0].source
    nbclient.execute(alone, cwd=tmp_path, timeout=120)
    assert list(tmp_path.iterdir()) == [] and not alone.cells[0].outputs


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two CSS colours."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    channels = [float(c) / 255 for c in color[color.index("(") + 1 : -1].split(",")[:3]]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_the_chart_script_has_the_versions_that_altair_asks_for():
    bars = altair.Chart(pd.DataFrame({"x": [1, 2]})).mark_bar().encode(x="x:Q")
    with altair.renderers.enable("html"):
        output = bars._repr_mimebundle_()["text/html"]
    script = chart_script()
    for library in ("vega", "vega-lite", "vega-embed"):
        wanted = output.split(f'maybeLoadScript("{library}", "')[1].split('"')[0]
        assert f'"{library.replace("-", "")}_version": "{wanted}"' in script


def test_a_chart_without_text_alternative_is_refused():
    chart = altair.Chart(pd.DataFrame({"x": [1]})).mark_bar()
    with pytest.raises(ValueError, match="needs a text alternative"):
        described(chart, "  ")
    assert described(chart, "One\n bar.").to_dict()["description"] == "One bar."


def test_a_failing_notebook_is_named_with_its_traceback(tmp_path, capsys):
    cell = nbformat.v4.new_code_cell("scale = 1\n1 / 0", metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "bad.ipynb")
    with pytest.raises(BookError, match="bad failed: ZeroDivisionError"):
        execute_if_changed(tmp_path / "bad.ipynb", tmp_path / "executed", "")
    assert "1 / 0" in capsys.readouterr().err
    assert not list((tmp_path / "executed").glob("*.stamp"))


def test_a_failing_notebook_ends_the_execution_of_those_after_it(tmp_path):
    def written(name, source):
        cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / name)
        return tmp_path / name

    bad = written("bad.ipynb", "1 / 0")
    good = [written(f"good{i}.ipynb", "import time\ntime.sleep(3)") for i in range(8)]
    with pytest.raises(BookError, match="bad failed: ZeroDivisionError"):
        execute_all([bad, *good], tmp_path / "executed")
    assert len(list((tmp_path / "executed").rglob("good*.ipynb"))) < len(good)
    executed = execute_all(good[:2], tmp_path / "executed")
    assert [path.name for path in executed] == ["good0.ipynb", "good1.ipynb"]


def test_a_notebook_is_executed_again_only_when_something_changed(tmp_path):
    cell = nbformat.v4.new_code_cell("1 + 1", metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "some.ipynb")

    def executed_at(shared: str) -> int:
        output = execute_if_changed(tmp_path / "some.ipynb", tmp_path / "executed", shared)
        return output.stat().st_mtime_ns

    first = executed_at("as it was")
    assert executed_at("as it was") == first
    assert executed_at("changed") > first


def test_figures_carry_their_number_their_source_and_their_data(capsys):
    bars = altair.Chart(pd.DataFrame({"x": [1, 2]})).mark_bar().encode(x="x:Q")
    shown = figure_html(bars, number="3.1", alt_text="Bars.", caption="Two.", source="Typed in.")
    for part in (
        'id="figure-3-1"',
        "Figure 3.1.",
        "Two.",
        "Typed in.",
        'download="figure-3-1.csv"',
    ):
        assert part in shown
    file = base64.b64decode(re.search('base64,([^"]+)', shown).group(1)).decode()
    assert file == "x\n1\n2\n"
    with pytest.raises(ValueError, match=r"figure 3.2 needs a caption"):
        figure_html(bars, number="3.2", alt_text="Bars.", caption=" ", source="")


def test_a_figure_keeps_its_number_when_its_cell_is_run_again(monkeypatch):
    bars = altair.Chart(pd.DataFrame({"x": [1, 2]})).mark_bar().encode(x="x:Q")
    shown = []
    monkeypatch.setattr("instrdiv.charts.figure.display", lambda html: shown.append(html.data))
    figures = Figures("4")
    for name in ("Bars.", "A curve.", "Bars.", "A map.", "A curve."):
        figures.show(bars, alt=name, caption="Two.", source="Typed in.")
    numbers = [re.search('id="figure-4-(\\d)"', page).group(1) for page in shown]
    assert numbers == ["1", "2", "1", "3", "2"]


def test_a_page_has_no_two_figures_or_widgets_of_one_name(html):
    for path in html.rglob("*.html"):
        names = re.findall(
            r'id="((?:figure|rewriter|stages)-[^"]+)"', path.read_text(encoding="utf-8")
        )
        assert len(names) == len(set(names)), path.stem


def test_long_data_are_a_file_alone():
    rows = pd.DataFrame({"x": range(1000)})
    shown = data_html(rows, title="Data", file="data.csv")
    assert "<table" not in shown and "1,000 rows" in shown and 'download="data.csv"' in shown
