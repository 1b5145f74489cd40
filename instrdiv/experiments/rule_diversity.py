"""Experiment 1: how many different rules must be trained for unseen rules to be followed.

A fixed number of examples is spread over more and more rules, so that fewer examples are left for
each, and the model is tested on rules of which neither side was seen (arXiv 2405.19787,
section 3.1, figure 3).
"""

import contextlib
from typing import Any

import numpy as np
import pandas as pd

from instrdiv.experiments.symbolic import Data, Outcome, SymbolicConfig, train_and_score
from instrdiv.models.gpt2 import GPT2
from instrdiv.paper import read_paper
from instrdiv.runs.record import Record
from instrdiv.seeds import stream
from instrdiv.tasks.examples import sample_examples, spread_evenly
from instrdiv.tasks.rules import sample_rules
from instrdiv.transition import NoTransition, Transition, fit_transition
from instrdiv.verdicts import Verdict

NAME = "rule_diversity"
PROTOCOL = 1
"""Raised when the same settings come to mean another result; records of another one don't count."""


Config = SymbolicConfig
"""One point: `num_examples` spread evenly over `num_rules`."""

PRESETS: dict[str, dict[str, Any]] = {
    "smoke": dict(
        x_length=2, y_length=2, z_length=5, n_layer=2, n_head=2, n_embd=32, num_test=100,
        num_rules=50, num_examples=2_000, optimizer="adamw", learning_rate=3e-3, steps=30,
        batch_size=32, num_evaluations=3, seed=0,
    ),
    "laptop": dict(
        x_length=4, y_length=4, z_length=8, n_layer=3, n_head=4, n_embd=96, num_test=2_000,
        num_rules=1_000, num_examples=100_000, optimizer="adamw", learning_rate=3e-3, beta2=0.99,
        steps=4_500, batch_size=64, num_evaluations=12, seed=0,
    ),
    # The paper states lengths, sizes, examples, epochs and peak rate. Batch size, warm-up, decay
    # and β2 are ours: 50 epochs of 1 000 000 examples in batches of 512.
    "paper": dict(
        x_length=20, y_length=20, z_length=50, n_layer=6, n_head=4, n_embd=256,
        activation="gelu_new", num_test=100_000,
        num_rules=1_000, num_examples=1_000_000, optimizer="adamw", learning_rate=1e-3,
        steps=97_657, batch_size=512, num_evaluations=50, seed=0,
    ),
}  # fmt: skip
WITH_MUON: dict[str, dict[str, Any]] = {
    "laptop": dict(steps=1_000, batch_size=128, muon_learning_rate=4e-3, beta2=0.95),
}
"""What a scale's preset changes for the second optimiser, which needs fewer steps."""


def configure(scale: str, **changes: Any) -> Config:
    """A scale's preset with some settings changed; None leaves a setting as it is.

    >>> configure("laptop", num_rules=300).num_rules
    300
    """
    given = {name: value for name, value in changes.items() if value is not None}
    preset = dict(PRESETS[scale])
    if given.get("optimizer") == "muon":
        preset |= WITH_MUON.get(scale, {})
    return Config(**(preset | given))


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
        tests={
            "unseen": sample_examples(
                stream(seed, "held-out inputs"), held_out, each_once, config.z_length
            ),
            "seen": sample_examples(
                stream(seed, "seen-rule inputs"),
                rules,
                each_once % config.num_rules,
                config.z_length,
            ),
        },
    )


def run(config: Config) -> tuple[GPT2, Outcome]:
    """Train one model; test it on unseen rules and on new inputs of seen rules."""
    return train_and_score(config, draw(config))


AXES = ("num_rules", "num_examples", "optimizer", "seed")
"""The settings that this experiment's figures vary."""


MIN_LEVELS = 8
"""Numbers of rules that a seed must have been run with to count in a comparison of optimisers."""


def transitions(table: pd.DataFrame) -> dict[str, Transition]:
    """The transition of each optimiser that has enough runs to show one.

    Args:
        table: rows of `score_table` with one number of examples.
    """
    found = {}
    for optimizer, rows in table[table.score == "unseen"].groupby("optimizer"):
        with contextlib.suppress(NoTransition):
            found[optimizer] = fit_transition(rows.num_rules.to_numpy(), rows.share.to_numpy())
    return found


def failing_and_succeeding(records: list[Record], config: Config) -> list[Record]:
    """Of the runs that share a config's optimiser, examples and seed: the one with the fewest
    rules from 100 on, and the one with the most rules up to 10 000."""
    alike = [
        record
        for record in records
        if all(
            record.config[name] == getattr(config, name)
            for name in ("optimizer", "num_examples", "seed")
        )
    ]
    alike.sort(key=lambda record: record.config["num_rules"])
    few = [record for record in alike if record.config["num_rules"] >= 100] or alike
    many = [record for record in alike if record.config["num_rules"] <= 10_000] or alike
    return [few[0], many[-1]]


