"""Experiment 7's figures, drawn from tables alone."""

import altair as alt
import pandas as pd

from instrdiv.charts.common import PERCENT, runs_chart

GENERAL = alt.X(
    "general_share:Q",
    title="share of the examples that are not code",
    axis=alt.Axis(format="%"),
)
MIXED = alt.Tooltip("general_share:Q", title="not code", format=".0%")


def labelled(table: pd.DataFrame) -> pd.DataFrame:
    """Rows with a column ``mixed``: what code is mixed with."""
    chains = table.chain_share.map(lambda share: f", {share:.0%} of it chains" if share else "")
    return table.assign(mixed="general" + chains)


def shares_chart(table: pd.DataFrame, score: str, marked: str | None = None) -> alt.LayerChart:
    """Programs that passed, against the share of other data.

    Args:
        table: rows of `score_table`.
    """
    return runs_chart(
        labelled(table),
        x=GENERAL,
        by=alt.Color("mixed:N", title="mixed with", sort=None),
        scores=(score,),
        tooltip=[MIXED],
        marked=marked,
    )


def bits_chart(bits: pd.DataFrame) -> alt.LayerChart:
    """Bits per byte of right programs, against the share of other data.

    Args:
        bits: of `instrdiv.experiments.code_generation.bits_table`.
    """
    base = alt.Chart(labelled(bits)).encode(
        x=GENERAL, color=alt.Color("benchmark:N", title="programs of", sort=None)
    )
    y = alt.Scale(zero=False)
    lines = base.mark_line(strokeWidth=2).encode(
        y=alt.Y("mean(bits):Q", title="bits per byte", scale=y), strokeDash="mixed:N"
    )
    spans = base.mark_rule(opacity=0.6).encode(y=alt.Y("low:Q", title="bits per byte"), y2="high:Q")
    points = base.mark_point(filled=True, size=45).encode(
        y=alt.Y("bits:Q", title="bits per byte", scale=y),
        tooltip=[MIXED, "benchmark", alt.Tooltip("bits:Q", format=".3f"), "problems", "seed"],
    )
    return alt.layer(lines, spans, points).properties(width="container", height=340)


def loss_chart(curve: pd.DataFrame) -> alt.Chart:
    """The loss of one run while it was tuned.

    Args:
        curve: ``step`` and ``loss``.
    """
    return (
        alt.Chart(curve)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("step:Q", title="optimiser steps"),
            y=alt.Y("loss:Q", title="loss, nats a token", scale=alt.Scale(zero=False)),
            tooltip=["step", alt.Tooltip("loss:Q", format=".3f")],
        )
        .properties(width="container", height=240)
    )


def grades_chart(grades: pd.DataFrame) -> alt.Chart:
    """Programs that passed, by how hard the problem is.

    Args:
        grades: rows of `score_table` with a column ``grade``.
    """
    return (
        alt.Chart(labelled(grades)[["grade", "mixed", "general_share", "share", "seed"]])
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("grade:O", title="grade", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("mean(share):Q", title="passed", axis=PERCENT, scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("general_share:O", title="not code", legend=alt.Legend(format="%")),
            strokeDash="mixed:N",
        )
        .properties(width="container", height=280)
    )
