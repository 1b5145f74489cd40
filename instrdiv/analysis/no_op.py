"""What the runs of experiment 2 say about inputs to which the rule does not apply."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from instrdiv.analysis.analysis import Analysis, GridGroup
from instrdiv.analysis.design import has_paper_lengths
from instrdiv.analysis.paper_lengths import trained_enough
from instrdiv.analysis.until_learned import until_learned
from instrdiv.runs.record import Record
from instrdiv.statistics.dated_rules import Rule, read_rules
from instrdiv.statistics.intervals import Estimate, by_unit, equivalent, mean_interval
from instrdiv.statistics.shifts import Shift
from instrdiv.statistics.threshold import Threshold, fit_each
from instrdiv.statistics.verdict import (
    GATE,
    Gate,
    Part,
    Verdict,
    decide,
    gate_of,
    judge,
    mean_score,
    scores_in_words,
)
from instrdiv.tasks.answers import parse_prompt
from instrdiv.whole_numbers import count

AXES = ("num_rules", "no_op_share", "seed")
"""The settings that this experiment's figures vary."""


def averages(table: pd.DataFrame) -> pd.DataFrame:
    """Unseen rules: mean scores on has-op and no-op inputs, and their average.

    Returns:
        A row for each number of rules and share of no-ops; columns ``has-op``, ``no-op``,
        ``average``, ``runs``.
    """
    rows = table[table.score.isin(["unseen", "unseen_no_op"])]
    index = ["num_rules", "no_op_share"]
    means = rows.pivot_table(index=index, columns="score", values="share", aggfunc="mean")
    means = means.rename(columns={"unseen": "has-op", "unseen_no_op": "no-op"})
    means["average"] = means.mean(axis=1)
    means["runs"] = rows.groupby(index).key.nunique()
    return means.rename_axis(columns=None)


def hard_finding(table: pd.DataFrame) -> str:
    """How models with the most rules answer what a rule applies to and near misses, in a sentence.

    Args:
        table: rows of `score_table`.
    """
    most = table[(table.num_rules == table.num_rules.max()) & (table.no_op_share > 0)]
    has_op, near = (most[most.score == f"unseen{of}"].share.mean() for of in ("", "_near_miss"))
    training = most[most.score == "training"].share.mean()
    if np.isnan([has_op, near, training]).any():
        return "There are too few recorded runs for a result."
    return (
        f"With {count(most.num_rules.max())} rules and no-ops in training, models answer "
        f"{has_op:.0%} of the inputs that an unseen rule applies to, and {near:.0%} of its near "
        f"misses; of their own training examples, {training:.0%}."
    )


def kinds_finding(table: pd.DataFrame) -> str:
    """How models answer each kind of input of unseen rules, in sentences: first those that have
    learned their own training examples, then the others.

    Args:
        table: rows of `score_table`, all trained with no-ops.
    """
    training = table[table.score == "training"].set_index("key").share
    learned = set(training.index[training >= GATE])
    said = []
    for runs, which in (
        (table[table.key.isin(learned)], "have learned their own training examples"),
        (table[~table.key.isin(learned)], "have not, and say little"),
    ):
        if runs.empty:
            continue
        has_op, no_op, near = (
            runs[runs.score == f"unseen{of}"].share.mean() for of in ("", "_no_op", "_near_miss")
        )
        said.append(
            f"**{runs.key.nunique()}** of {len(training)} models {which}: of inputs that an unseen "
            f"rule applies to, they answer **{has_op:.1%}** right, of random no-ops "
            f"**{no_op:.1%}**, and of near misses **{near:.1%}**."
        )
    return " ".join(said)


