"""Experiment 7's figures, drawn from tables alone."""

import re

import altair as alt
import pandas as pd

from instrdiv.charts.common import PERCENT, layered, runs_chart

SHARES = alt.Axis(format="%", tickCount=6)
GENERAL_TITLE = "share of the examples that are not code"
GENERAL = alt.X(
    "general_share:Q",
    title=GENERAL_TITLE,
    axis=SHARES,
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
        title="programs that pass",
        scale=alt.Scale(zero=True),
    )


def gains_chart(gains: pd.DataFrame) -> alt.LayerChart:
    """Bits per byte that mixtures spare against code alone, each problem held against itself.

    Args:
        gains: of `instrdiv.analysis.code_generation.gains_table`.
    """
    shown = labelled(gains)
    # Benchmarks stand beside each other where they would hide each other.
    names = list(dict.fromkeys(shown.benchmark))
    shown["at"] = shown.general_share + 0.012 * (shown.benchmark.map(names.index) - 1)
    x = alt.X("at:Q", title=GENERAL_TITLE, axis=SHARES)
    title = "bits per byte spared"
    base = alt.Chart(shown.drop(columns=["model", "steps", "num_answer_tokens"])).encode(
        x=x, color=alt.Color("benchmark:N", title="programs of", sort=None)
    )
    lines = base.transform_filter("datum.chain_share == 0").mark_line(strokeWidth=2)
    points = base.mark_point(size=60, strokeWidth=2).encode(
        y=alt.Y("gain:Q", title=title),
        shape=alt.Shape("mixed:N", title="mixed with", sort=None),
        tooltip=[
            MIXED,
            "mixed",
            "benchmark",
            alt.Tooltip("gain:Q", title="spared", format="+.3f"),
            alt.Tooltip("low:Q", format="+.3f"),
            alt.Tooltip("high:Q", format="+.3f"),
            "problems",
            "seed",
        ],
    )
    nothing = base.mark_rule(strokeDash=[4, 4]).encode(
        x=alt.value(0), x2=alt.value("width"), y=alt.datum(0, title=title), color=alt.value("gray")
    )
    return layered(
        nothing,
        lines.encode(y=alt.Y("mean(gain):Q", title=title)),
        base.mark_rule(opacity=0.6).encode(y=alt.Y("low:Q", title=title), y2="high:Q"),
        points,
    ).properties(width="container", height=340)


def paper_chart(mixtures: pd.DataFrame) -> alt.Chart:
    """The paper's scores against the share of other data.

    Args:
        mixtures: of `instrdiv.analysis.code_generation.paper_mixtures`.
    """
    return (
        alt.Chart(labelled(mixtures))
        .mark_line(point=alt.OverlayMarkDef(size=60), strokeWidth=2)
        .encode(
            x=GENERAL,
            y=alt.Y("passed:Q", title="pass@1, %", scale=alt.Scale(zero=False)),
            color=alt.Color(
                "tuned:N", title="tuned", sort=None, legend=alt.Legend(columns=1, labelLimit=300)
            ),
            strokeDash=alt.StrokeDash(
                "mixed:N",
                title="mixed with",
                sort=None,
                legend=alt.Legend(symbolType="stroke", columns=1, labelLimit=300),
            ),
            tooltip=[MIXED, "mixed", "tuned", alt.Tooltip("passed:Q", title="pass@1, %")],
        )
        .properties(width="container", height=300)
    )


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
            y=alt.Y("mean(share):Q", title="programs that pass", axis=PERCENT),
            color=alt.Color("general_share:O", title="not code", legend=alt.Legend(format=".0%")),
            strokeDash="mixed:N",
        )
        .properties(width="container", height=280)
    )


def as_written(text: str) -> str:
    """A model's answer as a block of Markdown in which nothing is markup.

    Its fence is longer than any run of tildes in the text, so that the text cannot close it.

    >>> print(as_written("```python\\nx = 1\\n```"))
    ~~~~text
    ```python
    x = 1
    ```
    ~~~~
    """
    longest = max(map(len, re.findall("~+", text)), default=0)
    fence = "~" * max(4, longest + 1)
    return f"{fence}text\n{text.strip()}\n{fence}"
