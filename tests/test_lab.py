"""In JupyterLab, with every other host out of reach, a notebook is what the book's page is."""

import json
import os
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from in_lab import at_scale, lab_on, look_into, scratch_copy
from traitlets.config.loader import PyFileConfigLoader

from instrdiv.charts.theme import JUPYTER
from instrdiv.experiments.points import listed_notebooks, notebook_paths
from instrdiv.paths import RESULTS, project_root
from instrdiv.publishing.both_ways import REFERENCES
from instrdiv.sweep.execute import execute

PLAYED_WITH = project_root() / "notebooks" / "try_your_own_rule.ipynb"
ALL = [*listed_notebooks(), PLAYED_WITH, *sorted((project_root() / "book").glob("*.ipynb"))]
FIRST = "01_rule_diversity"
"""It has curves, markers with intervals, bars, bands and a heat map."""
PRINTED = re.compile(r"\{(cite|ref|numref|doc|term|glue)\b|\{(dropdown|admonition|include)\}")
TEXTLESS = re.compile(r"(?<!!)\[\]\(")


@pytest.fixture(scope="module")
def lab(tmp_path_factory, browser):
    folder = tmp_path_factory.mktemp("lab") / "book [ü]"  # as folders are called
    scratch_copy(folder)
    with lab_on(folder, browser) as running:
        yield running


@pytest.fixture
def page(lab):
    """A page of its own for each test, which asks no other host for anything and has no fault."""
    lab.foreign.clear()
    lab.faults.clear()
    page = lab.page()
    yield page
    page.evaluate("() => opened.context.sessionContext.shutdown()")
    page.close()
    assert not lab.foreign, "asked of other hosts"
    assert not lab.faults


def require_drawn(seen, least):
    assert not seen.errors
    assert len(seen.figures) == seen.wanted >= least
    for figure in seen.figures:
        assert figure.name, "a figure without its text alternative"
        assert figure.shapes, f"no marks: {figure.name}"
        assert figure.height > 100 and 200 < figure.width <= figure.room, figure


def require_readable(seen):
    assert not PRINTED.search(seen.text)
    assert not seen.nameless
    assert not any(opened for _, opened in seen.folds)
    assert not any("\n" in shown for shown, _ in seen.folds), "more is seen than a title"


def test_a_chapter_is_drawn_and_readable_after_all_its_cells_have_run(lab, page):
    seen = look_into(page, f"notebooks/{FIRST}.ipynb", run=True)
    require_drawn(seen, least=7)
    require_readable(seen)
    assert [title for title, _ in seen.folds] == ["Hints", "Solutions"]


def test_the_notebook_of_a_run_shows_its_figures_before_anyone_trusts_it(lab, page):
    parameters = {"scale": "smoke", "results": str(lab.folder / "results"), "changes": {"steps": 2}}
    execute(
        project_root() / "notebooks" / f"{FIRST}.ipynb", parameters, lab.folder / "executed.ipynb"
    )
    seen = look_into(page, "executed.ipynb", run=False)
    assert not seen.trusted
    require_drawn(seen, least=3)
    require_readable(seen)
    assert len(re.findall(r"Figure 1\.\d\.", seen.text)) == len(seen.figures)


def test_the_notebook_to_play_with_answers_whatever_is_typed(lab, page):
    seen = look_into(page, f"notebooks/{PLAYED_WITH.name}", run=True)
    assert not seen.errors
    require_readable(seen)
    fields = page.locator(".widget-text")
    rule, text = (fields.filter(has_text=name).locator("input") for name in ("rule", "text"))
    said = page.locator(".jupyter-widgets.widget-output, .jupyter-widgets-output-area")
    for typed, answer in (("wxyz>klmn", "eklmnfgh"), ("wxyz", "then >"), ("e>f", "know only")):
        rule.fill(typed)
        rule.press("Enter")
        said.filter(has_text=answer).first.wait_for()
    rule.fill("wxyz>abcd")
    text.fill("wxyzefgh")
    text.press("Enter")
    said.filter(has_text="trained on 10,000 rules: abcdefgh").first.wait_for()


@pytest.mark.soak
@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_every_notebook_is_drawn_and_readable_from_published_records(path, lab, page):
    seen = look_into(page, f"{path.parent.name}/{path.name}", run=True)
    require_drawn(seen, least=1 if "show(" in path.read_text(encoding="utf-8") else 0)
    require_readable(seen)


@pytest.mark.soak
@pytest.mark.parametrize("path", notebook_paths(), ids=lambda path: path.stem)
def test_every_chapter_is_drawn_where_its_reader_changes_the_scale(path, lab, page):
    own = lab.folder / "notebooks" / f"smoke-{path.name}"
    shutil.copy(path, own)
    at_scale(own, "smoke")
    require_drawn(look_into(page, f"notebooks/{own.name}", run=True), least=1)


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_a_notebook_holds_no_markdown_that_the_book_alone_can_show(path):
    references = (project_root() / "book" / "references.bib").read_text(encoding="utf-8")
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            assert not PRINTED.search(cell.source)
            assert not TEXTLESS.search(cell.source)
            for key in re.findall(rf"{re.escape(REFERENCES)}#(\w+)", cell.source):
                assert f"{{{key}," in references


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_the_lab_folds_the_code_that_the_book_hides(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            hidden = {"hide-input", "remove-cell"} & set(cell.metadata.get("tags", []))
            assert cell.metadata.get("jupyter", {}).get("source_hidden", False) == bool(hidden)


@pytest.mark.parametrize("results", ["", "elsewhere/of [mine]"])
def test_the_lab_reaches_the_notebooks_of_the_book_and_those_of_own_runs(
    results, tmp_path, monkeypatch
):
    if results:
        monkeypatch.setenv(RESULTS, str(tmp_path / results))
    else:
        monkeypatch.delenv(RESULTS, raising=False)
    folder = project_root() / "notebooks"
    settings = PyFileConfigLoader("lab_config.py", str(folder)).load_config()
    root = settings.ServerApp.root_dir
    own = tmp_path / results / "notebooks" if results else project_root() / "runs" / "notebooks"
    for place in (folder, own):
        assert os.path.commonpath([root, place]) == root
    opened = unquote(settings.LabApp.default_url.removeprefix("/lab/tree/"))
    assert folder.samefile(os.path.join(root, opened))
    overrides = json.loads((Path(settings.LabApp.app_settings_dir) / "overrides.json").read_text())
    (asked,) = overrides.values()  # news and updates are not
    assert set(asked.values()) == {False, "false"}


def test_what_draws_a_figure_in_jupyter_is_not_sent_to_a_page(html):
    assert JUPYTER not in (html / "notebooks" / f"{FIRST}.html").read_text(encoding="utf-8")
