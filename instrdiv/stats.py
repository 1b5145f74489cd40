"""Statistics of scores."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Score(NamedTuple):
    """How many of how many were right.

    >>> Score(90, 100).share
    0.9
    >>> low, high = Score(90, 100).interval()
    >>> round(low, 3), round(high, 3)
    (0.826, 0.945)
    """

    correct: int
    total: int

    @property
    def share(self) -> float:
        return self.correct / self.total

    def interval(self, z: float = 1.959964) -> tuple[float, float]:
        """Wilson's interval, 95 % unless told otherwise; sound at 0 and 1 too (Wilson, 1927)."""
        n, p = self.total, self.share
        centre = p + z * z / (2 * n)
        spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        scale = 1 + z * z / n
        return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def mean_with_interval(values: Sequence[float], draws: int = 1000) -> tuple[float, float, float]:
    """A mean and its 95 % bootstrap interval.

    The draws are always the same: paired values get paired intervals.

    >>> mean_with_interval([2.0, 2.0])
    (2.0, 2.0, 2.0)
    """
    given = np.asarray(values, dtype=float)
    rows = np.random.default_rng(0).integers(len(given), size=(draws, len(given)))
    low, high = np.quantile(given[rows].mean(axis=1), [0.025, 0.975])
    return float(given.mean()), float(low), float(high)
