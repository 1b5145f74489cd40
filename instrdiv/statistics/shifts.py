"""How far two thresholds differ."""

from typing import NamedTuple

import numpy as np

from instrdiv.statistics.intervals import mean_interval
from instrdiv.statistics.threshold import Threshold, seeds_in_words


class Shift(NamedTuple):
    """The ratio of two thresholds, with a 95 % interval.

    The interval is NaN where there are too few seeds.
    """

    factor: float
    low: float
    high: float
    n: int

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    def __str__(self) -> str:
        if not self.known:
            return f"{self.factor:.2f} times (no interval: {seeds_in_words(self.n)})"
        seeds = seeds_in_words(self.n)
        return f"{self.factor:.2f} times ({self.low:.2f} to {self.high:.2f}; {seeds})"


def shift(of: Threshold, against: Threshold) -> Shift | None:
    """The ratio of two thresholds, in pairs of equal seed.

    Runs of one seed share their rules, and thereby part of their chance variation, which cancels
    within a pair.

    Returns:
        The shift over common seeds; None if there is no common seed.

    >>> seeds, rules = np.repeat([0, 1, 2], 5), np.tile([10.0, 100.0, 300.0, 1000.0, 10000.0], 3)
    >>> shares = np.array([0, 0.1, 0.6, 0.9, 1, 0, 0.2, 0.6, 0.95, 1, 0, 0.05, 0.5, 0.8, 1.0])
    >>> from instrdiv.statistics.threshold import fit_threshold
    >>> one, ten = (fit_threshold(rules * by, shares, seeds) for by in (1, 10))
    >>> round(shift(ten, against=one).factor, 3)
    10.0
    """
    common = sorted(set(of.seeds) & set(against.seeds))
    if not common:
        return None
    ours, theirs = (np.log([fit.seeds[s].rules for s in common]) for fit in (of, against))
    moved = mean_interval(ours - theirs)
    factor, low, high = np.exp(moved[:3]).tolist()
    return Shift(factor, low, high, moved.n)
