"""How much rounding changes the score of a run, compared with its seed."""

from typing import Any, NamedTuple

import pandas as pd

from instrdiv.statistics.intervals import mean_difference


class Rounding(NamedTuple):
    """The effect of precision, in shares of correct answers.

    Attributes:
        pairs: runs made in both precisions.
        difference: mean score in bfloat16 minus that in float32.
        low, high: its 95 % interval over the pairs.
        between_precisions: standard deviation of the difference within a pair.
        between_seeds: standard deviation of the difference between two seeds at the same number of
            rules and precision.
    """

    pairs: int
    difference: float
    low: float
    high: float
    between_precisions: float
    between_seeds: float


def precision_pairs(table: pd.DataFrame, score: str = "unseen") -> pd.DataFrame:
    """Runs made in both precisions, one row per pair.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.

    Returns:
        Columns ``num_rules``, ``seed``, ``float32`` and ``bfloat16``, the shares, and
        ``difference``, the second minus the first.
    """
    runs = table[table.score == score]
    pairs = runs.pivot(index=["num_rules", "seed"], columns="precision", values="share")
    pairs = pairs.reindex(columns=["float32", "bfloat16"]).dropna()
    return pairs.assign(difference=pairs.bfloat16 - pairs.float32).reset_index()


def rounding(pairs: pd.DataFrame) -> Rounding:
    """Summarise pairs.

    >>> pairs = pd.DataFrame({"num_rules": 300, "seed": [0, 1, 2], "float32": [0.1, 0.5, 0.9]})
    >>> found = rounding(pairs.assign(bfloat16=[0.2, 0.5, 0.8], difference=[0.1, 0.0, -0.1]))
    >>> found.pairs, round(found.difference, 6), round(found.between_precisions, 6)
    (3, 0.0, 0.1)
    >>> round(found.between_seeds, 2)
    0.5

    Raises:
        ValueError: fewer than three pairs, which give no interval.
    """
    if len(pairs) < 3:
        raise ValueError(f"{len(pairs)} pairs: at least 3 are needed for an interval")
    found = mean_difference(pairs.difference)
    within = pairs.groupby("num_rules")[["float32", "bfloat16"]].var()
    # The difference of two independent seeds has twice the variance of one.
    variance: Any = within.mean(axis=None)
    between_seeds = (2 * variance) ** 0.5
    return Rounding(
        pairs=len(pairs),
        difference=found.mean,
        low=found.low,
        high=found.high,
        between_precisions=float(pairs.difference.std()),
        between_seeds=float(between_seeds),
    )