def optimizer_finding(table: pd.DataFrame) -> str:
    """What changing the optimiser does to the transition, as a sentence with its numbers.

    Only seeds that both optimisers ran through are compared: near the transition the seed, which
    draws rules and weights alike, can decide a run.
    """
    levels = table.groupby(["optimizer", "seed"]).num_rules.nunique()
    enough = levels[levels >= MIN_LEVELS].index
    common = [seed for seed in sorted(table.seed.unique())
              if {("adamw", seed), ("muon", seed)} <= set(enough)]  # fmt: skip
    found = transitions(table[table.seed.isin(common)]) if len(common) >= 2 else {}
    if set(found) != {"adamw", "muon"}:
        return (
            f"There are too few runs to compare the optimisers: {len(common)} seeds that both ran "
            "through, where two with a transition are needed."
        )
    adamw, muon = found["adamw"], found["muon"]
    apart = muon.high < adamw.low or adamw.high < muon.low
    verb = "moves" if apart else "does not measurably move"
    return (
        f"Over {len(common)} common seeds the optimiser **{verb}** the transition: "
        f"{adamw.rules:,.0f} rules with AdamW ({adamw.low:,.0f} to {adamw.high:,.0f}), "
        f"{muon.rules:,.0f} with Muon ({muon.low:,.0f} to {muon.high:,.0f}), a factor of "
        f"{adamw.rules / muon.rules:.2f}."
    )


def convergence(table: pd.DataFrame) -> pd.DataFrame:
    """Mean scores for each number of rules and optimiser, the training examples' included."""
    means = table.pivot_table(
        index="num_rules", columns=["optimizer", "score"], values="share", aggfunc="mean"
    )
    return means.reindex(columns=["training", "seen", "unseen"], level="score")


def headline(table: pd.DataFrame) -> str:
    """The result in one sentence, as far as the runs with the paper's optimiser carry it."""
    unseen = table[(table.optimizer == "adamw") & (table.score == "unseen")]
    few, many = unseen[unseen.num_rules <= 100], unseen[unseen.num_rules >= 5_000]
    if not (len(few) and len(many)):
        return "There are too few recorded runs to say anything."
    return (
        f"With the same number of examples, a model trained on at most {few.num_rules.max():,} "
        f"different rules follows {_at_most(few.share.max())} of the rules that it never saw; one "
        f"trained on {many.num_rules.min():,} or more follows at least {many.share.min():.0%}."
    )


def _at_most(share: float) -> str:
    return "none" if share == 0 else f"at most {share:.1%}"


def paper_transition() -> Transition:
    """The transition of the paper's own curve, as read off its figure and fitted like ours."""
    paper = read_paper(NAME)
    return fit_transition(paper.x.to_numpy(dtype=float), paper.value.to_numpy(), draws=1)


def verdicts(table: pd.DataFrame) -> list[Verdict]:
    """The paper's claims about rule diversity held against runs with the paper's optimiser.

    Args:
        table: rows of `score_table` with one number of examples.
    """
    runs = table[table.optimizer == "adamw"]
    unseen, seen = runs[runs.score == "unseen"], runs[runs.score == "seen"]
    few, many = unseen[unseen.num_rules <= 100], unseen[unseen.num_rules >= 5_000]
    few_seen = seen[seen.num_rules <= 100]
    theirs, ours = paper_transition(), transitions(runs).get("adamw")
    enough = min(len(few), len(many)) >= 3

    def span(shares: pd.Series) -> str:
        if not len(shares):
            return "no runs"
        return f"{shares.min():.1%} to {shares.max():.1%} over {len(shares)} runs"

    def decide(reproduced: bool, partly: bool = False, able: bool = True) -> str:
        if not able:
            return "cannot tell"
        return "reproduced" if reproduced else "partly" if partly else "not reproduced"

    fails = bool((few.share <= 0.02).all())
    learned = bool((few_seen.share >= 0.8).all())
    overlaps = ours is not None and ours.low <= 500 and ours.high >= 400
    near = ours is not None and theirs.rules / 3 <= ours.rules <= theirs.rules * 3
    no_fit = "no transition among the runs"
    return [
        Verdict(
            claim="With few rules, no unseen rule is followed",
            paper="0 % up to 300 rules",
            ours=f"up to 100 rules: unseen {span(few.share)}, seen {span(few_seen.share)}",
            outcome=decide(fails and learned, partly=fails, able=enough),
            rule="every run at most 2 % on unseen rules and at least 80 % on seen ones",
        ),
        Verdict(
            claim="With many rules, unseen rules are followed, however few the examples of each",
            paper="98 % or more from 1 000 rules on",
            ours=f"from 5 000 rules on: {span(many.share)}",
            outcome=decide(
                bool((many.share >= 0.9).all()), bool((many.share >= 0.5).all()), enough
            ),
            rule="every run at least 90 %",
        ),
        Verdict(
            claim="Between the two lies a sharp transition",
            paper=f"from a tenth to nine tenths within a factor of {theirs.width:.1f} in rules",
            ours=f"within a factor of {ours.width:.1f}" if ours else no_fit,
            outcome=decide(
                ours is not None and ours.width <= 10, ours is not None, ours is not None
            ),
            rule="a factor of at most 10",
        ),
        Verdict(
            claim="The transition lies at 400 to 500 rules",
            paper=f"{theirs.rules:.0f} (our fit to its figure)",
            ours=f"{ours.rules:.0f} (95 % interval {ours.low:.0f} to {ours.high:.0f})"
            if ours
            else no_fit,
            outcome=decide(overlaps, near, ours is not None),
            rule="our interval meets 400 to 500; partly: within a factor of 3 of the paper's",
        ),
    ]
