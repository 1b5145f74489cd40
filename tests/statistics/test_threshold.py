"""Thresholds and shifts of them: found where they are, with intervals that cover.

The seeds of the draws are fixed, so a test passes or fails for good.
"""

import numpy as np
import pandas as pd
import pytest
from covering import covered, seeds_used
from scipy.special import expit
from scipy.stats import ttest_ind

from instrdiv.statistics.intervals import (
    MIN_UNITS,
    equivalent,
    mean_interval,
)
from instrdiv.statistics.shifts import shift
from instrdiv.statistics.threshold import (
    LEVELS_FOR_INTERVAL,
    NoThreshold,
    SeedFit,
    Threshold,
    fit_each,
    fit_threshold,
)

WIDE = [10, 30, 100, 200, 300, 500, 700, 1000, 2000, 5000, 10000, 100000]
SIX = [100, 200, 300, 500, 1000, 2000]
"""Numbers of rules of the published grid, and the fewest that chapters plan with."""


def simulated(rng, levels, middles, slope):
    """Scores of seeds on 2 000 test rules, each run with some luck of its own."""
    seeds = len(middles)
    slopes = slope * np.exp(rng.normal(0, 0.2, (seeds, 1)))
    steps = np.log(levels) - np.log(middles)[:, None] - rng.normal(0, 0.1, (seeds, len(levels)))
    return rng.binomial(2_000, 0.97 * expit(slopes * steps)) / 2_000


def fitted(levels, scores):
    seeds = len(scores)
    where = np.tile(np.array(levels, dtype=float), seeds)
    return fit_threshold(where, scores.ravel(), np.repeat(np.arange(seeds), len(levels)))


@pytest.mark.parametrize(
    ("levels", "seeds", "log_sd"),
    [
        (WIDE, 3, 0.5),
        (SIX, 3, 0.3),
        pytest.param(SIX, 5, 0.4, marks=pytest.mark.soak),
        pytest.param(SIX, 7, 0.5, marks=pytest.mark.soak),
    ],
    ids=lambda value: str(value) if not isinstance(value, list) else f"{len(value)} numbers",
)
def test_the_intervals_of_a_threshold_and_its_width_cover(levels, seeds, log_sd):
    rng, slope = np.random.default_rng(seeds), 4.0
    width = 2 * np.log(9) / slope * np.exp(0.2**2 / 2)
    place, sharpness, refused = [], [], 0
    for _ in range(800):
        middles = 400 * np.exp(rng.normal(0, log_sd, seeds))
        try:
            fit = fitted(levels, simulated(rng, levels, middles, slope))
        except NoThreshold:
            refused += 1
            continue
        place.append(fit.low <= 400 <= fit.high)
        sharpness.append(fit.width_low <= np.exp(width) <= fit.width_high)
    assert covered(place) and covered(sharpness) and refused < 80


def at(logs):
    """Seeds whose thresholds are known."""
    curves = {seed: SeedFit(0.97, 4.0, float(np.exp(log))) for seed, log in enumerate(logs)}
    return Threshold(*[float("nan")] * 6, seeds=curves, runs=0)


@seeds_used
def test_the_interval_of_a_shift_covers_whatever_the_pairs_share(seeds):
    rng, hits = np.random.default_rng(seeds), []
    for _ in range(1_200):
        base = rng.normal(6, 0.4, seeds)
        found = shift(at(base + np.log(0.8) + rng.normal(0, 0.15, seeds)), at(base))
        hits.append(found.low <= 0.8 <= found.high)
    assert covered(hits)


def test_pairs_of_seeds_tell_a_shift_that_independent_seeds_do_not():
    base = np.array([5.2, 5.7, 6.0, 6.4, 6.9])
    moved = base - [0.3, 0.4, 0.35, 0.3, 0.4]
    independent = ttest_ind(moved, base, equal_var=False).confidence_interval(0.95)
    assert shift(at(moved), at(base)).high < 1 < np.exp(independent.high)


