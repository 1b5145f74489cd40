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
from instrdiv.stats import mean_with_interval
from instrdiv.tasks.domains import sample_others
from instrdiv.tasks.examples import Examples, sample_examples, spread_evenly
from instrdiv.tasks.inputs import plant_once
from instrdiv.verdicts import Verdict, decide

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
    """The mean gain over seeds, with its 95 % bootstrap interval over them.

    Args:
        gains: of `gains`.

    Returns:
        A row for each number of rules and share: ``num_rules``, ``other_share``, ``mean``, ``low``,
        ``high``, ``seeds``.

    >>> row = {"num_rules": 700, "other_share": 0.25, "seed": 0, "gain": 0.5}
    >>> mean_gains(pd.DataFrame([row])).values.tolist()
    [[700.0, 0.25, 0.5, 0.5, 0.5, 1.0]]
    """
    rows = [
        (*at, *mean_with_interval(seeds.gain), len(seeds))
        for at, seeds in gains.groupby(["num_rules", "other_share"])
    ]
    return pd.DataFrame(rows, columns=["num_rules", "other_share", "mean", "low", "high", "seeds"])


def in_words(means: pd.DataFrame) -> str:
    """Some mean gains as a list.

    >>> means = {"num_rules": 700, "other_share": 0.25, "mean": 0.1, "low": 0, "high": 0.2}
    >>> in_words(pd.DataFrame([means | {"seeds": 3}]))
    '700 rules: 25 % others add +10.0 points (+0.0 to +20.0, 3 seeds)'
    """
    return "; ".join(
        f"{row.num_rules:,} rules: {100 * row.other_share:.0f} % others add "
        f"{100 * row.mean:+.1f} points ({100 * row.low:+.1f} to {100 * row.high:+.1f}, "
        f"{row.seeds} seeds)"
        for row in means.itertuples(name="Means")
    )


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
    if row.seeds == 1:
        return f"{told} (1 pair of runs)"
    return f"{told} ({100 * row.low:+.1f} to {100 * row.high:+.1f}, {row.seeds} seeds)"


def verdicts(table: pd.DataFrame, equal: pd.DataFrame) -> list[Verdict]:
    """The paper's claims about mixtures, held against mixtures of symbolic instructions."""
    means = mean_gains(gains(table))
    # One pair has no interval.
    means = means[means.seeds >= 2]
    small = means[means.other_share <= 0.25]
    best = small.loc[small.groupby("num_rules")["mean"].idxmax()] if len(small) else small
    large = means[means.other_share >= 0.75]
    return [
        Verdict(
            claim="A small share of other instructions helps with unseen ones of the target kind",
            paper="code: best near 10 % of general data",
            ours=in_words(best) or "no runs to compare",
            outcome=decide(
                bool((best.low > 0).all()), partly=bool((best.low > 0).any()), able=len(best) > 0
            ),
            rule="for each number of rules, the best share up to a quarter gains, the interval "
            "over seeds above 0; partly: for one number",
        ),
        Verdict(
            claim="Too large a share hurts",
            paper="code: half and more is worse than none",
            ours=in_words(large) or "no runs to compare",
            outcome=decide(
                bool((large.high < 0).all()),
                partly=bool((large.high < 0).any()),
                able=len(large) > 0,
            ),
            rule="for each number of rules, three quarters and more lose, the interval over seeds "
            "below 0; partly: for one number",
        ),
    ]
