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
from instrdiv.experiments.comparison import has_paper_lengths
from instrdiv.experiments.presets import Settings, settings_of
from instrdiv.models.gpt2 import GPT2
from instrdiv.seeds import stream
from instrdiv.statistics.intervals import by_unit, mean_interval, paired
from instrdiv.statistics.verdict import (
    ABOVE_ZERO,
    BELOW_ZERO,
    Verdict,
    decide,
    gate_of,
    judge,
    mean_score,
    points_in_words,
    read_rules,
    scores_in_words,
)
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


def best_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Of the runs with one number of families, those of the set that is best in the mean."""
    means = rows.groupby("trained").share.mean()
    return rows[rows.trained == means.idxmax()] if len(means) else rows


def verdicts(table: pd.DataFrame, equal: pd.DataFrame) -> list[Verdict]:
    """The paper's claims about semantic diversity held against our runs, on free rules."""
    rules = read_rules(NAME)
    table = labelled(table)
    alike = has_paper_lengths(table, configure("paper"))
    free = table[table.score == "unseen_free"]
    compared = free[free.groupby(["num_rules", "range"]).num_families.transform("nunique") > 2]
    gate = gate_of(table, compared, AXES)
    families = []
    for number, word in ((1, "best single one"), (2, "best two"), (3, "all three")):
        best = best_of(compared[compared.num_families == number])
        mean = mean_score(by_unit(best, "share"))
        named = "".join(f" ({name})" for name in best.trained.unique() if number < 3)
        numbers, transfers = rules["families"], number == 3
        within = (numbers["at_least"], 1.0) if transfers else (0.0, numbers["at_most"])
        words = scores_in_words(mean, word + named)
        families.append(
            judge(mean, words, within=within, gate=gate, like_paper=alike, success=transfers)
        )

    three = free[free.num_families == 3]
    by_range = ["range", "seed"]
    most, fewest = (
        three[three.num_rules == three.groupby(by_range).num_rules.transform(end)]
        for end in ("max", "min")
    )
    several = three.groupby(by_range).num_rules.transform("nunique") > 1
    ends = [by_unit(rows[several[rows.index]], "share", by_range) for rows in (most, fewest)]
    gains = mean_interval(paired(*ends).groupby("seed").mean())
    more_gate = gate_of(table, three, AXES)
    more = judge(
        gains,
        points_in_words(gains, "the most rules against the fewest"),
        within=ABOVE_ZERO,
        excluded_by=(rules["more"]["least"], 1),
        gate=more_gate,
    )

    few = three[three.num_rules <= rules["few"]["rules"]]
    few_gate, mean = gate_of(table, few, AXES), mean_score(by_unit(few, "share"))
    never = judge(
        mean,
        scores_in_words(mean, f"at most {rules['few']['rules']} rules"),
        within=(0, rules["few"]["at_most"]),
        gate=few_gate,
        like_paper=alike,
    )

    at, widest = ["num_rules", "seed"], three.largest_k.max()
    wide, narrow = three[three.largest_k == widest], three[three.largest_k < widest]
    lost = paired(by_unit(wide, "share", at), by_unit(narrow, "share", at)).groupby("seed").mean()
    change = mean_interval(lost)
    hurts = judge(
        change,
        points_in_words(change, f"up to k = {widest} against narrower ranges"),
        within=BELOW_ZERO,
        excluded_by=(-1, -rules["large_k"]["least"]),
        gate=more_gate,
    )
    return [
        decide(rules["families"], families, compared, gate),
        decide(rules["more"], [more], three, more_gate),
        decide(rules["few"], [never], few, few_gate),
        decide(rules["large_k"], [hurts], three, more_gate),
    ]
