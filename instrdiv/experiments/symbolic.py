"""What the symbolic experiments share: one training on string rewriting, scored and described."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from instrdiv.checks import at_least, between, check_fields, one_of
from instrdiv.seeds import stream
from instrdiv.tasks.examples import Examples, Plant, sample_examples, spread_evenly
from instrdiv.tasks.rules import Rules, sample_rules
from instrdiv.training.config import TrainingConfig

ACTIVATIONS = ("gelu", "gelu_new")
"""Names of `instrdiv.models.gpt2.ACTIVATIONS`, without importing what they name."""


@dataclass(frozen=True, kw_only=True)
class SymbolicConfig(TrainingConfig):
    """A GPT-2 trained from scratch on string rewriting."""

    x_length: int = field(metadata=between(1, 1000))
    """Letters on a rule's left-hand side, |x|."""
    y_length: int = field(metadata=between(0, 1000))
    """Letters on a rule's right-hand side, |y|."""
    z_length: int = field(metadata=between(1, 10_000))
    """Letters of an input, |z|."""
    n_layer: int = field(metadata=between(1, 1000))
    """Blocks of the model."""
    n_head: int = field(metadata=between(1, 1000))
    """Attention heads of a block."""
    n_embd: int = field(metadata=between(1, 100_000))
    """Width of the model."""
    activation: str = field(default="gelu", metadata=one_of(*ACTIVATIONS))
    """The model's activation; GPT-2's own is ``gelu_new``."""
    num_test: int = field(metadata=between(1, 1_000_000))
    """Held-out rules, each tested on one input; as many inputs test the seen rules."""
    num_rules: int = field(metadata=between(1, 100_000_000))
    """Different rules in training, I."""
    num_examples: int = field(metadata=between(1, 100_000_000))
    """Training examples over all rules, I × S."""
    seed: int = field(metadata=at_least(0))
    """Seed of every random stream of the run."""
    weight_seed: int | None = field(default=None, metadata=at_least(0))
    """Seed of the first weights and of the batches' order alone; None takes `seed` for these too.
    It tells what a run owes to its rules and what to its weights."""

    @property
    def setup(self) -> str:
        """The sizes of task and model, in words."""
        return (
            f"|x| = |y| = {self.x_length}, |z| = {self.z_length}, {self.n_layer} layers of width "
            f"{self.n_embd}"
        )

    @property
    def training_seed(self) -> int:
        """Seed of all that is drawn for the training and not for its data."""
        return self.seed if self.weight_seed is None else self.weight_seed

    def __post_init__(self) -> None:
        check_fields(self)
        if self.n_embd % self.n_head:
            raise ValueError(f"n_embd={self.n_embd} is not a multiple of n_head={self.n_head}")
        if self.x_length > self.z_length:
            raise ValueError(f"x_length={self.x_length} is more than z_length={self.z_length}")
        if self.num_rules > self.num_examples:
            raise ValueError(
                f"num_rules={self.num_rules} is more than num_examples={self.num_examples}: "
                "each rule needs at least one example"
            )


@dataclass(frozen=True)
class Data:
    """What a run learns from and is tested on."""

    rules: Rules
    held_out: Rules
    training: Examples
    tests: dict[str, Examples]
    """By the name of the score; ``unseen`` is among them."""
    further: dict[str, Examples] = field(default_factory=dict)
    """Tests after training alone, which the learning curve does without."""


def draw_rules(config: SymbolicConfig, *, primitive: bool = False) -> tuple[Rules, Rules]:
    """The training rules and the held-out rules of a run.

    Those held out are drawn first and each kind from a stream of its own: all runs of one seed
    are tested on the same rules, however many they train on.
    """
    sample = partial(
        sample_rules, x_length=config.x_length, y_length=config.y_length, primitive=primitive
    )
    held_out = sample(stream(config.seed, "held-out rules"), config.num_test)
    rules = sample(stream(config.seed, "rules"), config.num_rules, held_out=held_out)
    return rules, held_out


def draw_training(config: SymbolicConfig, rules: Rules, plant: Plant) -> Examples:
    """Training examples spread evenly over the rules."""
    rule_of = spread_evenly(config.num_rules, config.num_examples)
    return sample_examples(stream(config.seed, "inputs"), rules, rule_of, plant)


def draw_tests(
    config: SymbolicConfig, rules: Rules, held_out: Rules, plants: Mapping[str, Plant]
) -> dict[str, Examples]:
    """Tests on unseen and on seen rules, with every kind of input that is asked for.

    Args:
        plants: how inputs are drawn, by what is put behind ``unseen`` and ``seen`` in the names
            of the scores.
    """
    each_once = np.arange(config.num_test)
    seen = each_once % len(rules)
    return {
        group + kind: sample_examples(stream(config.seed, name), of, rows, plant)
        for kind, plant in plants.items()
        for group, of, rows, name in (
            ("unseen", held_out, each_once, "held-out inputs"),
            ("seen", rules, seen, "seen-rule inputs"),
        )
    }
