"""The memory that tuning needs is estimated without allocating it."""

import dataclasses

import pytest
import torch
import torch.nn.functional as F

from instrdiv.cli import main
from instrdiv.data.assets import TINY
from instrdiv.experiments import code_generation, pretrained
from instrdiv.models.chat_model import SplitDecoder, tiny_model
from instrdiv.training.lora import with_adapters
from instrdiv.training.memory import memory_of, shape_of

CONFIG = pretrained.configure("smoke", tuned_layers=0)
LINE = dict(tokens=40, answer=6)


def kept_in_truth(model, lines, tokens, answer):
    """Bytes that a real step keeps for its backward pass."""
    own = {p.untyped_storage().data_ptr() for p in model.parameters()}
    kept = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = (storage.nbytes(), tensor)
        return tensor

    split = SplitDecoder(model, 0)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        hidden = split.below(torch.zeros(lines, tokens, dtype=torch.long))
        columns = torch.arange(tokens - answer, tokens).repeat(lines)
        owners = torch.arange(lines).repeat_interleave(answer)
        loss = F.cross_entropy(split.logits(hidden, (owners, columns)), torch.zeros_like(owners))
        total = sum(size for size, _ in kept.values())
        del loss
    return total


def test_activations_are_estimated_within_a_third_and_never_too_few():
    estimate = memory_of(shape_of(TINY), CONFIG, **LINE)
    truth = kept_in_truth(with_adapters(tiny_model(), CONFIG, seed=0), CONFIG.batch_size, **LINE)
    # Without positions to look into, transformers is given a mask, which costs attention more.
    assert truth <= estimate.activations <= 4 / 3 * truth


def test_weights_and_what_is_tuned_are_counted_exactly():
    model = tiny_model()
    own = sum(p.nbytes for p in model.parameters())
    adapters = with_adapters(model, CONFIG, seed=0)
    found = memory_of(shape_of(TINY), CONFIG, **LINE)
    assert found.weights == own
    # Weights, gradients and two moments.
    assert found.tuned == 4 * sum(p.nbytes for p in adapters.parameters() if p.requires_grad)
    assert found.total == found.weights + found.tuned + found.activations
    all_weights = memory_of(shape_of(TINY), dataclasses.replace(CONFIG, tuned="weights"), **LINE)
    layers = sum(p.nbytes for p in tiny_model().get_decoder().layers.parameters())
    assert all_weights.tuned == 3 * layers


def test_fewer_lines_at_once_and_fewer_layers_take_less():
    whole = memory_of(shape_of(TINY), CONFIG, **LINE).activations
    for smaller in (dict(lines_at_once=2), dict(tuned_layers=1)):
        config = dataclasses.replace(CONFIG, **smaller)
        assert memory_of(shape_of(TINY), config, **LINE).activations < 0.6 * whole


@pytest.mark.parametrize("module", [pretrained, code_generation])
def test_the_papers_runs_can_be_planned_here_and_fit_one_large_gpu(module, capsys):
    notebook = module.experiment.notebook
    assert main(["run", notebook, "--scale", "paper", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "load_in_8bit: True" in said and "would be made" in said
    memory = next(line for line in said.splitlines() if line.startswith("memory: about "))
    assert 27 < float(memory.split()[2]) < 80
    if module is code_generation:
        assert "examples: 18,000 code, 2,000 general" in said


def test_a_run_that_is_recorded_says_so(capsys):
    assert main(["run", "01_rule_diversity", "-p", "num_rules", "300", "--dry-run"]) == 0
    assert " is recorded: unseen " in capsys.readouterr().out
