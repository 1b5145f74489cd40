"""Experiment 3: rules of unequal frequency."""

import numpy as np

from instrdiv.tasks.examples import spread


def test_rules_get_their_share_of_the_power_law():
    number, total, alpha = 50, 200_000, 0.3
    rule_of = spread(number, total, alpha, seed=3)
    found = np.bincount(rule_of, minlength=number) / total
    expected = np.diff((np.arange(number + 1) / number) ** alpha)
    assert np.abs(found - expected).max() < 5 * np.sqrt(expected.max() / total)
