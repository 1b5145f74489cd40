"""Exact match in one pass equals decoding."""

import numpy as np
import torch

from instrdiv.evaluation.exact_match import exact_matches, greedy_outputs
from instrdiv.experiments import rule_diversity
from instrdiv.experiments.scratch import new_model
from instrdiv.models.hub import to_transformers
from instrdiv.seeds import stream
from instrdiv.tasks.alphabet import END, PAD, decode
from instrdiv.training.device import Machine
from instrdiv.training.loop import train

CPU = Machine("cpu", "float32")


def half_trained():
    """A model that is right on some and wrong on other training examples."""
    config = rule_diversity.experiment.configure(
        "smoke", num_rules=3, num_examples=60, steps=150, seed=1
    )
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
