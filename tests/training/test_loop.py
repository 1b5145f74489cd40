"""The training loop: it learns, padding counts for nothing, seeds reproduce."""

import numpy as np
import pytest
import torch

from instrdiv.evaluation.exact_match import exact_matches
from instrdiv.experiments import rule_diversity
from instrdiv.experiments.scratch import new_model
from instrdiv.seeds import stream
from instrdiv.tasks.alphabet import END, PAD
from instrdiv.tasks.examples import Examples, write_examples
from instrdiv.tasks.inputs import plant_once
from instrdiv.tasks.rules import sample_rules
from instrdiv.training.device import Machine
from instrdiv.training.loop import train

CPU = Machine("cpu", "float32")


def test_padding_is_neither_scored_nor_learned():
    rng = np.random.default_rng(0)
    rules = sample_rules(rng, 4, 2, 5)
    z = plant_once(rng, rules.x, 6)
    z[::2] = 0  # aaaaaa holds no x here: shorter outputs, padded
    examples = write_examples(rules.x, rules.y, z)
    padding = examples.tokens == PAD
    assert padding.any() and not padding.all()
    config = rule_diversity.experiment.configure(
        "smoke", steps=3, batch_size=4, y_length=5, z_length=6
    )
    other = examples.tokens.copy()
    other[padding] = END  # were it scored, this would change loss and gradients
    curves = []
    for lines in (examples.tokens, other):
        marked = np.where(padding, PAD, lines).astype(np.uint8)
        model = new_model(config, examples)
        curves.append(
            train(
                model,
                Examples(marked, examples.prompt_length),
                config,
                rng=stream(0, "batches"),
                machine=CPU,
                evaluate=dict,
            )
        )
    assert curves[0] == curves[1]
    model = new_model(config, examples)
    with torch.no_grad():  # a model that always says END is right about no whole output
        for parameter in model.parameters():
            parameter.zero_()
    assert not exact_matches(model, examples).any()


@pytest.mark.arithmetic
def test_the_loop_learns_one_rule_by_heart():
    config = rule_diversity.experiment.configure(
        "smoke", num_rules=1, num_examples=300, steps=600, learning_rate=5e-3
    )
    _, outcome = rule_diversity.experiment.run(config)
    # By trial over three seeds in either precision: at least 0.92, and 0.
    assert outcome.metrics["seen"].share > 0.7
    assert outcome.metrics["unseen"].share < 0.1
    losses = [point["loss"] for point in outcome.curve]
    assert losses[0] > 5 * losses[-1]
    assert [point["step"] for point in outcome.curve] == [200, 400, 600]


@pytest.mark.arithmetic
@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_seed_decides_the_whole_outcome(optimizer):
    torch.set_num_threads(1)
    config = rule_diversity.experiment.configure("smoke", optimizer=optimizer, steps=5)
    (_, once), (_, again) = (
        rule_diversity.experiment.run(config),
        rule_diversity.experiment.run(config),
    )
    assert once == again
    _, other = rule_diversity.experiment.run(
        rule_diversity.experiment.configure("smoke", steps=5, seed=1)
    )
    assert other.curve[0]["loss"] != once.curve[0]["loss"]


def test_runs_of_a_seed_are_tested_on_the_same_examples():
    few, many = (
        rule_diversity.make_data(rule_diversity.experiment.configure("smoke", num_rules=n))
        for n in (10, 500)
    )
    assert np.array_equal(few.tests["unseen"].tokens, many.tests["unseen"].tokens)


@pytest.mark.arithmetic
def test_a_loss_that_is_no_number_stops_the_run():
    config = rule_diversity.experiment.configure(
        "smoke", learning_rate=1e18, max_grad_norm=1e18, steps=20
    )
    with pytest.raises(FloatingPointError, match="lower the rate"):
        rule_diversity.experiment.run(config)
