"""Experiment 4: rules that are semantically similar.

All training rules come from families whose sides are built in one way. Do models learn to follow
rules in general, or only rules of these families (arXiv 2405.19787, section 3.4, figure 7)?
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from instrdiv.experiments import symbolic
from instrdiv.scales import Settings
from instrdiv.seeds import stream
from instrdiv.tasks.examples import Examples, sample_examples
from instrdiv.tasks.families import (
    FAMILIES,
    FREER,
    TESTED,
    RuleKind,
    evenly,
    require_enough,
    sample_family_rules,
    score_of,
)
from instrdiv.tasks.inputs import plant_once
from instrdiv.tasks.rules import Rules

PRESETS: dict[str, Settings] = {
    "smoke": dict(x_length=6, y_length=6, z_length=8, families=FAMILIES, ks=(3,)),
    "laptop": dict(
        x_length=12, y_length=12, z_length=16, num_rules=2_400, optimizer="muon",
        families=FAMILIES, ks=(3, 4, 6),
    ),
    "paper": dict(x_length=60, y_length=60, z_length=500, families=FAMILIES, ks=(3, 4, 5, 6)),
}  # fmt: skip
"""By scale, the settings that differ from the shared presets."""


@dataclass(frozen=True, kw_only=True)
class Config(symbolic.SymbolicConfig):
    """`num_rules` spread evenly over every family and every k, with equally many examples each."""

    families: tuple[str, ...]
    """Families of the training rules, out of `instrdiv.tasks.families.FAMILIES`."""
    ks: tuple[int, ...]
    """Parameters k of the training rules."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for family in self.families:
            if family not in FAMILIES:
                raise ValueError(f"families: {family!r}; allowed: {', '.join(FAMILIES)}")
        for name in ("families", "ks"):
            given = getattr(self, name)
            if not given or len(set(given)) < len(given):
                raise ValueError(f"{name}={given}: one or more different values are needed")
        if self.x_length != self.y_length:
            raise ValueError(f"x_length={self.x_length}, y_length={self.y_length}: must be equal")
        kinds = self.kinds()
        require_enough(evenly(self.num_rules, len(kinds)), self.x_length, kinds)
        require_enough([0] * len(TESTED), self.x_length, TESTED)

    def kinds(self) -> list[RuleKind]:
        """Every family with every k."""
        return [RuleKind(family, k) for k in self.ks for family in self.families]


def make_data(config: Config) -> symbolic.SymbolicData:
    """Make the rules and examples of a run.

    Held-out rules are sampled first, equally many of each of `TESTED`, and share no side with any
    training rule. ``unseen`` tests those with k < 3 together; ``unseen_periodic_2`` and the like
    test each kind separately.
    """
    length, number = config.x_length, max(1, config.num_test // len(FREER))
    held_out = sample_family_rules(
        stream(config.seed, "held-out rules"), number * len(TESTED), length, TESTED
    )
    rules = shuffled(
        stream(config.seed, "rule order"),
        sample_family_rules(
            stream(config.seed, "rules"),
            config.num_rules,
            length,
            config.kinds(),
            held_out=held_out,
        ),
    )
    plant = partial(plant_once, z_length=config.z_length)
    everywhere = sample_examples(
        stream(config.seed, "held-out inputs"), held_out, np.arange(len(held_out)), plant
    )
    # Held-out rules are ordered by kind: one row of this table for each.
    rows = np.arange(len(held_out)).reshape(len(TESTED), number)
    return symbolic.SymbolicData(
        rules=rules,
        held_out=held_out,
        training=symbolic.make_training(config, rules, plant),
        tests={
            # The kinds in turn, so that the first examples, which pages show, cover every kind.
            "unseen": _at(everywhere, rows[: len(FREER)].T.ravel()),
            "seen": sample_examples(
                stream(config.seed, "seen-rule inputs"),
                rules,
                np.arange(config.num_test) % config.num_rules,
                plant,
            ),
        },
        further={
            score_of(kind): _at(everywhere, of) for kind, of in zip(TESTED, rows, strict=True)
        },
    )


def shuffled(rng: np.random.Generator, rules: Rules) -> Rules:
    order = rng.permutation(len(rules))
    return Rules(rules.x[order], rules.y[order])


def _at(examples: Examples, rows: np.ndarray) -> Examples:
    return Examples(examples.tokens[rows], examples.prompt_length)


experiment = symbolic.symbolic_experiment("semantic_diversity", 4, Config, PRESETS, make_data)
