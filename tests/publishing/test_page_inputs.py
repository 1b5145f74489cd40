"""A page is executed again when anything that it is made of has changed, and only then."""

import json
import os
from pathlib import Path

import nbformat
import pytest

from instrdiv.experiments.points import listed_notebooks
from instrdiv.paths import project_root
from instrdiv.publishing.page_inputs import input_files, state_of
from instrdiv.sweep.execute import execute

COUNTS = [
    "instrdiv/charts/stages.js",
    "instrdiv/charts/theme.css",
    "instrdiv/charts/theme.py",
    "instrdiv/a_module_of_tomorrow.py",
    "instrdiv/a_folder_of_tomorrow/table.parquet",
    "book/models/rules-100.safetensors",
    "book/data/bench.json",
    "book/results/rule_diversity/laptop/0.json",
    "runs/results/rule_diversity/laptop/0.json",
    "notebooks/grids.yaml",
    "_toc.yml",
    "requirements.txt",
    "pyproject.toml",
    "read_by_a_notebook_of_tomorrow.xml",
]
APART = [
    "tests/publishing/test_pages.py",
    "README.md",
    "book/tour.md",
    "book/results/.locks/0.lock",
    "book/_static/charts.css",
    "_build/html/index.html",
    "book/checkpoints/0.pt",
    "runs/checkpoints/0.pt",
    "instrdiv/publishing/build.py",
    "instrdiv/__pycache__/paths.pyc",
    ".git/index",
    "an_environment/lib/module.py",
]


def notebook(path: Path, *cells: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    written = [nbformat.v4.new_markdown_cell(cell) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=written), path)
    return path


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A small checkout with a page of its own and one file of every kind."""
    for place in [*COUNTS, *APART]:
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("as it was", encoding="utf-8")
    (tmp_path / "an_environment" / "pyvenv.cfg").touch()
    notebook(tmp_path / "notebooks" / "01_page.ipynb", "# A page")
    notebook(tmp_path / "notebooks" / "02_other.ipynb", "# Another\n\nAs it was.", "Text.")
    return tmp_path


@pytest.fixture
def state(checkout):
    return lambda: state_of(checkout / "notebooks" / "01_page.ipynb", checkout)


def test_a_page_of_which_nothing_changed_is_not_executed_again(state):
    assert state() == state()


def test_records_in_a_folder_that_was_named_count_as_those_in_the_checkout_do(
    state, tmp_path_factory, monkeypatch
):
    results = tmp_path_factory.mktemp("results")
    monkeypatch.setenv("INSTRDIV_RESULTS", str(results))
    before = state()
    (results / "no_op" / "laptop").mkdir(parents=True)
    assert state() == before
    (results / "no_op" / "laptop" / "0.json").touch()
    assert state() != before


@pytest.mark.parametrize("place", COUNTS)
def test_whatever_a_page_may_be_made_of_counts(checkout, state, place):
    before = state()
    (checkout / place).write_text("changed", encoding="utf-8")
    changed = state()
    (checkout / place).unlink()
    assert len({before, changed, state()}) == 3


@pytest.mark.parametrize("place", APART)
def test_what_no_notebook_reads_does_not_count(checkout, state, place):
    before = state()
    (checkout / place).write_text("changed", encoding="utf-8")
    assert state() == before


def test_a_page_counts_with_every_cell_and_other_pages_with_their_titles(checkout, state):
    states = [state()]
    other = checkout / "notebooks" / "02_other.ipynb"
    notebook(other, "# Another\n\nChanged.", "Another text.")
    assert state() == states[0]
    notebook(other, "# A new title\n\nChanged.", "Another text.")
    states.append(state())
    notebook(checkout / "notebooks" / "01_page.ipynb", "# A page", "More.")
    states.append(state())
    assert len(set(states)) == 3


def test_settings_of_the_environment_count(state, monkeypatch):
    before = state()
    monkeypatch.setenv("INSTRDIV_PRECISION", "bfloat16")
    assert state() != before


RECORDER = """\
import sys

opened = set()
sys.addaudithook(lambda event, given: event == "open" and opened.add(str(given[0])))"""
TOLD = """\
import json

modules = sorted(name for name in sys.modules if name.startswith("instrdiv"))
print(json.dumps([sorted(opened), modules]))"""


@pytest.mark.parametrize("page", ["book/see-the-idea.ipynb", "book/what-we-learned.ipynb"])
def test_all_that_a_page_really_reads_counts(page, tmp_path):
    """Held against the interpreter's own account of the files that a notebook opens."""
    written = nbformat.read(project_root() / page, as_version=4)
    recorder, told = map(nbformat.v4.new_code_cell, (RECORDER, TOLD))
    written.cells = [recorder, *written.cells, told]
    nbformat.write(written, tmp_path / "page.ipynb")
    executed = nbformat.read(execute(tmp_path / "page.ipynb", {}, tmp_path / "out.ipynb"), 4)
    opened, modules = json.loads(executed.cells[-1].outputs[0].text)
    root = str(project_root())
    read = {
        Path(os.path.relpath(path, root)).as_posix()
        for path in opened
        if path.startswith(root + os.sep)
        and not any(apart in path for apart in ("/.", "__pycache__", ".egg-info"))
    }
    counted = {place for _, place in input_files(project_root())}
    assert read and read <= counted, sorted(read - counted)
    # A module that was compiled before is not opened itself.
    modules = {name.replace(".", "/") for name in modules}
    files = {f"{name}.py" for name in modules} | {f"{name}/__init__.py" for name in modules}
    on_disk = {place for place in files if (project_root() / place).exists()}
    assert on_disk <= counted, sorted(on_disk - counted)


def test_every_chapter_counts_for_the_titles_on_other_pages():
    counted = {path for path, _ in input_files(project_root())}
    assert counted.issuperset(listed_notebooks())
