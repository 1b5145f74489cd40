"""What the runs of experiment 6 say about a pretrained model."""

from functools import partial

import pandas as pd

from instrdiv.analysis.analysis import Analysis
from instrdiv.runs.vocabulary import SCRATCH
from instrdiv.statistics.dated_rules import read_rules
from instrdiv.statistics.intervals import (
    by_unit,
    equivalent,
    mean_difference,
    mean_interval,
    paired,
)
from instrdiv.statistics.verdict import (
    ABOVE_ZERO,
    BELOW_ZERO,
    Gate,
    Part,
    Verdict,
    decide,
    difference_in_words,
    gate_of,
    judge,
    mean_score,
    scores_in_words,
)
from instrdiv.whole_numbers import count

AXES = ("model", "num_rules", "num_examples", "alpha", "shots", "steps", "batch_size", "seed")
"""The settings that this experiment's figures vary."""


def with_training_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `score_table` with a column ``trained``: the model, and the spread of examples."""
    return table.assign(trained=_learner(table) + ", " + table.alpha.map(_spread_out))


def _spread_out(alpha: float) -> str:
    """How examples are spread, in words between which no line breaks."""
    return "evenly" if pd.isna(alpha) else f"α = {alpha:g}".replace(" ", "\N{NO-BREAK SPACE}")


def _learner(table: pd.DataFrame) -> pd.Series:
    return table.model.map(lambda model: "from scratch" if model == SCRATCH else "pretrained")


def on_axis(table: pd.DataFrame, num_examples: int) -> pd.DataFrame:
    """The trained runs with a given number of examples."""
    return table[(table.num_examples == num_examples) & (table.steps > 0)]


def against_scratch(table: pd.DataFrame, num_examples: int) -> pd.DataFrame:
    """Evenly spread examples: pretrained models on a given number, and all models from scratch.

    Returns:
        Rows with a column ``learner``: the model that was trained, and the number of examples.
    """
    scratch = table.model == SCRATCH
    even = table[table.alpha.isna() & (table.steps > 0)]
    kept = even[scratch[even.index] | (even.num_examples == num_examples)]
    examples = kept.num_examples.map(count) + " examples"
    return kept.assign(learner=_learner(kept) + ", " + examples)


def to_half(table: pd.DataFrame) -> str:
    """From how many instructions on each model answers half of the unseen inputs, in words.

    Args:
        table: from `against_scratch`.
    """
    rows = table[table.score == "unseen_has_op"]
    means = rows.groupby(["learner", "num_rules"]).share.mean().unstack("num_rules")
    lines = []
    for learner, shares in means.iterrows():
        enough = shares.index[shares >= 0.5]
        found = (
            f"from {count(enough.min())} instructions on"
            if len(enough)
            else "for none of these numbers"
        )
        lines.append(f"- {learner}: {found}")
    return "\n".join(lines)


def more_finding(table: pd.DataFrame) -> str:
    """The main result in a sentence: the pretrained model after few and after many instructions.

    Args:
        table: from `on_axis`.
    """
    rows = table[(table.model != SCRATCH) & table.alpha.isna()]
    means = rows.pivot_table(index="num_rules", columns="score", values="share", aggfunc="mean")
    if len(means) < 2 or not {"unseen_has_op", "unseen_no_op"} <= set(means):
        return "There are too few recorded runs for a result."
    few, many = means.loc[means.index.min()], means.loc[means.index.max()]
    return (
        f"Fine-tuned on as many examples of {count(few.name)} instructions, the model answers "
        f"{few.unseen_has_op:.0%} of the inputs right to which an unseen rule applies (and "
        f"{few.unseen_no_op:.0%} of the no-ops); of {count(many.name)} instructions, "
        f"{many.unseen_has_op:.0%}."
    )


def before_tuning(table: pd.DataFrame) -> pd.DataFrame:
    """Scores of the model before fine-tuning.

    Returns:
        A row for each number of solved examples in the prompt, a column for each score.
    """
    rows = table[table.steps == 0]
    return rows.pivot_table(index="shots", columns="score", values="share")


def by_key(table: pd.DataFrame) -> pd.DataFrame:
    """Inputs to which unseen rules apply, with a key from training and with a new one.

    Returns:
        A row for each number of instructions, with the mean share of correct answers for each.
    """
    names = {"unseen_has_op": "a key from training", "unseen_key_has_op": "a new key"}
    rows = table[table.score.isin(names)].assign(key=lambda t: t.score.map(names))
    return rows.pivot_table(index="num_rules", columns="key", values="share")[list(names.values())]


def kinds_of_answers(table: pd.DataFrame) -> pd.DataFrame:
    """Kinds of answers to unseen inputs to which the rule applies, means over runs.

    Returns:
        Columns ``num_rules``, ``kind`` (``correct``, a step left out, or ``else``), ``share``,
        ``runs``.
    """
    names = {"unseen_has_op": "correct"} | {
        f"unseen_{kind}_missing": f"{kind}_missing" for kind in ("cipher", "rewriting", "both")
    }
    rows = table[table.score.isin(names)].assign(kind=lambda t: t.score.map(names))
    means = rows.groupby(["num_rules", "kind"], as_index=False).agg(
        share=("share", "mean"), runs=("share", "size")
    )
    rest = means.groupby("num_rules", as_index=False).agg(
        share=("share", "sum"), runs=("runs", "max")
    )
    rest = rest.assign(kind="else", share=(1 - rest.share).clip(lower=0))
    return pd.concat([means, rest], ignore_index=True)


HALVES = ("all, evenly", "half, evenly", "half, long tail")


def halving(table: pd.DataFrame, num_examples: int, score: str = "unseen_has_op") -> pd.DataFrame:
    """Runs on all examples and on half of them, spread evenly or as a long tail.

    Returns:
        Rows of the score, with a column ``data``, one of `HALVES`; no rows
        if one of the three has no run.
    """
    tuned = table[(table.score == score) & (table.steps > 0) & (table.model != SCRATCH)]
    half = tuned[tuned.num_examples == num_examples // 2]
    kinds = (
        tuned[(tuned.num_examples == num_examples) & tuned.alpha.isna()],
        half[half.alpha.isna()],
        half[half.alpha.notna()],
    )
    compared = set.intersection(*(set(rows.num_rules) for rows in kinds))
    return pd.concat(
        [
            rows[rows.num_rules.isin(compared)].assign(data=name)
            for name, rows in zip(HALVES, kinds, strict=True)
        ]
    )


def halving_finding(table: pd.DataFrame, num_examples: int) -> str:
    """What long-tailed halves lose on all inputs, in a sentence, as the verdict on those that a
    rule applies to is a close one; empty without runs.

    Args:
        table: rows of `score_table`.
    """
    both = halving(table, num_examples, "unseen")
    if both.empty:
        return ""
    whole, _, cut = (by_unit(both[both.data == kind], "share") for kind in HALVES)
    change = mean_difference(paired(cut, whole))
    items = int(both.total.max())
    return (
        "The verdict below is on inputs that a rule applies to, and a close one. On all "
        f"{items} test inputs, no-ops among them, "
        f"{difference_in_words(change, 'long-tailed halves against all')}"
        f"{', which leaves it open whether they lose at all' * (change.low <= 0 <= change.high)}."
    )


# Ours is a far smaller model, tuned on a ninth of the paper's instructions: no result of these runs
# counts against a claim.
_judge = partial(judge, like_paper=False)


def verdicts(table: pd.DataFrame, equal: pd.DataFrame) -> list[Verdict]:
    """Verdicts on the paper's claims about a pretrained model."""
    rules = read_rules("pretrained")
    tuned = table[(table.model != SCRATCH) & (table.steps > 0)]
    full = tuned[tuned.num_examples == tuned.num_examples.max()]
    has_op, no_op = (full[full.score == f"unseen_{kind}"] for kind in ("has_op", "no_op"))
    even, tail = has_op[has_op.alpha.isna()], has_op[has_op.alpha.notna()]
    fewest, most = even.num_rules.min(), even.num_rules.max()
    few, many = even[even.num_rules == fewest], even[even.num_rules == most]
    few_no_op = no_op[no_op.alpha.isna() & (no_op.num_rules == fewest)]

    gate = gate_of(table, few, AXES)
    low, high = (mean_score(by_unit(rows, "share")) for rows in (few, few_no_op))
    words = f"{count(fewest)} instructions, "
    alone = [
        _judge(
            low,
            scores_in_words(low, words + "inputs to which the rule applies"),
            within=(0, rules["few"]["at_most"]),
            gate=gate,
        ),
        _judge(
            high,
            scores_in_words(high, words + "no-op inputs"),
            within=(rules["few"]["at_least"], 1),
            gate=gate,
            success=True,
        ),
    ]

    ends = pd.concat([few, many]) if fewest < most else few.iloc[:0]
    ends_gate = gate_of(table, ends, AXES)
    reached = mean_score(by_unit(many, "share"))
    rise = mean_difference(paired(by_unit(many, "share"), by_unit(few, "share"))
                           if fewest < most else [])  # fmt: skip
    more = [
        _judge(
            reached,
            scores_in_words(reached, f"{count(most)} instructions"),
            within=(rules["more"]["at_least"], 1),
            gate=ends_gate,
            success=True,
        ),
        _judge(
            rise,
            difference_in_words(rise, f"against {count(fewest)}"),
            within=ABOVE_ZERO,
            gate=ends_gate,
        ),
    ]

    compared = even[even.num_rules.isin(tail.num_rules)]
    tail_runs = pd.concat([compared, tail])
    half = halving(table, full.num_examples.max())
    half_gate = gate_of(table, half, AXES)
    at = ["num_rules", "seed"]
    whole, thinned, cut = (by_unit(half[half.data == kind], "share", at) for kind in HALVES)
    margin = rules["half"]["margin"]
    harmless = paired(thinned, whole).groupby("seed").mean()
    hurt = mean_difference(paired(cut, whole).groupby("seed").mean())
    halves = [
        _harmless(harmless, margin, half_gate),
        _judge(
            hurt,
            difference_in_words(hurt, "long-tailed halves against all"),
            within=BELOW_ZERO,
            excluded_by=(-1, -margin),
            gate=half_gate,
        ),
    ]
    tail_gate = gate_of(table, tail_runs, AXES)
    return [
        decide(rules["few"], alone, few, gate),
        decide(rules["more"], more, ends, ends_gate),
        decide(
            rules["tail"],
            _tail_loses(compared, tail, rules["tail"]["least"], tail_gate),
            tail_runs,
            tail_gate,
        ),
        decide(rules["half"], halves, half, half_gate),
    ]


