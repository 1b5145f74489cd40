"""Experiment 4: rules that are alike in meaning.

All training rules come from families whose sides are built in one fashion. Do models learn to
follow rules, or rules of that fashion (arXiv 2405.19787, section 3.4, figure 7)?
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from instrdiv.experiments import symbolic
from instrdiv.experiments.presets import Settings, settings_of
from instrdiv.models.gpt2 import GPT2
from instrdiv.seeds import stream
from instrdiv.stats import mean_with_interval
from instrdiv.tasks.examples import Examples, sample_examples
from instrdiv.tasks.families import (
    FAMILIES,
    FREE,
    Kind,
    require_enough,
    sample_family_rules,
)
from instrdiv.tasks.inputs import plant_once
from instrdiv.tasks.rules import Rules
from instrdiv.verdicts import Verdict, decide, span

NAME = "semantic_diversity"
PROTOCOL = 1
"""Raised when the same settings come to mean another result; records of another one don't count."""

PRESETS: dict[str, Settings] = {
    "smoke": dict(x_length=6, y_length=6, z_length=8, families=FAMILIES, ks=(3,)),
    "laptop": dict(
        x_length=12, y_length=12, z_length=16, num_rules=2_400, optimizer="muon",
        families=FAMILIES, ks=(3, 4, 6),
    ),
    "paper": dict(x_length=60, y_length=60, z_length=500, families=FAMILIES, ks=(3, 4, 5, 6)),
}  # fmt: skip
"""By scale, what this experiment sets differently from the shared presets."""
AXES = ("num_rules", "families", "ks", "seed")
"""The settings that this experiment's figures vary."""
FREER = (FREE, *(Kind(family, 2) for family in FAMILIES))
"""Less constrained than anything trained on: what the paper tests, k < 3."""
TESTED = (*FREER, *(Kind(family, 3) for family in FAMILIES))


@dataclass(frozen=True, kw_only=True)
class Config(symbolic.SymbolicConfig):
    """One point: `num_rules` evenly of every family with every k, equally many examples each."""

    families: tuple[str, ...]
    """Families of the training rules, of `instrdiv.tasks.families.FAMILIES`."""
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
        numbers = [len(part) for part in np.array_split(np.arange(self.num_rules), len(kinds))]
        require_enough(numbers, self.x_length, kinds)
        require_enough([0] * len(TESTED), self.x_length, TESTED)

    def kinds(self) -> list[Kind]:
        """Every family with every k."""
        return [Kind(family, k) for k in self.ks for family in self.families]


def configure(scale: str, **changes: Any) -> Config:
    """A scale's preset with some settings changed; None leaves a setting as it is.

    >>> configure("laptop", families=["periodic"], ks=[3]).kinds()
    [Kind(family='periodic', k=3)]
    """
    settings = settings_of(scale, PRESETS, changes)
    for name in ("families", "ks"):
        if isinstance(settings[name], list):
            settings[name] = tuple(settings[name])
    return Config(**settings)


def draw(config: Config) -> symbolic.Data:
    """Draw the rules and examples of a run.

    Held-out rules are drawn first, equally many of each of `TESTED`, and share no side with any
    training rule. ``unseen`` tests those with k < 3 together; ``unseen_periodic_2`` and the like
    each kind alone.
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
    # Held-out rules come kind by kind: a row of this table for each.
    rows = np.arange(len(held_out)).reshape(len(TESTED), number)
    return symbolic.Data(
        rules=rules,
        held_out=held_out,
        training=symbolic.draw_training(config, rules, plant),
        tests={
            # Across the kinds, so that the first examples, which are shown, are of every kind.
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


def score_of(kind: Kind) -> str:
    """The name of the score on unseen rules of one kind.

    >>> score_of(FREE), score_of(Kind("mirrored", 2))
    ('unseen_free', 'unseen_mirrored_2')
    """
    return "unseen_free" if kind.k == 1 else f"unseen_{kind.family}_{kind.k}"


def run(config: Config) -> tuple[GPT2, symbolic.Outcome]:
    """Train one model on some families; test it on all of them, on smaller k and on free rules."""
    return symbolic.train_and_score(config, draw(config))


def labelled(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `score_table` with words for lists.

    Returns:
        The table with ``trained``, the families; ``num_families``; ``range``, such as ``3–6``;
        and ``largest_k``.
    """
    return table.assign(
        trained=table.families.map(" + ".join),
        num_families=table.families.map(len),
        range=table.ks.map(lambda ks: f"{min(ks)}–{max(ks)}" if len(ks) > 1 else str(ks[0])),
        largest_k=table.ks.map(max),
    )