def copies_on(prompt: str, answer: str) -> bool:
    """Whether an answer goes on copying the input where *x* begins and *y* should.

    >>> copies_on("ab>cd:xaby=", "xady"), copies_on("ab>cd:xaby=", "xcey")
    (True, False)
    """
    x, y, z = parse_prompt(prompt)
    start = z.find(x)
    differ = next((at for at, (a, b) in enumerate(zip(x, y, strict=False)) if a != b), None)
    if start < 0 or differ is None:
        return False
    return answer[start + differ : start + differ + 1] == x[differ]


def missed_finding(records: Sequence[Record]) -> str:
    """In how many wrong answers models that have not learned their training examples miss where *x*
    begins, and what that takes, in sentences; empty if there are none.

    Args:
        records: all of them trained with no-ops.
    """
    wrong = [
        (error["prompt"], error["answer"])
        for record in records
        if record.metrics["training"]["correct"] < GATE * record.metrics["training"]["total"]
        for error in record.errors
    ]
    if not wrong:
        return ""
    copied = [answer == parse_prompt(prompt)[2] for prompt, answer in wrong]
    return (
        f"Of the {len(wrong)} recorded wrong answers of these models to inputs that a rule "
        f"applies to, **{sum(copies_on(*one) for one in wrong)}** go on copying the input where "
        f"*x* begins, **{sum(copied)}** of them to its end, as for a no-op. One reading, which we "
        "have not tested: without no-ops, every input holds *x*, and it is enough to know the "
        "likeliest place; with them, a model must look ahead at the first letter of *x*, to see "
        "whether the others follow."
    )


def thresholds(table: pd.DataFrame) -> dict[float, Threshold]:
    """The threshold on has-op inputs for each share of no-ops.

    Args:
        table: rows of `score_table`.
    """
    return fit_each(table, "no_op_share")


def log_thresholds(table: pd.DataFrame) -> pd.DataFrame:
    """The logarithm of each seed's threshold: one row per seed, one column per share of no-ops."""
    fits = thresholds(table)
    return pd.DataFrame(
        {
            share: pd.Series({seed: np.log(one.rules) for seed, one in fit.seeds.items()})
            for share, fit in fits.items()
        }
    )


def pooled_shift(table: pd.DataFrame) -> Shift | None:
    """How far training with no-ops moves the threshold, averaged over their shares.

    Computed in pairs of equal seed; None if no seed has thresholds with and without no-ops.
    """
    logs = log_thresholds(table)
    if 0 not in logs or len(logs.columns) < 2:
        return None
    moved = (logs.drop(columns=0).mean(axis=1) - logs[0]).dropna()
    if moved.empty:
        return None
    found = mean_interval(moved.to_numpy())
    factor, low, high = np.exp(found[:3]).tolist()
    return Shift(factor, low, high, found.n)


def moved_by_share(table: pd.DataFrame) -> pd.Series:
    """Change in the logarithm of each seed's threshold from a tenth of no-ops to a half.

    It is read off a straight line through the seed's thresholds; seeds with fewer than three shares
    are left out.
    """
    logs = log_thresholds(table)
    with_no_ops = logs.drop(columns=0, errors="ignore")
    rows = {seed: values.dropna() for seed, values in with_no_ops.iterrows()}
    return pd.Series(
        {
            seed: 0.4 * np.polyfit(values.index.to_numpy(dtype=float), values.to_numpy(), 1)[0]
            for seed, values in rows.items()
            if len(values) >= 3
        },
        dtype=float,
    )


def verdicts(table: pd.DataFrame, longer: pd.DataFrame) -> list[Verdict]:
    """Verdicts on the paper's claims about no-ops.

    Args:
        table: rows of `score_table`.
        longer: the runs that may take the places of those that miss the gate.
    """
    rules, table = read_rules("no_op"), until_learned(table, longer, AXES)
    alike = has_paper_lengths(table)
    unseen = table[table.score == "unseen"]
    moved, gate = pooled_shift(table), gate_of(table, unseen, AXES)
    fewer = judge(
        Estimate(*moved) if moved else mean_interval([]),
        f"{moved} as many rules as without no-ops" if moved else "",
        within=(0, 1 - 1e-9),
        excluded_by=(0, rules["fewer"]["paper_factor"]),
        gate=gate,
        like_paper=alike,
    )
    with_no_ops = table[table.no_op_share > 0]
    share_gate = gate_of(table, with_no_ops[with_no_ops.score == "unseen"], AXES)

    return [
        decide(rules["fewer"], [fewer], unseen, gate),
        decide(
            rules["share"],
            [
                _share_matters_little(
                    moved_by_share(table), rules["share"]["factor"], share_gate, like_paper=alike
                )
            ],
            with_no_ops,
            share_gate,
        ),
        _both_kinds(rules["both"], table, alike),
    ]


