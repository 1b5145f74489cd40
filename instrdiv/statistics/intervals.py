"""Estimates over seeds: a mean with its interval, paired differences, and equivalence.

The unit is what was sampled independently: a seed, or a pair of runs that share one. Scores of one
run on several tests are not independent units; average them first (`by_unit`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy
from jaxtyping import Num

MIN_UNITS = 3
"""With fewer seeds there is no interval: with two, it would be 13 times as wide as their spread,
and nothing would show whether they are typical."""
CONFIDENCE = 0.95
Values = Sequence[float] | Num[np.ndarray, "units"] | pd.Series


class Estimate(NamedTuple):
    """A mean over independent units with its 95 % interval.

    Attributes:
        mean: mean of the units; NaN if there are none.
        low, high: the interval; NaN with fewer than `MIN_UNITS` units.
        n: number of units.
    """

    mean: float
    low: float
    high: float
    n: int

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))


def mean_interval(values: Values, bounds: tuple[float, float] = (-np.inf, np.inf)) -> Estimate:
    """A mean over seeds with Student's 95 % interval.

    From 3 seeds on it covers 95 % if values are normally distributed. Scores near the threshold are
    not, since each seed falls on one side or the other; there, make statements about the threshold
    itself.

    Args:
        values: one for each independent unit.
        bounds: range of the mean, such as (0, 1) for a share; the interval is clipped to it.

    >>> found = mean_interval([0.1, 0.2, 0.3])
    >>> round(found.mean, 3), round(found.low, 3), round(found.high, 3), found.n
    (0.2, -0.048, 0.448, 3)
    >>> mean_interval([0.1, 0.2]).known
    False

    Raises:
        ValueError: a value that is not a finite number.
    """
    given = np.asarray(values, dtype=float)
    if not np.isfinite(given).all():
        raise ValueError(f"values={given.tolist()}: finite numbers are needed")
    n = len(given)
    if n < MIN_UNITS:
        return Estimate(float(given.mean()) if n else np.nan, np.nan, np.nan, n)
    half = scipy.stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * scipy.stats.sem(given)
    low, high = np.clip([given.mean() - half, given.mean() + half], *bounds)
    return Estimate(float(given.mean()), float(low), float(high), n)


def by_unit(rows: pd.DataFrame, value: str, unit: str | list[str] = "seed") -> pd.Series:
    """One value for each independent unit: the mean over everything else that differs within it.

    Several benchmarks for one pair of models, or several numbers of rules with one seed, are not
    independent; counting them separately would make an interval too narrow.

    >>> rows = pd.DataFrame({"seed": [0, 0, 1], "gain": [0.1, 0.3, 0.5]})
    >>> by_unit(rows, "gain").round(3).tolist()
    [0.2, 0.5]
    """
    return rows.groupby(unit)[value].mean().sort_index()


def paired(of: pd.Series, against: pd.Series) -> pd.Series:
    """Differences between two settings within the same unit; units with only one are left out.

    Args:
        of, against: values by unit, as `by_unit` returns them.

    >>> paired(pd.Series({0: 0.5, 1: 0.7}), pd.Series({1: 0.4, 2: 0.9})).round(3).to_dict()
    {1: 0.3}
    """
    return (of - against).dropna()


def complete_seeds(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs of those seeds that have most settings: of a mean over settings, seeds that lack
    some would be the mean of something else.

    >>> complete_seeds(pd.DataFrame({"seed": [0, 0, 1], "alpha": [0.5, 0.1, 0.1]})).seed.tolist()
    [0, 0]
    """
    settings = runs.groupby("seed").seed.transform("size")
    complete: pd.DataFrame = runs[settings == settings.max()]
    return complete


def mean_difference(differences: Values) -> Estimate:
    """A mean difference of two shares over seeds, with the interval of `mean_interval`.

    Two shares differ by at most 1, so the interval is clipped to -1 and 1.

    Args:
        differences: of shares, one for each independent unit, as `paired` returns them.

    >>> found = mean_difference([0.1, 0.3, 0.9])
    >>> round(found.mean, 3), round(found.low, 3), found.high
    (0.433, -0.601, 1.0)
    """
    return mean_interval(differences, bounds=(-1, 1))


def equivalent(values: Values, margin: float) -> float:
    """The p value of equivalence: of such values if their mean were a margin or more from zero.

    Two one-sided t tests (Schuirmann, 1987): below 0.05, the mean is within the margin. A claim
    that something *hardly matters* is shown by this test, not by an interval that contains zero.

    Args:
        values: differences, one for each independent unit.
        margin: the smallest difference that matters.

    >>> round(equivalent([0.01, -0.01, 0.0, 0.005], margin=0.05), 4)
    0.0007

    Raises:
        ValueError: fewer than `MIN_UNITS` values, or a margin that is not above 0.
    """
    given = np.asarray(values, dtype=float)
    if len(given) < MIN_UNITS:
        raise ValueError(f"{len(given)} values: at least {MIN_UNITS} are needed")
    if not margin > 0:
        raise ValueError(f"margin={margin}: more than 0 is needed")
    if np.ptp(given) <= 1e-12 * abs(given[0]):
        return 0.0 if abs(given[0]) < margin else 1.0
    above = scipy.stats.ttest_1samp(given, -margin, alternative="greater").pvalue
    below = scipy.stats.ttest_1samp(given, margin, alternative="less").pvalue
    return float(max(above, below))
