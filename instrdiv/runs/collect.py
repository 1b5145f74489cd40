"""Collect the records of many people into one folder, such as those of a course."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields, replace
from pathlib import Path

from instrdiv.runs.record import Record, RecordError, read_record, record_path, write_record
from instrdiv.untrusted import visible
from instrdiv.whole_files import replacing

LIST = "collected.csv"
"""The file that says who made which record, beside the records."""


@dataclass(frozen=True)
class Collected:
    """One file that was found, and what became of it."""

    experiment: str
    scale: str
    key: str
    folder: str
    """The folder that it was found in."""
    owner: str
    """The user who owns the file."""
    outcome: str
    """``collected``; that the same run is there from another folder, with equal or other results;
    or why the file is no record."""


def collect(folders: Sequence[Path], results: Path) -> list[Collected]:
    """Copy the records of several results folders into one, and list who made which.

    A record is checked before it is copied, and never replaced: of a run that several people made,
    the first one counts, and the list says whether the others have equal scores. The list keeps the
    lines of folders that were collected before.

    Returns:
        The lines of the list for these folders.

    Raises:
        ValueError: a folder does not exist, or is the one that records are collected in.
    """
    for folder in folders:
        if not folder.is_dir():
            raise ValueError(f"{visible(folder)}: there is no such folder")
        if folder.resolve() == results.resolve():
            raise ValueError(f"{visible(folder)}: records are collected in this folder")
    lines = {_place(line): line for line in _listed(results)}
    found = []
    for folder in folders:
        for path in sorted(folder.glob("*/*/*.json")):
            line = _one(path, folder, results, lines)
            lines[_place(line)] = line
            found.append(line)
    _write_list(list(lines.values()), results)
    return found


def misplaced(folder: Path, results: Path) -> Path | None:
    """The results folder that somebody meant who named one near it: it lies within, as in
    ``ann/runs/results`` for ``ann``, or around, as for ``results/rule_diversity``.

    Args:
        results: the folder that records are collected in, which nobody meant.
    """
    for levels in range(1, 4):
        for path in sorted(folder.glob("/".join(["*"] * (levels + 3)) + ".json")):
            meant = path.parents[2]
            if _KEY.fullmatch(path.stem) and meant.resolve() != results.resolve():
                return meant
    for levels in (1, 0):
        inside = folder.glob("/".join(["*"] * (levels + 1)) + ".json")
        if any(_KEY.fullmatch(path.stem) for path in inside):
            return folder.resolve().parents[1 - levels]
    return None


_KEY = re.compile("[0-9a-f]{16}")


def _one(
    path: Path, folder: Path, results: Path, lines: dict[tuple[str, ...], Collected]
) -> Collected:
    experiment, scale = map(visible, path.parts[-3:-1])
    line = Collected(
        experiment, scale, visible(path.stem), visible(folder.resolve()), _owner(path), "collected"
    )
    before = lines.get(_place(line))
    try:
        record = read_record(path)
        target = record_path(results, record.experiment, record.scale, record.key)
        if not target.exists():
            write_record(record, results)
            return line
        equal = _same(record, read_record(target))
    except RecordError as error:
        return replace(line, outcome=f"refused: {error}")
    if before and before.outcome == line.outcome and equal:
        return before
    same_run = (other for other in lines.values() if _place(other)[:3] == _place(line)[:3])
    first = next((other for other in same_run if other.outcome == line.outcome), None)
    maker = f"{first.owner} ({first.folder})" if first else "somebody"
    results_are = "equal" if equal else "OTHER"
    return replace(line, outcome=f"there already from {maker}, with {results_are} results")


def _same(one: Record, other: Record) -> bool:
    names = ("metrics", "curve", "answers", "errors", "measures")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _place(line: Collected) -> tuple[str, ...]:
    return astuple(line)[:4]


def _owner(path: Path) -> str:
    try:
        return visible(path.owner())
    except (OSError, KeyError):  # a link to nothing; a user without a name
        try:
            return f"user {path.lstat().st_uid}"
        except OSError:
            return "unknown"


def _listed(results: Path) -> list[Collected]:
    path = results / LIST
    if not path.exists():
        return []
    names = [field.name for field in fields(Collected)]
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != names:
            raise ValueError(f"{path}: columns {', '.join(names)} are needed; move it away")
        return [Collected(**{name: row[name] or "" for name in names}) for row in rows]


def _write_list(lines: list[Collected], results: Path) -> None:
    results.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    table = csv.DictWriter(text, [field.name for field in fields(Collected)])
    table.writeheader()
    table.writerows(asdict(line) for line in lines)
    with replacing(results / LIST) as unfinished:
        unfinished.write_text(text.getvalue(), encoding="utf-8")