def verdicts_at_paper_lengths(table: pd.DataFrame) -> list[Verdict]:
    """The verdict on the claim that both kinds of input are answered, from runs at the paper's
    string lengths.

    Args:
        table: rows of `score_table` at the paper's lengths.
    """
    rule = read_rules("no_op")["both_at_paper_lengths"]
    return [_both_kinds(rule, trained_enough(table), alike=True, anew=True)]


def without_longer_runs(table: pd.DataFrame) -> str:
    """What both kinds of input would come to if no longer run took the place of one that misses the
    gate, in a sentence, as one such run can decide the verdict.

    Args:
        table: rows of `score_table` without longer runs.
    """
    rule = read_rules("no_op")["both"]
    verdict = _both_kinds(rule, table, has_paper_lengths(table))
    told = {"reproduced": "reproduced all the same", "cannot tell": "which could not be told"}
    return (
        f"Without the longer runs, both kinds of input from {count(rule['rules'])} rules on would "
        f"come to: {verdict.ours}; {told.get(verdict.outcome, verdict.outcome)}."
    )


def _both_kinds(rule: Rule, table: pd.DataFrame, alike: bool, *, anew: bool = False) -> Verdict:
    """The verdict on the claim that many rules suffice for both kinds of input.

    Args:
        table: rows of `score_table`; those trained without no-ops do not count.
        alike: whether the string lengths are the paper's.
        anew: whether longer runs cannot take the places of these.
    """
    many = table[(table.no_op_share > 0) & (table.num_rules >= rule["rules"])]
    gate, parts = gate_of(table, many, AXES), []
    for score, kind in (("unseen", "has-op"), ("unseen_no_op", "no-op")):
        mean = mean_score(by_unit(many[many.score == score], "share"))
        within, words = (rule["at_least"], 1.0), scores_in_words(mean, kind)
        parts.append(judge(mean, words, within=within, gate=gate, like_paper=alike, success=True))
    return decide(rule, parts, many, gate, anew=anew)


def _share_matters_little(moved: pd.Series, factor: float, gate: Gate, *, like_paper: bool) -> Part:
    """Whether the threshold moves by less than a factor from a tenth of no-ops to a half."""
    found = mean_interval(moved.to_numpy())
    words = (
        f"the threshold changes by a factor of {np.exp(found.mean):.2f} from 10 to 50 % of no-ops"
    )
    if not found.known:
        return judge(found, words if found.n else "", within=(0, 0), gate=gate)
    words += (
        f" (95 % interval {np.exp(found.low):.2f} to {np.exp(found.high):.2f}; {found.n} seeds)"
    )
    within = np.log(factor)
    alike = equivalent(moved.to_numpy(), within) < 0.05
    claimed = (found.low, found.high) if alike else (0.0, 0.0)
    return judge(
        found,
        words,
        within=claimed,
        excluded_by=(-within, within),
        gate=gate,
        like_paper=like_paper,
    )


UNTIL_LEARNED = GridGroup("laptop", "until learned")
"""The runs that may take the places of those that miss the gate."""

analysis = Analysis(
    "no_op",
    AXES,
    verdicts,
    compared_with=UNTIL_LEARNED,
    at_paper_lengths=verdicts_at_paper_lengths,
)
