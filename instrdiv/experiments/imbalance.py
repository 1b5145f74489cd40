"""Experiment 3: rules that are not equally frequent.

A power law gives the first rules most of the examples and leaves a long tail of rare ones. How
many of the rules still count (arXiv 2405.19787, section 3.3, figures 5 and 6)?
"""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from instrdiv.checks import above
from instrdiv.experiments import symbolic
from instrdiv.scales import Settings
from instrdiv.seeds import stream
from instrdiv.tasks.examples import sample_examples, spread
from instrdiv.tasks.inputs import plant_once
from instrdiv.tasks.rules import Rules

PRESETS: dict[str, Settings] = {
    "smoke": {},
    # The paper sees each example fifty times, and what comes of frequent rules depends on it: so
    # there are few examples, each seen 13 times. The warm-up is long because seeds then end close
    # together near the threshold.
    "laptop": dict(optimizer="muon", num_rules=450, num_examples=10_000, warmup_share=0.3),
    "desk": {},
    "paper": {},
}
"""By scale, the settings that differ from the shared presets."""


@dataclass(frozen=True, kw_only=True)
class Config(symbolic.SymbolicConfig):
    """`num_examples` spread over `num_rules` by a power law."""

    alpha: float | None = field(default=None, metadata=above(0))
    """P(rule i) = (i/I)^α − ((i−1)/I)^α; None spreads the examples evenly."""


def make_data(config: Config) -> symbolic.SymbolicData:
    """Make the rules and examples of a run.

    Unseen rules are those of experiment 1 with the same seed. Seen rules are tested equally often,
    however rare they are in training; rules without any training example do not count as seen.
    """
    rules, held_out = symbolic.make_rules(config)
    rule_of = spread(config.num_rules, config.num_examples, config.alpha, config.seed)
    occurring = np.unique(rule_of)
    plant = partial(plant_once, z_length=config.z_length)
    return symbolic.SymbolicData(
        rules=rules,
        held_out=held_out,
        training=sample_examples(stream(config.seed, "inputs"), rules, rule_of, plant),
        tests=symbolic.make_tests(
            config, Rules(rules.x[occurring], rules.y[occurring]), held_out, {"": plant}
        ),
    )


experiment = symbolic.symbolic_experiment("imbalance", 3, Config, PRESETS, make_data)
