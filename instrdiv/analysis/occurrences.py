"""What the runs of experiment 5 say about rules that apply several times."""

from collections.abc import Sequence

import pandas as pd

from instrdiv.analysis.analysis import Analysis
from instrdiv.analysis.design import has_paper_lengths
from instrdiv.statistics.dated_rules import Rule, read_rules
from instrdiv.statistics.intervals import by_unit, complete_seeds, mean_difference, paired
from instrdiv.statistics.verdict import (
    ABOVE_ZERO,
    Verdict,
    decide,
    difference_in_words,
    gate_of,
    judge,
    mean_score,
    scores_in_words,
)
from instrdiv.whole_numbers import count

AXES = ("num_rules", "occurrences", "seed")
"""The settings that this experiment's figures vary."""


def trained_on(occurrences: list[int]) -> str:
    """The numbers of occurrences in training, in words.

    >>> trained_on([3]), trained_on([1, 2, 3])
    ('3', 'mix of 1, 2, 3')
    """
    numbers = ", ".join(map(str, occurrences))
    return numbers if len(occurrences) == 1 else f"mix of {numbers}"


def with_occurrence_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `score_table` with column ``trained``: the occurrences in training, in words."""
    return table.assign(trained=table.occurrences.map(trained_on))


def first_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of seeds that every training set was run with; those after them are only there for
    what the mix gains. A reader's own runs stay.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.
    """
    first = table.seed < read_rules("occurrences")["mix"]["first_seed"]
    return table[first | table.outside] if "outside" in table else table[first]


def judged_runs(table: pd.DataFrame, rule: Rule) -> set[str]:
    """The keys of runs with the seeds and number of rules that a rule on the mix speaks of."""
    seeds = table.seed.between(rule["first_seed"], rule["last_seed"])
    return set(table.key[(table.num_rules == rule["rules"]) & seeds])


def of_mix_claims(table: pd.DataFrame) -> pd.DataFrame:
    """The runs that decide whether a mix beats single numbers."""
    return table[table.key.isin(judged_runs(table, read_rules("occurrences")["mix"]))]


def mix_gains(table: pd.DataFrame) -> pd.DataFrame:
    """What the mix adds to the score on unseen rules, in pairs of equal seed.

    Args:
        table: from `with_occurrence_labels`, with one number of rules.

    Returns:
        Columns ``single`` (the one number of occurrences), ``seed`` and ``gain``.
    """
    unseen = table[table.score == "unseen"]
    mixed = unseen.trained.str.startswith("mix")
    of_mix = by_unit(unseen[mixed], "share")
    gains = [
        paired(of_mix, by_unit(rows, "share")).rename("gain").reset_index().assign(single=single)
        for single, rows in unseen[~mixed].groupby("trained")
    ]
    return pd.concat(gains) if gains else pd.DataFrame(columns=["single", "seed", "gain"])


def paper_like(table: pd.DataFrame) -> pd.DataFrame:
    """Mean exact match over the whole range, by training set and number of rules: the paper's
    table."""
    unseen = table[table.score == "unseen"]
    return unseen.pivot_table(index="trained", columns="num_rules", values="share", aggfunc="mean")


def by_tested(table: pd.DataFrame, num_rules: int) -> pd.DataFrame:
    """Mean exact match by the numbers of occurrences in training and in the test.

    Returns:
        Columns: ``trained``, ``tested``, ``share``, ``runs``.
    """
    rows = table[(table.num_rules == num_rules) & table.score.str.match(r"unseen_\d+$")]
    rows = rows.assign(tested=rows.score.str.removeprefix("unseen_").astype(int))
    cells = rows.groupby(["trained", "tested"], as_index=False)
    return cells.agg(share=("share", "mean"), runs=("share", "size"))


