"""Experiment 1: how many different rules must be trained for unseen rules to be followed.

A fixed number of examples is spread over more and more rules, so that fewer examples are left for
each, and the model is tested on rules of which neither side was seen (arXiv 2405.19787,
section 3.1, figure 3).
"""

from functools import partial
from typing import Any

import pandas as pd

from instrdiv.experiments import symbolic
from instrdiv.experiments.presets import SHARED, Settings, settings_of
from instrdiv.models.gpt2 import GPT2
from instrdiv.paper import read_paper
from instrdiv.runs.record import Record
from instrdiv.tasks.inputs import plant_once
from instrdiv.transition import Transition, fit_each, fit_transition, shift
from instrdiv.verdicts import Verdict, decide, span

NAME = "rule_diversity"
PROTOCOL = 1
"""Raised when the same settings come to mean another result; records of another one don't count."""


Config = symbolic.SymbolicConfig
"""One point: `num_examples` spread evenly over `num_rules`."""

PRESETS: dict[str, Settings] = {scale: {} for scale in SHARED}
"""By scale, what this experiment sets differently from the shared presets: nothing."""


def configure(scale: str, **changes: Any) -> Config:
    """A scale's preset with some settings changed; None leaves a setting as it is.

    >>> configure("laptop", num_rules=300).num_rules
    300
    """
    return Config(**settings_of(scale, PRESETS, changes))


def draw(config: Config) -> symbolic.Data:
    """Draw the rules and examples of a run; every input holds its rule's left-hand side."""
    rules, held_out = symbolic.draw_rules(config)
    plant = partial(plant_once, z_length=config.z_length)
    return symbolic.Data(
        rules=rules,
        held_out=held_out,
        training=symbolic.draw_training(config, rules, plant),
        tests=symbolic.draw_tests(config, rules, held_out, {"": plant}),
    )


def run(config: Config) -> tuple[GPT2, symbolic.Outcome]:
    """Train one model; test it on unseen rules and on new inputs of seen rules."""
    return symbolic.train_and_score(config, draw(config))


AXES = ("num_rules", "num_examples", "optimizer", "seed")
"""The settings that this experiment's figures vary."""


MIN_LEVELS = 8
"""Numbers of rules that a seed must have been run with to count in a comparison of optimisers."""


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


def seeds_apart(table: pd.DataFrame, optimizer: str) -> str:
    """The transitions of an optimiser's seeds, each fitted alone, as a list of numbers.

    Args:
        table: rows of `score_table` with one number of examples.
    """
    fits = fit_each(table[table.optimizer == optimizer], "seed", draws=1)
    return ", ".join(f"{fit.rules:,.0f}" for fit in fits.values()) or "none alone"


def optimizer_finding(table: pd.DataFrame) -> str:
    """What changing the optimiser does to the transition, as a sentence with its numbers.

    Only seeds that both optimisers ran through are compared: near the transition the seed, which
    draws rules and weights alike, can decide a run.
    """
    levels = table.groupby(["optimizer", "seed"]).num_rules.nunique()
    enough = levels[levels >= MIN_LEVELS].index
    common = [seed for seed in sorted(table.seed.unique())
              if {("adamw", seed), ("muon", seed)} <= set(enough)]  # fmt: skip
    found = fit_each(table[table.seed.isin(common)], "optimizer") if len(common) >= 2 else {}
    if set(found) != {"adamw", "muon"}:
        return (
            f"There are too few runs to compare the optimisers: {len(common)} seeds that both ran "
            "through, where two with a transition are needed."
        )
    adamw, muon = found["adamw"], found["muon"]
    moved = shift(muon, against=adamw)
    verb = "does not measurably move" if moved.low <= 1 <= moved.high else "moves"
    return (
        f"Over {len(common)} common seeds the optimiser **{verb}** the transition: "
        f"{adamw.rules:,.0f} rules with AdamW ({adamw.low:,.0f} to {adamw.high:,.0f}), "
        f"{muon.rules:,.0f} with Muon ({muon.low:,.0f} to {muon.high:,.0f}), {moved} as many."
    )


