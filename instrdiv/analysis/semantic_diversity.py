"""What the runs of experiment 4 say: which families transfer to which rules."""

import pandas as pd

from instrdiv.analysis.analysis import Analysis
from instrdiv.analysis.design import has_paper_lengths
from instrdiv.statistics.dated_rules import read_rules
from instrdiv.statistics.intervals import by_unit, mean_difference, paired
from instrdiv.statistics.verdict import (
    ABOVE_ZERO,
    BELOW_ZERO,
    Verdict,
    decide,
    difference_in_words,
    gate_of,
    judge,
    mean_score,
    scores_in_words,
)
from instrdiv.tasks.families import TESTED, score_of
from instrdiv.whole_numbers import at_most

AXES = ("num_rules", "families", "ks", "seed")
"""The settings that this experiment's figures vary."""


def with_family_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `score_table` with labels for settings that are lists.

    Returns:
        The table with ``trained``, the families; ``num_families``; ``range`` of k, such as ``3–6``;
        and ``largest_k``.
    """
    return table.assign(
        trained=table.families.map(" + ".join),
        num_families=table.families.map(len),
        range=table.ks.map(lambda ks: f"{min(ks)}–{max(ks)}" if len(ks) > 1 else str(ks[0])),
        largest_k=table.ks.map(max),
    )


def by_tested(table: pd.DataFrame) -> pd.DataFrame:
    """Mean exact match by the families in training and the kind of rule in the test.

    Args:
        table: from `with_family_labels`, with one number of rules and one range of k.

    Returns:
        Columns: ``trained``, ``num_families``, ``tested``, ``share``, ``runs``.
    """
    names = {score_of(kind): str(kind) for kind in TESTED}
    rows = table[table.score.isin(names)]
    rows = rows.assign(tested=rows.score.map(names))
    groups = rows.groupby(["trained", "num_families", "tested"], as_index=False)
    return groups.agg(share=("share", "mean"), runs=("share", "size"))


def families_finding(table: pd.DataFrame) -> str:
    """How well each set of families transfers to rules with k < 3, in a sentence.

    Args:
        table: from `with_family_labels`, with one number of rules and one range of k.
    """
    unseen = table[table.score == "unseen"].sort_values("num_families")
    parts = []
    for number, word in ((1, "One family"), (2, "two"), (3, "three")):
        rows = unseen[unseen.num_families == number]
        means = rows.groupby("trained").share.mean().sort_values(ascending=False)
        each = ", ".join(f"{name} {share:.0%}" for name, share in means.items())
        parts.append(f"{word}: {each or 'no runs'}")
    return f"On *k* < 3, means over seeds. {'; '.join(parts)}."


def transfer_finding(table: pd.DataFrame) -> str:
    """The main result in a sentence: how many free rules models follow after one, two, three
    families.

    Args:
        table: from `with_family_labels`, with one number of rules and one range of k.
    """
    free = table[table.score == "unseen_free"]
    best = [best_of(free[free.num_families == number]) for number in (1, 2, 3)]
    if any(rows.empty for rows in best):
        return "There are too few recorded runs for a result."
    one, two, three = (rows.share.mean() for rows in best)
    (pair,) = best[1].trained.unique()
    return (
        f"Models trained on rules of one family follow {at_most(one)} of free rules, those trained "
        f"on two {at_most(two)} ({pair}), and those trained on all three {three:.0%}."
    )


def best_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Of runs with one number of families, those of the set with the best mean score."""
    means = rows.groupby("trained").share.mean()
    return rows[rows.trained == means.idxmax()] if len(means) else rows


def verdicts(table: pd.DataFrame, equal: pd.DataFrame) -> list[Verdict]:
    """Verdicts on the paper's claims about semantic diversity, from scores on free rules."""
    rules = read_rules("semantic_diversity")
    table = with_family_labels(table)
    alike = has_paper_lengths(table, x_length=60, z_length=500)
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
    gains = mean_difference(paired(*ends).groupby("seed").mean())
    more_gate = gate_of(table, three, AXES)
    more = judge(
        gains,
        difference_in_words(gains, "the most rules against the fewest"),
        within=ABOVE_ZERO,
        excluded_by=(rules["more"]["least"], 1),
        gate=more_gate,
        like_paper=alike,
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
    change = mean_difference(lost)
    hurts = judge(
        change,
        difference_in_words(change, f"up to k = {widest} against narrower ranges"),
        within=BELOW_ZERO,
        excluded_by=(-1, -rules["large_k"]["least"]),
        gate=more_gate,
        like_paper=alike,
    )
    return [
        decide(rules["families"], families, compared, gate),
        decide(rules["more"], [more], three, more_gate),
        decide(rules["few"], [never], few, few_gate),
        decide(rules["large_k"], [hurts], three, more_gate),
    ]


analysis = Analysis("semantic_diversity", AXES, verdicts)
