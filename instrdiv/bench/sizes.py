"""The models that are timed: the laptop and desk presets and the paper's model, at their
lengths."""

from dataclasses import dataclass
from typing import Any

import torch

from instrdiv.experiments.rule_diversity import Config, experiment, make_data
from instrdiv.experiments.scratch import new_model
from instrdiv.models.gpt2 import GPT2
from instrdiv.tasks.examples import Examples


@dataclass(frozen=True)
class Size:
    """A model, its batches, and the amount of work in one measurement.

    Attributes:
        steps: optimiser steps of one measurement.
        test: examples of one measurement of evaluation.
    """

    name: str
    config: Config
    training: Examples
    test: Examples
    steps: int

    @property
    def line_length(self) -> int:
        """Tokens of a whole sequence. All of them count for every system, even if it skips some."""
        return self.training.tokens.shape[1]

    @property
    def num_scored(self) -> int:
        """Tokens of a sequence in the loss: the output and its end."""
        return self.line_length - self.training.prompt_length

    @property
    def tokens(self) -> int:
        """Tokens of one measurement of training."""
        return self.steps * self.config.batch_size * self.line_length

    def described(self) -> dict[str, int]:
        """The sizes for the report."""
        names = ("n_layer", "n_embd", "n_head", "batch_size")
        return {
            **{name: getattr(self.config, name) for name in names},
            "line_length": self.line_length,
            "num_scored": self.num_scored,
            "steps": self.steps,
            "num_test": len(self.test),
        }

    def model(self) -> GPT2:
        """The untrained model, the same each time."""
        return new_model(self.config, self.training)

    def batch(self) -> torch.Tensor:
        """The first batch."""
        return torch.from_numpy(self.training.tokens[: self.config.batch_size]).long()


def laptop(quick: bool) -> Size:
    return _size("laptop", steps=2 if quick else 10, num_test=32 if quick else 1024)


def desk(quick: bool) -> Size:
    """Timed with the paper's optimiser, like the others."""
    return _size(
        "desk",
        steps=1 if quick else 4,
        num_test=1 if quick else 64,
        batch_size=2 if quick else 64,
        optimizer="adamw",
    )


def paper(quick: bool) -> Size:
    """The paper's model at the paper's lengths.

    Batches of 512 would take too long on a processor; rates hardly depend on the batch size.
    """
    return _size(
        "paper",
        steps=1 if quick else 2,
        num_test=1 if quick else 32,
        batch_size=2 if quick else 16,
    )


def _size(name: str, steps: int, num_test: int, **overrides: Any) -> Size:
    """A preset with few examples, and with the exact GELU at all sizes: a processor computes it
    several times faster than the approximation that the paper preset keeps for fidelity. The tuned
    model of transformers gets the same; what the approximation costs us is among the variants."""
    config = experiment.configure(
        name,
        num_rules=1_000,
        num_examples=2_000,
        num_test=num_test,
        activation="gelu",
        **overrides,
    )
    data = make_data(config)
    return Size(name, config, data.training, data.tests["unseen"], steps)
