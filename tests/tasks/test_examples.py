"""Examples and parts of them."""

from instrdiv.experiments import rule_diversity
from instrdiv.tasks.examples import first


def test_first_keeps_the_prompt_length():
    examples = rule_diversity.make_data(rule_diversity.experiment.configure("smoke")).tests[
        "unseen"
    ]
    assert len(first(examples, 5)) == 5
    assert first(examples, 5).prompt_length == examples.prompt_length
