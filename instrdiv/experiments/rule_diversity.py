"""Experiment 1: on how many different rules must a model be trained to follow unseen rules?

A fixed number of examples is spread over more and more rules, so that each rule has fewer of them.
The model is tested on rules of which neither side was seen (arXiv 2405.19787, section 3.1,
figure 3).
"""

from functools import partial
from pathlib import Path
from typing import Any

from instrdiv.experiments import symbolic
from instrdiv.experiments.experiment import Experiment
from instrdiv.experiments.outcome import Outcome
from instrdiv.scales import SHARED, Settings, settings_of
from instrdiv.tasks.inputs import plant_once

Config = symbolic.SymbolicConfig
"""`num_examples` spread evenly over `num_rules`."""

PRESETS: dict[str, Settings] = {scale: {} for scale in SHARED}
"""By scale, the settings that differ from the shared presets: none."""


def configure(scale: str, **overrides: Any) -> Config:
    """A scale's preset with overrides; None leaves a setting as it is.

    >>> configure("laptop", num_rules=300).num_rules
    300
    """
    return Config(**settings_of(scale, PRESETS, overrides))


def make_data(config: Config) -> symbolic.SymbolicData:
    """Make the rules and examples of a run; every input holds its rule's left-hand side."""
    rules, held_out = symbolic.make_rules(config)
    plant = partial(plant_once, z_length=config.z_length)
    return symbolic.SymbolicData(
        rules=rules,
        held_out=held_out,
        training=symbolic.make_training(config, rules, plant),
        tests=symbolic.make_tests(config, rules, held_out, {"": plant}),
    )


def run(config: Config, checkpoint: Path | None = None) -> tuple[Any, Outcome]:
    """Train one model; test it on unseen rules and on new inputs of seen rules."""
    from instrdiv.experiments.scratch import train_and_score

    return train_and_score(config, make_data(config))


experiment = Experiment(
    name="rule_diversity",
    number=1,
    protocol=1,
    config=Config,
    presets=PRESETS,
    configure=configure,
    make_data=make_data,
    run=run,
)
