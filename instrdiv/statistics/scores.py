"""Scores of one run: the number of test examples answered correctly, and their total."""

from functools import lru_cache
from math import comb
from typing import NamedTuple

import scipy  # loads its parts when they are used; scipy.stats alone takes a second


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
        """Wilson's 95 % interval, which is valid at 0 and 1 too (Wilson, 1927).

        It covers the variation over test examples of one run, not that between seeds.
        """
        return _wilson(int(self.correct), int(self.total))


@lru_cache(maxsize=100_000)  # a page needs the same few thousand many times
def _wilson(correct: int, total: int) -> tuple[float, float]:
    found = scipy.stats.binomtest(correct, total).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def pass_at_k(samples: int, passed: int, k: int) -> float:
    """An unbiased estimate of the probability that one of k samples passes (Chen et al., 2021).

    Args:
        samples: number of programs.
        passed: how many of them passed.

    >>> round(pass_at_k(10, 3, 1), 3), round(pass_at_k(10, 3, 5), 3)
    (0.3, 0.917)

    Raises:
        ValueError: k is more than the number of samples, or another number is out of range.
    """
    if not (0 <= passed <= samples and 1 <= k <= samples):
        raise ValueError(f"samples={samples}, passed={passed}, k={k}: 0 ≤ passed, k ≤ samples")
    return 1.0 - comb(samples - passed, k) / comb(samples, k)
