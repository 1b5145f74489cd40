"""What a sweep needs to know of the place where its runs are made."""

from collections.abc import Sequence
from typing import Protocol

from instrdiv.experiments.points import GridPoint
from instrdiv.sweep.ending import Ended


class Executor(Protocol):
    """Makes runs, many at once.

    A run is one process, ``python -m instrdiv run``, under a guard that leaves nothing of it behind
    (`instrdiv.sweep.guard`). When it has ended, its record is in the results folder.
    """

    workers: int
    """How many runs are made at once, as far as this is known."""

    def free(self) -> int:
        """How many more grid points can be submitted now."""

    def submit(self, points: Sequence[GridPoint]) -> None:
        """Start these grid points, or queue them in this order."""

    def ended(self, timeout: float) -> list[Ended]:
        """The runs that ended since the last call; waits for the first, at most `timeout` s."""

    def stop(self) -> None:
        """Stop all runs, and return when nothing of them is left, within 3 seconds."""

    def kill(self) -> None:
        """Have `stop`, which may be under way, kill at once."""
