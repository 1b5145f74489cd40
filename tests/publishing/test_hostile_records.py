"""A record from a hostile machine on a built page: Chromium shows its text and obeys none of it.

The page is set from the cells of chapter 7 and of the page on the book's status, by the build that
sets the book. Their own text is left out, since it links to pages that are not built here.
"""

import json
import shutil
from dataclasses import asdict

import nbformat
import pytest
from in_browser import CHARTS_DRAWN, FLAGS, WAIT, chromium
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import sync_playwright

from instrdiv.charts.figure import figures_for_pages
from instrdiv.experiments.points import left_out, make_point
from instrdiv.paths import project_root, published_results
from instrdiv.publishing.build import build_pages, stage
from instrdiv.publishing.slides import make_slides
from instrdiv.sweep.execute import execute

SECRET = "a line of a file of the machine that builds"
NAME = "07_code_generation"
LINES = [
    "<script>window.obeyed = 1</script>",
    "</script><script>window.obeyed = 2</script>",
    "</code></pre></div><img class='hostile' src='x' onerror='window.obeyed = 3'>",
    "\" onmouseover=\"window.obeyed = 4\" class=\"hostile",
    "]]><svg class='hostile' onload='window.obeyed = 5'></svg>",
    "<iframe class='hostile' src='javascript:parent.obeyed = 6'></iframe>",
    "[a link](javascript:window.obeyed=7) <a class='hostile' href='javascript:1'>another</a>",
    "{raw}`html <b class='hostile'>` {{ hostile }} {% raw %} $x^2$ |a|b| `</code>`",
    "\x1b[31mred\x1b[0m \u202egnp.exe \u200bzero\ufeff \x07 \u2028",
]  # fmt: skip
DIRECTIVE = """

   ~~~~
 ```
```{literalinclude} ../../secret.txt
```
:::{raw} html
<b class="hostile">
:::
"""
TEXT = "\n".join(LINES) + DIRECTIVE
HOSTILE_CELL = """
from pathlib import Path

from instrdiv import paths

paths.published_results = lambda: Path({results!r})  # before any other module asks for it
paths.own_results = lambda: Path({own!r})
"""
SHOWN_CELL = """
import altair as alt

from instrdiv.charts.common import answers_table

display(HTML(answers_table(lab.record.errors)))
texts = [answer["prompt"] for answer in lab.record.errors]
bars = alt.Chart(pd.DataFrame({"text": texts, "n": 1, "shown": True})).mark_bar()
lab.show(
    bars.encode(x="n:Q", y=alt.Y("text:N", title=texts[0]), tooltip=["text"]),
    alt="The hostile text: " + texts[0],
    caption=texts[0],
    source=texts[0],
)
"""


