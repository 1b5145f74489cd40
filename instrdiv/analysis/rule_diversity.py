"""What the runs of experiment 1 say: the threshold, and what changes it."""

from typing import Any

import pandas as pd

from instrdiv.analysis.analysis import Analysis
from instrdiv.analysis.design import has_paper_lengths
from instrdiv.analysis.paper_lengths import verdicts_with_muon
from instrdiv.runs.record import Record
from instrdiv.scales import SHARED
from instrdiv.statistics.dated_rules import read_rules
from instrdiv.statistics.intervals import by_unit, mean_interval
from instrdiv.statistics.shifts import shift
from instrdiv.statistics.threshold import fit_each
from instrdiv.statistics.verdict import (
    SHORT_STRINGS,
    Verdict,
    decide,
    gate_of,
    judge,
    mean_score,
    scores_in_words,
)
from instrdiv.whole_numbers import at_least, at_most, count

AXES = ("num_rules", "num_examples", "optimizer", "steps", "seed")
"""The settings that this experiment's figures vary."""

MIN_LEVELS = 8
"""How many numbers of rules a seed must have been run with to count in comparing optimisers."""


def failing_and_succeeding(records: list[Record], config: Any) -> list[Record]:
    """Of the runs that share a config's optimiser, examples and seed: the one with the fewest rules
    from 100 on, and the one with the most rules up to 10 000; none if there are no such runs."""
    alike = [
        record
        for record in records
        if all(
            record.config[name] == getattr(config, name)
            for name in ("optimizer", "num_examples", "seed")
        )
    ]
    alike.sort(key=lambda record: record.config["num_rules"])
    if not alike:
        return []
    few = [record for record in alike if record.config["num_rules"] >= 100] or alike
    many = [record for record in alike if record.config["num_rules"] <= 10_000] or alike
    return [few[0], many[-1]]


def optimizer_finding(table: pd.DataFrame) -> str:
    """How the optimiser changes the threshold, as a sentence with its numbers.

    Only seeds that were run with both optimisers are compared: near the threshold the seed, which
    determines both rules and weights, can decide a run.
    """
    levels = table.groupby(["optimizer", "seed"]).num_rules.nunique()
    enough = levels[levels >= MIN_LEVELS].index
    common = [seed for seed in sorted(table.seed.unique())
              if {("adamw", seed), ("muon", seed)} <= set(enough)]  # fmt: skip
    found = fit_each(table[table.seed.isin(common)], "optimizer")
    if set(found) != {"adamw", "muon"}:
        return (
            "There are too few runs to compare the optimisers: "
            f"{len(common)} seeds were run with both and have a threshold."
        )
    adamw, muon = found["adamw"], found["muon"]
    moved = shift(muon, against=adamw)
    if moved is None or not moved.known:
        return (
            f"**Cannot tell yet**: {len(common)} seeds were run with both optimisers, and an "
            f"interval needs three. The threshold lies at {adamw} with AdamW and at "
            f"{muon} with Muon."
        )
    verb = "does not measurably move" if moved.low <= 1 <= moved.high else "moves"
    return (
        f"Over {len(common)} common seeds the optimiser **{verb}** the threshold: {adamw} with "
        f"AdamW, {muon} with Muon, {moved} as many."
    )


