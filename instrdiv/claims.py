"""All claims of the paper beside what we find: the summary that is computed from records.

A claim is only summed up where the published grid behind it is complete, so a page that shows the
summary cannot be built on less.
"""

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from instrdiv.experiments.catalog import (
    Point,
    experiment_of,
    find_notebook,
    listed_notebooks,
    title_of,
)
from instrdiv.experiments.results import comparable_records, held_against
from instrdiv.paths import published_results
from instrdiv.runs.store import find_record, score_table
from instrdiv.sweep.grids import read_grids


class MissingRecords(RuntimeError):
    """Points of a published grid have no record."""


def require_complete(points: list[Point]) -> None:
    """Make sure that all points of a grid are published.

    Raises:
        MissingRecords: saying how many are missing, which, and how to make them.
    """
    missing = [
        point
        for point in points
        if not find_record(
            [published_results()],
            experiment_of(point.notebook).NAME,
            point.scale,
            point.key,
            asdict(point.config),
        )
    ]
    if missing:
        first = missing[0]
        raise MissingRecords(
            f"{len(missing)} of {len(points)} points of {first.notebook} have no published record, "
            f"such as {first}; `python -m instrdiv sweep {first.notebook} --publish` makes them"
        )


def claims(notebooks: Sequence[str], scale: str = "laptop") -> pd.DataFrame:
    """Every claim of some experiments.

    Returns:
        A row a claim: ``notebook``, ``title`` of its chapter, ``claim``, ``paper``, ``ours``,
        ``scale``, ``runs``, ``seeds``, ``verdict`` and ``rule``, by which the verdict was reached.

    Raises:
        MissingRecords: the grid of one of them is not complete.
    """
    rows = []
    for notebook in notebooks:
        require_complete(read_grids(only=notebook)[notebook][scale])
        module = experiment_of(notebook)
        config = module.configure(scale)
        records = comparable_records(module, scale, module.AXES)
        table = score_table(records)
        for verdict in module.verdicts(table, held_against(module, records, config)):
            rows.append(
                {
                    "notebook": notebook,
                    "title": title_of(find_notebook(notebook)),
                    "claim": verdict.claim,
                    "paper": verdict.paper,
                    "ours": verdict.ours,
                    "scale": scale,
                    "runs": table.key.nunique(),
                    "seeds": table.seed.nunique(),
                    "verdict": verdict.outcome,
                    "rule": verdict.rule,
                }
            )
    return pd.DataFrame(rows)


def not_summed_up(notebooks: Sequence[str]) -> str:
    """The other experiments of the book, as a sentence: what a summary of some leaves out."""
    others = [path.stem for path in listed_notebooks() if path.stem not in notebooks]
    if not others:
        return "These are all experiments of the book."
    links = ", ".join(f"[](../notebooks/{notebook}.ipynb)" for notebook in others)
    return f"**Not summed up yet**, because points of their grids are still being run: {links}."


def claims_page(table: pd.DataFrame) -> str:
    """The claims as Markdown, a section an experiment, each with a link to its page."""
    sections = []
    for notebook, rows in table.groupby("notebook"):
        runs, seeds = rows.runs.iloc[0], rows.seeds.iloc[0]
        lines = [
            f"| {r.claim} | **{r.verdict}** | {r.paper} | {r.ours} |" for r in rows.itertuples()
        ]
        sections.append(
            f"### [](../notebooks/{notebook}.ipynb)\n\n"
            f"{rows.scale.iloc[0]} scale, {runs} runs, {seeds} seeds\n\n"
            "| Claim | Verdict | The paper | We find |\n|---|---|---|---|\n" + "\n".join(lines)
        )
    return "\n\n".join(sections)
