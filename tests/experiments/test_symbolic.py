"""Experiments 1 to 5: what is drawn is what was asked for."""

import pytest
from drawn import prompts, sides

from instrdiv.analysis.chapters import analysis_of
from instrdiv.experiments import (
    imbalance,
    no_op,
    occurrences,
    rule_diversity,
    semantic_diversity,
)

ALL = [
    module.experiment
    for module in (rule_diversity, no_op, imbalance, semantic_diversity, occurrences)
]
each_experiment = pytest.mark.parametrize("experiment", ALL, ids=lambda each: each.name)


@each_experiment
def test_no_side_of_a_held_out_rule_is_in_training(experiment):
    data = experiment.make_data(experiment.configure("smoke"))
    assert not sides(data.held_out) & sides(data.rules)
    trained = {side for x, y, _ in prompts(data.training) for side in (x, y)}
    for name, examples in (data.tests | data.further).items():
        if name.startswith("unseen"):
            assert not trained & {side for x, y, _ in prompts(examples) for side in (x, y)}


@each_experiment
def test_seen_rules_are_tested_on_rules_of_training(experiment):
    data = experiment.make_data(experiment.configure("smoke"))
    trained = {(x, y) for x, y, _ in prompts(data.training)}
    assert {(x, y) for x, y, _ in prompts(data.tests["seen"])} <= trained


@each_experiment
def test_every_preset_is_a_valid_point_with_its_axes(experiment):
    for scale in ("smoke", "laptop", "paper"):
        config = experiment.configure(scale)
        assert all(hasattr(config, axis) for axis in analysis_of(experiment.name).axes)


@pytest.mark.parametrize(
    ("module", "changes", "message"),
    [
        (no_op, {"no_op_share": 1.5}, r"no_op_share=1\.5: at most 1 is allowed"),
        (no_op, {"no_op_share": -0.1}, r"no_op_share=-0\.1: at least 0 is needed"),
        (imbalance, {"alpha": 0}, "alpha=0: more than 0 is needed"),
        (imbalance, {"alpha": "steep"}, "alpha='steep': a finite number"),
        (semantic_diversity, {"ks": [4]}, "k=4 does not divide the length 6"),
        (semantic_diversity, {"ks": [6], "num_rules": 651}, "651 rules .* only 650 exist"),
        (semantic_diversity, {"families": ["cyclic"]}, "'cyclic'; allowed: repeated, periodic"),
        (semantic_diversity, {"ks": []}, r"ks=\(\): one or more different values"),
        (semantic_diversity, {"ks": ["three"]}, "a list of whole numbers is needed"),
        (occurrences, {"occurrences": [4]}, r"occurrences=4: between 1 and 3 of \|x\|=2 fit"),
        (occurrences, {"occurrences": []}, "one or more different numbers"),
        (occurrences, {"most_occurrences": 9}, "most_occurrences=9: between 1 and 3"),
    ],
)
def test_impossible_settings_are_refused_with_their_values(module, changes, message):
    with pytest.raises(ValueError, match=message):
        module.experiment.configure("smoke", **changes)
