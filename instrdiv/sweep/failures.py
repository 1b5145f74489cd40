"""What is kept of grid points that failed: the end of each one's output."""

import os
import tempfile
from pathlib import Path

from instrdiv.experiments.points import GridPoint, experiment_of
from instrdiv.runs.record import record_path


def failure_log(point: GridPoint, results: Path) -> Path:
    """The file with the end of the output of the grid point's failed run."""
    name = experiment_of(point.notebook).name
    path = record_path(results / ".failures", name, point.scale, point.key)
    return path.with_suffix(".log")


def keep_failure(point: GridPoint, results: Path, reason: str) -> None:
    """Write a grid point's failure log, completely or not at all."""
    log = failure_log(point, results)
    log.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=log.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(reason)
        os.replace(temporary, log)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def kept_failure(point: GridPoint, results: Path) -> str | None:
    """Why a grid point failed; None if it did not."""
    try:
        return failure_log(point, results).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
