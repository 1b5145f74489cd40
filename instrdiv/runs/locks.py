"""Locks: two processes never work on the same run at once.

A lock is the operating system's lock on a file and is held as long as the process lives. If the
process is killed, the system releases it, so there are no stale locks; the empty file that remains
locks nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


class AlreadyLocked(RuntimeError):
    """Another process is working on this run."""


@contextmanager
def run_lock(folder: Path, experiment: str, key: str) -> Iterator[None]:
    """Hold the lock of a run.

    Raises:
        AlreadyLocked: another process holds it; there is no waiting.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{experiment}-{key}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise AlreadyLocked(f"another process is running {experiment} {key}") from None
    try:
        yield
    finally:
        lock.release()


def is_locked(folder: Path, experiment: str, key: str) -> bool:
    """Whether a process is working on this run now."""
    try:
        with run_lock(folder, experiment, key):
            return False
    except AlreadyLocked:
        return True
