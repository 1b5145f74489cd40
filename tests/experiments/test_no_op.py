"""Experiment 2: inputs to which no rule applies."""

import numpy as np
import pytest
from drawn import prompts

from instrdiv.experiments import no_op, rule_diversity
from instrdiv.tasks.inputs import plant_no_ops, plant_once


@pytest.mark.parametrize("no_ops", no_op.NO_OPS)
def test_the_share_of_no_ops_is_exact(no_ops):
    data = no_op.make_data(no_op.experiment.configure("smoke", no_op_share=0.4, no_ops=no_ops))
    lines = prompts(data.training)
    assert sum(x not in z for x, _, z in lines) == 0.4 * len(lines)
    assert all(x not in z for x, _, z in prompts(data.tests["unseen_no_op"]))
    assert all(x in z for x, _, z in prompts(data.tests["unseen"]))


def test_no_ops_are_tested_on_the_rules_of_experiment_1():
    theirs = rule_diversity.make_data(rule_diversity.experiment.configure("smoke")).tests["unseen"]
    ours = no_op.make_data(no_op.experiment.configure("smoke")).tests["unseen"]
    assert (ours.tokens == theirs.tokens).all()


def test_an_input_alone_does_not_tell_whether_its_rule_applies():
    rng = np.random.default_rng(0)
    x = rng.integers(26, size=(20_000, 4), dtype=np.uint8)
    z = np.concatenate([plant_once(rng, x, 8), plant_no_ops(rng, x, 8)])
    applies = np.repeat([1.0, -1.0], len(x))
    assert guessed(input_features(z), applies) == pytest.approx(0.5, abs=0.015)
    # The same guesser finds the shortcut where there is one: inputs made of fewer letters.
    plain = np.concatenate([plant_once(rng, x, 8), rng.integers(24, size=(*x.shape[:1], 8))])
    assert guessed(input_features(plain), applies) > 0.55


def input_features(z):
    """Which letter stands where, how many different ones there are, and which neighbours equal."""
    letters = np.eye(26)[z].reshape(len(z), -1)
    different = (np.sort(z, axis=1)[:, 1:] != np.sort(z, axis=1)[:, :-1]).sum(axis=1)
    return np.column_stack([letters, different, z[:, 1:] == z[:, :-1], np.ones(len(z))])


def guessed(features, applies):
    """Share of right guesses of a linear guesser on the half of the rows that it was not shown."""
    shown = np.random.default_rng(1).random(len(applies)) < 0.5
    weights = np.linalg.lstsq(features[shown], applies[shown], rcond=None)[0]
    return float((np.sign(features[~shown] @ weights) == applies[~shown]).mean())
