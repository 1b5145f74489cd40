"""Sheets of exercises that nbgrader hands out and grades, one for each chapter.

``book/exercises`` holds for each chapter the cells of its checked exercises: a place for the answer
with the worked solution, and a test. Their text is the chapter's own and is put before them here.
nbgrader then makes what students get: no solutions, no hidden tests.
"""

import logging
import os
import re
import sysconfig
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_markdown_cell

from instrdiv.experiments.points import notebook_paths, title_of
from instrdiv.paths import project_root
from instrdiv.publishing.exercise_list import Exercise, exercises_of

if TYPE_CHECKING:
    from nbgrader.apps import NbGraderAPI

CONFIG = "nbgrader_config.py"
STUB = "# Your answer goes here."
REASONS = "*Your reasons go here: what you expected, what you found, and why.*"
"""What students replace where a person reads the answer."""
REASONS_POINTS = 1
SECONDS = 600
"""The longest that one cell may take when it is graded."""
START = """\
# Exercises: {title}

The exercises are those of the chapter, where there are hints too. Put your answers into the \
cells, run the cell below each, and save. It says at once whether the answer passes; for functions \
there are further tests. Your reasons are read by a person, since no test can judge them. Make \
runs in a terminal in the folder of this sheet, with `--results mine`, and hand in this sheet with \
the folder `mine`."""


class CourseError(RuntimeError):
    """nbgrader could not do its work; the message has its reason."""


def sheet_path(notebook: Path) -> Path:
    """Where a chapter's sheet is, whether or not there is one."""
    return project_root() / "book" / "exercises" / notebook.name


def complete_sheet(notebook: Path) -> nbformat.NotebookNode:
    """A chapter's sheet with the text of each exercise, all solutions and all tests.

    Where an exercise takes more than reading, or has no test, there is a cell for reasons, which
    nbgrader leaves for a person to grade.

    Raises:
        ValueError: the sheet has an answer to an exercise that the chapter does not have.
    """
    sheet = nbformat.read(sheet_path(notebook), as_version=4)
    checked: dict[int, list[nbformat.NotebookNode]] = {
        each.number: [] for each in exercises_of(notebook)
    }
    for cell in sheet.cells:
        _, number = cell.metadata.nbgrader.grade_id.split("-")
        if int(number) not in checked:
            raise ValueError(f"{sheet_path(notebook)}: {notebook.name} has no exercise {number}")
        checked[int(number)].append(cell)
    sheet.cells = [_text("start", START.format(title=title_of(notebook)))]
    for each in exercises_of(notebook):
        sheet.cells += [_text(f"task-{each.number}", _worded(each)), *checked[each.number]]
        if each.level != "Read" or not checked[each.number]:
            sheet.cells.append(_reasons(each.number, solution_in_words(notebook, each.number)))
    return sheet


def solution_in_words(notebook: Path, number: int) -> str:
    """What a chapter says of the solution of one of its exercises; empty if it says nothing.

    >>> from instrdiv.experiments.points import find_notebook
    >>> solution_in_words(find_notebook("07"), 1)
    '200 are not code, so 100 are chains of thought.'
    """
    for cell in nbformat.read(notebook, as_version=4).cells:
        _, _, solutions = cell.source.partition("<summary>Solutions</summary>\n")
        if found := re.search(rf"(?m)^{number}\. (.*)$", solutions):
            return found[1]
    return ""


def with_worked_code(text: str, notebook: Path) -> str:
    """A chapter's text with the code of its worked solutions, each below its solution in words.

    A run's command stands in the exercise, so its code is left out. Text without solutions, and
    that of a chapter without a sheet, stays as it is.
    """
    before, opening, rest = text.partition("<summary>Solutions</summary>\n")
    if not opening or not sheet_path(notebook).exists():
        return text
    solutions, closing, after = rest.partition("\n</details>")
    for cell in nbformat.read(sheet_path(notebook), as_version=4).cells:
        kind, number = cell.metadata.nbgrader.grade_id.split("-")
        if kind == "answer" and "instrdiv.cli" not in cell.source:
            stub, _, solution = cell.source.partition("### BEGIN SOLUTION\n")
            whole = cell.source if stub.startswith("def ") else solution
            code = re.sub(r"(?m)^ *### (?:BEGIN|END) SOLUTION\n?", "", whole).strip()
            block = indent(f"\n~~~python\n{code}\n~~~", "   ")
            item = re.search(rf"(?m)^{number}\. .*$", solutions)
            if item:
                solutions = f"{solutions[: item.end()]}\n{block}{solutions[item.end() :]}"
    return before + opening + solutions + closing + after


