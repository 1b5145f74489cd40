"""What is recorded of each grid, what is missing, and how long that would take."""

import contextlib
import statistics
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from instrdiv.experiments.points import GridPoint, experiment_of
from instrdiv.experiments.recording import result_folders
from instrdiv.paths import own_results, published_results
from instrdiv.runs.record import Record
from instrdiv.runs.store import read_records
from instrdiv.sweep.grids import read_grids
from instrdiv.sweep.pool import failure_log


def status_table(grid_file: Path | None = None) -> pd.DataFrame:
    """One row per notebook and scale.

    Returns:
        Columns: ``notebook``, ``scale``, ``points`` (number of grid points), ``published`` and
        ``own`` records, ``missing``, ``failed`` among the missing, ``unreadable`` files, ``hours``
        of computing in the records, and ``hours_left``, an estimate for the missing ones: NaN where
        no similar run is recorded.
    """
    rows = []
    for notebook, scales in read_grids(grid_file).items():
        experiment = experiment_of(notebook).name
        for scale, points in scales.items():
            wanted = {point.key: point for point in points}
            published, _ = read_records([published_results()], experiment, scale)
            every, problems = read_records(result_folders(), experiment, scale)
            for problem in problems:
                warnings.warn(str(problem), stacklevel=2)
            keys = {record.key for record in every}
            missing = [point for key, point in wanted.items() if key not in keys]
            seconds = sum(seconds_of(r) for r in every if r.key in wanted)
            left = sum(seconds_left(point, every) for point in missing)
            rows.append(
                {
                    "notebook": notebook,
                    "scale": scale,
                    "points": len(wanted),
                    "published": sum(record.key in wanted for record in published),
                    "own": len(keys & set(wanted)) - sum(r.key in wanted for r in published),
                    "missing": len(missing),
                    "failed": sum(
                        failure_log(point, folder).exists()
                        for point in missing
                        for folder in (own_results(), published_results())
                    ),
                    "unreadable": len(problems),
                    "hours": round(seconds / 3600, 2),
                    "hours_left": round(left / 3600, 2),
                }
            )
    return pd.DataFrame(rows)


def seconds_of(record: Record) -> float:
    """Computing time of a run; elapsed time for records that are older than this measure."""
    seconds: float = record.provenance.get("cpu_seconds", record.provenance["wall_seconds"])
    return seconds


def seconds_left(point: GridPoint, records: Sequence[Record]) -> float:
    """Expected computing time of a grid point, from the median rate of similar recorded runs.

    Runs are similar if they train the same model with the same optimiser; their time is
    proportional to the number of sequences trained on. NaN if there are none.
    """
    alike = _model_and_optimizer(vars(point.config))
    rates = []
    for record in records:
        if _model_and_optimizer(record.config) == alike:
            # A record whose settings are those of no run says nothing of the time of one.
            with contextlib.suppress(KeyError, TypeError, ArithmeticError):
                rates.append(seconds_of(record) / sequences(record.config))
    return statistics.median(rates) * sequences(vars(point.config)) if rates else float("nan")


def sequences(config: dict[str, Any]) -> int:
    """Number of sequences that a run trains on; without training it counts as one step."""
    number: int = max(1, config["steps"]) * config["batch_size"]
    return number


def _model_and_optimizer(config: dict[str, Any]) -> tuple[Any, ...]:
    names = ("model", "optimizer", "n_layer", "n_embd", "z_length")
    return tuple(config.get(name) for name in names)
