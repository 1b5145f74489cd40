"""A figure of a chapter's few runs at the paper's string lengths, beside others."""

import altair as alt
import pandas as pd

from instrdiv.charts.common import PERCENT, SHARE, layered


def tested_chart(table: pd.DataFrame, trained: list[str], tested: list[str]) -> alt.LayerChart:
    """Exact match of runs, a line of markers for each kind of test, a colour for each training; a
    marker is hollow, and no mean counts it, if the run had not learned its training examples.

    Args:
        table: from `instrdiv.analysis.paper_lengths.tested`.
        trained: the trainings, in the order of their colours.
        tested: the tests, from top to bottom.
    """
    title = "exact match"
    base = alt.Chart(table[["trained", "tested", "share", "gate", "seed", "key"]]).encode(
        y=alt.Y("tested:N", title="tested on", sort=tested, axis=alt.Axis(labelLimit=260)),
        yOffset=alt.YOffset("trained:N", sort=trained),
        color=alt.Color("trained:N", title="trained on", sort=trained),
    )
    runs = base.mark_point(size=50, opacity=0.8).encode(
        fill=alt.condition(
            "datum.gate == 'not met'",
            alt.value("transparent"),
            alt.Color("trained:N", legend=None, sort=trained),
        ),
        x=alt.X("share:Q", title=title, scale=SHARE, axis=PERCENT),
        tooltip=[
            alt.Tooltip("trained:N"),
            alt.Tooltip("tested:N"),
            alt.Tooltip("gate:N"),
            alt.Tooltip("seed:Q"),
            alt.Tooltip("share:Q", title="exact match", format=".1%"),
            alt.Tooltip("key:N", title="record"),
        ],
    )
    learned = base.transform_filter("datum.gate == 'met'")
    means = learned.mark_tick(thickness=3, size=16).encode(
        x=alt.X("mean(share):Q", title=title, scale=SHARE, axis=PERCENT)
    )
    return layered(runs, means).properties(width="container", height=50 * len(tested) + 20)
