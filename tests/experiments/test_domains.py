"""Experiment 8: how other tasks are mixed in."""

import pytest

from instrdiv.experiments import domains, rule_diversity
from instrdiv.tasks.other_tasks import instruction


def test_the_tests_are_those_of_experiment_1_and_without_others_so_is_the_training():
    first = rule_diversity.make_data(rule_diversity.experiment.configure("smoke"))
    alone = domains.make_data(domains.experiment.configure("smoke", other_share=0))
    mixed = domains.make_data(domains.experiment.configure("smoke", other_share=0.5))
    assert (alone.training.tokens == first.training.tokens).all()
    for name in ("unseen", "seen"):
        assert (mixed.tests[name].tokens == first.tests[name].tokens).all()
    assert len(mixed.training) == len(first.training) and "others" in mixed.tests


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"other_share": 1}, "other_share=1: at most 0.99"),
        ({"other_share": 0.9, "num_rules": 300}, "leaves 200 examples for num_rules=300"),
    ],
)
def test_bad_settings_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        domains.experiment.configure("smoke", **changes)


def test_a_rule_that_is_too_short_for_an_instruction_is_refused():
    with pytest.raises(ValueError, match="a width of 3 is too small"):
        instruction("sort", "a", "b", 3)
