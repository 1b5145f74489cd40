"""Evaluate a model without training it."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from instrdiv.training.device import Machine


@contextmanager
def evaluation_mode(model: nn.Module, machine: Machine) -> Iterator[None]:
    """Without dropout and gradients; afterwards the model returns to the mode that it was in."""
    training = model.training
    model.eval()
    try:
        with torch.inference_mode(), machine.autocast():
            yield
    finally:
        model.train(training)
