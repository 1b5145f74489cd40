"""Experiment 6's figures, drawn from tables alone."""

import altair as alt
import pandas as pd

from instrdiv.charts.common import PERCENT, SHARE, ordinal_axis, rules_x, runs_chart

HAS_OP_KINDS = {
    "right": "right",
    "cipher_missing": "rewritten, not enciphered",
    "rewriting_missing": "enciphered, not rewritten",
    "both_missing": "copied",
    "else": "something else",
}
"""What can become of an input that the rule applies to."""


def instructions_chart(
    table: pd.DataFrame, score: str, num_examples: int, marked: str | None = None
) -> alt.LayerChart:
    """Exact match against the number of instructions, a line for each way to spread and to learn.

    Args:
        table: of `instrdiv.analysis.pretrained.labelled`.
    """
    return runs_chart(
        table,
        x=rules_x(num_examples),
        by=alt.Color("trained:N", title="trained", sort=None),
        scores=(score,),
        marked=marked,
    )


def against_scratch_chart(table: pd.DataFrame, marked: str | None = None) -> alt.LayerChart:
    """Exact match on rules that apply: pretrained or from scratch, from few examples or many.

    Args:
        table: of `instrdiv.analysis.pretrained.against_scratch`.
    """
    return runs_chart(
        table,
        x=rules_x(),
        # The pretrained first, in the colour that it has in the other figures.
        by=alt.Color(
            "learner:N",
            title="trained",
            sort="descending",
            legend=alt.Legend(columns=1, labelLimit=300),
        ),
        scores=("unseen_has_op",),
        marked=marked,
    )


def halving_chart(table: pd.DataFrame) -> alt.LayerChart:
    """Runs on all examples and on half of them, a row for each way to halve.

    Args:
        table: of `instrdiv.analysis.pretrained.halving`.
    """
    columns = ["data", "share", "low", "high", "seed", "num_examples", "key"]
    base = alt.Chart(table[columns]).encode(y=alt.Y("data:N", title=None, sort=None))
    axis = {"scale": SHARE, "axis": PERCENT, "title": "exact match, unseen rules that apply"}
    return alt.layer(
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
    """What became of inputs that the rule applies to, against the number of instructions.

    Args:
        kinds: of `instrdiv.analysis.pretrained.kinds_of_answers`.
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
                legend=alt.Legend(columns=1),
            ),
            order=alt.Order("rank:Q"),
            tooltip=["num_rules", "what", alt.Tooltip("share:Q", format=".1%"), "runs"],
        )
        .transform_calculate(rank=f"indexof({list(HAS_OP_KINDS)}, datum.kind)")
        .properties(width="container", height=260)
    )