def make_course(folder: Path) -> list[Path]:
    """Make an nbgrader course of all sheets: ``source`` for lecturers, ``release`` for students.

    Returns:
        The sheets for students.

    Raises:
        ValueError: the folder has files other than those of a course.
        CourseError: nbgrader refused a sheet.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / CONFIG).exists():
        raise ValueError(
            f"{folder}: a new folder is needed, or that of a course; it has other files"
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_text(
        "# With it, nbgrader's own commands work in this folder as those of instrdiv do.\n"
        "c = get_config()\n"
        f"c.ClearSolutions.code_stub = {{'python': {STUB!r}}}\n"
        f"c.ClearSolutions.text_stub = {REASONS!r}\n"
        f"c.Execute.timeout = {SECONDS}\n",
        encoding="utf-8",
    )
    course = open_course(folder)
    made = []
    for notebook in notebook_paths():
        if not sheet_path(notebook).exists():
            continue
        target = folder / "source" / notebook.stem / notebook.name
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(complete_sheet(notebook), target)
        require(course.generate_assignment(notebook.stem), f"the sheet {notebook.name}")
        made.append(folder / "release" / notebook.stem / notebook.name)
    return made


def open_course(folder: Path) -> "NbGraderAPI":
    """nbgrader on the course in a folder, with all that its configuration says."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(folder.resolve())
    config.CourseDirectory.db_url = f"sqlite:///{folder.resolve() / 'gradebook.db'}"
    config.ClearSolutions.code_stub = {"python": STUB}
    config.ClearSolutions.text_stub = REASONS
    config.Execute.timeout = SECONDS
    config.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--log-level=ERROR"]
    # A new database asks a program of this environment, which need not be an active one.
    programs = sysconfig.get_path("scripts")
    if programs not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, os.environ["PATH"]])
    logging.getLogger("traitlets").setLevel(logging.ERROR)  # it tells of each file it writes
    return NbGraderAPI(config=config, log_level="ERROR")


def require(result: dict[str, Any], what: str) -> None:
    """Check that a step of nbgrader succeeded.

    Raises:
        CourseError: it did not, with the line of its log that says why.
    """
    if not result["success"]:
        log = result.get("log") or result.get("error") or "no reason given"
        # The traceback of the error is indented; what follows it says that there was one.
        causes = re.findall(r"^ +([\w.]*(?:Error|Exception).*)$", log, re.MULTILINE)
        raise CourseError(f"{what}: {(causes or log.splitlines())[-1].strip()}")


def _worded(exercise: Exercise) -> str:
    return f"## Exercise {exercise.number}\n\n*{exercise.level}, {exercise.time}.* {exercise.text}"


def _reasons(number: int, solution: str) -> nbformat.NotebookNode:
    """A cell of text that nbgrader leaves for a person to grade once a student wrote in it."""
    about = {
        "grade": True, "grade_id": f"reasons-{number}", "locked": False,
        "points": REASONS_POINTS, "schema_version": 3, "solution": True, "task": False,
    }  # fmt: skip
    words = solution or "The chapter has no solution in words."
    return new_markdown_cell(words, id=f"reasons-{number}", metadata={"nbgrader": about})


def _text(name: str, source: str) -> nbformat.NotebookNode:
    """A cell of text that nbgrader restores if a student changed it."""
    about = {
        "grade": False, "grade_id": name, "locked": True, "schema_version": 3,
        "solution": False, "task": False,
    }  # fmt: skip
    return new_markdown_cell(source, id=name, metadata={"nbgrader": about})
