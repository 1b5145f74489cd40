"""Experiment 8: do examples of other tasks help a model to follow unseen rules?

This is the question about code mixtures, asked where everything can be counted: of a fixed number
of examples, a growing share belongs to other tasks than rewriting. Is there an optimum between none
and all?
"""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from instrdiv.checks import between
from instrdiv.experiments import symbolic
from instrdiv.scales import Settings
from instrdiv.seeds import stream
from instrdiv.tasks.examples import Examples, sample_examples, spread_evenly
from instrdiv.tasks.inputs import plant_once
from instrdiv.tasks.other_tasks import sample_other_tasks

PRESETS: dict[str, Settings] = {
    "smoke": dict(other_share=0.25),
    "laptop": dict(
        optimizer="muon", num_rules=300, other_share=0.1, steps=3_000, warmup_share=0.3,
    ),
    "paper": dict(other_share=0.25),
}  # fmt: skip
"""By scale, the settings that differ from the shared presets."""


@dataclass(frozen=True, kw_only=True)
class Config(symbolic.SymbolicConfig):
    """`num_examples`, of which a share belongs to other tasks."""

    other_share: float = field(metadata=between(0, 0.99))
    """Share of the examples that belong to other tasks; the rules share the rest."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.num_rewriting < self.num_rules:
            raise ValueError(
                f"other_share={self.other_share} leaves {self.num_rewriting} examples for "
                f"num_rules={self.num_rules}: each rule needs at least one"
            )
        if self.x_length != self.y_length:
            raise ValueError(f"x_length={self.x_length}, y_length={self.y_length}: must be equal")

    @property
    def num_rewriting(self) -> int:
        """Number of examples of rules."""
        return self.num_examples - round(self.num_examples * self.other_share)


def make_data(config: Config) -> symbolic.SymbolicData:
    """Make the rules and examples of a run; ``unseen`` and ``seen`` are those of experiment 1."""
    rules, held_out = symbolic.make_rules(config)
    plant = partial(plant_once, z_length=config.z_length)
    rewriting = sample_examples(
        stream(config.seed, "inputs"),
        rules,
        spread_evenly(config.num_rules, config.num_rewriting),
        plant,
    )
    tests = symbolic.make_tests(config, rules, held_out, {"": plant})
    others = partial(
        sample_other_tasks, width=config.x_length + config.y_length + 1, z_length=config.z_length
    )
    if number := config.num_examples - config.num_rewriting:
        other = others(stream(config.seed, "other instructions"), number)
        tests["others"] = others(stream(config.seed, "other tests"), config.num_test)
        tokens = np.concatenate([rewriting.tokens, other.tokens])
        rewriting = Examples(tokens, rewriting.prompt_length)
    return symbolic.SymbolicData(rules=rules, held_out=held_out, training=rewriting, tests=tests)


experiment = symbolic.symbolic_experiment("domains", 8, Config, PRESETS, make_data)
