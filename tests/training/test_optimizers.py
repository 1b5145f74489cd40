"""Optimizers: Muon moves as PyTorch's, each parameter has one, the schedule rises and falls."""

import torch

from instrdiv.experiments import rule_diversity
from instrdiv.experiments.scratch import new_model
from instrdiv.training.device import Machine
from instrdiv.training.muon import Muon
from instrdiv.training.optimizers import Optimizers, linear_schedule

CPU = Machine("cpu", "float32")


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


def test_every_parameter_is_moved_by_exactly_one_optimizer():
    for optimizer in ("adamw", "muon"):
        config = rule_diversity.experiment.configure("smoke", optimizer=optimizer)
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
