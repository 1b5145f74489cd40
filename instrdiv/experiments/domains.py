"""Experiment 8: do instructions of other kinds help to follow unseen rules?

The question of code mixtures, put where everything can be counted: a fixed number of examples, of
which a growing share is no rewriting at all. Is there an optimum between none and all?
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from instrdiv.checks import between
from instrdiv.experiments import symbolic
from instrdiv.experiments.presets import Settings, settings_of
from instrdiv.models.gpt2 import GPT2
from instrdiv.seeds import stream
from instrdiv.statistics.intervals import mean_interval
from instrdiv.statistics.verdict import (
    ABOVE_ZERO,
    BELOW_ZERO,
    Verdict,
    decide,
    gate_of,
    judge,
    points_in_words,
    read_rules,
)
from instrdiv.tasks.domains import sample_others
from instrdiv.tasks.examples import Examples, sample_examples, spread_evenly
from instrdiv.tasks.inputs import plant_once

NAME = "domains"
PROTOCOL = 1
"""Raised when the same settings come to mean another result; records of another one don't count."""

PRESETS: dict[str, Settings] = {
    "smoke": dict(other_share=0.25),
    "laptop": dict(optimizer="muon", num_rules=700, other_share=0.25),
    "paper": dict(other_share=0.25),
}
"""By scale, what this experiment sets differently from the shared presets."""
AXES = ("num_rules", "other_share", "seed")
"""The settings that this experiment's figures vary."""


@dataclass(frozen=True, kw_only=True)
class Config(symbolic.SymbolicConfig):
    """One point: `num_examples`, of which a share are other instructions than rules."""

    other_share: float = field(metadata=between(0, 0.99))
    """Share of the examples that are no rewriting; the rules share what is left."""

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
        """Examples of rules."""
        return self.num_examples - round(self.num_examples * self.other_share)


def configure(scale: str, **changes: Any) -> Config:
    """A scale's preset with some settings changed; None leaves a setting as it is.

    >>> configure("laptop", other_share=0.1).num_rewriting
    90000
    """
    return Config(**settings_of(scale, PRESETS, changes))


def draw(config: Config) -> symbolic.Data:
    """Draw the rules and examples of a run; ``unseen`` and ``seen`` are those of experiment 1."""
    rules, held_out = symbolic.draw_rules(config)
    plant = partial(plant_once, z_length=config.z_length)
    rewriting = sample_examples(
        stream(config.seed, "inputs"),
        rules,
        spread_evenly(config.num_rules, config.num_rewriting),
        plant,
    )
    tests = symbolic.draw_tests(config, rules, held_out, {"": plant})
    others = partial(
        sample_others, width=config.x_length + config.y_length + 1, z_length=config.z_length
    )
    if number := config.num_examples - config.num_rewriting:
        other = others(stream(config.seed, "other instructions"), number)
        tests["others"] = others(stream(config.seed, "other tests"), config.num_test)
        tokens = np.concatenate([rewriting.tokens, other.tokens])
        rewriting = Examples(tokens, rewriting.prompt_length)
    return symbolic.Data(rules=rules, held_out=held_out, training=rewriting, tests=tests)


def run(config: Config) -> tuple[GPT2, symbolic.Outcome]:
    """Train one model on a mixture; test it on rules and on the other instructions."""
    return symbolic.train_and_score(config, draw(config))


def gains(table: pd.DataFrame) -> pd.DataFrame:
    """What each share of other instructions adds to the score on unseen rules.

    Returns:
        A row for each number of rules, share above 0 and seed that was run without others too:
        ``num_rules``, ``other_share``, ``seed``, ``gain``.
    """
    unseen = table[table.score == "unseen"]
    alone = unseen[unseen.other_share == 0].set_index(["num_rules", "seed"]).share
    mixed = unseen[unseen.other_share > 0]
    paired = mixed.join(alone.rename("alone"), on=["num_rules", "seed"]).dropna(subset="alone")
    return paired.assign(gain=paired.share - paired.alone)[
        ["num_rules", "other_share", "seed", "gain"]
    ]


def mean_gains(gains: pd.DataFrame) -> pd.DataFrame:
    """The mean gain over seeds, with its 95 % interval over them where they are three or more.

    Args:
        gains: of `gains`.

    Returns:
        A row for each number of rules and share: ``num_rules``, ``other_share``, ``mean``, ``low``,
        ``high``, ``seeds``.

    >>> row = {"num_rules": 700, "other_share": 0.25, "seed": 0, "gain": 0.5}
    >>> mean_gains(pd.DataFrame([row])).values.tolist()
    [[700.0, 0.25, 0.5, nan, nan, 1.0]]
    """
    rows = [
        (*at, *mean_interval(seeds.gain))
        for at, seeds in gains.groupby(["num_rules", "other_share"])
    ]
    return pd.DataFrame(rows, columns=["num_rules", "other_share", "mean", "low", "high", "seeds"])


def summary(gains: pd.DataFrame) -> str:
    """What each share of other instructions added, a line for each number of rules.

    Args:
        gains: of `gains`.

    >>> row = {"num_rules": 700, "other_share": 0.25, "seed": 0, "gain": 0.5}
    >>> summary(pd.DataFrame([row]))
    '- **700 rules:** with 25 % others +50.0 points (1 pair of runs)'
    """
    if gains.empty:
        return "*No two runs of equal rules and seed, with and without others, are recorded yet.*"
    return "\n".join(
        f"- **{number:,} rules:** " + "; ".join(map(_added, rows.itertuples()))
        for number, rows in mean_gains(gains).groupby("num_rules")
    )


def _added(row: Any) -> str:
    told = f"with {100 * row.other_share:.0f} % others {100 * row.mean:+.1f} points"
    if np.isnan(row.low):
        return f"{told} ({row.seeds} pair{'s' * (row.seeds > 1)} of runs)"
    return f"{told} ({100 * row.low:+.1f} to {100 * row.high:+.1f}, {row.seeds} seeds)"


def verdicts(table: pd.DataFrame, equal: pd.DataFrame) -> list[Verdict]:
    """The paper's claims about mixtures, held against mixtures of symbolic instructions."""
    rules, found = read_rules(NAME), gains(table)
    unseen = table[table.score == "unseen"]

    numbers = rules["small"]
    number, share = numbers["rules"], numbers["share"]
    gain = mean_interval(
        found[(found.num_rules == number) & np.isclose(found.other_share, share)].gain
    )
    shares = np.isclose(unseen.other_share, share) | (unseen.other_share == 0)
    small = unseen[(unseen.num_rules == number) & shares]
    small_gate = gate_of(table, small, AXES)
    helps = judge(
        gain,
        points_in_words(gain, f"{number} rules, {100 * share:.0f} % others"),
        within=ABOVE_ZERO,
        excluded_by=(numbers["least"], 1),
        gate=small_gate,
        success=True,
    )

    numbers = rules["large"]
    large = found[found.other_share >= numbers["share"]]
    lost = mean_interval(large.groupby("seed").gain.mean())
    much = unseen[(unseen.other_share >= numbers["share"]) & unseen.seed.isin(large.seed)]
    large_gate = gate_of(table, much, AXES)
    hurts = judge(
        lost,
        points_in_words(lost, "half and more"),
        within=BELOW_ZERO,
        excluded_by=(-1, -numbers["least"]),
        gate=large_gate,
    )
    return [
        decide(rules["small"], [helps], small, small_gate),
        decide(rules["large"], [hurts], much, large_gate),
    ]
