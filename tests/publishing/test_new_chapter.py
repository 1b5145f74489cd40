"""A chapter that `new` begins is a whole one: it runs, is clean, and takes no other's place."""

import shutil

import nbformat
import pytest
import yaml
from own_checkout import copy_project, instrdiv, python

from instrdiv.paths import project_root
from instrdiv.publishing import new_chapter as module
from instrdiv.runs.store import read_records
from instrdiv.sweep.grid_file import read_grid_file

ROOT = project_root()
NAME = "first_place"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    copy = copy_project(tmp_path_factory.mktemp("new"))
    begun = instrdiv(copy, "new", NAME)
    assert begun.returncode == 0, begun.stderr
    assert "add notebooks/09_first_place to _toc.yml" in begun.stdout
    return copy


def test_its_first_run_works_at_once_and_has_a_figure(checkout):
    ran = instrdiv(checkout, "run", NAME, "--scale", "smoke")
    assert ran.returncode == 0, ran.stderr
    (record,), problems = read_records([checkout / "runs" / "results"], NAME, "smoke")
    assert not problems and record.config["first_share"] == 1
    (executed,) = (checkout / "runs" / "notebooks").rglob("*.ipynb")
    assert "vega" in executed.read_text(encoding="utf-8")


def test_its_style_is_clean_however_long_its_name(checkout):
    assert instrdiv(checkout, "new", "x" * module.LONGEST_NAME).returncode == 0
    for command in (["ruff", "check", "."], ["ruff", "format", "--check", "."]):
        checked = python(checkout, "-m", *command)
        assert checked.returncode == 0, checked.stdout


def test_its_grid_and_its_exercise_are_among_the_others(checkout):
    assert "09_first_place" in read_grid_file_of(checkout)
    answered = python(checkout, "-m", "doctest", "instrdiv/publishing/exercises.py")
    assert answered.returncode == 0, answered.stdout
    (notebook,) = (checkout / "notebooks").glob(f"*_{NAME}.ipynb")
    text = "\n".join(cell.source for cell in nbformat.read(notebook, as_version=4).cells)
    assert f"check_{NAME}(None)" in text and all(
        level in text for level in ("*Read, ", "*Run, ", "*Extend, ")
    )


def test_its_exercises_are_below_objectives_and_have_a_sheet_that_is_graded(checkout, tmp_path):
    served = yaml.safe_load((checkout / "book/data/objectives.yaml").read_text(encoding="utf-8"))
    assert {"9.1", "9.2", "9.3"} <= {name for names in served.values() for name in names}
    write = "from pathlib import Path; from instrdiv.publishing.exercise_list import *; "
    write += f"write_objectives(Path('.'), Path({str(tmp_path)!r}))"
    written = python(checkout, "-c", write)
    assert written.returncode == 0, written.stderr

    made = instrdiv(checkout, "exercises", str(tmp_path / "course"))
    assert made.returncode == 0 and f"09_{NAME}.ipynb" in made.stdout, made.stderr
    student = tmp_path / "in" / "ann"
    student.mkdir(parents=True)
    for path in (tmp_path / "course" / "source").rglob(f"*_{NAME}.ipynb"):
        shutil.copy(path, student)  # all solutions; the run is made when they are executed
    graded = instrdiv(
        checkout, "grade", str(tmp_path / "course"), str(student), "--csv", str(tmp_path / "p.csv")
    )
    said = graded.stdout
    assert f"ann: 09_{NAME}: 6 of 8 points, 2 of them for reasons to be read" in said, graded.stderr


def test_a_chapter_without_a_sheet_is_said(checkout, tmp_path):
    sheet = checkout / "book" / "exercises" / f"09_{NAME}.ipynb"
    content = sheet.read_bytes()
    sheet.unlink()
    made = instrdiv(checkout, "exercises", str(tmp_path / "course"))
    sheet.write_bytes(content)
    assert made.returncode == 0
    assert made.stderr == f"09_{NAME}: no sheet, since {sheet} is not there\n"


def read_grid_file_of(checkout):
    return read_grid_file(checkout / "notebooks" / "grids.yaml")


def test_a_second_one_of_that_name_is_refused_and_changes_nothing(checkout):
    before = {path: path.read_bytes() for path in checkout.rglob("*.py")}
    again = instrdiv(checkout, "new", NAME)
    assert again.returncode == 2 and "has this name already" in again.stderr
    assert again.stderr.count("\n") == 1
    assert before == {path: path.read_bytes() for path in checkout.rglob("*.py")}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("First", "small letters"),
        ("a__b", "small letters"),
        ("../x", "small letters"),
        ("", "small letters"),
        ("x" * 21, "at most 20"),
        ("class", "Python uses this name itself"),
        ("random", "Python uses this name itself"),
        ("store", "instrdiv/runs/store.py has this name already"),
        ("no_op", "has this name already"),
    ],
)
def test_a_name_that_is_none_for_a_chapter_is_refused(name, said):
    with pytest.raises(ValueError, match=said):
        module._check(name, ROOT)


def test_a_list_of_chapters_in_another_form_is_named_and_nothing_is_written(tmp_path):
    path = tmp_path / "chapters.py"
    path.write_text("EXPERIMENTS = load()\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"chapters.py: add first_place by hand"):
        module._listed(path, NAME, "experiment")
