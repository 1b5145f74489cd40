"""Experiment 1: how many different rules must be trained for unseen rules to be followed.

A fixed number of examples is spread over more and more rules, so that fewer examples are left for
each, and the model is tested on rules of which neither side was seen (arXiv 2405.19787,
section 3.1, figure 3).
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from instrdiv.checks import between
from instrdiv.experiments.symbolic import Outcome, SymbolicConfig, train_and_score
from instrdiv.models.gpt2 import GPT2
from instrdiv.seeds import stream
from instrdiv.tasks.examples import Examples, sample_examples, spread_evenly
from instrdiv.tasks.rules import Rules, sample_rules

NAME = "rule_diversity"
PROTOCOL = 1
"""Raised when the same settings come to mean another result; records of another one don't count."""


@dataclass(frozen=True, kw_only=True)
class Config(SymbolicConfig):
    """One point: `num_examples` spread evenly over `num_rules`."""

    num_rules: int = field(metadata=between(1, 100_000_000))
    """Different rules in training, I."""
    num_examples: int = field(metadata=between(1, 100_000_000))
    """Training examples over all rules, I × S."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.num_rules > self.num_examples:
            raise ValueError(
                f"num_rules={self.num_rules} is more than num_examples={self.num_examples}: "
                "each rule needs at least one example"
            )


PRESETS: dict[str, dict[str, Any]] = {
    "smoke": dict(
        x_length=2, y_length=2, z_length=5, n_layer=2, n_head=2, n_embd=32, num_test=100,
        num_rules=50, num_examples=2_000, optimizer="adamw", learning_rate=3e-3, steps=30,
        batch_size=32, num_evaluations=3, seed=0,
    ),
    "laptop": dict(
        x_length=4, y_length=4, z_length=8, n_layer=3, n_head=4, n_embd=128, num_test=2_000,
        num_rules=1_000, num_examples=100_000, optimizer="adamw", learning_rate=3e-3, beta2=0.99,
        steps=3_600, batch_size=64, num_evaluations=12, seed=0,
    ),
    # The paper states lengths, sizes, examples, epochs and peak rate. Batch size, warm-up, decay
    # and β2 are ours: 50 epochs of 1 000 000 examples in batches of 512.
    "paper": dict(
        x_length=20, y_length=20, z_length=50, n_layer=6, n_head=4, n_embd=256, num_test=100_000,
        num_rules=1_000, num_examples=1_000_000, optimizer="adamw", learning_rate=1e-3,
        steps=97_657, batch_size=512, num_evaluations=50, seed=0,
    ),
}  # fmt: skip
WITH_MUON: dict[str, dict[str, Any]] = {
    "laptop": dict(steps=650, batch_size=128, muon_learning_rate=4e-3, beta2=0.95),
}
"""What a scale's preset changes for the second optimiser, which needs fewer steps."""


def configure(scale: str, **changes: Any) -> Config:
    """A scale's preset with some settings changed; None leaves a setting as it is.

    >>> configure("laptop", num_rules=300).num_rules
    300
    """
    given = {name: value for name, value in changes.items() if value is not None}
    preset = dict(PRESETS[scale])
    if given.get("optimizer") == "muon":
        preset |= WITH_MUON.get(scale, {})
    return Config(**(preset | given))


class Data(NamedTuple):
    """What a run learns from and is tested on."""

    rules: Rules
    held_out: Rules
    training: Examples
    unseen: Examples
    seen: Examples


def draw(config: Config) -> Data:
    """Draw the rules and examples of a run.

    The held-out rules are drawn first and from streams of their own: all runs of one seed are
    tested on the same rules and inputs, however many rules they train on.
    """
    seed, sides = config.seed, (config.x_length, config.y_length)
    held_out = sample_rules(stream(seed, "held-out rules"), config.num_test, *sides)
    rules = sample_rules(stream(seed, "rules"), config.num_rules, *sides, held_out=held_out)
    each_once = np.arange(config.num_test)
    return Data(
        rules=rules,
        held_out=held_out,
        training=sample_examples(
            stream(seed, "inputs"),
            rules,
            spread_evenly(config.num_rules, config.num_examples),
            config.z_length,
        ),
        unseen=sample_examples(
            stream(seed, "held-out inputs"), held_out, each_once, config.z_length
        ),
        seen=sample_examples(
            stream(seed, "seen-rule inputs"), rules, each_once % config.num_rules, config.z_length
        ),
    )


def run(config: Config) -> tuple[GPT2, Outcome]:
    """Train one model and test it on unseen rules, on new inputs of seen rules, and on training
    examples themselves."""
    data = draw(config)
    sample = stream(config.seed, "training sample").choice(
        len(data.training), min(config.num_test, len(data.training)), replace=False
    )
    trained_on = Examples(data.training.tokens[sample], data.training.prompt_length)
    return train_and_score(
        config, data.training, {"unseen": data.unseen, "seen": data.seen, "training": trained_on}
    )
