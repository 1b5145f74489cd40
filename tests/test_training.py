"""Training and scoring: exact match equals decoding, the loop learns, seeds reproduce."""

import numpy as np
import pytest
import torch

from instrdiv.evaluation.exact_match import exact_matches, greedy_outputs
from instrdiv.experiments import rule_diversity
from instrdiv.experiments.scratch import new_model
from instrdiv.models.hub import to_transformers
from instrdiv.seeds import stream
from instrdiv.tasks.alphabet import END, PAD, decode
from instrdiv.tasks.examples import Examples, first, write_examples
from instrdiv.tasks.inputs import plant_once
from instrdiv.tasks.rules import sample_rules
from instrdiv.training.device import Machine
from instrdiv.training.loop import train
from instrdiv.training.muon import Muon
from instrdiv.training.optimizers import Optimizers, linear_schedule

pytestmark = pytest.mark.arithmetic

CPU = Machine("cpu", "float32")


def half_trained():
    """A model that is right on some and wrong on other training examples."""
    config = rule_diversity.configure("smoke", num_rules=3, num_examples=60, steps=150, seed=1)
    data = rule_diversity.make_data(config)
    model = new_model(config, data.training)
    train(
        model,
        data.training,
        config,
        rng=stream(config.seed, "batches"),
        machine=CPU,
        evaluate=dict,
    )
    return model, data.training


def generated(model, examples):
    """What transformers' cached greedy decoding writes."""
    prompts = torch.from_numpy(examples.tokens[:, : examples.prompt_length]).long()
    theirs = to_transformers(model)
    return theirs.generate(
        prompts,
        attention_mask=torch.ones_like(prompts),
        max_new_tokens=examples.tokens.shape[1] - examples.prompt_length,
        do_sample=False,
        use_cache=True,
        eos_token_id=END,
        pad_token_id=PAD,
    )[:, examples.prompt_length :]


def test_exact_match_in_one_pass_equals_cached_greedy_decoding():
    model, examples = half_trained()
    found = exact_matches(model, examples)
    written = [decode(line) for line in generated(model, examples).numpy().astype(np.uint8)]
    wanted = [decode(line[examples.prompt_length :]) for line in examples.tokens]
    assert found.tolist() == [a == b for a, b in zip(written, wanted, strict=True)]
    assert 0 < found.sum() < len(found), "the comparison needs right and wrong answers"


def test_own_greedy_decoding_equals_transformers():
    model, examples = half_trained()
    prompts = torch.from_numpy(examples.tokens[:, : examples.prompt_length]).long()
    ours = greedy_outputs(model, prompts, examples.tokens.shape[1] - examples.prompt_length)
    for mine, theirs in zip(ours, generated(model, examples), strict=True):
        end = (theirs == END).nonzero()
        stop = int(end[0]) + 1 if len(end) else len(theirs)
        assert mine[:stop].tolist() == theirs[:stop].tolist()


def test_padding_is_neither_scored_nor_learned():
    rng = np.random.default_rng(0)
    rules = sample_rules(rng, 4, 2, 5)
    z = plant_once(rng, rules.x, 6)
    z[::2] = 0  # aaaaaa holds no x here: shorter outputs, padded
    examples = write_examples(rules.x, rules.y, z)
    padding = examples.tokens == PAD
    assert padding.any() and not padding.all()
    config = rule_diversity.configure("smoke", steps=3, batch_size=4, y_length=5, z_length=6)
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


def test_the_loop_learns_one_rule_by_heart():
    config = rule_diversity.configure(
        "smoke", num_rules=1, num_examples=300, steps=600, learning_rate=5e-3
    )
    _, outcome = rule_diversity.run(config)
    # By trial over three seeds in either precision: at least 0.92, and 0.
    assert outcome.metrics["seen"].share > 0.7
    assert outcome.metrics["unseen"].share < 0.1
    losses = [point["loss"] for point in outcome.curve]
    assert losses[0] > 5 * losses[-1]
    assert [point["step"] for point in outcome.curve] == [200, 400, 600]


