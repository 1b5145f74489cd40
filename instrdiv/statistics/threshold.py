"""The threshold: from how many rules on unseen ones are followed, with an interval over seeds.

The share of right answers is taken to be logistic in the logarithm of the number of rules, up to a
plateau. The *threshold* is the number of rules at half of the plateau. Seeds differ in it, by a
factor of 1.3 to 1.7 either way where this was seen; so each seed has a threshold of its own, on a
curve whose plateau and steepness all share, and the interval is Student's over the seeds'.
"""

import contextlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Num
from scipy.optimize import least_squares
from scipy.special import expit, logit

from instrdiv.statistics.intervals import MIN_UNITS, mean_interval

MIN_LEVELS = 4
"""Numbers of rules that a seed must have been run with."""
LEVELS_FOR_WIDTH = 6
"""With fewer numbers of rules too few lie on the slope, and an interval of it covers 90 %."""
FARTHEST = 2.0
"""By what factor a seed's threshold may lie outside the numbers of rules that were run."""


class NoThreshold(ValueError):
    """The scores do not go from failing to succeeding."""


@dataclass(frozen=True)
class Threshold:
    """A fitted threshold.

    Attributes:
        rules: geometric mean over seeds of the number of rules at half of the plateau.
        low, high: its 95 % interval over seeds; not a number with fewer than three.
        plateau: share reached with many rules.
        width: factor in rules between a tenth and nine tenths of the plateau, for one seed.
        width_low, width_high: its 95 % interval over seeds; not a number with fewer than three,
            or with fewer than `LEVELS_FOR_WIDTH` numbers of rules.
        by_seed: each seed's own threshold.
        runs: runs behind the fit.
    """

    rules: float
    low: float
    high: float
    plateau: float
    width: float
    width_low: float
    width_high: float
    by_seed: dict[int, float]
    runs: int

    @property
    def known(self) -> bool:
        """Whether there are seeds enough for an interval."""
        return len(self.by_seed) >= MIN_UNITS

    def share(self, rules: Num[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
        """The fitted curve of a seed with the mean threshold; no rules at all give 0."""
        slope = 2 * np.log(9) / np.log(self.width)
        with np.errstate(divide="ignore"):
            steps = np.log(np.asarray(rules) / self.rules)
        return self.plateau * expit(slope * steps)

    def __str__(self) -> str:
        if not self.known:
            return f"{self.rules:,.0f} rules (no interval: {seeds_in_words(self.by_seed)})"
        return (
            f"{self.rules:,.0f} rules (95 % interval {self.low:,.0f} to {self.high:,.0f}; "
            f"{seeds_in_words(self.by_seed)})"
        )


def seeds_in_words(seeds: dict[int, float] | int) -> str:
    """
    >>> seeds_in_words(1), seeds_in_words({0: 400.0, 1: 500.0})
    ('1 seed', '2 seeds')
    """
    number = seeds if isinstance(seeds, int) else len(seeds)
    return f"{number} seed{'s' * (number != 1)}"


def fit_threshold(
    rules: Num[np.ndarray, "runs"],
    shares: Float[np.ndarray, "runs"],
    seeds: Num[np.ndarray, "runs"],
) -> Threshold:
    """Fit the threshold of some runs; the order of the runs does not matter.

    Seeds that were run with fewer than `MIN_LEVELS` numbers of rules are left out: they cannot
    tell a threshold of their own.

    Args:
        rules: how many rules each run was trained on.
        shares: its score.
        seeds: its seed.

    >>> rules = np.tile([10.0, 100.0, 1000.0, 10000.0], 3)
    >>> shares = np.array([0, 0.1, 0.9, 1, 0, 0.2, 0.95, 1, 0, 0.05, 0.8, 1.0])
    >>> fit = fit_threshold(rules, shares, np.repeat([0, 1, 2], 4))
    >>> 100 < fit.low < fit.rules < fit.high < 1000
    True

    Raises:
        NoThreshold: no seed was run with enough numbers of rules, the mean scores do not go from
            under a third to over two thirds, or a seed's threshold lies far outside.
    """
    order = np.lexsort((shares, rules, seeds))
    rules = np.asarray(rules, dtype=float)[order]
    shares, seeds = np.asarray(shares, dtype=float)[order], np.asarray(seeds)[order]
    fitted = [one for one in np.unique(seeds) if len(np.unique(rules[seeds == one])) >= MIN_LEVELS]
    kept = np.isin(seeds, fitted)
    rules, shares, seeds = rules[kept], shares[kept], seeds[kept]
    means = [shares[rules == level].mean() for level in np.unique(rules)]
    if not (means and min(means) < 1 / 3 and max(means) > 2 / 3):
        found = f"from {min(means):.2f} to {max(means):.2f}" if means else "of no seed"
        raise NoThreshold(
            f"no threshold in mean shares {found}: seeds with at least {MIN_LEVELS} numbers of "
            "rules are needed, their means from under 1/3 to over 2/3"
        )
    plateau, slope, middles = _fit(rules, shares, seeds)
    nearest, most = np.log(rules.min() / FARTHEST), np.log(rules.max() * FARTHEST)
    for one, middle in zip(fitted, middles, strict=True):
        if not nearest <= middle <= most:
            raise NoThreshold(f"seed {one} has its threshold far outside {rules.min():,.0f} to "
                              f"{rules.max():,.0f} rules")  # fmt: skip
    place = mean_interval(middles)
    steepness = _slope_interval(rules, shares, seeds, slope)
    return Threshold(
        rules=float(np.exp(place.mean)),
        low=float(np.exp(place.low)),
        high=float(np.exp(place.high)),
        plateau=plateau,
        width=_width(slope),
        width_low=_width(steepness[1]),
        width_high=_width(steepness[0]),
        by_seed={int(one): float(np.exp(m)) for one, m in zip(fitted, middles, strict=True)},
        runs=len(rules),
    )


def fit_each(table: pd.DataFrame, by: str, score: str = "unseen") -> dict[Any, Threshold]:
    """The threshold of every group of runs that shows one.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.
        by: the column that tells the groups apart.
        score: which score is fitted.
    """
    found = {}
    for group, rows in table[table.score == score].groupby(by):
        with contextlib.suppress(NoThreshold):
            columns = (rows[name].to_numpy() for name in ("num_rules", "share", "seed"))
            found[group] = fit_threshold(*columns)
    return found


def _width(slope: float) -> float:
    with np.errstate(over="ignore"):
        return float(np.exp(2 * np.log(9) / slope))


def _slope_interval(
    rules: np.ndarray, shares: np.ndarray, seeds: np.ndarray, slope: float
) -> tuple[float, float]:
    """A 95 % interval of the common slope: Student's over jackknifed seeds, on the logarithm."""
    different = np.unique(seeds)
    if len(different) < MIN_UNITS or len(np.unique(rules)) < LEVELS_FOR_WIDTH:
        return np.nan, np.nan
    without = [np.log(_fit(rules[rest], shares[rest], seeds[rest])[1])
               for rest in (seeds != one for one in different)]  # fmt: skip
    number = len(different)
    values = mean_interval(number * np.log(slope) - (number - 1) * np.array(without))
    return float(np.exp(values.low)), float(np.exp(values.high))


def _fit(
    rules: np.ndarray, shares: np.ndarray, seeds: np.ndarray
) -> tuple[float, float, Float[np.ndarray, "seeds"]]:
    """Plateau, slope in log rules, and each seed's log rules at half the plateau.

    By least squares. The plateau is fitted through its logit and the slope through its logarithm,
    which keeps one under 1 and the other over 0 without bounds.
    """
    log_rules, rows = np.log(rules), np.arange(len(rules))
    different, of = np.unique(seeds, return_inverse=True)
    top = min(shares.max(), 0.999)
    above = [log_rules[(of == one) & (shares > top / 2)] for one in range(len(different))]
    starts = [found.min() if len(found) else log_rules.max() for found in above]

    def curve(values: np.ndarray) -> tuple[float, float, np.ndarray, np.ndarray]:
        plateau, slope = expit(values[0]), np.exp(values[1])
        steps = log_rules - values[2:][of]
        return plateau, slope, steps, expit(slope * steps)

    def residuals(values: np.ndarray) -> np.ndarray:
        plateau, _, _, rise = curve(values)
        return plateau * rise - shares

    def derivatives(values: np.ndarray) -> np.ndarray:
        plateau, slope, steps, rise = curve(values)
        steepness = plateau * rise * (1 - rise) * slope
        found = np.zeros((len(rows), len(values)))
        found[:, 0] = plateau * (1 - plateau) * rise
        found[:, 1] = steepness * steps
        found[rows, 2 + of] = -steepness
        return found

    start = [logit(top), np.log(3.0), *starts]
    with np.errstate(over="ignore"):
        found = least_squares(residuals, start, derivatives, method="lm", max_nfev=500).x
    return float(expit(found[0])), float(np.exp(found[1])), found[2:]