def by_tested(table: pd.DataFrame) -> pd.DataFrame:
    """Mean exact match by the families trained and the kind of rule tested.

    Args:
        table: of `labelled`, with one number of rules and one range of k.

    Returns:
        Columns: ``trained``, ``num_families``, ``tested``, ``share``, ``runs``.
    """
    names = {score_of(kind): str(kind) for kind in TESTED}
    rows = table[table.score.isin(names)]
    rows = rows.assign(tested=rows.score.map(names))
    groups = rows.groupby(["trained", "num_families", "tested"], as_index=False)
    return groups.agg(share=("share", "mean"), runs=("share", "size"))


def families_finding(table: pd.DataFrame) -> str:
    """What each set of families carries over to rules with k < 3, in a sentence.

    Args:
        table: of `labelled`, with one number of rules and one range of k.
    """
    unseen = table[table.score == "unseen"].sort_values("num_families")
    parts = []
    for number, word in ((1, "One family"), (2, "two"), (3, "three")):
        rows = unseen[unseen.num_families == number]
        means = rows.groupby("trained").share.mean().sort_values(ascending=False)
        each = ", ".join(f"{name} {share:.0%}" for name, share in means.items())
        parts.append(f"{word}: {each or 'no runs'}")
    return f"On *k* < 3, means over seeds. {'; '.join(parts)}."


def verdicts(table: pd.DataFrame, equal: pd.DataFrame) -> list[Verdict]:
    """The paper's claims about semantic diversity held against our runs."""
    table = labelled(table)
    unseen = table[table.score == "unseen"]
    able = unseen.seed.nunique() >= 2
    compared = unseen[unseen.groupby(["num_rules", "range"]).num_families.transform("nunique") > 2]
    one, two, three = (compared[compared.num_families == number] for number in (1, 2, 3))
    all_three = unseen[unseen.num_families == 3]
    point = ["range", "seed"]
    fewest = all_three[all_three.num_rules <= 500]
    gains = all_three.sort_values("num_rules").groupby(point).share.agg(["first", "last", "size"])
    gains = gains[gains["size"] > 1]
    widest = all_three.largest_k.max()
    at = ["num_rules", "seed"]
    narrower = all_three[all_three.largest_k < widest].groupby(at).share.max()
    narrower = narrower[narrower > 0.1]  # where nothing transfers, nothing can be hurt
    loss = (narrower - all_three[all_three.largest_k == widest].set_index(at).share).dropna()
    return [
        Verdict(
            claim="Rules of one family, or of two, do not carry over to freer rules; "
            "those of three do",
            paper="one or two families: no transfer; three: transfer",
            ours=f"one: {span(one)}; two: {span(two)}; three: {span(three)}",
            outcome=decide(
                bool((one.share <= 0.1).all() and (two.share <= 0.1).all())
                and bool((three.share >= 0.5).all()),
                partly=bool(three.share.mean() >= 2 * max(one.share.mean(), two.share.mean())),
                able=able and min(len(one), len(two), len(three)) >= 2,
            ),
            rule="on k < 3: every run with one or two at most 10 %, with three at least 50 %; "
            "partly: three at least twice as good in the mean",
        ),
        Verdict(
            claim="More rules help",
            paper="higher with 1 000, 5 000 and 10 000 rules than with 500",
            ours=f"from the fewest to the most rules: {_change(gains['last'] - gains['first'])}",
            outcome=decide(
                bool((gains["last"] > gains["first"]).all()),
                partly=bool((gains["last"] - gains["first"]).mean() > 0),
                able=able and len(gains) > 0,
            ),
            rule="higher with the most rules than with the fewest for every range of k and seed; "
            "partly: in the mean",
        ),
        Verdict(
            claim="500 rules or fewer never transfer",
            paper="at most 500 rules: no transfer for any range of k",
            ours=f"three families, at most 500 rules: {span(fewest)}",
            outcome=decide(
                bool((fewest.share <= 0.1).all()),
                partly=bool(fewest.share.mean() <= 0.1),
                able=able and len(fewest) > 0,
            ),
            rule="every run at most 10 % on k < 3; partly: in the mean",
        ),
        Verdict(
            claim="Too large a k hurts",
            paper="a range up to 60 does worse than one up to 12",
            ours=f"up to k = {widest} against the best narrower range: {_change(-loss)}",
            outcome=decide(
                bool((loss > 0).all()),
                partly=bool(loss.mean() > 0),
                able=able and len(loss) > 0,
            ),
            rule="worse than the best narrower range with every number of rules and seed at which "
            "that range transfers; partly: in the mean",
        ),
    ]


def _change(differences: pd.Series) -> str:
    """Differences of scores in words: their mean with a 95 % bootstrap interval, and the range."""
    if not len(differences):
        return "no runs to compare"
    values = differences.to_numpy() * 100
    mean, low, high = mean_with_interval(values)
    return (
        f"{mean:+.1f} points in the mean of {len(values)} pairs (95 % interval "
        f"{low:+.1f} to {high:+.1f}), single ones {values.min():+.1f} to {values.max():+.1f}"
    )