def test_muon_moves_matrices_as_pytorchs_does_in_full_precision(monkeypatch):
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.float)  # theirs, without rounding
    settings = dict(lr=0.02, weight_decay=0.1)
    generator = torch.Generator().manual_seed(0)
    shapes = [(8, 8), (24, 8), (8, 24), (24, 8)]
    start = [torch.randn(shape, generator=generator) for shape in shapes]
    ours, theirs = ([torch.nn.Parameter(p.clone()) for p in start] for _ in range(2))
    optimizers = (
        Muon(ours, **settings),
        torch.optim.Muon(theirs, adjust_lr_fn="match_rms_adamw", **settings),
    )
    for _ in range(4):
        for mine, other in zip(ours, theirs, strict=True):
            mine.grad = torch.randn(mine.shape, generator=generator)
            other.grad = mine.grad.clone()
        for optimizer in optimizers:
            optimizer.step()
    for mine, other, before in zip(ours, theirs, start, strict=True):
        torch.testing.assert_close(mine, other, atol=1e-5, rtol=1e-5)
        assert (mine - before).abs().max() > 0.01


def test_muon_in_bfloat16_moves_matrices_as_pytorchs_own():
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(24, 8, generator=generator)
    ours, theirs = (torch.nn.Parameter(start.clone()) for _ in range(2))
    mine = Muon([ours], torch.bfloat16, lr=0.02)
    other = torch.optim.Muon([theirs], lr=0.02, adjust_lr_fn="match_rms_adamw")
    ours.grad = torch.randn(24, 8, generator=generator)
    theirs.grad = ours.grad.clone()
    mine.step(), other.step()
    moved = (theirs - start).abs().mean()
    assert (ours - theirs).abs().mean() < 0.05 * moved  # bfloat16 keeps eight bits


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_seed_decides_the_whole_outcome(optimizer):
    torch.set_num_threads(1)
    config = rule_diversity.configure("smoke", optimizer=optimizer, steps=5)
    (_, once), (_, again) = rule_diversity.run(config), rule_diversity.run(config)
    assert once == again
    _, other = rule_diversity.run(rule_diversity.configure("smoke", steps=5, seed=1))
    assert other.curve[0]["loss"] != once.curve[0]["loss"]


def test_runs_of_a_seed_are_tested_on_the_same_examples():
    few, many = (
        rule_diversity.make_data(rule_diversity.configure("smoke", num_rules=n)) for n in (10, 500)
    )
    assert np.array_equal(few.tests["unseen"].tokens, many.tests["unseen"].tokens)


def test_a_loss_that_is_no_number_stops_the_run():
    config = rule_diversity.configure("smoke", learning_rate=1e30, max_grad_norm=1e30, steps=20)
    with pytest.raises(FloatingPointError, match="lower the rate"):
        rule_diversity.run(config)


def test_every_parameter_is_moved_by_exactly_one_optimizer():
    for optimizer in ("adamw", "muon"):
        config = rule_diversity.configure("smoke", optimizer=optimizer)
        model = new_model(config, rule_diversity.make_data(config).training)
        optimizers = Optimizers(model, config, CPU).optimizers
        held = [p for o in optimizers for group in o.param_groups for p in group["params"]]
        assert sorted(map(id, held)) == sorted(map(id, model.parameters()))
        assert len(optimizers) == (2 if optimizer == "muon" else 1)


def test_the_schedule_rises_then_falls_to_zero():
    rate = linear_schedule(steps=200, warmup_share=0.1)
    rates = [rate(step) for step in range(201)]
    peak = rates.index(max(rates))
    assert rates[:peak] == sorted(rates[:peak]) and max(rates) == 1.0 and rates[-1] == 0.0
    assert rates[peak:] == sorted(rates[peak:], reverse=True) and rates[0] > 0


def test_first_keeps_the_prompt_length():
    examples = rule_diversity.make_data(rule_diversity.configure("smoke")).tests["unseen"]
    assert len(first(examples, 5)) == 5
    assert first(examples, 5).prompt_length == examples.prompt_length
