"""Claims: two processes never work on the same run at once.

A claim is the operating system's lock on a file, held as long as the process lives. When it is
killed, the system drops the lock, so a stale claim cannot exist; the empty file that stays behind
claims nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


class AlreadyLocked(RuntimeError):
    """Another process works on this run."""


@contextmanager
def run_lock(folder: Path, experiment: str, key: str) -> Iterator[None]:
    """Hold the claim on a run.

    Raises:
        AlreadyLocked: at once, if another process holds it.
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
    """Whether a process works on this run just now."""
    try:
        with run_lock(folder, experiment, key):
            return False
    except AlreadyLocked:
        return True
