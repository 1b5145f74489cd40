"""All claims of the paper with our verdicts: the summary that is computed from records.

It includes a claim only if the published grid behind it is complete, and names the chapters that it
leaves out.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from typing import Any

import pandas as pd

from instrdiv.analysis.analysis import GridGroup
from instrdiv.analysis.chapters import analysis_of
from instrdiv.experiments.points import (
    GridPoint,
    experiment_of,
    find_notebook,
    listed_notebooks,
    title_of,
)
from instrdiv.paths import published_results
from instrdiv.report.recorded import comparable_records, grid_keys, verdicts_of
from instrdiv.report.verdict_table import verdict_table
from instrdiv.runs.store import readable_record
from instrdiv.statistics.verdict import HERE, Verdict
from instrdiv.sweep.grids import read_grids, read_group


class MissingRecords(RuntimeError):
    """Grid points of a published grid have no record."""


def require_complete(points: list[GridPoint]) -> None:
    """Check that all grid points are published.

    Raises:
        MissingRecords: the message says how many are missing, which, and how to make them.
    """
    missing = [
        point
        for point in points
        if not readable_record(
            [published_results()],
            experiment_of(point.notebook).name,
            point.scale,
            point.key,
            asdict(point.config),
        )
    ]
    if missing:
        first = missing[0]
        raise MissingRecords(
            f"{len(missing)} of {len(points)} grid points of {first.notebook} have no published "
            f"record, such as {first}; "
            f"`python -m instrdiv sweep {first.notebook} --publish` makes them"
        )


def claims(notebooks: Sequence[str], scale: str = "laptop") -> pd.DataFrame:
    """All claims about some experiments, less those of an experiment whose grid behind them is
    incomplete, which `not_summed_up` then names.

    Returns:
        One row per claim: ``notebook``, ``title`` of its chapter, and the fields of
        `instrdiv.statistics.verdict.Verdict`.

    Raises:
        MissingRecords: the grid behind the verdicts of each experiment is incomplete.
    """
    rows, incomplete = [], []
    for notebook in notebooks:
        experiment = experiment_of(notebook)
        analysis = analysis_of(experiment.name)
        wanted = grid_keys(experiment, scale, analysis.axes)
        beside = analysis.compared_with
        if isinstance(beside, GridGroup) and beside.scale == scale:
            wanted |= {point.key for point in read_group(notebook, scale, beside.name)}
        points = read_grids(only=notebook)[notebook][scale]
        try:
            require_complete([point for point in points if point.key in wanted])
        except MissingRecords as error:
            incomplete.append(error)
            continue
        config = experiment.configure(scale)
        records = comparable_records(experiment, scale, analysis.axes)
        chapter = {"notebook": notebook, "title": title_of(find_notebook(notebook))}
        decided = verdicts_of(experiment, records, config)
        rows += [chapter | asdict(verdict) for verdict in decided]
    if incomplete and not rows:
        raise incomplete[0]
    return pd.DataFrame(rows)


def not_summed_up(notebooks: Collection[str]) -> str:
    """The experiments of the book that the summary leaves out, as a sentence."""
    missing = [path.stem for path in listed_notebooks() if path.stem not in notebooks]
    if not missing:
        return "These are all experiments of the book."
    links = ", ".join(_link(notebook) for notebook in missing)
    return (
        f"**Not included yet**, because runs of their grids are still missing: {links}; "
        "`python -m instrdiv status` says how many."
    )


def claims_page(table: pd.DataFrame) -> str:
    """The claims as Markdown: a section for each experiment, with a link to its page."""
    names = [field.name for field in fields(Verdict)]
    sections = []
    for name, rows in table.groupby("notebook"):
        columns: Any = rows[names].to_dict("records")
        verdicts = [Verdict(**row) for row in columns]
        sections.append(f"### {_link(str(name))}\n\n{verdict_table(verdicts)}")
    return "\n\n".join(sections)


def _link(notebook: str) -> str:
    """A chapter's title, which leads to it; JupyterLab adds no title to a link without words."""
    return f"[{title_of(find_notebook(notebook))}](../notebooks/{notebook}.ipynb)"


ANSWERS = {
    "reproduced": "What holds",
    "partly": "What holds in part",
    "not reproduced": "What does not hold",
    "cannot tell": "What cannot be told yet, and what it would cost",
}
"""Headings of the short answer, by outcome."""


def in_short(table: pd.DataFrame) -> str:
    """Does the paper hold? The claims in a sentence each, by outcome and chapter, as Markdown.

    A claim that is decided comes with what we find, one that is still open with its price.
    Questions of our own beside the claims follow, and are not counted among them.
    """
    claimed, ours = of_the_paper(table), table[table.variant != ""]
    parts = []
    for outcome, heading in ANSWERS.items():
        rows = claimed[claimed.outcome == outcome]
        if len(rows):
            parts.append(_listed(f"{heading}: {len(rows)} of {len(claimed)} claims", rows))
    if len(ours):
        parts.append(_listed(f"Beside these, variants of our own: {len(ours)}", ours))
    return "\n\n".join(parts)


def of_the_paper(table: pd.DataFrame) -> pd.DataFrame:
    """The claims of the paper, without variants of our own."""
    return table[table.variant == ""]


def _listed(heading: str, rows: pd.DataFrame) -> str:
    """Claims under a heading, chapter by chapter, with what is found or what telling would cost."""
    lines = [f"**{heading}.**", ""]
    for notebook, of_chapter in rows.groupby("notebook"):
        lines.append(f"- {_link(str(notebook))}")
        lines += [
            f"  - {row.claim}{_here(row)}: *{_answer(row)}*." for row in of_chapter.itertuples()
        ]
    return "\n".join(lines)


def _here(row: Any) -> str:
    """What a variant comes to; empty for a claim of the paper, which stands under its outcome."""
    return f" ({HERE.get(row.outcome, row.outcome)})" if row.variant else ""


def _answer(row: Any) -> str:
    """What is found, and whether it is exploratory; for a claim that is open, its price."""
    if row.outcome == "cannot tell":
        return str(row.price or row.ours)
    return str(row.ours) + "; exploratory" * bool(row.exploratory)


def exploratory_note(table: pd.DataFrame) -> str:
    """How many verdicts are exploratory, and what that means, as a sentence."""
    number = int(table.exploratory.sum())
    if not number:
        return "The rules of all verdicts are older than the runs they are applied to."
    return (
        f"**{number} of {len(table)} verdicts are exploratory**: their rule was fixed or changed "
        "after some of the runs that it is applied to had been seen. They report what these runs "
        "show by a written rule; only runs made after the rule can confirm it."
    )
