"""The figures of experiment 6, each drawn from a table."""

from typing import Any

import altair as alt
import pandas as pd

from instrdiv.charts.common import PERCENT, SHARE, layered, ordinal_axis, rules_x, runs_chart
from instrdiv.charts.notes import widest_gap

HAS_OP_KINDS = {
    "correct": "correct",
    "cipher_missing": "rewritten, not enciphered",
    "rewriting_missing": "enciphered, not rewritten",
    "both_missing": "copied",
    "else": "something else",
}
"""Kinds of answers to an input to which the rule applies."""


def instructions_chart(
    table: pd.DataFrame, score: str, num_examples: int, marked: str | None = None
) -> alt.LayerChart:
    """Exact match against the number of instructions, with a line for each spread and model.

    Args:
        table: from `instrdiv.analysis.pretrained.with_training_labels`.
    """
    return runs_chart(
        table,
        x=rules_x(num_examples),
        by=alt.Color("trained:N", title="trained", sort=None),
        scores=(score,),
        marked=marked,
        notes=widest_gap("as many instructions"),
    )


def against_scratch_chart(table: pd.DataFrame, marked: str | None = None) -> alt.LayerChart:
    """Exact match on rules that apply: pretrained or from scratch, with few or many examples.

    Args:
        table: from `instrdiv.analysis.pretrained.against_scratch`.
    """
    return runs_chart(
        table,
        x=rules_x(),
        # The pretrained model first, in the colour that it has in the other figures.
        by=alt.Color("learner:N", title="trained", sort="descending"),
        scores=("unseen_has_op",),
        marked=marked,
    )


def halving_chart(table: pd.DataFrame) -> alt.LayerChart:
    """Runs on all examples and on half of them, with a row for each way to halve.

    Args:
        table: from `instrdiv.analysis.pretrained.halving`.
    """
    columns = ["data", "share", "low", "high", "seed", "num_examples", "key"]
    base = alt.Chart(table[columns]).encode(y=alt.Y("data:N", title=None, sort=None))
    axis: dict[str, Any] = dict(
        scale=SHARE, axis=PERCENT, title="exact match, unseen rules that apply"
    )
    return layered(
        base.mark_rule(opacity=0.6).encode(x=alt.X("low:Q", **axis), x2="high:Q"),
        base.mark_point(filled=True, size=60).encode(
            x=alt.X("share:Q", **axis),
            tooltip=[
                "data",
                "seed",
                alt.Tooltip("num_examples:Q", title="examples", format=","),
                alt.Tooltip("share:Q", title="exact match", format=".1%"),
                alt.Tooltip("key:N", title="record"),
            ],
        ),
    ).properties(width="container", height=alt.Step(34))


def kinds_chart(kinds: pd.DataFrame) -> alt.Chart:
    """Kinds of answers to inputs to which the rule applies, against the number of instructions.

    Args:
        kinds: from `instrdiv.analysis.pretrained.kinds_of_answers`.
    """
    return (
        alt.Chart(kinds.assign(what=kinds.kind.map(HAS_OP_KINDS)))
        .mark_bar()
        .encode(
            x=alt.X("num_rules:O", title="different instructions, I", axis=ordinal_axis()),
            y=alt.Y("share:Q", title="share of answers", axis=PERCENT),
            color=alt.Color(
                "what:N",
                title="answer",
                sort=list(HAS_OP_KINDS.values()),
            ),
            order=alt.Order("rank:Q"),
            tooltip=["num_rules", "what", alt.Tooltip("share:Q", format=".1%"), "runs"],
        )
        .transform_calculate(rank=f"indexof({list(HAS_OP_KINDS)}, datum.kind)")
        .properties(width="container", height=260)
    )
