"""Figures of how sweeps scale with the number of workers."""

import altair as alt
import pandas as pd

from instrdiv.charts.common import layered

ORDERS = ["longest first", "as drawn"]


def makespan_chart(simulated: pd.DataFrame) -> alt.LayerChart:
    """Hours of a sweep against its workers, and what they would be if nothing were lost.

    Args:
        simulated: columns ``workers``, ``order``, ``hours``, ``ideal`` and ``efficiency``.
    """
    x = alt.X("workers:Q", scale=alt.Scale(type="log"), title="workers")
    hours = alt.Scale(type="log")
    base = alt.Chart(simulated).encode(x=x)
    ideal = base.mark_line(strokeDash=[2, 3], color="gray").encode(
        y=alt.Y("ideal:Q", scale=hours, title="hours")
    )
    found = base.mark_line(point=True).encode(
        y=alt.Y("hours:Q", scale=hours, title="hours"),
        color=alt.Color("order:N", title="order of starts", sort=ORDERS),
        tooltip=[
            alt.Tooltip("workers:Q", format=","),
            "order",
            alt.Tooltip("hours:Q", format=".2f"),
            alt.Tooltip("efficiency:Q", format=".1%"),
        ],
    )
    return layered(ideal, found).properties(width="container", height=260)
