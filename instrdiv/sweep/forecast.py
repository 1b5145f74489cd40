"""When a sweep ends, and which grid points still fit into its time."""

import heapq
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
        self._deadline = math.inf if budget is None else time.monotonic() + budget
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

    def fits(self, point: GridPoint, after: float = 0.0) -> bool:
        """Whether a run that starts then ends within the budget; one of unknown time does not.

        Args:
            after: seconds from now.
        """
        if math.isinf(self._deadline):
            return True
        return time.monotonic() + after + self.seconds(point) <= self._deadline

    def within_budget(self, points: Iterable[GridPoint], workers: int) -> list[GridPoint]:
        """Those of some grid points that a sweep of them alone would start, in its order."""
        free = [0.0] * workers
        started = []
        for point in self.longest_first(points):
            if self.fits(point, after=free[0]):
                started.append(point)
                known = self.seconds(point)
                heapq.heapreplace(free, free[0] + (0.0 if math.isnan(known) else known))
        return started

    def started(self, point: GridPoint) -> None:
        self._started[point.key] = time.monotonic()

    def ended(self, point: GridPoint, *, made: bool) -> None:
        """Learn from a run that made its record how long like ones take, or, where that is known,
        how fast this machine is."""
        started = self._started.pop(point.key, None)
        if not made or started is None:
            return
        took = time.monotonic() - started
        expected = self._costs.seconds(point) + START_SECONDS
        if math.isnan(expected):
            self._costs.learn(point, max(0.0, took - START_SECONDS))
        else:
            self._paces = [*self._paces, took / expected][-REMEMBERED:]

    def left(self, running: Iterable[GridPoint], waiting: Iterable[GridPoint], workers: int) -> str:
        """The rest of the sweep in words, such as ``2 h 10 min left, until 14:30``."""
        now = time.monotonic()
        rests = [
            self.seconds(point) - (now - self._started.get(point.key, now)) for point in running
        ]
        all_times = [self.seconds(point) for point in waiting]
        known = [each for each in all_times if not math.isnan(each)]
        busy = [max(0.0, each) for each in rests if not math.isnan(each)]
        unknown = len(all_times) + len(rests) - len(known) - len(busy)
        if not known and not busy:
            return "no like run is recorded" if unknown else ""
        rest = makespan(known, max(workers, len(rests)), busy)
        until = time.strftime("%a %H:%M", time.localtime(time.time() + rest))
        more = f", without {unknown} of unknown time" if unknown else ""
        return f"{in_words(rest)} left, until {until}{more}"
