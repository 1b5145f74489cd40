"""Two implementations of the same work, timed alternately: A B A B …

A machine drifts: it warms up, other processes start, its clock rate changes. Both halves of a pair
have the same drift, so their ratio varies far less than either time.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

Timed = Callable[[], float]
"""Does a fixed amount of work and returns its time in seconds."""


class Pairs(NamedTuple):
    """The seconds of each side, pair by pair."""

    ours: list[float]
    other: list[float]

    def ratio(self) -> dict[str, float]:
        """Time of the other divided by ours: median and range over the pairs.

        >>> Pairs(ours=[1.0, 2.0, 1.0], other=[3.0, 4.0, 2.5]).ratio()
        {'median': 2.5, 'min': 2.0, 'max': 3.0}
        """
        ratios = [other / ours for ours, other in zip(self.ours, self.other, strict=True)]
        return {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios)}


def time_pairs(ours: Timed, other: Timed, repeats: int) -> Pairs:
    """Time both alternately, after one unrecorded turn of each to fill caches and buffers."""
    ours(), other()
    pairs = Pairs([], [])
    for _ in range(repeats):
        pairs.ours.append(ours())
        pairs.other.append(other())
    return pairs


def timed(work: Callable[[], Any]) -> Timed:
    """A function that does the work and returns its time."""

    def run() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return run


def row(pairs: Pairs, *, work: int, unit: str, **labels: Any) -> dict[str, Any]:
    """A comparison as a row of the report.

    Args:
        work: units (tokens, examples) processed in each recorded time, on both sides.
        labels: what was compared.
    """
    return {
        **labels,
        "unit": unit,
        "work": work,
        "ours_per_second": work / statistics.median(pairs.ours),
        "other_per_second": work / statistics.median(pairs.other),
        "ratio": pairs.ratio(),
        "seconds": pairs._asdict(),
    }
