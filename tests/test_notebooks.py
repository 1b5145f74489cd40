"""Every notebook of an experiment runs at smoke scale, is complete, and carries no outputs."""

import dataclasses

import nbformat
import pytest
from declared import refusing
from myst_nb.ext import glue as myst_glue

from instrdiv.charts import glued
from instrdiv.charts.theme import JUPYTER
from instrdiv.experiments.points import experiment_of, notebook_paths
from instrdiv.experiments.recording import result_folders
from instrdiv.runs.store import read_records
from instrdiv.sweep.execute import NotebookFailed, execute, notebook_parameters
from instrdiv.sweep.grids import read_grids

NOTEBOOKS = notebook_paths()
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@each_notebook
def test_a_notebook_runs_live_at_smoke_scale_and_records_its_run(path, tmp_path):
    """As where the project alone is installed, such as in Colab: the book's tools are not there."""
    parameters = {"scale": "smoke", "results": str(tmp_path)}
    alone = nbformat.read(path, as_version=4)
    alone.cells.insert(0, nbformat.v4.new_code_cell(refusing()))
    nbformat.write(alone, tmp_path / path.name)
    output = execute(
        tmp_path / path.name, parameters | {"changes": {"steps": 11}}, tmp_path / "out.ipynb"
    )
    executed = nbformat.read(output, as_version=4)
    assert all(cell.execution_count for cell in executed.cells if cell.cell_type == "code")
    name = experiment_of(path.stem).name
    (record,), problems = read_records([tmp_path], name, "smoke")
    assert not problems and record.config["steps"] == 11
    streams = [
        output
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
    ]
    assert not streams, "progress or a warning clutters the notebook"
    charts = [
        output
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if JUPYTER in output.get("data", {})
    ]
    assert charts, "no chart was drawn"


@each_notebook
def test_a_notebook_in_git_has_no_outputs(path):
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs") and not cell.get("execution_count")


@each_notebook
def test_the_parameters_of_a_notebook_are_settings_of_its_experiment(path):
    settings = {field.name for field in dataclasses.fields(experiment_of(path.stem).config)}
    assert set(notebook_parameters(path)) - settings == {"scale", "changes", "results"}


def write_notebook(path, source, tags=()):
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


def test_a_failing_cell_is_told_with_its_notebook_and_kept_apart(tmp_path):
    path = write_notebook(tmp_path / "bad.ipynb", "scale = 1\n1 / 0", ["parameters"])
    with pytest.raises(NotebookFailed, match="bad failed: ZeroDivisionError: division by zero"):
        execute(path, {}, tmp_path / "out" / "bad.ipynb")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["bad.failed.ipynb"]


def test_a_parameter_that_a_notebook_does_not_have_is_refused_before_a_kernel_starts(tmp_path):
    path = write_notebook(tmp_path / "some.ipynb", "scale = 1", ["parameters"])
    with pytest.raises(ValueError, match=r"some.ipynb has no parameter 'scales'; it has scale"):
        execute(path, {"scales": 2}, tmp_path / "out.ipynb")
    plain = write_notebook(tmp_path / "plain.ipynb", "scale = 1")
    with pytest.raises(ValueError, match="no cell tagged 'parameters'"):
        execute(plain, {"scale": 2}, tmp_path / "out.ipynb")


@pytest.mark.parametrize("scale", ["laptop", "desk", "paper"])
@each_notebook
def test_published_records_are_readable_points_of_their_grid_made_by_committed_code(path, scale):
    published = result_folders()[:1]
    records, problems = read_records(published, experiment_of(path.stem).name, scale)
    grid = {point.key for point in read_grids()[path.stem].get(scale, [])}
    assert not problems
    for record in records:
        assert record.key in grid, f"{record.key}: a change of code changed what its settings mean"
        for part in [record.provenance, *record.provenance.get("parts", [])]:
            assert part["commit"] != "unknown" and not part["commit"].endswith("+"), record.key


def test_what_is_not_declared_is_not_there_for_a_notebook_under_test(tmp_path):
    source = f"scale = 1\n{refusing()}\nimport numpy\nimport myst_nb"
    path = write_notebook(tmp_path / "some.ipynb", source, ["parameters"])
    with pytest.raises(NotebookFailed, match="No module named 'myst_nb'"):
        execute(path, {}, tmp_path / "out.ipynb")


def test_what_is_glued_is_what_the_book_reads(monkeypatch):
    """Held against MyST-NB's own."""
    shown = []
    monkeypatch.setattr(glued, "display", lambda *given, **named: shown.append((given, named)))
    monkeypatch.setattr(
        myst_glue, "ipy_display", lambda *given, **named: shown.append((given, named))
    )
    glued.glue("headline", "One sentence.")
    myst_glue.glue("headline", "One sentence.", display=False)
    assert shown[0] == shown[1]
