"""The command of one grid point's run, and whether it was made."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from instrdiv.experiments.points import GridPoint, experiment_of
from instrdiv.experiments.recording import result_folders
from instrdiv.runs.record import Record
from instrdiv.runs.store import readable_record


def run_command(point: GridPoint, results: Path) -> list[str]:
    """The command line that runs one grid point."""
    command = [sys.executable, "-m", "instrdiv", "run", point.notebook, "--scale", point.scale]
    command += ["--results", str(results)]
    for name, value in point.overrides.items():
        command += ["-p", name, json.dumps(value)]
    return command


def is_recorded(point: GridPoint, results: Path) -> bool:
    """Whether any result folder has a readable record of the grid point."""
    return record_of(point, results) is not None


def record_of(point: GridPoint, results: Path) -> Record | None:
    """The grid point's record, from the first result folder that has a readable one."""
    folders = result_folders(results)
    settings = asdict(point.config)
    name = experiment_of(point.notebook).name
    return readable_record(folders, name, point.scale, point.key, settings)
