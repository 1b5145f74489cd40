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

from instrdiv.experiments.points import listed_notebooks, title_of
from instrdiv.paths import project_root
from instrdiv.publishing.exercise_list import Exercise, exercises_of

if TYPE_CHECKING:
    from nbgrader.apps import NbGraderAPI

CONFIG = "nbgrader_config.py"
STUB = "# Your answer goes here."
SECONDS = 600
"""The longest that one cell may take when it is graded."""
START = """\
# Exercises: {title}

The exercises are those of the chapter, where there are hints too. Put your answers into the \
cells, run the cell below each, and save. It says at once whether the answer passes; for functions \
there are further tests. Make runs in a terminal in the folder of this sheet, with \
`--results mine`, and hand in this sheet with the folder `mine`. Exercises that are not here have \
answers that no test can judge."""


class CourseError(RuntimeError):
    """nbgrader could not do its work; the message has its reason."""


def sheet_path(notebook: Path) -> Path:
    """Where a chapter's sheet is, whether or not there is one."""
    return project_root() / "book" / "exercises" / notebook.name


def complete_sheet(notebook: Path) -> nbformat.NotebookNode:
    """A chapter's sheet with the text of each exercise, all solutions and all tests.

    Raises:
        ValueError: the sheet has an answer to an exercise that the chapter does not have.
    """
    sheet = nbformat.read(sheet_path(notebook), as_version=4)
    exercises = {each.number: each for each in exercises_of(notebook)}
    cells = [_text("start", START.format(title=title_of(notebook)))]
    for cell in sheet.cells:
        kind, number = cell.metadata.nbgrader.grade_id.split("-")
        if int(number) not in exercises:
            raise ValueError(f"{sheet_path(notebook)}: {notebook.name} has no exercise {number}")
        if kind == "answer":
            cells.append(_text(f"task-{number}", _worded(exercises[int(number)])))
        cells.append(cell)
    sheet.cells = cells
    return sheet


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
        f"c.Execute.timeout = {SECONDS}\n",
        encoding="utf-8",
    )
    course = open_course(folder)
    made = []
    for notebook in listed_notebooks():
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


def _text(name: str, source: str) -> nbformat.NotebookNode:
    """A cell of text that nbgrader restores if a student changed it."""
    about = {
        "grade": False, "grade_id": name, "locked": True, "schema_version": 3,
        "solution": False, "task": False,
    }  # fmt: skip
    return new_markdown_cell(source, id=name, metadata={"nbgrader": about})