def code_of(path):
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def make_hostile(results):
    """Hostile text wherever a record of this page may hold text, and two records that are refused:
    one with markup for a name, one with a setting that its key leaves out."""
    folder = results / "code_generation" / "laptop"
    shutil.copytree(published_results() / "code_generation", folder.parent)
    point = make_point("07", "laptop", {})
    config = json.loads(json.dumps(asdict(point.config)))
    published = [json.loads(each.read_text(encoding="utf-8")) for each in folder.glob("*.json")]
    # The page's own run may not be published yet; the nearest stands for it.
    record = min(
        published, key=lambda each: sum(config.get(n) != v for n, v in each["config"].items())
    )
    record |= dict(key=point.key, config=config, defaults=left_out(point.config))
    path = folder / f"{point.key}.json"
    answer = dict.fromkeys(("prompt", "target", "answer", "name", "result"), TEXT)
    long = answer | dict(answer="y" * 1_000_000, result="passed")
    record |= dict(answers=[answer, long], errors=[answer | dict(target="x" * 10)])
    record["provenance"]["processor"] = LINES[2] + LINES[6]
    path.write_text(json.dumps(record), encoding="utf-8")
    others = sorted(
        each
        for each in folder.glob("*.json")
        if each != path
        and json.loads(each.read_text(encoding="utf-8"))["config"].get("scored") == config["scored"]
    )  # the page compares these with its own run
    for other, field in zip(others, ("metrics", "config"), strict=False):
        content = json.loads(other.read_text(encoding="utf-8"))
        if field == "metrics":
            content["metrics"][LINES[2]] = {"correct": 1, "total": 2}
        else:
            content["config"][content["defaults"][0]] = LINES[2]
        other.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of a build of one page."""
    build = tmp_path_factory.mktemp("hostile")
    (build / "secret.txt").write_text(SECRET, encoding="utf-8")
    make_hostile(build / "results")
    before = new_code_cell(
        HOSTILE_CELL.format(results=str(build / "results"), own=str(build / "own"))
    )
    cells = [
        new_markdown_cell("# Hostile\n\n**Time and hardware:** none.\n\n## Summary"),
        *code_of(project_root() / "notebooks" / f"{NAME}.ipynb"),
        new_code_cell(SHOWN_CELL),
        *code_of(project_root() / "book" / "status.ipynb"),
    ]
    parameters = next(n for n, c in enumerate(cells) if "parameters" in c.metadata.get("tags", []))
    cells.insert(parameters + 1, before)
    (build / "notebooks").mkdir()
    nbformat.write(new_notebook(cells=cells), build / "notebooks" / f"{NAME}.ipynb")
    output = build / "executed" / "notebooks" / f"{NAME}.ipynb"
    with figures_for_pages():
        executed = execute(build / "notebooks" / f"{NAME}.ipynb", {}, output)
    source = stage(project_root(), [executed], build / "source")
    (source / "_toc.yml").write_text(f"format: jb-book\nroot: notebooks/{NAME}\n", encoding="utf-8")
    build_pages(source, build / "_build")
    return build


@pytest.fixture(scope="module", params=["page", "slides"])
def opened(built, request):
    """The page and its slides in a browser; what happened there is on their attribute."""
    page_file = built / "_build" / "html" / "notebooks" / f"{NAME}.html"
    if request.param == "slides":
        (page_file,) = make_slides(built / "executed" / "notebooks", built / "slides")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(offline=True)
        page.set_default_timeout(WAIT)
        happened = []
        page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda m: m.type == "error" and happened.append(m.text))
        page.on("pageerror", lambda error: happened.append(str(error)))
        page.goto(page_file.as_uri())
        page.wait_for_function(CHARTS_DRAWN)
        yield request.param, page, page_file.read_text(encoding="utf-8"), happened
        browser.close()


def test_nothing_in_a_record_is_obeyed(opened):
    _, page, _, happened = opened
    page.evaluate("() => document.querySelectorAll('*').forEach(each => each.dispatchEvent("
                  "new MouseEvent('mouseover')))")  # fmt: skip
    assert page.evaluate("window.obeyed") is None
    assert page.locator(".hostile").count() == 0
    assert page.locator("[onerror], [onload], [onmouseover], iframe, object").count() == 0
    assert page.locator("[href^='javascript:' i], [src^='javascript:' i]").count() == 0
    assert happened == []


def test_no_file_of_the_machine_is_on_the_page(opened):
    _, _, source, _ = opened
    assert SECRET not in source


def test_what_cannot_be_seen_is_on_no_page(opened):
    _, _, source, _ = opened
    assert not set(source) & set("\x1b\u202e\u200b\ufeff\x07\u2028")


def test_the_text_of_an_answer_is_shown_as_it_was_written(opened):
    where, page, _, _ = opened
    shown = page.evaluate("document.body.textContent")
    escaped = LINES[-1].encode("unicode_escape").decode("ascii")
    for line in [*LINES[:-1], escaped]:
        assert line in shown, where
    if where == "page":
        blocks = page.locator("pre").all_text_contents()
        assert any("```{literalinclude} ../../secret.txt" in block for block in blocks)
        assert any(block.endswith("y … (980,000 characters more)\n") for block in blocks)


def test_a_tooltip_shows_text_alone(opened):
    where, page, _, _ = opened
    if where == "page":  # slides have the same charts, but only one of them is open
        page.locator(".vega-embed").last.scroll_into_view_if_needed()
        page.locator(".vega-embed .mark-rect.role-mark path").last.hover(force=True)
        tooltip = page.locator("#vg-tooltip-element")
        tooltip.wait_for(state="visible")
        assert "<script>" in tooltip.inner_text()
        assert tooltip.locator("script, img, iframe, svg").count() == 0
        assert page.evaluate("window.obeyed") is None


def test_records_that_are_refused_are_named_on_the_page_and_do_not_stop_it(opened):
    where, page, _, _ = opened
    if where == "page":
        shown = page.evaluate("document.body.textContent")
        assert "not a record (metrics.</code></pre>" in shown and "it was edited" in shown


@pytest.mark.parametrize(
    "script",
    [
        "fetch('secret.txt')",
        "Object.assign(new Image(), {src: 'https://example.org/secret.png'}).decode()",
        "new WebSocket('wss://example.org')",
    ],
)
def test_the_policy_stops_what_a_script_would_send_or_load(opened, script):
    _, page, _, happened = opened
    page.evaluate(f"async () => {{ try {{ await {script} }} catch (error) {{}} }}")
    page.wait_for_timeout(200)
    refused = [line for line in happened if "Content Security Policy" in line]
    happened.clear()
    assert refused
