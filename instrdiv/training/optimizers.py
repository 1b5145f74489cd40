"""Optimisers and their learning-rate schedule."""

from collections.abc import Callable

import torch
from torch import nn

from instrdiv.training.config import TrainingConfig
from instrdiv.training.device import Machine
from instrdiv.training.muon import Muon


class Optimizers:
    """One or two optimisers of torch that follow one linear schedule.

    Args:
        machine: gives the precision of Muon's products; the weights stay in float32.
    """

    def __init__(self, model: nn.Module, config: TrainingConfig, machine: Machine) -> None:
        self.parameters = list(model.parameters())
        self.max_grad_norm = config.max_grad_norm
        hidden = [p for p in model.get_submodule("blocks").parameters() if p.ndim == 2]
        if config.optimizer == "adamw":
            hidden = []
        in_hidden = {id(p) for p in hidden}
        others = [p for p in self.parameters if id(p) not in in_hidden]
        # Only matrices decay; gains and biases do not, as in GPT-2's successors.
        groups = [
            {"params": [p for p in others if p.ndim >= 2], "weight_decay": config.weight_decay},
            {"params": [p for p in others if p.ndim < 2], "weight_decay": 0.0},
        ]
        self.optimizers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(
                groups, lr=config.learning_rate, betas=(0.9, config.beta2), fused=True
            )
        ]
        if hidden:
            self.optimizers.append(
                Muon(
                    hidden,
                    machine.weights,
                    lr=config.muon_learning_rate,
                    weight_decay=config.weight_decay,
                )
            )
        factor = linear_schedule(config.steps, config.warmup_share)
        self.schedules = [
            torch.optim.lr_scheduler.LambdaLR(optimizer, factor) for optimizer in self.optimizers
        ]

    def step(self) -> None:
        """Clip the gradients, update the weights and the learning rate, reset the gradients."""
        nn.utils.clip_grad_norm_(self.parameters, self.max_grad_norm)
        for optimizer, schedule in zip(self.optimizers, self.schedules, strict=True):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()


def linear_schedule(steps: int, warmup_share: float) -> Callable[[int], float]:
    """Share of the peak learning rate at each step: it rises in the warm-up, then falls to zero.

    >>> rate = linear_schedule(steps=100, warmup_share=0.1)
    >>> rate(0), rate(9), rate(55), rate(100)
    (0.1, 1.0, 0.5, 0.0)
    """
    warmup = max(1, round(steps * warmup_share))

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        return max(0.0, (steps - step) / max(1, steps - warmup))

    return factor
