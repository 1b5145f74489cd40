"""Begin a chapter of one's own from short templates, so that its first run works at once."""

import keyword
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Template
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from instrdiv.checks import shown
from instrdiv.experiments.chapters import EXPERIMENTS
from instrdiv.paths import project_root
from instrdiv.publishing.exercise_list import OBJECTIVES

TEMPLATES = Path(__file__).with_name("chapter")
LONGEST_NAME = 20
"""Lines with it stay within the project's width."""
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
CELL = re.compile(r"^%% (.+)\n", re.MULTILINE)
SERVED = {1: 1, 4: 2, 5: 3}
"""By the number of a learning objective, the exercise of a new chapter that serves it at first."""


def new_chapter(name: str) -> list[Path]:
    """Write a chapter's files, and its lines in the files of all chapters.

    Nothing is written unless all can be.

    Args:
        name: of the experiment and of its modules, such as ``first_place``.

    Returns:
        The new files, then the changed ones.

    Raises:
        ValueError: it is no name for a module, or there is a file or an experiment of that name.
    """
    root = project_root()
    _check(name, root)
    number = max(each.number for each in EXPERIMENTS) + 1
    words = {
        "name": name,
        "number": str(number),
        "notebook": f"{number:02}_{name}",
        "title": name.replace("_", " ").capitalize(),
    }
    package = root / "instrdiv"
    new = {
        package / "experiments" / f"{name}.py": _filled("experiment", words),
        package / "analysis" / f"{name}.py": _filled("analysis", words),
        root / "notebooks" / f"{words['notebook']}.ipynb": _notebook(
            _cells(_filled("notebook", words))
        ),
        root / "book" / "exercises" / f"{words['notebook']}.ipynb": _notebook(
            _sheet_cells(_filled("sheet", words))
        ),
    }
    changed = {
        package / side / "chapters.py": _listed(package / side / "chapters.py", name, what)
        for side, what in (("experiments", "experiment"), ("analysis", "analysis"))
    }
    objectives = root / "book" / "data" / OBJECTIVES
    changed[objectives] = _served(objectives, number)
    for path, template in (
        (root / "notebooks" / "grids.yaml", "grid"),
        (package / "publishing" / "exercises.py", "exercise"),
    ):
        changed[path] = path.read_text(encoding="utf-8") + _filled(template, words)
    for path, content in (new | changed).items():
        path.write_text(content, encoding="utf-8")
    return [*new, *changed]


def _check(name: str, root: Path) -> None:
    if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name) or len(name) > LONGEST_NAME:
        raise ValueError(
            f"{shown(name)}: small letters with single underscores between them are needed, such "
            f"as first_place, at most {LONGEST_NAME}"
        )
    if keyword.iskeyword(name) or name in sys.stdlib_module_names:
        raise ValueError(f"{shown(name)}: Python uses this name itself")
    modules = [path for path in (root / "instrdiv").rglob("*") if path.stem == name]
    notebooks = list((root / "notebooks").glob(f"*_{name}.ipynb"))
    if taken := [*modules, *notebooks]:
        raise ValueError(f"{shown(name)}: {taken[0].relative_to(root)} has this name already")


def _filled(template: str, words: dict[str, str]) -> str:
    text = (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(words)


def _listed(path: Path, name: str, what: str) -> str:
    """A file that lists all chapters, with one more: imported in alphabetical order, last in the
    list."""
    text = path.read_text(encoding="utf-8")
    imports = re.search(r"(?<= import \(\n)(?:    \w+,\n)+(?=\))", text)
    end = re.search(rf"(?<=\.{what},\n)(?=\)\n)", text)
    if not imports or not end:
        raise ValueError(f"{path}: add {name} by hand; the file has another form than it had")
    lines = sorted([*imports[0].splitlines(), f"    {name},"])
    before, between = text[: imports.start()], text[imports.end() : end.start()]
    return (
        before + "\n".join(lines) + "\n" + between + f"    {name}.{what},\n" + text[end.start() :]
    )


def _served(path: Path, chapter: int) -> str:
    """The map from objectives to exercises, with those of one more chapter."""
    text = path.read_text(encoding="utf-8")
    for objective, exercise in SERVED.items():
        line = re.compile(rf"^({objective}: \[.*)\]$", re.MULTILINE)
        text, found = line.subn(rf'\1, "{chapter}.{exercise}"]', text)
        if found != 1:
            raise ValueError(f"{path}: add exercise {chapter}.{exercise} by hand")
    return text


def _notebook(cells: Iterable[nbformat.NotebookNode]) -> str:
    notebook = new_notebook(cells=list(cells))
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return nbformat.writes(notebook) + "\n"


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Kind and source of cells that stand in one text, each below a line ``%% kind``."""
    _, *parts = CELL.split(text)
    for kind, source in zip(parts[::2], parts[1::2], strict=True):
        yield kind, source.strip("\n")


def _sheet_cells(text: str) -> Iterator[nbformat.NotebookNode]:
    """The cells of a sheet; the kind of one is its name for nbgrader, a test's with its points."""
    for kind, source in _parts(text):
        name, _, points = kind.partition(" ")
        about: dict[str, Any] = {"points": int(points)} if points else {}
        about |= {
            "grade": bool(points), "grade_id": name, "locked": bool(points), "schema_version": 3,
            "solution": not points, "task": False,
        }  # fmt: skip
        yield new_code_cell(source, id=name, metadata={"nbgrader": about})


def _cells(text: str) -> Iterator[nbformat.NotebookNode]:
    for number, (kind, source) in enumerate(_parts(text)):
        identity = f"cell-{number:02}"
        if kind == "markdown":
            yield new_markdown_cell(source, id=identity)
        else:
            about: dict[str, Any] = {} if kind == "code" else {"tags": [kind]}
            if kind == "hide-input":  # the book reads the tag, JupyterLab what it writes itself
                about["jupyter"] = {"source_hidden": True}
            yield new_code_cell(source, id=identity, metadata=about)
