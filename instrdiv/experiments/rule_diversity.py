"""Experiment 1: on how many different rules must a model be trained to follow unseen rules?

A fixed number of examples is spread over more and more rules, so that each rule has fewer of them.
The model is tested on rules of which neither side was seen (arXiv 2405.19787, section 3.1,
figure 3).
"""

from functools import partial

from instrdiv.experiments import symbolic
from instrdiv.scales import SHARED, Settings
from instrdiv.tasks.inputs import plant_once

Config = symbolic.SymbolicConfig
"""`num_examples` spread evenly over `num_rules`."""

PRESETS: dict[str, Settings] = {scale: {} for scale in SHARED}
"""By scale, the settings that differ from the shared presets: none."""


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


experiment = symbolic.symbolic_experiment("rule_diversity", 1, Config, PRESETS, make_data)