def budget_finding(table: pd.DataFrame) -> str:
    """What counts more, rules or examples, as a sentence with its numbers.

    Args:
        table: rows of `score_table` with different numbers of examples.
    """
    runs = table[table.score == "unseen"].assign(each=lambda t: t.num_examples // t.num_rules)
    wide = runs.sort_values(["num_rules", "each"], ascending=[False, True]).iloc[0]
    deep = runs.sort_values(["num_rules", "each"], ascending=[True, False]).iloc[0]
    return " against ".join(
        f"{run.num_rules:,} rules with {run.each:,} example{'s' if run.each > 1 else ''} of each "
        f"({run.num_examples:,} examples): {run.share:.0%} ({run.low:.0%} to {run.high:.0%})"
        for run in (wide, deep)
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


def one_budget(table: pd.DataFrame) -> pd.DataFrame:
    """The runs with their scale's own number of examples, which the paper holds fixed."""
    return table[table.num_examples == table.scale.map(lambda s: SHARED[s]["num_examples"])]


def verdicts(table: pd.DataFrame, equal: pd.DataFrame) -> list[Verdict]:
    """The paper's claims about rule diversity held against runs with the paper's optimiser."""
    runs = one_budget(table[table.optimizer == "adamw"])
    unseen, seen = runs[runs.score == "unseen"], runs[runs.score == "seen"]
    few, many = unseen[unseen.num_rules <= 100], unseen[unseen.num_rules >= 5_000]
    few_seen = seen[seen.num_rules <= 100]
    theirs, ours = paper_transition(), fit_each(runs, "optimizer").get("adamw")
    enough = min(len(few), len(many)) >= 3

    fails = bool((few.share <= 0.02).all())
    learned = bool((few_seen.share >= 0.8).all())
    overlaps = ours is not None and ours.low <= 500 and ours.high >= 400
    near = ours is not None and theirs.rules / 3 <= ours.rules <= theirs.rules * 3
    no_fit = "no transition among the runs"
    return [
        Verdict(
            claim="With few rules, no unseen rule is followed",
            paper="0 % up to 300 rules",
            ours=f"up to 100 rules: unseen {span(few)}, seen {span(few_seen)}",
            outcome=decide(fails and learned, partly=fails, able=enough),
            rule="every run at most 2 % on unseen rules and at least 80 % on seen ones",
        ),
        Verdict(
            claim="With many rules, unseen rules are followed, however few the examples of each",
            paper="98 % or more from 1 000 rules on",
            ours=f"from 5 000 rules on: {span(many)}",
            outcome=decide(
                bool((many.share >= 0.9).all()),
                partly=bool((many.share >= 0.5).all()),
                able=enough,
            ),
            rule="every run at least 90 %",
        ),
        Verdict(
            claim="Between the two lies a sharp transition",
            paper=f"from a tenth to nine tenths within a factor of {theirs.width:.1f} in rules",
            ours=f"within a factor of {ours.width:.1f} (95 % interval {ours.width_low:.1f} to "
            f"{ours.width_high:.1f})"
            if ours
            else no_fit,
            outcome=decide(
                ours is not None and ours.width <= 10,
                partly=ours is not None,
                able=ours is not None,
            ),
            rule="a factor of at most 10",
        ),
        Verdict(
            claim="The transition lies at 400 to 500 rules",
            paper=f"{theirs.rules:.0f} (our fit to its figure)",
            ours=f"{ours.rules:.0f} (95 % interval {ours.low:.0f} to {ours.high:.0f})"
            if ours
            else no_fit,
            outcome=decide(overlaps, partly=near, able=ours is not None),
            rule="our interval meets 400 to 500; partly: within a factor of 3 of the paper's",
        ),
    ]
