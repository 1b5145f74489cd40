"""The runs of an experiment that belong together in a figure: those of its published grid."""

import dataclasses
import json
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from instrdiv.analysis.analysis import GridGroup
from instrdiv.analysis.chapters import analysis_of
from instrdiv.experiments import rule_diversity
from instrdiv.experiments.experiment import Experiment
from instrdiv.experiments.points import (
    GridPoint,
    configure,
    every_setting,
    experiment_of,
    key_of,
)
from instrdiv.experiments.recording import result_folders
from instrdiv.paths import published_results
from instrdiv.runs.record import Record, RecordError
from instrdiv.runs.store import read_records, readable_record, score_table
from instrdiv.statistics.verdict import Verdict
from instrdiv.sweep.grids import read_grids, read_group
from instrdiv.untrusted import visible


def grid_records(
    experiment: Experiment[Any], scale: str, axes: Sequence[str], into: str | Path | None = None
) -> list[Record]:
    """The records of a scale's grid, in an order that does not depend on files.

    A reader's other runs are excluded, so that no mean, fit or verdict depends on what else is in a
    folder. A file that is not a record causes a warning that names it.

    Args:
        axes: names of the settings in which the grid points differ.
        into: a folder to search besides the published and the reader's own results.
    """
    grid = grid_keys(experiment, scale, axes)
    folders = result_folders(Path(into) if into else None)
    records, problems = read_records(folders, experiment.name, scale)
    for problem in problems:
        warnings.warn(str(problem), stacklevel=2)

    of_grid = [
        record
        for record in records
        if record.protocol == experiment.protocol and record.key in grid
    ]
    return sorted(_whole(experiment, of_grid), key=lambda record: record.key)


def own_beside(
    experiment: Experiment[Any], scale: str, axes: Sequence[str], into: str | Path | None = None
) -> list[Record]:
    """A reader's own runs that are no points of the grid and differ from the preset only in the
    given axes, so that a figure of these can show them.

    How long a model was trained is an axis of a grid and not of a figure; it must be the preset's.

    Args:
        axes, into: as of `grid_records`.
    """
    asked = [axis for axis in axes if axis not in ("steps", "batch_size")]
    grid = grid_keys(experiment, scale, axes)
    folders = [f for f in result_folders(Path(into) if into else None) if f != published_results()]
    records, _ = read_records(folders, experiment.name, scale)  # `grid_records` warns of the others
    beside = [
        record
        for record in records
        if record.protocol == experiment.protocol
        and record.key not in grid
        and record.key == _key_on_axes(experiment, scale, record.config, asked)
    ]
    return sorted(_whole(experiment, beside), key=lambda record: record.key)


def _whole(experiment: Experiment[Any], records: Iterable[Record]) -> list[Record]:
    """The records with every setting; one that was edited is left out with a warning."""
    whole = []
    for record in records:
        try:
            whole.append(with_every_setting(experiment, record))
        except RecordError as error:
            warnings.warn(str(error), stacklevel=3)
    return whole


def comparable_records(
    experiment: Experiment[Any], scale: str, axes: Sequence[str], into: str | Path | None = None
) -> list[Record]:
    """The `grid_records` of which no later one takes the place.

    Of runs that differ only in a setting whose later values replace earlier ones (see
    `instrdiv.checks.replaces_earlier`), only the latest is kept.
    """
    return latest(experiment, grid_records(experiment, scale, axes, into))


def with_every_setting(experiment: Experiment[Any], record: Record) -> Record:
    """A record with the settings that were added later, see
    `instrdiv.experiments.points.every_setting`.

    Raises:
        RecordError: its settings are not those of its key, which says nothing of those that it
            leaves out.
    """
    settings = every_setting(experiment, record.config)
    try:
        key = key_of(experiment, configure(experiment, record.scale, settings))
        problem = f"its settings belong to run {key}" if key != record.key else ""
    except (OSError, TypeError, ValueError) as error:
        problem = visible(error, 300)
    if problem:
        raise RecordError(
            f"{experiment.name}/{record.scale}/{record.key}.json: {problem}; it was edited: "
            "restore it, or delete it and repeat its run"
        )
    return dataclasses.replace(record, config=settings)


def latest(experiment: Experiment[Any], records: list[Record]) -> list[Record]:
    """The latest of records that differ only in a setting whose later values replace earlier
    ones."""
    replaced = [f.name for f in dataclasses.fields(experiment.config) if f.metadata.get("replaces")]

    def other_settings(record: Record) -> str:
        return json.dumps(
            {  # 0 and 0.0 are one value
                name: float(value) if isinstance(value, int) else value
                for name, value in record.config.items()
                if name not in replaced
            },
            sort_keys=True,
        )

    def values(record: Record) -> list[Any]:
        return [record.config[name] for name in replaced]

    kept = {other_settings(record): record.key for record in sorted(records, key=values)}
    return [record for record in records if kept[other_settings(record)] == record.key]