@pytest.mark.parametrize("seeds", [1, 2])
def test_fewer_than_three_seeds_give_no_interval(seeds):
    assert MIN_UNITS == 3
    assert not mean_interval([0.5] * seeds).known
    fit = fitted(WIDE, simulated(np.random.default_rng(0), WIDE, np.full(seeds, 400.0), 4.0))
    assert not fit.known and 300 < fit.rules < 500
    assert not shift(fit, fit).known
    with pytest.raises(ValueError, match=f"{seeds} values: at least 3 are needed"):
        equivalent([0.0] * seeds, 0.1)


def test_four_numbers_of_rules_give_a_threshold_without_an_interval():
    levels = [100, 300, 1000, 3000]
    fit = fitted(levels, simulated(np.random.default_rng(1), levels, np.full(3, 500.0), 4.0))
    assert LEVELS_FOR_INTERVAL == 5 and not fit.known and 400 < fit.rules < 625


def test_seeds_that_score_alike_give_their_score_and_no_warning():
    assert mean_interval([0.0, 0.0, 0.0]) == (0, 0, 0, 3)
    assert equivalent([0.1] * 3, 0.2) == 0 and equivalent([0.2] * 3, 0.2) == 1


@pytest.mark.parametrize("middle", [60, 450, 3000])
def test_a_known_threshold_is_found_where_it_is(middle):
    scores = 0.97 * expit(4.0 * np.log(np.array(WIDE) / middle))
    fit = fitted(WIDE, np.stack([scores] * 3))
    assert fit.rules == pytest.approx(middle) and fit.width == pytest.approx(3.0)
    assert fit.share(np.array([fit.rules]))[0] == pytest.approx(0.97 / 2)
    tenth, nine = fit.rules / fit.width**0.5, fit.rules * fit.width**0.5
    assert fit.share(np.array([tenth, nine])) / 0.97 == pytest.approx([0.1, 0.9])


def test_the_width_is_of_one_seed_and_does_not_grow_with_how_far_seeds_lie_apart():
    steep = [0.97 * expit(8.0 * np.log(np.array(WIDE) / middle)) for middle in (150, 400, 1100)]
    fit = fitted(WIDE, np.stack(steep))
    assert fit.width == pytest.approx(np.exp(2 * np.log(9) / 8), rel=1e-3)


def test_the_order_of_runs_changes_nothing():
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"num_rules": WIDE * 4, "seed": np.repeat(range(4), len(WIDE))})
    scores = simulated(rng, WIDE, 400 * np.exp(rng.normal(0, 0.4, 4)), 4.0)
    table = table.assign(share=scores.ravel(), score="unseen", optimizer="adamw")
    fits = [fit_each(table.sample(frac=1, random_state=n), "optimizer") for n in range(5)]
    assert all(fit == fits[0] for fit in fits)


@pytest.mark.parametrize(
    "scores", [[0.0, 0.0, 0.0, 0.0], [0.9] * 4, [0.0, 0.1, 0.2, 0.5]], ids=["0", "high", "low"]
)
def test_a_seed_without_a_threshold_is_no_number_and_is_named(scores):
    rises = [0.0, 0.1, 0.9, 1.0]
    with pytest.raises(NoThreshold, match="no threshold of seed 1 in shares from"):
        fitted([10, 100, 1000, 10000], np.array([rises, scores]))


def test_seeds_with_too_few_numbers_of_rules_are_left_out():
    one = fitted([10, 100, 1000, 10000], np.array([[0.0, 0.1, 0.9, 1.0]]))
    rules, scores = [10.0, 100, 1000, 10000, 10], [0.0, 0.1, 0.9, 1.0, 0.0]
    fit = fit_threshold(np.array(rules), np.array(scores), np.array([0, 0, 0, 0, 5]))
    assert fit.seeds == one.seeds and fit.runs == 4
    with pytest.raises(NoThreshold, match="no seed was run with 4 numbers of rules"):
        fit_threshold(np.array([10.0]), np.array([0.5]), np.array([0]))
