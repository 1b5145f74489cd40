"""Sheets of exercises: what students get, what their lecturer gets back, and worked solutions."""

import csv
import re

import nbformat
import pytest

from instrdiv.cli import main
from instrdiv.experiments.points import find_notebook, listed_notebooks
from instrdiv.paths import project_root
from instrdiv.publishing import exercises, sheets
from instrdiv.publishing.exercise_list import exercises_of
from instrdiv.publishing.sheets import REASONS, STUB, complete_sheet, make_course

CHAPTERS = listed_notebooks()
each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
WITHHELD = re.compile(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", re.DOTALL)


def cells_of(sheet) -> dict[str, str]:
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in sheet.cells}


def answers(sheet) -> list[tuple[str, str]]:
    """The code of each checked exercise, answer and test."""
    cells = cells_of(sheet)
    numbers = [name.removeprefix("answer-") for name in cells if name.startswith("answer-")]
    return [(cells[f"answer-{number}"], cells[f"test-{number}"]) for number in numbers]


def student_version(source: str) -> str:
    return re.sub(r"### BEGIN SOLUTION\n.*?### END SOLUTION", STUB, source, flags=re.DOTALL)


@each_chapter
def test_a_sheet_checks_exercises_of_all_levels(path):
    levels = {each.number: each.level for each in exercises_of(path)}
    checked = [int(name[5:]) for name in cells_of(complete_sheet(path)) if name.startswith("test-")]
    assert {levels[number] for number in checked} == {"Read", "Run", "Extend"}


@each_chapter
def test_a_worked_solution_that_needs_no_run_passes_its_tests_and_no_answer_passes_none(path):
    for answer, test in answers(complete_sheet(path)):
        if "instrdiv.cli" in answer:
            continue
        known: dict = {}
        exec(answer, known)
        exec(test, known)
        with pytest.raises((AssertionError, TypeError)):
            nothing: dict = {}
            exec(student_version(answer), nothing)
            exec(test, nothing)


