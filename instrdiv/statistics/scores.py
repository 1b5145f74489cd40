"""Scores of one run: how many of its test examples were answered right."""

from functools import lru_cache
from math import comb
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


def pass_at_k(samples: int, passed: int, k: int) -> float:
    """The chance that one of k samples passes, estimated without bias (Chen et al., 2021).

    Args:
        samples: programs tried.
        passed: how many of them passed.

    >>> round(pass_at_k(10, 3, 1), 3), round(pass_at_k(10, 3, 5), 3)
    (0.3, 0.917)

    Raises:
        ValueError: k is more than the number of samples, or another number is out of range.
    """
    if not (0 <= passed <= samples and 1 <= k <= samples):
        raise ValueError(f"samples={samples}, passed={passed}, k={k}: 0 ≤ passed, k ≤ samples")
    return 1.0 - comb(samples - passed, k) / comb(samples, k)
