"""Scores of one run: how many of its test examples were answered right."""

from functools import lru_cache
from typing import NamedTuple

from scipy.stats import binomtest


class Score(NamedTuple):
    """The number correct and the total.

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

    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval, sound at 0 and 1 too (Wilson, 1927).

        It covers the chance in the test examples of one run, not that between seeds.
        """
        return _wilson(int(self.correct), int(self.total))


@lru_cache(maxsize=100_000)  # a page asks for the same few thousand again and again
def _wilson(correct: int, total: int) -> tuple[float, float]:
    found = binomtest(correct, total).proportion_ci(method="wilson")
    return float(found.low), float(found.high)
