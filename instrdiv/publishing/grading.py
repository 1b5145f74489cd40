"""Grade the sheets of exercises that students handed in, with nbgrader.

A folder for each student holds the sheets, anywhere in it, and beside each the records of the runs
that it reads. What a student changed in a test is undone before the sheet is executed.
"""

import contextlib
import csv
import re
import shutil
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instrdiv.publishing.exercises import MINE
from instrdiv.publishing.sheets import CONFIG, CourseError, open_course, require
from instrdiv.untrusted import visible

STATES = GRADED, UNGRADED, MISSING = "graded", "could not be graded", "not handed in"
"""What may have become of a sheet."""


@dataclass(frozen=True)
class Graded:
    """One sheet that was handed in.

    Attributes:
        student: the name of the folder.
        sheet: the name of its chapter's notebook.
        points: how many it got.
        most: how many there are.
        unread: how many of these are for reasons that a person has yet to read.
        problem: why it could not be graded, else empty.
    """

    student: str
    sheet: str
    points: float = 0
    most: float = 0
    unread: float = 0
    problem: str = ""


def grade(course: Path, handed_in: Sequence[Path], table: Path) -> list[Graded]:
    """Grade everything and write nbgrader's table of points.

    The students' code is executed here, with the rights of whoever grades.

    Args:
        course: the folder of `instrdiv.publishing.sheets.make_course`.
        handed_in: a folder for each student, whose name is the student's.
        table: the CSV file, a line for each student and each sheet that anybody ever handed in.
            Its column ``to_be_read`` has the points for reasons that a person has yet to read, its
            column ``state`` one of `STATES`: a sheet that is not graded has zero points. An earlier
            table is replaced.

    Returns:
        What came of each sheet. Pages with feedback are in the course's folder ``feedback``.

    Raises:
        ValueError: there is no course in the folder, a student's name cannot be one, or the file is
            there and no such table.
    """
    require_table(table)
    if not (course / CONFIG).exists():
        raise ValueError(f"{course}: no course there; `python -m instrdiv exercises` makes one")
    for folder in handed_in:
        if not re.fullmatch(r"\w[\w .@-]*", folder.name):
            raise ValueError(
                f"{visible(folder)}: a folder is needed whose name is a student's, of letters, "
                "digits, spaces and . @ - _"
            )
    names = [folder.name for folder in handed_in]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"two folders of the name {twice[0]!r}: one for each student is needed")
    with warnings.catch_warnings():
        # nbgrader's own way to store a submission, of which its database warns.
        warnings.filterwarnings("ignore", "Object of type <Submitted")
        with open_course(course).gradebook as grades:
            for name in names:  # so that one who handed in nothing is in the table too
                grades.update_or_create_student(name)
        found = [each for folder in handed_in for each in _graded(course, folder)]
    _write_table(course, table)
    return found


def require_table(path: Path) -> None:
    """Check that a table of points may be written to a file: there is none yet, or it holds one.

    Raises:
        ValueError: the file holds something else, which would be lost.
    """
    if not path.exists() or not path.stat().st_size:
        return
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        try:
            head = next(csv.reader(lines), [])
        except csv.Error:  # such as a field that no table of points has the length of
            head = []
    if not {"assignment", "student_id", "score"} <= set(head):
        raise ValueError(f"{path}: it is there and no table of points; give another name")


def students_in(table: Path) -> set[str]:
    """The names in a table of points, of all who were ever graded."""
    with table.open(encoding="utf-8", newline="") as lines:
        return {row["student_id"] for row in csv.DictReader(lines)}


def _graded(course: Path, folder: Path) -> Iterator[Graded]:
    """Grade what one student handed in."""
    book = open_course(course)
    student = folder.name
    for source in sorted((course / "source").iterdir()):
        given = sorted(folder.rglob(f"{source.name}.ipynb"))
        if not given:
            continue
        if len(given) > 1:
            yield Graded(student, source.name, problem=f"handed in {len(given)} times")
            continue
        taken = course / "submitted" / student / source.name
        shutil.rmtree(taken, ignore_errors=True)
        taken.mkdir(parents=True)
        shutil.copy(given[0], taken)
        if (given[0].parent / MINE).is_dir():
            shutil.copytree(given[0].parent / MINE, taken / MINE)
        try:
            require(book.autograde(source.name, student), "not graded")
            require(book.generate_feedback(source.name, student), "no feedback")
        except CourseError as error:
            yield Graded(student, source.name, problem=str(error))
            continue
        with book.gradebook as grades:
            submission = grades.find_submission(source.name, student)
            yield Graded(
                student, source.name, submission.score, submission.max_score, _unread(submission)
            )


def _unread(submission: Any) -> float:
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    waiting = [each for each in grades if each.needs_manual_grade and each.manual_score is None]
    return float(sum(each.max_score for each in waiting))


def _write_table(course: Path, table: Path) -> None:
    """nbgrader's table of the sheets that were handed in, with two more columns."""
    from nbgrader.api import MissingEntry
    from nbgrader.plugins import CsvExportPlugin

    sheets = sorted({path.name for path in (course / "submitted").glob("*/*")})
    with open_course(course).gradebook as grades:
        CsvExportPlugin(to=str(table), assignment=sheets).export(grades)
        with table.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            columns = [*(reader.fieldnames or []), "state", "to_be_read"]
            rows = [row for row in reader if row["assignment"] in sheets]
        for row in rows:
            student, sheet = row["student_id"], row["assignment"]
            row["state"], row["to_be_read"] = _state(course, student, sheet), "0.0"
            if row["state"] != GRADED:
                row["score"] = "0.0"
                continue
            with contextlib.suppress(MissingEntry):
                row["to_be_read"] = str(_unread(grades.find_submission(sheet, student)))
    with table.open("w", encoding="utf-8", newline="") as file:
        written = csv.DictWriter(file, columns)
        written.writeheader()
        written.writerows(rows)


def _state(course: Path, student: str, sheet: str) -> str:
    """One of `STATES`; nbgrader keeps what it graded, and nothing of what it could not."""
    if not (course / "submitted" / student / sheet).is_dir():
        return MISSING
    graded = course / "autograded" / student / sheet
    return GRADED if any(graded.glob("*.ipynb")) else UNGRADED
