"""Locks: two processes never work on the same run at once.

A lock is the operating system's lock on a file and is held as long as the process lives. If the
process is killed, the system releases it, so there are no stale locks; the empty file that remains
locks nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

LOOK_SECONDS = 0.5
"""Longer than `is_locked` holds a lock, which is all that it can do to look."""


class AlreadyLocked(RuntimeError):
    """Another process is working on this run."""


def lock_folder(results: Path) -> Path:
    """The folder for the locks of runs whose records go to `results`."""
    return results / ".locks"


@contextmanager
def run_lock(folder: Path, experiment: str, key: str) -> Iterator[None]:
    """Hold the lock of a run.

    Raises:
        AlreadyLocked: another process holds it; there is no waiting for its end.
    """
    with _held(folder, experiment, key, LOOK_SECONDS):
        yield


def is_locked(folder: Path, experiment: str, key: str) -> bool:
    """Whether a process is working on this run now."""
    try:
        with _held(folder, experiment, key, 0):
            return False
    except AlreadyLocked:
        return True


@contextmanager
def _held(folder: Path, experiment: str, key: str, timeout: float) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{experiment}-{key}.lock")
    try:
        lock.acquire(timeout=timeout, poll_interval=0.02)
    except Timeout:
        raise AlreadyLocked(f"another process is running {experiment} {key}") from None
    try:
        yield
    finally:
        lock.release()
