"""When a sweep ends, and which grid points still fit into its time."""

import math
import statistics
import time
from collections.abc import Iterable

from instrdiv.experiments.points import GridPoint
from instrdiv.sweep.costs import Costs, in_words, makespan

START_SECONDS = 6.0
"""From the start of a run's process until it trains, and from then to its end."""
REMEMBERED = 20


class Forecast:
    """Expected times of a sweep's runs, corrected by how long its own runs really took.

    Args:
        budget: seconds from now by which every run should have ended; None for no end.
    """

    def __init__(self, costs: Costs, budget: float | None = None) -> None:
        self._costs = costs
        self._deadline = None if budget is None else time.monotonic() + budget
        self._started: dict[str, float] = {}
        self._paces: list[float] = []

    def longest_first(self, points: Iterable[GridPoint]) -> list[GridPoint]:
        """Those of unknown time first, since they may be the longest; otherwise in their order."""
        times = {point.key: self._costs.seconds(point) for point in points}

        def order(point: GridPoint) -> float:
            return -math.inf if math.isnan(times[point.key]) else -times[point.key]

        return sorted(points, key=order)

    def seconds(self, point: GridPoint) -> float:
        """How long a run takes here; NaN if no like run is recorded."""
        pace = statistics.median(self._paces) if self._paces else 1.0
        return pace * (self._costs.seconds(point) + START_SECONDS)

    def fits(self, point: GridPoint) -> bool:
        """Whether a run that starts now ends within the budget; one of unknown time does not."""
        if self._deadline is None:
            return True
        return time.monotonic() + self.seconds(point) <= self._deadline

    def started(self, point: GridPoint) -> None:
        self._started[point.key] = time.monotonic()

    def ended(self, point: GridPoint, *, made: bool) -> None:
        """Learn from a run that made its record how fast this machine is."""
        started = self._started.pop(point.key, None)
        expected = self._costs.seconds(point) + START_SECONDS
        if made and started is not None and not math.isnan(expected):
            pace = (time.monotonic() - started) / expected
            self._paces = [*self._paces, pace][-REMEMBERED:]

    def left(self, running: Iterable[GridPoint], waiting: Iterable[GridPoint], workers: int) -> str:
        """The rest of the sweep in words, such as ``2 h 10 min left, until 14:30``."""
        now = time.monotonic()
        busy = [
            max(0.0, self.seconds(point) - (now - self._started.get(point.key, now)))
            for point in running
        ]
        all_times = [self.seconds(point) for point in waiting]
        known = [each for each in all_times if not math.isnan(each)]
        at_work = [each for each in busy if not math.isnan(each)]
        if not known and not at_work:
            return "no like run is recorded"
        rest = makespan(known, max(workers, len(busy)), at_work)
        least = "at least " if len(known) + len(at_work) < len(all_times) + len(busy) else ""
        until = time.strftime("%a %H:%M", time.localtime(time.time() + rest))
        return f"{least}{in_words(rest)} left, until {until}"
