"""Scores of one run: samples that pass, and Wilson's interval."""

import itertools

import pytest
from scipy.stats import binom, norm

from instrdiv.statistics.scores import Score, pass_at_k


@pytest.mark.parametrize(("samples", "passed", "k"), [(5, 2, 1), (5, 2, 3), (6, 0, 2), (4, 4, 4)])
def test_pass_at_k_is_the_share_of_draws_that_hold_a_right_one(samples, passed, k):
    draws = list(itertools.combinations([True] * passed + [False] * (samples - passed), k))
    assert pass_at_k(samples, passed, k) == pytest.approx(sum(map(any, draws)) / len(draws))


@pytest.mark.parametrize(("samples", "passed", "k"), [(5, 6, 1), (5, 2, 6), (5, 2, 0), (5, -1, 1)])
def test_impossible_numbers_are_refused(samples, passed, k):
    with pytest.raises(ValueError, match=f"samples={samples}, passed={passed}, k={k}"):
        pass_at_k(samples, passed, k)


@pytest.mark.parametrize("correct", [0, 1, 37, 100])
def test_the_interval_of_a_score_is_wilsons(correct):
    low, high = Score(correct, 100).interval()
    share, z = correct / 100, norm.ppf(0.975)  # as Wilson writes it
    middle, half = share + z**2 / 200, z * (share * (1 - share) / 100 + (z / 200) ** 2) ** 0.5
    expected = [(middle - half) / (1 + z**2 / 100), (middle + half) / (1 + z**2 / 100)]
    assert [low, high] == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert 0 <= low <= correct / 100 <= high <= 1 and high - low > 0.03


def test_wilson_interval_covers_at_its_level():
    # Exact coverage of the interval for n=50 over a range of true shares, from the binomial.
    for p in (0.02, 0.1, 0.5, 0.9):
        inside = [
            k for k in range(51) if Score(k, 50).interval()[0] <= p <= Score(k, 50).interval()[1]
        ]
        assert binom.pmf(inside, 50, p).sum() > 0.90
    assert Score(0, 50).interval()[0] == 0 and Score(0, 50).interval()[1] > 0.05
