"""The commands of a lecturer who sets exercises: ``exercises`` and ``grade``."""

import argparse
import sys

from instrdiv.cli.options import file, folder, is_folder
from instrdiv.untrusted import visible


def exercises(options: argparse.Namespace) -> int:
    """Make sheets of exercises to hand out, without solutions and hidden tests."""
    from instrdiv.experiments.points import notebook_paths
    from instrdiv.publishing.sheets import make_course, sheet_path

    for path in make_course(options.course):
        print(path)
    for notebook in notebook_paths():
        if not sheet_path(notebook).exists():
            print(
                f"{notebook.stem}: no sheet, since {sheet_path(notebook)} is not there",
                file=sys.stderr,
            )
    return 0


def grade(options: argparse.Namespace) -> int:
    """Grade the sheets in students' folders, and write a table of points."""
    from instrdiv.publishing.grading import grade as grade_all
    from instrdiv.publishing.grading import students_in
    from instrdiv.whole_files import require_file

    require_file(options.csv)
    folders = [given for given in options.folder if is_folder(given)]
    if not folders:
        raise ValueError("none of these is a folder, and nothing was graded")
    found = grade_all(options.course, folders, options.csv)
    for each in found:
        read = f", {each.unread:g} of them for reasons to be read" if each.unread else ""
        said = each.problem or f"{each.points:g} of {each.most:g} points{read}"
        print(
            f"{visible(each.student)}: {each.sheet}: {visible(said)}",
            file=sys.stderr if each.problem else sys.stdout,
        )
    given = {each.name for each in folders}
    without = given - {each.student for each in found}
    for name in sorted(without):
        print(f"{visible(name)}: no sheet of this course", file=sys.stderr)
    if before := students_in(options.csv) - given:
        print(f"in the table from before: {', '.join(map(visible, sorted(before)))}")
    print(f"points: {options.csv}; feedback: {options.course / 'feedback'}")
    astray = without or len(folders) < len(options.folder)
    return 1 if astray or any(each.problem for each in found) else 0


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the parser."""
    made = commands.add_parser("exercises", help=exercises.__doc__)
    made.add_argument("course", type=folder, help="a new folder, or that of the course")
    made.set_defaults(command=exercises)

    graded = commands.add_parser("grade", help=grade.__doc__)
    graded.add_argument("course", type=folder, help="the folder that `exercises` made")
    graded.add_argument("folder", nargs="+", type=folder, help="what one student handed in")
    graded.add_argument("--csv", type=file, required=True, help="the table of points")
    graded.set_defaults(command=grade)
