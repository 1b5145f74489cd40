"""How a run ended, and what that means for its grid point."""

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from errno import EDQUOT, EFBIG, EIO, EMFILE, ENFILE, ENOMEM, ENOSPC, EROFS, ESTALE

from instrdiv.experiments.points import GridPoint
from instrdiv.sweep.execute import NotebookFailed
from instrdiv.sweep.guard import STOPPED, TIMED_OUT

LOCKED, MACHINE, KILLED = os.EX_TEMPFAIL, os.EX_IOERR, os.EX_OSERR
"""Exit statuses of ``instrdiv run`` beside 0 and that of an error: another process is making this
run; the machine failed, as with a full disk; the kernel was killed."""
OF_MACHINES = (EIO, ENOMEM, ENFILE, EMFILE, EFBIG, ENOSPC, EROFS, ESTALE, EDQUOT)
"""Errors that another moment or machine would not raise, as are those of too little memory."""


class Ending(StrEnum):
    """What a run's end means for its grid point."""

    MADE = "made"
    LOCKED = "made by another process"
    """Its turn comes again."""
    KILLED = "killed"
    """It is repeated a few times, and by the next sweep."""
    MACHINE = "stopped by the machine"
    """Repeated by the next sweep."""
    FAILED = "failed"
    """By an error of its own, which another attempt would repeat."""


@dataclass(frozen=True)
class Ended:
    """A run that ended.

    Attributes:
        status: its exit status; that of a guard is the status of what it guarded.
        tail: the last lines of its output.
    """

    point: GridPoint
    status: int
    tail: str = ""

    @property
    def ending(self) -> Ending:
        known = {0: Ending.MADE, LOCKED: Ending.LOCKED, MACHINE: Ending.MACHINE}
        if self.status in (KILLED, STOPPED, TIMED_OUT) or not 0 <= self.status < 128:
            return Ending.KILLED
        return known.get(self.status, Ending.FAILED)

    @property
    def reason(self) -> str:
        """The end of its output and how it ended, for the user."""
        if self.status == TIMED_OUT:
            how = "killed at its time limit; --time-limit allows more"
        elif self.ending is Ending.KILLED:
            how = "killed, or there was too little memory"
        else:
            how = f"exit status {self.status}"
        return f"{self.tail}\n({how})".strip()


def status_of(failure: NotebookFailed | OSError) -> int:
    """The exit status of ``instrdiv run`` for what kept it from its end.

    >>> status_of(NotebookFailed("01", "OSError: [Errno 28] No space left", error="OSError")) == 74
    True
    >>> status_of(NotebookFailed("01", "ValueError: 28", error="ValueError"))
    2
    """
    if isinstance(failure, OSError):
        return MACHINE
    if failure.error == "DeadKernel":
        return KILLED
    if failure.error == "AlreadyLocked":
        return LOCKED
    if failure.error in ("NotWritable", "MemoryError", "OutOfMemoryError"):
        return MACHINE
    number = re.match(r"\w+: \[Errno (\d+)\]", failure.reason)
    return MACHINE if number and int(number[1]) in OF_MACHINES else 2
