"""A score crossed by two kinds of seed: which of the two decides more?"""

from typing import NamedTuple

import pandas as pd
import scipy

from instrdiv.statistics.intervals import Estimate


class Layout(NamedTuple):
    """A score crossed by two kinds of seed.

    Attributes:
        ratio: the mean square between rules over that between weights, with its 95 % interval.
        rules, weights: standard deviation of either kind's means; of the scores, in shares.
    """

    ratio: Estimate
    rules: float
    weights: float


def two_way(scores: pd.DataFrame) -> Layout:
    """What either kind of seed decides, from a full table of scores.

    For normal effects the ratio of the mean squares, each over its expectation, follows an F
    distribution, so that the interval is exact.

    Args:
        scores: a row for each seed of the rules, a column for each seed of the weights.

    >>> found = two_way(pd.DataFrame([[0.0, 0.1, 0.0], [0.5, 0.6, 0.6], [0.9, 0.9, 1.0]]))
    >>> round(found.rules, 2), round(found.weights, 2), found.ratio.low > 1
    (0.45, 0.04, True)

    Raises:
        ValueError: a cell is empty.
    """
    if scores.isna().any(axis=None):
        raise ValueError("a score is missing: every seed must meet every other")
    rows, columns = scores.shape
    between_rules, between_weights = scores.mean(axis=1), scores.mean(axis=0)
    ratio = (columns * between_rules.var()) / (rows * between_weights.var())
    low, high = scipy.stats.f.interval(0.95, rows - 1, columns - 1)
    return Layout(
        Estimate(float(ratio), float(ratio / high), float(ratio / low), min(rows, columns)),
        float(between_rules.std()),
        float(between_weights.std()),
    )
