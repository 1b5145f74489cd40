"""The runs of an experiment that belong in one figure: those of its published grid."""

import types
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from instrdiv.experiments import rule_diversity
from instrdiv.experiments.catalog import configure, key_of, notebook_of
from instrdiv.experiments.recording import result_folders
from instrdiv.runs.record import Record
from instrdiv.runs.store import read_records, score_table
from instrdiv.sweep.grids import read_grids


def comparable_records(
    module: types.ModuleType, scale: str, axes: Sequence[str], into: str | Path | None = None
) -> list[Record]:
    """The records of a scale's grid, in an order that does not depend on files.

    A reader's other runs are kept out, whatever they change: no mean, fit or verdict may depend
    on what else lies in a folder. A file that is no record is named in a warning.

    Args:
        axes: names of the settings in which points of the grid differ.
        into: a folder to look in beside the published and the reader's own results.
    """
    grid = grid_keys(module, scale)
    folders = result_folders(Path(into) if into else None)
    records, problems = read_records(folders, module.NAME, scale)
    for problem in problems:
        warnings.warn(str(problem), stacklevel=2)

    def comparable(record: Record) -> bool:
        if record.protocol != module.PROTOCOL or not set(axes) <= set(record.config):
            return False
        preset = configure(module, scale, {axis: record.config[axis] for axis in axes})
        # By key: a record made before a setting existed stands at that setting's default.
        key = key_of(module, preset)
        return key == record.key and key in grid

    return sorted(filter(comparable, records), key=lambda record: record.key)


def grid_keys(module: types.ModuleType, scale: str) -> set[str]:
    """Keys of all points of an experiment's grid at one scale."""
    notebook = notebook_of(module).stem
    return {point.key for point in read_grids(only=notebook).get(notebook, {}).get(scale, [])}


def runs_beside(
    module: types.ModuleType, table: pd.DataFrame, config: Any, into: str | Path | None = None
) -> pd.DataFrame:
    """The scores of another experiment's runs that some runs can be held against.

    They have the same scale, optimiser, number of examples and seeds.

    Args:
        module: the other experiment.
        table: the runs, as rows of `score_table`.
        config: settings that these runs share.
    """
    if not hasattr(config, "optimizer"):
        return table.iloc[:0]  # nothing that was trained from scratch is like it
    (scale,) = table.scale.unique()
    other = score_table(comparable_records(module, scale, module.AXES, into))
    if other.empty:
        return table.iloc[:0]
    return other[
        (other.optimizer == config.optimizer)
        & (other.num_examples == config.num_examples)
        & other.seed.isin(table.seed.unique())
    ]


def held_against(
    module: types.ModuleType,
    records: Sequence[Record],
    config: Any,
    into: str | Path | None = None,
) -> pd.DataFrame:
    """What an experiment's claims need beside its scores, as its ``verdicts`` wants it.

    Its own table of gains if it makes one, else experiment 1's runs that it can be held against.
    """
    if hasattr(module, "gains_table"):
        return module.gains_table(records)
    return runs_beside(rule_diversity, score_table(records), config, into)
