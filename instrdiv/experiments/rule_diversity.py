"""Experiment 1: how many different rules must be trained for unseen rules to be followed.

A fixed number of examples is spread over more and more rules, so that fewer examples are left for
each, and the model is tested on rules of which neither side was seen (arXiv 2405.19787,
section 3.1, figure 3).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

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
    sample = stream(config.seed, "batches").choice(
        len(data.training), min(config.num_test, len(data.training)), replace=False
    )
    trained_on = Examples(data.training.tokens[sample], data.training.prompt_length)
    return train_and_score(
        config, data.training, {"unseen": data.unseen, "seen": data.seen, "training": trained_on}
    )
