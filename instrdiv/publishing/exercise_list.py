"""All exercises of the chapters, and which of them serve which learning objective.

An exercise's level says what it takes: to read a page, to make a run, or to extend the code.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import yaml

from instrdiv.experiments.points import listed_notebooks, notebook_paths, title_of

LEVELS = ("Read", "Run", "Extend")
_ITEM = re.compile(r"^(\d+)\. \*(\w+), ([^.*]+)\.\* (.+)$", re.MULTILINE)
_TIMES = {"an hour": 60, "an evening": 180}
OBJECTIVES = "objectives.yaml"
"""The file in ``book/data`` that names the exercises of each objective, as chapter.number."""
TABLE = "_exercises-by-objective.md"
"""What the lecturers' page includes."""


@dataclass(frozen=True)
class Exercise:
    """One exercise of a chapter.

    Attributes:
        notebook: the chapter's, such as ``01_rule_diversity``.
        number: in the chapter, from 1.
        level: one of `LEVELS`.
        time: as the chapter says it, such as *10 minutes*.
        text: the task, in Markdown.
    """

    notebook: str
    number: int
    level: str
    time: str
    text: str

    @property
    def name(self) -> str:
        """Chapter and number, such as ``1.2``."""
        return f"{int(self.notebook[:2])}.{self.number}"

    @property
    def minutes(self) -> int:
        """The time in minutes; an evening counts as three hours."""
        return _TIMES[self.time] if self.time in _TIMES else int(self.time.split()[0])


def exercises_of(notebook: Path) -> list[Exercise]:
    """The exercises of a chapter, in its order.

    >>> from instrdiv.experiments.points import find_notebook
    >>> first = exercises_of(find_notebook("01"))[0]
    >>> first.name, first.level, first.minutes
    ('1.1', 'Read', 1)

    Raises:
        ValueError: there is no section of exercises, or one of them has none of the levels, no
            time, or a number out of order.
    """
    sections = [
        cell.source.split("## Exercises\n")[1]
        for cell in nbformat.read(notebook, as_version=4).cells
        if "## Exercises\n" in cell.source
    ]
    if len(sections) != 1:
        raise ValueError(f"{notebook.name}: one section '## Exercises' is needed")
    (text,) = sections
    found = [
        Exercise(notebook.stem, int(number), level, time, task)
        for number, level, time, task in _ITEM.findall(text)
    ]
    items = len(re.findall(r"^\d+\. ", text, re.MULTILINE))
    for place, each in enumerate(found, 1):
        if each.level not in LEVELS or each.number != place:
            raise ValueError(
                f"{notebook.name}, exercise {each.number}: level {each.level!r}; "
                f"allowed: {', '.join(LEVELS)}, numbered from 1"
            )
        each.minutes  # noqa: B018  (a time that is none is found here, not on a page)
    if len(found) != items:
        raise ValueError(
            f"{notebook.name}: {items} exercises, and {len(found)} with level and time"
        )
    return found


def all_exercises() -> list[Exercise]:
    """The exercises of all chapters of the book."""
    return [each for path in listed_notebooks() for each in exercises_of(path)]


def objectives(page: str) -> dict[int, str]:
    """The numbered learning objectives of the lecturers' page.

    >>> objectives("## Learning objectives\\n\\n1. do this;\\n2. and that.\\n\\n## Next")
    {1: 'do this', 2: 'and that'}
    """
    section = page.split("## Learning objectives\n")[1].split("\n## ")[0]
    found = re.findall(r"^(\d+)\. (.+?)[;.]$", section, re.MULTILINE)
    return {int(number): text for number, text in found}


def write_objectives(root: Path, folder: Path) -> None:
    """Write the table that the lecturers' page includes: for each objective its exercises.

    Raises:
        ValueError: an objective or an exercise is named that does not exist, or one is left out.
    """
    page = (root / "book" / "teaching.md").read_text(encoding="utf-8")
    served = yaml.safe_load((root / "book" / "data" / OBJECTIVES).read_text(encoding="utf-8"))
    listed = listed_notebooks()
    begun = {int(path.stem[:2]) for path in notebook_paths() if path not in listed}
    table = objectives_table(objectives(page), served, all_exercises(), begun)
    (folder / TABLE).write_text(table, encoding="utf-8")


def objectives_table(
    texts: dict[int, str],
    served: dict[int, list[str]],
    exercises: Iterable[Exercise],
    begun: Collection[int] = (),
) -> str:
    """A Markdown table: for each objective its exercises, with links, level and minutes.

    Args:
        texts: of the objectives, by number.
        served: by objective, the names of its exercises.
        begun: the numbers of chapters that are no pages of the book yet. Their exercises may be
            named too, and are not in the table.

    Raises:
        ValueError: see `write_objectives`.
    """
    known = {each.name: each for each in exercises}
    named = {name for names in served.values() for name in names}
    if wrong := sorted(name for name in named - set(known) if int(name.split(".")[0]) not in begun):
        raise ValueError(f"{OBJECTIVES}: exercise {wrong[0]} is in no chapter")
    if wrong := sorted(set(known) - named):
        raise ValueError(f"{OBJECTIVES}: exercise {wrong[0]} is below no objective; add it there")
    if set(served) != set(texts):
        raise ValueError(f"{OBJECTIVES}: objectives {sorted(served)}; the page has {sorted(texts)}")
    lines = ["| Objective | Exercise | Level | Minutes |", "|---|---|---|--:|"]
    for number, text in texts.items():
        first = f"{number}. {text}"
        shown = [known[name] for name in served[number] if name in known]
        for each in sorted(shown, key=lambda e: e.name):
            title = title_of_stem(each.notebook)
            link = f"[{each.name} {title}](../notebooks/{each.notebook}.ipynb)"
            lines.append(f"| {first} | {link} | {each.level} | {each.minutes} |")
            first = ""
    return "\n".join(lines) + "\n"


def title_of_stem(stem: str) -> str:
    """The title of the chapter of that name."""
    (path,) = [path for path in listed_notebooks() if path.stem == stem]
    return title_of(path)
