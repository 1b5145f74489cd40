"""A run on a node of a cluster, which may or may not see the results folder."""

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from instrdiv.experiments.points import GridPoint, experiment_of, make_point
from instrdiv.experiments.recording import result_folders
from instrdiv.runs.locks import AlreadyLocked, lock_folder, run_lock
from instrdiv.runs.record import Record, read_record, record_path, write_record
from instrdiv.runs.store import differing
from instrdiv.sweep.command import run_command
from instrdiv.sweep.ending import LOCKED, MACHINE, Ended
from instrdiv.sweep.executors.local import GuardedProcess
from instrdiv.sweep.guard import GRACE


@dataclass(frozen=True)
class NodeRun:
    """One grid point's run, as plain values that travel to a node; called there, it makes the run.

    Attributes:
        key: of the grid point, which the node's own version of the code must give too.
        results: folder for records.
        mark: a file in `results`; a node that does not see it writes elsewhere, and the record's
            bytes travel back.
    """

    notebook: str
    scale: str
    overrides: dict[str, Any]
    key: str
    results: Path
    mark: str
    time_limit: float
    command: Callable[[GridPoint, Path], list[str]] = field(default=run_command)

    def __call__(self) -> tuple[int, str, bytes | None]:
        """Make the run.

        Returns:
            Exit status, the end of the output, and the bytes of the record if it is not in the
            results folder.
        """
        point = make_point(self.notebook, self.scale, self.overrides)
        if point.key != self.key:
            return 2, f"this node has another version of the code: its key is {point.key}", None
        if (self.results / self.mark).exists():
            return *self._run(point, self.results), None
        with tempfile.TemporaryDirectory(prefix="instrdiv-") as folder:
            status, tail = self._run(point, Path(folder))
            where = (experiment_of(point.notebook).name, point.scale, point.key)
            paths = [record_path(each, *where) for each in result_folders(Path(folder))]
            records = [path.read_bytes() for path in paths if path.exists()]
        return status, tail, records[-1] if records and not status else None

    def _run(self, point: GridPoint, results: Path) -> tuple[int, str]:
        process = GuardedProcess(self.command(point, results), self.time_limit)
        try:
            return process.wait(), process.tail()
        except BaseException:  # told to stop
            process.ask_to_stop()
            process.end_by(GRACE + 1)
            raise


def received(point: GridPoint, results: Path, status: int, tail: str, content: Any) -> Ended:
    """What came back from a node, once its record, if it brought one, is in the results folder."""
    if content is None:
        return Ended(point, status, tail)
    name = experiment_of(point.notebook).name
    try:
        record = _checked_record(point, content)
        with run_lock(lock_folder(results), name, point.key):
            if not record_path(results, name, point.scale, point.key).exists():
                write_record(record, results)
    except AlreadyLocked:
        return Ended(point, LOCKED, tail)
    except OSError as error:
        return Ended(point, MACHINE, str(error))
    except ValueError as error:
        return Ended(point, 2, f"what a node sent is not the record of this grid point: {error}")
    return Ended(point, status, tail)


def _checked_record(point: GridPoint, content: bytes) -> Record:
    """The record of a grid point, held against it as one that was found here would be."""
    with tempfile.TemporaryDirectory(prefix="instrdiv-") as folder:
        path = record_path(Path(folder), experiment_of(point.notebook).name, point.scale, point.key)
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        record = read_record(path)
    if other := differing(record, asdict(point.config)):
        raise ValueError(f"it was made with other values of {', '.join(other)}")
    return record