def budget_finding(table: pd.DataFrame) -> str:
    """What matters more, rules or examples, as a sentence with its numbers.

    Args:
        table: rows of `score_table` with different numbers of examples.
    """
    runs = table[table.score == "unseen"].assign(each=lambda t: t.num_examples // t.num_rules)
    wide = runs.sort_values(["num_rules", "each"], ascending=[False, True]).iloc[0]
    deep = runs.sort_values(["num_rules", "each"], ascending=[True, False]).iloc[0]
    return " against ".join(
        f"{count(run.num_rules)} rules with {count(run.each)} "
        f"example{'s' if run.each > 1 else ''} of each ({count(run.num_examples)} examples): "
        f"{run.share:.0%} ({run.low:.0%} to {run.high:.0%})"
        for run in (wide, deep)
    )


def convergence(table: pd.DataFrame) -> pd.DataFrame:
    """Mean scores for each number of rules and optimiser, including those on training examples."""
    means = table.pivot_table(
        index="num_rules", columns=["optimizer", "score"], values="share", aggfunc="mean"
    )
    return means.reindex(columns=["training", "seen", "unseen"], level="score")


def headline(table: pd.DataFrame) -> str:
    """The main result in one sentence, from the runs with the paper's optimiser."""
    unseen = table[(table.optimizer == "adamw") & (table.score == "unseen")]
    few, many = unseen[unseen.num_rules <= 100], unseen[unseen.num_rules >= 5_000]
    if not (len(few) and len(many)):
        return "There are too few recorded runs for a result."
    return (
        "With the same number of examples, a model trained on at most "
        f"{count(few.num_rules.max())} different rules follows {_at_most(few.share.max())} "
        f"of the rules that it never saw; one trained on {count(many.num_rules.min())} or more "
        f"follows {at_least(many.share.min())}."
    )


def _at_most(share: float) -> str:
    return "none" if share == 0 else at_most(share, digits=1)


def budget_of(scale: str) -> int:
    """A scale's own number of training examples."""
    budget: int = SHARED[scale]["num_examples"]
    return budget


def one_budget(table: pd.DataFrame) -> pd.DataFrame:
    """The runs with their scale's own number of examples, which the paper keeps fixed."""
    return table[table.num_examples == table.scale.map(budget_of)]


def verdicts(table: pd.DataFrame, _beside: pd.DataFrame | None = None) -> list[Verdict]:
    """Verdicts on the paper's claims about rule diversity from runs with the paper's optimiser.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.
    """
    rules = read_rules("rule_diversity")
    runs = one_budget(table[table.optimizer == "adamw"])
    alike = has_paper_lengths(runs)
    unseen = runs[runs.score == "unseen"]
    found = []
    for name, within in (
        ("few", (0.0, rules["few"]["at_most"])),
        ("many", (rules["many"]["at_least"], 1.0)),
    ):
        number = int(rules[name]["rules"])
        at = unseen[unseen.num_rules == number]
        gate, mean = gate_of(table, at, AXES), mean_score(by_unit(at, "share"))
        words = scores_in_words(mean, f"{count(number)} rules")
        part = judge(
            mean, words, within=within, gate=gate, like_paper=alike, success=name == "many"
        )
        found.append(decide(rules[name], [part], at, gate))

    fit = fit_each(runs, "optimizer").get("adamw")
    of_fit = unseen[unseen.seed.isin(fit.seeds)] if fit else unseen
    gate, nothing = gate_of(table, of_fit, AXES), mean_interval([])
    width, position = (fit.width_estimate, fit.rules_estimate) if fit else (nothing, nothing)
    spread = f" ({width.low:.1f} to {width.high:.1f}; {width.n} seeds)" if width.known else ""
    words = (
        f"the score rises within a factor of {width.mean:.1f} in rules{spread}"
        if fit
        else "no threshold in the runs"
    )
    sharp = judge(width, words, within=(1, rules["sharp"]["at_most"]), gate=gate, like_paper=alike)
    found.append(decide(rules["sharp"], [sharp], of_fit, gate))

    named = (rules["place"]["low"], rules["place"]["high"])
    overlaps = position.low <= named[1] and position.high >= named[0]
    sure = overlaps and position.high / position.low <= rules["place"]["precision"]
    part = judge(
        position,
        str(fit) if fit else "no threshold in the runs",
        within=(position.low, position.high) if sure else named,
        excluded_by=named,
        gate=gate,
    )
    reason = "" if alike else SHORT_STRINGS
    found.append(decide(rules["place"], [part], of_fit, gate, reason=reason))
    return found


analysis = Analysis(
    "rule_diversity", AXES, verdicts, compared_with=None, at_paper_lengths=verdicts_with_muon
)