def mix_finding(table: pd.DataFrame) -> str:
    """The main result in a sentence: the mix beside the best and the worst single number, with the
    most rules that all of them were trained on.

    Args:
        table: from `with_occurrence_labels`.
    """
    unseen = table[table.score == "unseen"]
    means = (
        unseen.groupby(["num_rules", "trained"]).share.mean().unstack().dropna(axis=1, how="all")
    )
    means = means.dropna()
    mixes = [name for name in means.columns.astype(str) if name.startswith("mix")]
    if means.empty or not mixes or len(means.columns) == len(mixes):
        return "There are too few recorded runs for a result."
    most = means.loc[means.index.max()]
    single = most.drop(mixes)
    return (
        f"With {count(most.name)} rules, a model trained on a mix of numbers answers "
        f"{most[mixes].max():.0%} of inputs with unseen rules right; of models trained on one "
        f"number alone, the best ({single.idxmax()}) answers {single.max():.0%} and the worst "
        f"({single.idxmin()}) {single.min():.0%}."
    )


def verdicts(table: pd.DataFrame, equal: pd.DataFrame) -> list[Verdict]:
    """Verdicts on the paper's claims about occurrences."""
    rules = read_rules("occurrences")
    table = with_occurrence_labels(table)
    unseen, alike = table[table.score == "unseen"], has_paper_lengths(table, z_length=420)

    few = unseen[unseen.num_rules <= rules["few"]["rules"]]
    of_each = few.groupby("trained").share.mean()
    top = few[few.trained == of_each.idxmax()] if len(of_each) else few
    few_gate, mean = gate_of(table, few, AXES), mean_score(by_unit(top, "share"))
    nothing = judge(
        mean,
        scores_in_words(mean, f"at most {rules['few']['rules']} rules, the best training set"),
        within=(0, rules["few"]["at_most"]),
        gate=few_gate,
        like_paper=alike,
    )

    enough = unseen.num_rules >= rules["middle"]["rules"]
    first = unseen.seed < rules["mix"]["first_seed"]  # those after it are the mix's
    single = complete_seeds(unseen[enough & first & (unseen.occurrences.map(len) == 1)])
    number = single.occurrences.str[0]
    at_an_end = number.isin([number.min(), number.max()])
    at = ["num_rules", "seed"]
    between, ends = (by_unit(single[which], "share", at) for which in (~at_an_end, at_an_end))
    ahead = mean_difference(paired(between, ends).groupby("seed").mean())
    single_gate = gate_of(table, single, AXES)  # mixes are no part of this claim
    middle = judge(
        ahead,
        difference_in_words(ahead, "a middle number of occurrences against the ends"),
        within=ABOVE_ZERO,
        excluded_by=(rules["middle"]["least"], 1),
        gate=single_gate,
        like_paper=alike,
    )
    return [
        _mix_beats(rules["mix"], ["best"], table, alike),
        _mix_beats(rules["between"], ["low", "high"], table, alike),
        decide(rules["few"], [nothing], few, few_gate),
        decide(rules["middle"], [middle], single, single_gate),
    ]


def _mix_beats(rule: Rule, singles: Sequence[str], table: pd.DataFrame, alike: bool) -> Verdict:
    """The verdict on the claim that a mix beats single numbers of occurrences, a part for each.

    Args:
        singles: the rule's names of these numbers.
        table: from `with_occurrence_labels`.
        alike: whether the string lengths are the paper's.
    """
    at = table[table.key.isin(judged_runs(table, rule))]
    numbers = [trained_on([int(rule[name])]) for name in singles]
    at = at[at.trained.str.startswith("mix") | at.trained.isin(numbers)]
    unseen, gains = at[at.score == "unseen"], mix_gains(at)
    gate, parts = gate_of(table, unseen, AXES), []
    for number in numbers:
        gain = mean_difference(gains.gain[gains.single == number])
        parts.append(
            judge(
                gain,
                difference_in_words(gain, f"mix against {number} alone"),
                within=ABOVE_ZERO,
                excluded_by=(rule["least"], 1),
                gate=gate,
                like_paper=alike,
            )
        )
    return decide(rule, parts, unseen, gate)


analysis = Analysis("occurrences", AXES, verdicts)