def grid_keys(experiment: Experiment[Any], scale: str, axes: Sequence[str]) -> set[str]:
    """Keys of an experiment's grid points that differ from the preset only in the given axes.

    Other grid points answer other questions, such as how the preset was chosen.
    """
    notebook = experiment.notebook
    points = read_grids(only=notebook).get(notebook, {}).get(scale, [])
    return {point.key for point in points if _differs_in_axes_alone(experiment, point, axes)}


def _differs_in_axes_alone(
    experiment: Experiment[Any], point: GridPoint, axes: Sequence[str]
) -> bool:
    return point.key == _key_on_axes(experiment, point.scale, vars(point.config), axes)


def _key_on_axes(
    experiment: Experiment[Any], scale: str, settings: dict[str, Any], axes: Sequence[str]
) -> str:
    """The key of the preset's run with these values of the axes; empty if there is no such run."""
    try:
        on_axes = {axis: settings[axis] for axis in axes}
        return key_of(experiment, configure(experiment, scale, on_axes))
    except (KeyError, ValueError):
        return ""


def comparison_runs(
    experiment: Experiment[Any], table: pd.DataFrame, config: Any, into: str | Path | None = None
) -> pd.DataFrame:
    """The scores of another experiment's runs, for comparison with some runs.

    They have the same scale, optimiser, number of examples and seeds.

    Args:
        experiment: the other experiment.
        table: the runs to compare, as rows of `score_table`.
        config: settings that these runs share.
    """
    if not hasattr(config, "optimizer"):
        return table.iloc[:0]  # no run from scratch is comparable
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


def desk_records(experiment: Experiment[Any], into: str | Path | None = None) -> list[Record]:
    """An experiment's runs at the paper's string lengths, whatever their steps."""
    axes = dict.fromkeys([*analysis_of(experiment.name).axes, "steps"])
    return comparable_records(experiment, "desk", list(axes), into)


def desk_table(experiment: Experiment[Any], into: str | Path | None = None) -> pd.DataFrame:
    """The scores of `desk_records`."""
    return score_table(desk_records(experiment, into))


def plain_desk_table(
    num_rules: int, seeds: Iterable[int], into: str | Path | None = None
) -> pd.DataFrame:
    """The scores of experiment 1's runs by the desk preset, to hold another experiment's against.

    Args:
        num_rules, seeds: those of the other runs.
    """
    preset = rule_diversity.experiment.configure("desk")
    table = desk_table(rule_diversity.experiment, into)
    alike = (
        (table.num_rules == num_rules)
        & (table.optimizer == preset.optimizer)
        & (table.num_examples == preset.num_examples)
        & (table.steps == preset.steps)
        & table.seed.isin(set(seeds))
    )
    return table[alike]


def verdicts_of(
    experiment: Experiment[Any],
    records: Sequence[Record],
    config: Any,
    into: str | Path | None = None,
) -> list[Verdict]:
    """The paper's claims about an experiment, each with our verdict.

    Args:
        records: the runs of one scale's grid.
        config: settings that these runs share.
        into: a folder to search besides the published and the reader's own results.
    """
    analysis = analysis_of(experiment.name)
    beside = comparison_table(experiment, records, config, into)
    found = analysis.verdicts(score_table(records), beside)
    if analysis.at_paper_lengths:
        desk = desk_table(experiment, into)
        found = found + (analysis.at_paper_lengths(desk) if len(desk) else [])
    return found


def comparison_table(
    experiment: Experiment[Any],
    records: Sequence[Record],
    config: Any,
    into: str | Path | None = None,
) -> pd.DataFrame:
    """The rows that an experiment's ``verdicts`` compare its scores with.

    See `instrdiv.analysis.analysis.Analysis.compared_with`.
    """
    wanted = analysis_of(experiment.name).compared_with
    if wanted is None:
        return pd.DataFrame()
    if callable(wanted):
        return wanted(records)
    if isinstance(wanted, GridGroup):
        own = score_table(records)
        found = group_records(experiment, wanted) if wanted.scale in set(own.scale) else []
        return score_table(found) if found else own.iloc[:0]
    return comparison_runs(rule_diversity.experiment, score_table(records), config, into)


def group_records(experiment: Experiment[Any], group: GridGroup) -> list[Record]:
    """The published records of a group."""
    return records_of(read_group(experiment.notebook, group.scale, group.name))


def records_of(points: Sequence[GridPoint]) -> list[Record]:
    """The published records of some grid points; points without a readable record are left out."""
    found = []
    for point in points:
        experiment = experiment_of(point.notebook)
        record = readable_record(
            [published_results()], experiment.name, point.scale, point.key, asdict(point.config)
        )
        found += _whole(experiment, [record] if record else [])
    return found
