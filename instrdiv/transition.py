"""Where a curve of scores crosses from failing to succeeding, with an interval.

The share of right answers is taken to be logistic in the logarithm of the number of rules, up to a
plateau. The *transition* is the number of rules at which the fit reaches half of its plateau.
"""

import contextlib
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Num
from scipy.optimize import least_squares
from scipy.special import expit, logit


class NoTransition(ValueError):
    """The scores don't go from failing to succeeding."""


@dataclass(frozen=True)
class Transition:
    """A fitted transition.

    Attributes:
        rules: number of rules at half of the plateau.
        low, high: 95 % bootstrap interval of `rules`.
        plateau: share reached with many rules.
        width: factor in rules between a tenth and nine tenths of the plateau.
        width_low, width_high: 95 % bootstrap interval of `width`.
        runs: runs behind the fit.
        resampled: the transitions of the bootstrap's draws.
    """

    rules: float
    low: float
    high: float
    plateau: float
    width: float
    width_low: float
    width_high: float
    runs: int
    resampled: Float[np.ndarray, "draws"] = field(repr=False, compare=False)

    def share(self, rules: Num[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
        """The fitted curve; no rules at all give 0."""
        slope = 2 * np.log(9) / np.log(self.width)
        with np.errstate(divide="ignore"):
            steps = np.log(np.asarray(rules) / self.rules)
        return self.plateau * expit(slope * steps)


def fit_transition(
    rules: Num[np.ndarray, "runs"],
    shares: Float[np.ndarray, "runs"],
    seeds: Num[np.ndarray, "runs"] | None = None,
    *,
    draws: int = 500,
    seed: int = 0,
) -> Transition:
    """Fit the transition of runs and bootstrap its interval.

    Each draw takes as many seeds as there are, with replacement, since all runs of one seed share
    their held-out rules and may lie to one side together. Then it is *wild* (Wu, 1986): it puts
    the residual of every run back onto the fitted curve with a random sign and fits again, which
    carries the misfit of the curve and allows for runs near 0 and 1 scattering less than those
    between. With two or three seeds the interval is rough.

    Args:
        rules: how many rules each run was trained on.
        shares: its score.
        seeds: its seed; None takes all runs for independent.
        draws: of the bootstrap.
        seed: of the bootstrap's own randomness.

    >>> rules = np.repeat([10.0, 100.0, 1000.0, 10000.0], 2)
    >>> shares = np.array([0.0, 0.0, 0.1, 0.12, 0.88, 0.9, 1.0, 1.0])
    >>> fit = fit_transition(rules, shares, draws=50)
    >>> 200 < fit.low <= fit.rules <= fit.high < 500
    True

    Raises:
        NoTransition: fewer than four numbers of rules, or the scores do not go from under a third
            to over two thirds.
    """
    rules, shares = np.asarray(rules, dtype=float), np.asarray(shares, dtype=float)
    levels = [np.flatnonzero(rules == level) for level in np.unique(rules)]
    means = np.array([shares[rows].mean() for rows in levels])
    if len(levels) < 4 or not (means.min() < 1 / 3 and means.max() > 2 / 3):
        raise NoTransition(
            f"no transition in {len(levels)} numbers of rules with shares from {means.min():.2f} "
            f"to {means.max():.2f}: at least 4 are needed, from under 1/3 to over 2/3"
        )
    plateau, slope, middle = _fit(rules, shares)
    fitted = plateau * expit(slope * (np.log(rules) - middle))
    residuals = shares - fitted
    every = np.arange(len(rules))
    groups = [every] if seeds is None else [every[seeds == one] for one in np.unique(seeds)]
    rng = np.random.default_rng(seed)
    fits = []
    for _ in range(draws):
        rows = np.concatenate([groups[g] for g in rng.integers(len(groups), size=len(groups))])
        signs = rng.choice([-1.0, 1.0], size=len(rows))
        fits.append(_fit(rules[rows], fitted[rows] + signs * residuals[rows]))
    _, slopes, middles = np.transpose(fits)
    resampled = np.exp(middles)
    low, high = np.quantile(resampled, [0.025, 0.975])
    width_low, width_high = np.quantile(_width(slopes), [0.025, 0.975])
    return Transition(
        rules=float(np.exp(middle)),
        low=float(low),
        high=float(high),
        plateau=float(plateau),
        width=float(_width(slope)),
        width_low=float(width_low),
        width_high=float(width_high),
        runs=len(rules),
        resampled=resampled,
    )


def fit_each(
    table: pd.DataFrame, by: str, score: str = "unseen", draws: int = 500
) -> dict[Any, Transition]:
    """The transition of every group of runs that shows one.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.
        by: the column that tells the groups apart.
        score: which score is fitted.
        draws: of each interval's bootstrap.
    """
    found = {}
    for group, rows in table[table.score == score].groupby(by):
        with contextlib.suppress(NoTransition):
            columns = (rows[name].to_numpy() for name in ("num_rules", "share", "seed"))
            found[group] = fit_transition(*columns, draws=draws)
    return found


class Shift(NamedTuple):
    """How many times as many rules one transition needs as another, with a 95 % interval."""

    factor: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.factor:.2f} times (95 % interval {self.low:.2f} to {self.high:.2f})"


def shift(of: Transition, against: Transition) -> Shift:
    """How far one transition lies from another, taken for independent.

    >>> rules = np.repeat([10.0, 100.0, 1000.0, 10000.0], 2)
    >>> shares = np.array([0.0, 0.0, 0.1, 0.12, 0.88, 0.9, 1.0, 1.0])
    >>> one, ten = (fit_transition(rules * by, shares, draws=50, seed=by) for by in (1, 10))
    >>> moved = shift(ten, against=one)
    >>> round(moved.factor), moved.low < 10 < moved.high
    (10, True)
    """
    ratios = of.resampled / against.resampled
    low, high = np.quantile(ratios, [0.025, 0.975])
    return Shift(of.rules / against.rules, float(low), float(high))


def _width(slope: Num[np.ndarray, "n"] | float) -> Num[np.ndarray, "n"] | float:
    return np.exp(2 * np.log(9) / slope)


def _fit(rules: np.ndarray, shares: np.ndarray) -> tuple[float, float, float]:
    """Plateau, slope in log rules, and log rules at half the plateau, by least squares.

    The plateau is fitted through its logit and the slope through its logarithm, which keeps one
    under 1 and the other over 0 without bounds.
    """
    log_rules = np.log(rules)
    top = min(shares.max(), 0.999)
    above_half = log_rules[shares > top / 2].min()

    def residuals(values: np.ndarray) -> np.ndarray:
        plateau, slope, middle = expit(values[0]), np.exp(values[1]), values[2]
        return plateau * expit(slope * (log_rules - middle)) - shares

    def derivatives(values: np.ndarray) -> np.ndarray:
        plateau, slope, middle = expit(values[0]), np.exp(values[1]), values[2]
        steps = log_rules - middle
        rise = expit(slope * steps)
        steepness = plateau * rise * (1 - rise) * slope
        return np.stack([plateau * (1 - plateau) * rise, steepness * steps, -steepness], axis=1)

    start = [logit(top), np.log(3.0), above_half]
    found = least_squares(residuals, start, derivatives, method="lm", max_nfev=500).x
    return float(expit(found[0])), float(np.exp(found[1])), float(found[2])
