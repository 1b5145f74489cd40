"""Intervals cover what they claim: 93 to 97 % of simulated sets of runs, where 95 % is said.

Each simulation has so many draws that a method which covers 95 % passes by two and a half
standard errors. The seeds of the draws are fixed, so a test passes or fails for good.
"""

import numpy as np
import pandas as pd
import pytest
from covering import covered, seeds_used

from instrdiv.statistics.intervals import (
    by_unit,
    equivalent,
    mean_difference,
    mean_interval,
    paired,
)


@seeds_used
def test_the_interval_of_a_mean_covers(seeds):
    rng = np.random.default_rng(0)
    found = [mean_interval(values) for values in rng.normal(0.6, 0.2, (1_500, seeds))]
    assert covered([one.low <= 0.6 <= one.high for one in found])


@seeds_used
def test_the_interval_of_a_paired_difference_covers_whatever_the_pairs_share(seeds):
    rng = np.random.default_rng(1)
    hits = []
    for _ in range(1_200):
        shared = rng.normal(0, 1, seeds)
        of, against = (pd.Series(shared + rng.normal(m, 0.1, seeds)) for m in (0.05, 0.0))
        found = mean_interval(paired(of, against))
        hits.append(found.low <= 0.05 <= found.high)
    assert covered(hits)


def test_benchmarks_of_one_pair_of_models_are_one_unit():
    rng = np.random.default_rng(2)
    once, apart = [], []
    for _ in range(800):
        rows = pd.DataFrame({"seed": np.repeat(range(4), 2)})
        rows["gain"] = np.repeat(rng.normal(0, 1, 4), 2) + rng.normal(0, 0.3, 8)
        for hits, values in ((once, by_unit(rows, "gain")), (apart, rows.gain)):
            found = mean_interval(values)
            hits.append(found.low <= 0 <= found.high)
    assert covered(once) and np.mean(apart) < 0.9


@seeds_used
def test_what_matters_is_shown_not_to_matter_in_at_most_one_of_twenty(seeds):
    rng = np.random.default_rng(3)
    shown = [equivalent(values, 0.05) < 0.05 for values in rng.normal(0.05, 0.03, (1_500, seeds))]
    assert 0.03 <= np.mean(shown) <= 0.07


def test_what_does_not_matter_is_shown_with_seeds_enough():
    rng = np.random.default_rng(4)
    assert np.mean([equivalent(v, 0.05) < 0.05 for v in rng.normal(0, 0.03, (200, 7))]) > 0.9


def test_what_cannot_be_averaged_is_refused():
    with pytest.raises(ValueError, match="finite numbers are needed"):
        mean_interval([0.1, np.nan, 0.3])
    with pytest.raises(ValueError, match="margin=0: more than 0 is needed"):
        equivalent([0.1, 0.2, 0.3], 0)


def test_an_interval_of_differences_of_shares_holds_no_difference_that_shares_cannot_have():
    wide, narrow = [-0.9, 0.1, 0.8], [0.1, 0.2, 0.3]
    assert mean_interval(wide).low < -1 and mean_interval(wide).high > 1
    assert mean_difference(wide) == mean_interval(wide)._replace(low=-1, high=1)
    assert mean_difference(narrow) == mean_interval(narrow)


def test_an_interval_of_shares_stays_a_share():
    assert mean_interval([0.0, 0.0, 0.9], bounds=(0, 1))[1:3] == (0, 1)
