"""What is recorded of each grid, what is missing, and how long that would take."""

import warnings
from pathlib import Path

import pandas as pd

from instrdiv.experiments.points import experiment_of
from instrdiv.experiments.recording import result_folders
from instrdiv.paths import own_results, published_results
from instrdiv.runs.store import read_records
from instrdiv.sweep.costs import Costs
from instrdiv.sweep.failures import failure_log
from instrdiv.sweep.grids import read_grids


def status_table(grid_file: Path | None = None) -> pd.DataFrame:
    """One row per notebook and scale.

    Returns:
        Columns: ``notebook``, ``scale``, ``points`` (number of grid points), ``published`` and
        ``own`` records of these, ``beside``, which are one's own runs outside the grid,
        ``missing``, ``failed`` among the missing, ``unreadable`` files, ``hours``
        of computing in the records, and ``hours_left``, an estimate for the missing ones: NaN where
        no record tells the time of such a run.
    """
    rows = []
    for notebook, scales in read_grids(grid_file).items():
        experiment = experiment_of(notebook).name
        for scale, points in scales.items():
            wanted = {point.key: point for point in points}
            published, _ = read_records([published_results()], experiment, scale)
            every, problems = read_records(result_folders(), experiment, scale)
            for problem in problems:
                warnings.warn(f"left out: {problem}", stacklevel=2)
            keys = {record.key for record in every}
            missing = [point for key, point in wanted.items() if key not in keys]
            seconds = sum(r.core_seconds for r in every if r.key in wanted)
            left = sum(map(Costs.recorded(missing).seconds, missing))
            rows.append(
                {
                    "notebook": notebook,
                    "scale": scale,
                    "points": len(wanted),
                    "published": sum(record.key in wanted for record in published),
                    "own": len(keys & set(wanted)) - sum(r.key in wanted for r in published),
                    "beside": len(keys - {r.key for r in published} - set(wanted)),
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
