"""Exercises, their checks, and the two editions that one source gives."""

import difflib
import re

import nbformat
import pytest

from instrdiv.cli import main
from instrdiv.experiments.points import notebook_paths
from instrdiv.paths import project_root
from instrdiv.publishing import exercises
from instrdiv.publishing.both_ways import as_myst
from instrdiv.publishing.editions import for_edition
from instrdiv.publishing.exercise_list import (
    LEVELS,
    TABLE,
    Exercise,
    all_exercises,
    exercises_of,
    objectives,
    objectives_table,
    write_objectives,
)

RIGHT = {
    "check_examples_each": (50,),
    "check_copying_average": (0.5,),
    "check_effective_number": (3.3636,),
    "check_mirrored": ("abbaabba", "abba"),
    "check_replacing_all": ([1, 0, 0, 0, 0],),
    "check_enciphered": ("abyz",),
    "check_chains": (100,),
    "check_number": ("cb",),
}
WRONG = {
    "check_examples_each": [(2_000 * 100_000,), (20,)],
    "check_copying_average": [(1,), (0,), (0.25,)],
    "check_effective_number": [(4,), (1.75,), (3,)],
    "check_mirrored": [("abababab",), ("baabbaab",), ("abbaabba",), ("abbaabba", "ab")],
    "check_replacing_all": [([1, 1],), ([0] * 5,), ([1, 0.5, 0, 0, 0],)],
    "check_enciphered": [("zaxy",), ("abbc",), ("zaab",), ("zzzz",)],
    "check_chains": [(200,), (500,), (7,)],
    "check_number": [("ba",), ("bc",), ("21",)],
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_check_tells_right_from_each_wrong_answer_by_what_is_wrong(name):
    check = getattr(exercises, name)
    assert check(*RIGHT[name]).startswith("Right")
    said = [check(*answer) for answer in WRONG[name]]
    assert not any(sentence.startswith("Right") for sentence in said)
    assert len(set(said)) == len(said), "different mistakes need different words"
    assert check(None) == exercises.WAITING


SOLVED = re.compile(r"(\{dropdown\} |<summary>)(Solutions|Answers)")


def markdown_of_the_book() -> dict[str, str]:
    pages = {
        path.stem: path.read_text(encoding="utf-8")
        for path in (project_root() / "book").glob("*.md")
    }
    for path in [*notebook_paths(), *(project_root() / "book").glob("*.ipynb")]:
        cells = nbformat.read(path, as_version=4).cells
        pages[path.stem] = "\n\n".join(c.source for c in cells if c.cell_type == "markdown")
    return pages


def test_every_experiment_has_exercises_of_all_levels_with_hints_solutions_and_a_check():
    for path in notebook_paths():
        exercises = exercises_of(path)
        assert {each.level for each in exercises} == set(LEVELS), path.stem
        text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
        for part in ("<summary>Hints</summary>", "<summary>Solutions</summary>"):
            listed = text.split(part)[1].split("\n</details>")[0]
            numbers = re.findall(r"^(\d+)\. ", listed, re.MULTILINE)
            assert numbers == [str(each.number) for each in exercises], (path.stem, part)
        assert "check_" in text, path.stem


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1. *Easy, 1 minute.* Why?", "exercise 1: level 'Easy'; allowed: Read, Run, Extend"),
        ("2. *Read, 1 minute.* Why?", "exercise 2: level 'Read'"),
        ("1. Why?", "1 exercises, and 0 with level and time"),
        ("1. *Read, soon.* Why?", "invalid literal"),
    ],
)
def test_an_exercise_without_level_time_or_place_is_refused(written, said, tmp_path):
    cell = nbformat.v4.new_markdown_cell(f"## Exercises\n\n{written}")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "09_new.ipynb")
    with pytest.raises(ValueError, match=said):
        exercises_of(tmp_path / "09_new.ipynb")


def test_a_chapter_without_exercises_is_named(tmp_path):
    cell = nbformat.v4.new_markdown_cell("# New")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "09_new.ipynb")
    with pytest.raises(ValueError, match=r"09_new.ipynb: one section '## Exercises' is needed"):
        exercises_of(tmp_path / "09_new.ipynb")


def test_the_map_of_objectives_names_every_exercise_with_its_link_level_and_minutes(tmp_path):
    write_objectives(project_root(), tmp_path)
    rows = (tmp_path / TABLE).read_text(encoding="utf-8").splitlines()[2:]
    for each in all_exercises():
        link = f"](../notebooks/{each.notebook}.ipynb) | {each.level} | {each.minutes} |"
        assert any(f"[{each.name} " in row and link in row for row in rows), each.name
    page = (project_root() / "book" / "teaching.md").read_text(encoding="utf-8")
    assert f"{{include}} {TABLE}" in page
    for number, text in objectives(page).items():
        assert sum(row.startswith(f"| {number}. {text} |") for row in rows) == 1


@pytest.mark.parametrize(
    ("served", "said"),
    [
        ({1: ["1.1", "1.9"]}, "exercise 1.9 is in no chapter"),
        ({1: []}, "exercise 1.1 is below no objective"),
        ({1: ["1.1"], 2: []}, r"objectives \[1, 2\]; the page has \[1\]"),
    ],
)
def test_a_map_of_objectives_that_is_stale_is_refused(served, said):
    exercise = Exercise("01_rule_diversity", 1, "Read", "1 minute", "Why?")
    with pytest.raises(ValueError, match=said):
        objectives_table({1: "ask"}, served, [exercise])


def test_an_exercise_of_a_chapter_that_is_no_page_yet_may_be_named_and_is_not_shown():
    exercise = Exercise("01_rule_diversity", 1, "Read", "1 minute", "Why?")
    table = objectives_table({1: "ask"}, {1: ["1.1", "9.1"]}, [exercise], begun={9})
    assert "[1.1 " in table and "9.1" not in table


def test_student_and_instructor_editions_differ_in_the_solutions_alone():
    found = 0
    for name, page in markdown_of_the_book().items():
        student, instructor = for_edition(page, "student"), for_edition(page, "instructor")
        assert for_edition(page, "published") == page
        assert not SOLVED.search(student), name
        changed = [
            line
            for line in difflib.ndiff(student.splitlines(), instructor.splitlines())
            if line[0] in "+-?"
        ]
        assert all(line.startswith("+") for line in changed), name
        opened = instructor.count(":open:") + instructor.count("<details open>")
        assert len(SOLVED.findall(page)) == opened, name
        assert as_myst(instructor).count(":open:") == opened, name
        found += opened
    assert found >= len(notebook_paths())


def test_an_edition_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match=r"edition 'draft'; allowed: published, student"):
        for_edition("", "draft")


def test_what_the_lecturers_guide_says_that_models_write_is_what_they_write(capsys):
    page = (project_root() / "book" / "teaching.md").read_text(encoding="utf-8")
    asked = re.findall(r'instrdiv rewrite "(.+?)" (\w+)', page)
    _, answers = page.split("{dropdown} Answers", 1)
    lines = re.findall(r"^(\d)\. (.+)$", answers.split("```")[0], re.MULTILINE)
    assert len(asked) == len(lines) == 3
    for (rule, text), (_, said) in zip(asked, lines, strict=True):
        assert main(["rewrite", rule, text]) == 0
        written = re.findall(r"rules writes (\w+)", capsys.readouterr().out)
        assert len(written) == 5 and set(written) == set(re.findall(r"`(\w+)`", said))
