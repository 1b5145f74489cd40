"""Figures of the page on methods: precision, and how the desk preset was chosen."""

import altair as alt
import pandas as pd

from instrdiv.charts.common import PERCENT, SHARE, layered


def precision_chart(pairs: pd.DataFrame) -> alt.LayerChart:
    """Scores of the same runs in both precisions, one against the other.

    Args:
        pairs: from `instrdiv.analysis.arithmetic.precision_pairs`.
    """
    ends = pd.DataFrame({"float32": [0.0, 1.0], "bfloat16": [0.0, 1.0]})
    x = alt.X("float32:Q", scale=SHARE, axis=PERCENT, title="unseen rules, in float32")
    y = alt.Y("bfloat16:Q", scale=SHARE, axis=PERCENT, title="unseen rules, in bfloat16")
    same = alt.Chart(ends).mark_line(strokeDash=[4, 4], color="#767676").encode(x=x, y=y)
    markers = (
        alt.Chart(pairs)
        .mark_point(filled=True, size=70, opacity=0.9)
        .encode(
            x=x,
            y=y,
            color=alt.Color("num_rules:N", title="rules"),
            tooltip=[
                alt.Tooltip("num_rules:Q", title="rules", format=","),
                alt.Tooltip("seed:Q"),
                alt.Tooltip("float32:Q", format=".1%"),
                alt.Tooltip("bfloat16:Q", format=".1%"),
            ],
        )
    )
    return layered(same, markers).properties(width="container", height=320)


def tuning_chart(curves: pd.DataFrame) -> alt.Chart:
    """Training scores of trials against the number of sequences trained on.

    Args:
        curves: from `instrdiv.analysis.desk_preset.learning`.
    """
    return (
        alt.Chart(curves)
        .mark_line(point=alt.OverlayMarkDef(size=25))
        .encode(
            x=alt.X("sequences:Q", title="sequences trained on", axis=alt.Axis(format="~s")),
            y=alt.Y(
                "training:Q", scale=SHARE, axis=PERCENT, title="exact match, training examples"
            ),
            color=alt.Color("warm-up:N", title="warm-up"),
            strokeDash=alt.StrokeDash("optimiser:N", title="optimiser"),
            detail=["trial:N", "seed:N"],
            tooltip=[
                alt.Tooltip("trial:N"),
                alt.Tooltip("seed:N"),
                alt.Tooltip("sequences:Q", format=","),
                alt.Tooltip("training:Q", format=".1%"),
                alt.Tooltip("loss:Q", format=".3f"),
            ],
        )
        .properties(width="container", height=340)
    )
