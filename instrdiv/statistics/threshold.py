"""The threshold: from how many rules on unseen rules are followed, with an interval over seeds.

The share of correct answers is modelled as a logistic function of the logarithm of the number of
rules, up to a plateau. The *threshold* is the number of rules at half of the plateau, the *width*
the factor in rules between a tenth and nine tenths of it. Seeds differ in both; where this was
measured, their thresholds differed by a factor of 1.3 to 1.7 either way. So each seed is fitted
alone, and the intervals are Student's over the seeds. A curve fitted to all seeds at once would be
flatter than that of any seed.
"""

import contextlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy
from jaxtyping import Float, Num

from instrdiv.statistics.intervals import Estimate, mean_interval
from instrdiv.whole_numbers import count

MIN_LEVELS = 4
"""How many numbers of rules a seed must have been run with."""
LEVELS_FOR_INTERVAL = 5
"""With fewer numbers of rules, nominal 95 % intervals over seeds cover only 90 %."""


class NoThreshold(ValueError):
    """The scores do not rise from failure to success."""


@dataclass(frozen=True)
class SeedFit:
    """The curve of one seed: its plateau, its slope in log rules, and its threshold in rules."""

    plateau: float
    slope: float
    rules: float

    @property
    def log_width(self) -> float:
        """Logarithm of the factor in rules between a tenth and nine tenths of the plateau."""
        return 2 * float(np.log(9)) / self.slope

    def share(self, rules: Num[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
        """The fitted share of correct answers; 0 for no rules."""
        with np.errstate(divide="ignore"):
            steps = np.log(np.asarray(rules) / self.rules)
        share: np.ndarray = self.plateau * scipy.special.expit(self.slope * steps)
        return share


@dataclass(frozen=True)
class Threshold:
    """The threshold over several seeds.

    Attributes:
        rules: geometric mean over seeds of the number of rules at half of the plateau.
        low, high: its 95 % interval over seeds; NaN with fewer than three seeds or
            `LEVELS_FOR_INTERVAL` numbers of rules.
        width: geometric mean over seeds of the factor in rules between a tenth and nine tenths of
            the plateau.
        width_low, width_high: its 95 % interval over seeds.
        seeds: each seed's own curve.
        runs: number of runs that were fitted.
    """

    rules: float
    low: float
    high: float
    width: float
    width_low: float
    width_high: float
    seeds: dict[int, SeedFit]
    runs: int

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    @property
    def rules_estimate(self) -> Estimate:
        """The threshold as an estimate."""
        return Estimate(self.rules, self.low, self.high, len(self.seeds))

    @property
    def width_estimate(self) -> Estimate:
        """The width as an estimate."""
        return Estimate(self.width, self.width_low, self.width_high, len(self.seeds))

    def share(self, rules: Num[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
        """The mean of the seeds' curves."""
        share: np.ndarray = np.mean([fit.share(rules) for fit in self.seeds.values()], axis=0)
        return share

    def __str__(self) -> str:
        seeds = seeds_in_words(len(self.seeds))
        if not self.known:
            return f"{count(self.rules)} rules (no interval: {seeds})"
        return f"{count(self.rules)} rules ({count(self.low)} to {count(self.high)}; {seeds})"


def seeds_in_words(number: int) -> str:
    """
    >>> seeds_in_words(1), seeds_in_words(2)
    ('1 seed', '2 seeds')
    """
    return f"{number} seed{'s' * (number != 1)}"


def fit_threshold(
    rules: Num[np.ndarray, "runs"],
    shares: Float[np.ndarray, "runs"],
    seeds: Num[np.ndarray, "runs"],
) -> Threshold:
    """Fit the threshold of some runs; their order does not matter.

    Seeds that were run with fewer than `MIN_LEVELS` numbers of rules are left out, since they do
    not determine a threshold. The numbers of rules must extend beyond any seed's threshold: leaving
    out a seed that does not rise within them would bias the mean of the others.

    Args:
        rules: how many rules each run was trained on.
        shares: its score.
        seeds: its seed.

    >>> rules = np.tile([10.0, 100.0, 300.0, 1000.0, 10000.0], 3)
    >>> shares = [0, 0.1, 0.6, 0.9, 1, 0, 0.2, 0.6, 0.95, 1, 0, 0.05, 0.5, 0.8, 1.0]
    >>> fit = fit_threshold(rules, np.array(shares), np.repeat([0, 1, 2], 5))
    >>> 100 < fit.low < fit.rules < fit.high < 1000
    True

    Raises:
        NoThreshold: no seed was run with enough numbers of rules, or the scores of one do not rise
            from below a third to above two thirds.
    """
    rules, shares = np.asarray(rules, dtype=float), np.asarray(shares, dtype=float)
    fits, runs, levels = {}, 0, np.inf
    for seed in np.unique(seeds):
        of = np.flatnonzero(np.asarray(seeds) == seed)
        of = of[np.lexsort((shares[of], rules[of]))]
        number = len(np.unique(rules[of]))
        if number < MIN_LEVELS:
            continue
        fits[int(seed)] = _fit(int(seed), rules[of], shares[of])
        runs, levels = runs + len(of), min(levels, number)
    if not fits:
        raise NoThreshold(f"no threshold: no seed was run with {MIN_LEVELS} numbers of rules")
    position = mean_interval(np.log([fit.rules for fit in fits.values()]))
    width = mean_interval([fit.log_width for fit in fits.values()], bounds=(0, np.inf))
    if levels < LEVELS_FOR_INTERVAL:
        position, width = (found._replace(low=np.nan, high=np.nan) for found in (position, width))
    return Threshold(
        rules=float(np.exp(position.mean)),
        low=float(np.exp(position.low)),
        high=float(np.exp(position.high)),
        width=float(np.exp(width.mean)),
        width_low=float(np.exp(width.low)),
        width_high=float(np.exp(width.high)),
        seeds=fits,
        runs=runs,
    )


def fit_each(table: pd.DataFrame, by: str, score: str = "unseen") -> dict[Any, Threshold]:
    """The threshold of every group of runs that has one.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.
        by: the column that defines the groups.
        score: the score to fit.
    """
    found = {}
    for group, rows in table[table.score == score].groupby(by):
        with contextlib.suppress(NoThreshold):
            columns = (rows[name].to_numpy() for name in ("num_rules", "share", "seed"))
            found[group] = fit_threshold(*columns)
    return found


def _fit(seed: int, rules: np.ndarray, shares: np.ndarray) -> SeedFit:
    """The curve of one seed, by least squares.

    The logit of the plateau and the logarithm of the slope are fitted, which keeps the plateau
    below 1 and the slope above 0 without bounds.
    """
    if not (shares.min() < 1 / 3 and shares.max() > 2 / 3):
        raise NoThreshold(
            f"no threshold of seed {seed} in shares from {shares.min():.2f} to {shares.max():.2f}: "
            "they must rise from below 1/3 to above 2/3"
        )
    log_rules, top = np.log(rules), min(shares.max(), 0.999)
    start = [scipy.special.logit(top), np.log(3.0), log_rules[shares > top / 2].min()]
    given = (log_rules, shares)
    with np.errstate(over="ignore", invalid="ignore"):
        found = scipy.optimize.least_squares(
            _residuals, start, _derivatives, args=given, method="lm", max_nfev=500
        ).x
    return SeedFit(
        float(scipy.special.expit(found[0])), float(np.exp(found[1])), float(np.exp(found[2]))
    )


def _residuals(values: np.ndarray, log_rules: np.ndarray, shares: np.ndarray) -> np.ndarray:
    rise = scipy.special.expit(np.exp(values[1]) * (log_rules - values[2]))
    residuals: np.ndarray = scipy.special.expit(values[0]) * rise - shares
    return residuals


def _derivatives(values: np.ndarray, log_rules: np.ndarray, shares: np.ndarray) -> np.ndarray:
    plateau, slope, steps = scipy.special.expit(values[0]), np.exp(values[1]), log_rules - values[2]
    rise = scipy.special.expit(slope * steps)
    steepness = plateau * rise * (1 - rise) * slope
    return np.stack([plateau * (1 - plateau) * rise, steepness * steps, -steepness], axis=1)
