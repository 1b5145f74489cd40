"""What is recorded of each grid and what is missing."""

from pathlib import Path

import pandas as pd

from instrdiv.experiments.catalog import experiment_of
from instrdiv.experiments.recording import result_folders
from instrdiv.paths import own_results, published_results
from instrdiv.runs.store import read_records
from instrdiv.sweep.grids import read_grids
from instrdiv.sweep.pool import failure_log


def status_table(grid_file: Path | None = None) -> pd.DataFrame:
    """One row a notebook and scale.

    Returns:
        Columns: ``notebook``, ``scale``, ``points`` of the grid, ``published`` and ``own`` among
        the recorded, ``missing``, ``failed`` among the missing, ``unreadable`` files, and
        ``hours`` of computing in the records.
    """
    rows = []
    for notebook, scales in read_grids(grid_file).items():
        experiment = experiment_of(notebook).NAME
        for scale, points in scales.items():
            wanted = {point.key: point for point in points}
            published, _ = read_records([published_results()], experiment, scale)
            every, problems = read_records(result_folders(), experiment, scale)
            keys = {record.key for record in every}
            missing = [point for key, point in wanted.items() if key not in keys]
            seconds = sum(r.provenance["wall_seconds"] for r in every if r.key in wanted)
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
                }
            )
    return pd.DataFrame(rows)
