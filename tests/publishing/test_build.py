"""Building the book: what is executed again, and what stops it."""

import altair
import nbformat
import pandas as pd
import pytest

from instrdiv.experiments.points import listed_notebooks
from instrdiv.paths import project_root
from instrdiv.publishing.build import (
    BookError,
    chart_script,
    execute_all,
    execute_if_changed,
    stage,
)


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


def test_the_chart_script_has_the_versions_that_altair_asks_for():
    bars = altair.Chart(pd.DataFrame({"x": [1, 2]})).mark_bar().encode(x="x:Q")
    with altair.renderers.enable("html"):
        output = bars._repr_mimebundle_()["text/html"]
    script = chart_script()
    for library in ("vega", "vega-lite", "vega-embed"):
        wanted = output.split(f'maybeLoadScript("{library}", "')[1].split('"')[0]
        assert f'"{library.replace("-", "")}_version": "{wanted}"' in script


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
