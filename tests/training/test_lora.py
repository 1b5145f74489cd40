"""Adapters on a pretrained model: split, kept and resumed work changes no result."""

import numpy as np
import pytest
import torch
from peft import PeftModel

from instrdiv.data.assets import TINY
from instrdiv.experiments import pretrained
from instrdiv.experiments.learners import tokenize_task
from instrdiv.experiments.pretrained import LLAMA_MODULES
from instrdiv.models.chat_model import SplitDecoder, adapt, load_model
from instrdiv.seeds import stream
from instrdiv.statistics.scores import Score
from instrdiv.training.checkpoint import Checkpoint
from instrdiv.training.device import Machine
from instrdiv.training.lora import SequenceBatches, bucketed, exact_sequences, load_tunable, tune

CPU = Machine("cpu", "float32")


def adapted(layers, seed=0):
    model, tokenizer = load_model(TINY)
    model = adapt(model, rank=4, alpha=8, modules=LLAMA_MODULES, layers=layers, seed=seed)
    return model, tokenizer


def some_lines(tokenizer, config):
    data = pretrained.make_data(config)
    return [tokenize_task(tokenizer, task, how, task.answer, []) for task, how in data.training]


def tuned(config, *, keep=True, evaluate=dict, checkpoint=None):
    """The adapters' weights after tuning, and the model."""
    model, tokenizer = adapted(config.tuned_layers)
    split = SplitDecoder(model, config.tuned_layers)
    if not keep:
        split.depth_below = 0
    tune(
        model,
        split,
        some_lines(tokenizer, config),
        config,
        rng=stream(0, "batches"),
        machine=CPU,
        evaluate=evaluate,
        checkpoint=checkpoint,
    )
    return {name: p.detach().clone() for name, p in model.named_parameters()}, model, tokenizer


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_a_split_model_computes_what_the_whole_one_does(layers):
    model, tokenizer = adapted(layers)
    for parameter in model.parameters():  # adapters start as zero; let them do something
        torch.nn.init.normal_(parameter, std=0.1)
    tokens = torch.tensor([tokenizer("Replace a by b in c.").input_ids])
    split = SplitDecoder(model, layers)
    torch.testing.assert_close(split.logits(split.below(tokens)), model(tokens).logits)


def test_only_adapters_of_the_topmost_layers_learn():
    config = pretrained.configure("smoke", steps=3)
    after, *_ = tuned(config)
    before = dict(adapted(config.tuned_layers)[0].named_parameters())
    changed = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert changed and all("lora_" in name for name in changed)
    assert {int(name.split("layers.")[1].split(".")[0]) for name in changed} == {1, 2}


def test_what_the_frozen_part_makes_of_a_line_can_be_kept():
    config = pretrained.configure("smoke", steps=12)
    kept, *_ = tuned(config)
    anew, *_ = tuned(config, keep=False)
    for name, value in kept.items():
        torch.testing.assert_close(value, anew[name], atol=1e-5, rtol=1e-5)


def test_lines_at_once_change_nothing_but_memory():
    whole, *_ = tuned(pretrained.configure("smoke", steps=5))
    apart, *_ = tuned(pretrained.configure("smoke", steps=5, lines_at_once=3))
    for name, value in whole.items():
        torch.testing.assert_close(value, apart[name], atol=1e-5, rtol=1e-4)


@pytest.mark.arithmetic
def test_all_weights_of_the_top_layers_can_be_tuned_instead_of_adapters(monkeypatch):
    before = dict(load_model(TINY)[0].named_parameters())
    model, outcome = pretrained.run(
        pretrained.configure("smoke", tuned="weights", tuned_layers=1, steps=3)
    )
    assert outcome.metrics["unseen"].total == 20
    changed = {
        name for name, p in model.named_parameters() if not torch.equal(p.detach(), before[name])
    }
    assert changed == {name for name in before if name.startswith("model.layers.2.")}
    with pytest.raises(ValueError, match="tuned='weights': weights in 8 bits cannot be tuned"):
        config = pretrained.configure("smoke", tuned="weights")
        load_tunable(TINY, config, CPU, seed=0, load_in_8bit=True)


def test_a_tuning_that_is_cut_short_goes_on_to_the_same_end(tmp_path):
    config = pretrained.configure("smoke", steps=8, num_evaluations=2)
    whole, *_ = tuned(config)
    calls = []

    def cut():
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return {"unseen": Score(1, 2)}

    path = tmp_path / "run.pt"
    with pytest.raises(KeyboardInterrupt):
        tuned(config, evaluate=cut, checkpoint=Checkpoint(path, every=0))
    resumed, *_ = tuned(config, checkpoint=Checkpoint(path, every=0))
    assert all(torch.equal(value, resumed[name]) for name, value in whole.items())
    assert torch.load(path, weights_only=True)["state"]["step"] == 8
    again, *_ = tuned(config, checkpoint=Checkpoint(path, every=1e9))
    assert all(torch.equal(value, again[name]) for name, value in resumed.items())


def test_a_saved_adapter_loads_in_peft_and_gives_the_same_answers(tmp_path):
    _, model, tokenizer = tuned(pretrained.configure("smoke", steps=10, learning_rate=0.02))
    model.save_pretrained(tmp_path)
    again = PeftModel.from_pretrained(load_model(TINY)[0], tmp_path).eval()
    tokens = torch.tensor([tokenizer("Replace a b by c d in a b x.").input_ids])
    torch.testing.assert_close(again(tokens).logits, model(tokens).logits)
    assert not torch.allclose(load_model(TINY)[0](tokens).logits, model(tokens).logits, atol=1e-3)


def test_exact_match_in_one_pass_equals_generating():
    config = pretrained.configure(
        "smoke", steps=40, num_rules=1, num_examples=12, z_length=2, learning_rate=0.02, num_test=5
    )
    _, model, tokenizer = tuned(config)
    lines = some_lines(tokenizer, config)
    found = exact_sequences(
        SequenceBatches(SplitDecoder(model, config.tuned_layers), lines, "cpu"), CPU
    )
    assert 0 < found.sum() < len(found), "the comparison needs right and wrong answers"
    for line, right in zip(lines, found.tolist(), strict=True):
        prompt, answer = line.tokens[: line.prompt_length], line.tokens[line.prompt_length :]
        written = model.generate(
            input_ids=torch.tensor([prompt]),
            attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
            max_new_tokens=len(answer),
            do_sample=False,
            pad_token_id=tokenizer.pad_token_id,
        )[0, len(prompt) :].tolist()
        assert (written == answer) == right


def test_every_line_comes_once_an_epoch():
    lengths = list(np.random.default_rng(0).integers(5, 30, size=50))
    batches = list(bucketed(np.random.default_rng(1), lengths, 8, steps=14))
    for epoch in (batches[:7], batches[7:]):
        assert sorted(row for batch in epoch for row in batch) == list(range(50))


def test_layers_and_modules_that_a_model_lacks_are_refused():
    with pytest.raises(ValueError, match="tuned_layers=9: the model has 3"):
        adapted(9)
    with pytest.raises(ValueError, match="the model has no 'c_attn'"):
        adapt(load_model(TINY)[0], rank=1, alpha=1, modules=["c_attn"], layers=1, seed=0)