def _tail_loses(even: pd.DataFrame, tail: pd.DataFrame, least: float, gate: Gate) -> list[Part]:
    """Whether a long tail lowers the score with few instructions, and less so with many."""
    at = ["num_rules", "seed"]
    loss = paired(by_unit(even, "share", at), by_unit(tail, "share", at)).unstack("num_rules")
    if loss.empty:
        return [Part("cannot tell", "", "no runs to compare")]
    few, many = loss.columns.min(), loss.columns.max()
    lost = mean_difference(loss[few].dropna())
    # A loss is between -1 and 1, and so two losses differ by up to 2.
    reduction = (loss[few] - loss[many]).dropna()
    closed = mean_interval(reduction if few < many else [], bounds=(-2, 2))
    words = difference_in_words(lost, f"loss with {count(few)} instructions")
    closing = difference_in_words(closed, f"reduction of this loss with {count(many)}")
    return [
        _judge(lost, words, within=ABOVE_ZERO, excluded_by=(least, 1.0), gate=gate),
        _judge(closed, closing, within=ABOVE_ZERO, excluded_by=(least, 2.0), gate=gate),
    ]


def _harmless(differences: pd.Series, margin: float, gate: Gate) -> Part:
    """Whether even halves are equivalent to all examples, within a margin."""
    found = mean_difference(differences)
    words = difference_in_words(found, "even halves against all")
    alike = found.known and equivalent(differences, margin) < 0.05
    claimed = (found.low, found.high) if alike else (0.0, 0.0)
    return _judge(
        found, words, within=claimed, excluded_by=(-margin, margin), gate=gate, success=True
    )


analysis = Analysis("pretrained", AXES, verdicts)