@pytest.mark.parametrize(
    "path",
    [p if p.stem[:2] == "01" else pytest.param(p, marks=pytest.mark.soak) for p in CHAPTERS],
    ids=lambda path: path.stem,
)
def test_a_worked_solution_that_needs_a_run_makes_it_and_reads_its_record(
    path, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for answer, test in answers(complete_sheet(path)):
        if "instrdiv.cli" in answer:
            known: dict = {}
            with pytest.raises(ValueError, match=r"no run of .* in the folder 'mine': make it"):
                exec(test, known)
            exec(answer, known)
            exec(test, known)


def test_a_share_is_held_against_ones_own_record_whatever_the_processor():
    ann = project_root() / "book" / "data" / "class" / "ann"
    run = exercises.handed_in("rule_diversity", ann, num_rules=200)
    counts = run.metrics["unseen"]
    share = counts["correct"] / counts["total"]
    for near in (share, round(share, 2)):
        assert exercises.check_share(near, run, "unseen").startswith("Right: ")
    wrong = [share + 0.02, share - 0.02, 100 * share]
    said = [exercises.check_share(answer, run, "unseen") for answer in wrong]
    assert not any(sentence.startswith("Right") for sentence in said) and "between 0" in said[2]
    with pytest.raises(ValueError, match="no run of rule_diversity with num_rules=7 in the folder"):
        exercises.handed_in("rule_diversity", ann, num_rules=7)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a course")
    return folder, make_course(folder)


def test_students_get_neither_solutions_nor_hidden_tests(course):
    _, released = course
    assert [path.stem for path in released] == [path.stem for path in CHAPTERS]
    for path, chapter in zip(released, CHAPTERS, strict=True):
        given = cells_of(nbformat.read(path, as_version=4))
        full = cells_of(complete_sheet(chapter))
        assert list(given) == list(full)
        withheld = 0
        for name, source in full.items():
            for secret in WITHHELD.findall(source):
                withheld += 1
                for line in filter(str.strip, secret.splitlines()):
                    assert line not in given[name], (path.stem, name)
            assert "BEGIN" not in given[name]
            assert (STUB in given[name]) == name.startswith("answer-")
            assert (given[name] == REASONS) == name.startswith("reasons-")
        assert withheld >= 4, path.stem
        assert "Solutions" not in path.read_text(encoding="utf-8")


@each_chapter
def test_every_exercise_is_checked_or_read_and_what_takes_more_than_reading_is_read(path):
    cells = cells_of(complete_sheet(path))
    for each in exercises_of(path):
        assert f"task-{each.number}" in cells
        read, checked = (f"{kind}-{each.number}" in cells for kind in ("reasons", "test"))
        assert read or (checked and each.level == "Read")
        if read:
            words = cells[f"reasons-{each.number}"]
            assert words in path.read_text(encoding="utf-8").replace('\\"', '"'), "a solution"


def handed_in(folder, released, changes):
    sheet = nbformat.read(released, as_version=4)
    for cell in sheet.cells:
        cell.source = changes.get(cell.metadata.nbgrader.grade_id, cell.source)
    folder.mkdir(parents=True)
    nbformat.write(sheet, folder / released.name)


def states_in(table):
    with table.open(encoding="utf-8") as lines:
        return {row["student_id"]: row["state"] for row in csv.DictReader(lines)}


def test_a_folder_of_handed_in_sheets_is_graded_with_one_command(course, tmp_path, capsys):
    folder, released = course
    stem = find_notebook("05").stem
    (sheet,) = [path for path in released if path.stem == stem]
    solved = cells_of(complete_sheet(find_notebook("05")))
    right = {"answer-1": solved["answer-1"], "answer-3": solved["answer-3"]}
    right |= {"reasons-3": "It went from left to right."}
    handed_in(tmp_path / "in" / "ann", sheet, right)
    # Who passes the test that students see, but not the ones that they do not.
    only_shown = "def replaced(x, y, z, answer):\n    return None if answer == z else 1"
    handed_in(tmp_path / "in" / "bob", sheet, {"answer-3": only_shown})
    handed_in(tmp_path / "in" / "eve", sheet, {"test-1": "pass", "test-3": "pass"})
    (tmp_path / "in" / "tim").mkdir()
    (tmp_path / "in" / "zoe").mkdir()
    (tmp_path / "in" / "zoe" / sheet.name).write_text("no notebook", encoding="utf-8")
    (tmp_path / "in" / "zip.txt").touch()
    table = tmp_path / "points.csv"
    given = sorted(str(path) for path in (tmp_path / "in").iterdir())
    assert main(["grade", str(folder), *given, "--csv", str(table)]) == 1
    said = capsys.readouterr()
    assert "zip.txt: a file, and a folder is needed" in said.err
    assert "tim: no sheet of this course" in said.err and f"ann: {stem}: 4 of 8" in said.out
    assert "ann: 05_occurrences: 4 of 8 points, 1 of them for reasons to be read\n" in said.out
    assert "bob: 05_occurrences: 0 of 8 points\n" in said.out, "who gives no reasons waits for none"
    with table.open(encoding="utf-8") as lines:
        rows = {row["student_id"]: row for row in csv.DictReader(lines)}
    points = {name: float(row["score"]) for name, row in rows.items()}
    assert points == {"ann": 4, "bob": 0, "eve": 0, "tim": 0, "zoe": 0}
    waiting = {name: float(row["to_be_read"]) for name, row in rows.items()}
    assert waiting == {"ann": 1, "bob": 0, "eve": 0, "tim": 0, "zoe": 0}
    assert states_in(table) == dict.fromkeys(["ann", "bob", "eve"], "graded") | {
        "tim": "not handed in",
        "zoe": "could not be graded",
    }

    with sheets.open_course(folder).gradebook as book:  # as the lecturer's formgrader does
        grade = book.find_grade("reasons-3", stem, stem, "ann")
        grade.manual_score = 1
        book.db.commit()
    assert main(["grade", str(folder), str(tmp_path / "in" / "ann"), "--csv", str(table)]) == 0
    said = capsys.readouterr().out
    assert "ann: 05_occurrences: 5 of 8 points\n" in said
    assert "in the table from before: bob, eve, tim, zoe\n" in said
    assert states_in(table)["zoe"] == "could not be graded", "who is not graded now stays so"
    assert (folder / "feedback" / "ann" / stem / f"{stem}.html").exists()


def test_folders_that_cannot_be_graded_are_refused_before_anything_is_executed(tmp_path, capsys):
    student = tmp_path / "ann"
    student.mkdir()
    arguments = ["grade", "--csv", str(tmp_path / "points.csv"), str(tmp_path), str(student)]
    assert main(arguments) == 2 and "no course there" in capsys.readouterr().err
    (tmp_path / sheets.CONFIG).touch()
    assert main([*arguments, str(student)]) == 2
    error = capsys.readouterr().err
    assert "two folders of" in error and error.count("\n") == 1
    nobody = ["grade", "--csv", str(tmp_path / "points.csv"), str(tmp_path), str(tmp_path / "none")]
    assert main(nobody) == 2
    error = capsys.readouterr().err
    assert "none: there is no such folder" in error and "nothing was graded" in error
    assert main([*nobody[:2], str(tmp_path / "none" / "points.csv"), *nobody[3:]]) == 2
    assert "points.csv: there is no such folder" in capsys.readouterr().err
    for text in ("what somebody else wrote\n", f'"{"x" * 200_000}"\n'):
        (tmp_path / "points.csv").write_text(text, encoding="utf-8")
        assert main(arguments) == 2 and "no table of points" in capsys.readouterr().err
        assert (tmp_path / "points.csv").read_text(encoding="utf-8") == text


def test_a_course_is_not_made_in_a_folder_of_other_things(tmp_path, capsys):
    (tmp_path / "thesis.tex").touch()
    assert main(["exercises", str(tmp_path)]) == 2
    assert "it has other files" in capsys.readouterr().err
