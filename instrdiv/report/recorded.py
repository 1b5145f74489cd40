"""The runs of an experiment that belong in one figure: those of its published grid."""

import dataclasses
import json
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from instrdiv.analysis.chapters import analysis_of
from instrdiv.experiments import rule_diversity
from instrdiv.experiments.experiment import Experiment
from instrdiv.experiments.points import (
    Point,
    configure,
    every_setting,
    experiment_of,
    key_of,
)
from instrdiv.experiments.recording import result_folders
from instrdiv.paths import published_results
from instrdiv.runs.record import Record
from instrdiv.runs.store import find_record, read_records, score_table
from instrdiv.sweep.grids import read_grids


def comparable_records(
    experiment: Experiment[Any], scale: str, axes: Sequence[str], into: str | Path | None = None
) -> list[Record]:
    """The records of a scale's grid, in an order that does not depend on files.

    A reader's other runs are kept out, whatever they change: no mean, fit or verdict may depend
    on what else lies in a folder. A file that is no record is named in a warning. Of runs that
    differ in nothing but a setting whose later value mends an earlier one, see
    `instrdiv.checks.replaces_earlier`, only the latest is kept.

    Args:
        axes: names of the settings in which points of the grid differ.
        into: a folder to look in beside the published and the reader's own results.
    """
    grid = grid_keys(experiment, scale, axes)
    folders = result_folders(Path(into) if into else None)
    records, problems = read_records(folders, experiment.name, scale)
    for problem in problems:
        warnings.warn(str(problem), stacklevel=2)

    def comparable(record: Record) -> bool:
        return record.protocol == experiment.protocol and record.key in grid

    whole = [
        dataclasses.replace(record, config=every_setting(experiment, record.config))
        for record in records
    ]
    latest = _latest(experiment, [record for record in whole if comparable(record)])
    return sorted(latest, key=lambda record: record.key)


def _latest(experiment: Experiment[Any], records: list[Record]) -> list[Record]:
    """Of records that differ in nothing but what a later value mends, the latest."""
    mended = [f.name for f in dataclasses.fields(experiment.config) if f.metadata.get("replaces")]

    def other_settings(record: Record) -> str:
        return json.dumps(
            {  # 0 and 0.0 are one value
                name: float(value) if isinstance(value, int) else value
                for name, value in record.config.items()
                if name not in mended
            },
            sort_keys=True,
        )

    def values(record: Record) -> list[Any]:
        return [record.config[name] for name in mended]

    latest = {other_settings(record): record.key for record in sorted(records, key=values)}
    return [record for record in records if latest[other_settings(record)] == record.key]


def grid_keys(experiment: Experiment[Any], scale: str, axes: Sequence[str]) -> set[str]:
    """Keys of the points of an experiment's grid that differ from the preset in some axes alone.

    Other points of the grid answer other questions, such as how the preset was chosen.
    """
    notebook = experiment.notebook
    points = read_grids(only=notebook).get(notebook, {}).get(scale, [])
    return {
        point.key
        for point in points
        if point.key
        == key_of(
            experiment,
            configure(experiment, scale, {axis: getattr(point.config, axis) for axis in axes}),
        )
    }


def runs_beside(
    experiment: Experiment[Any], table: pd.DataFrame, config: Any, into: str | Path | None = None
) -> pd.DataFrame:
    """The scores of another experiment's runs that some runs can be held against.

    They have the same scale, optimiser, number of examples and seeds.

    Args:
        experiment: the other one.
        table: the runs, as rows of `score_table`.
        config: settings that these runs share.
    """
    if not hasattr(config, "optimizer"):
        return table.iloc[:0]  # nothing that was trained from scratch is like it
    (scale,) = table.scale.unique()
    other = score_table(
        comparable_records(experiment, scale, analysis_of(experiment.name).axes, into)
    )
    if other.empty:
        return table.iloc[:0]
    beside: pd.DataFrame = other[
        (other.optimizer == config.optimizer)
        & (other.num_examples == config.num_examples)
        & other.seed.isin(table.seed.unique())
    ]
    return beside


def desk_table(into: str | Path | None = None) -> pd.DataFrame:
    """The scores of experiment 1's runs at the paper's string lengths."""
    return score_table(
        comparable_records(
            rule_diversity.experiment, "desk", analysis_of("rule_diversity").axes, into
        )
    )


def held_against(
    experiment: Experiment[Any],
    records: Sequence[Record],
    config: Any,
    into: str | Path | None = None,
) -> pd.DataFrame:
    """What an experiment's claims need beside its scores, as its ``verdicts`` wants it.

    See `instrdiv.analysis.analysis.Analysis.held_against`.
    """
    wanted = analysis_of(experiment.name).held_against
    if callable(wanted):
        return wanted(records)
    if wanted == "paper lengths":
        return desk_table(into)
    return runs_beside(rule_diversity.experiment, score_table(records), config, into)


def records_of(points: Sequence[Point]) -> list[Record]:
    """The published records of some points of a grid; those that have none are left out."""
    found = [
        find_record(
            [published_results()],
            experiment_of(point.notebook).name,
            point.scale,
            point.key,
            asdict(point.config),
        )
        for point in points
    ]
    return [record for record in found if record is not None]
