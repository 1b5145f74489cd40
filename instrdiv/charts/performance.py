"""Figures of the engine's speed, drawn from the measurements."""

from typing import Any

import altair as alt
import pandas as pd

from instrdiv.charts.common import layered
from instrdiv.charts.room import lines_of

LINE = 44
"""Letters of a label above a bar before it is broken."""
ABOVE = alt.Axis(
    labelAlign="left",
    labelBaseline="bottom",
    labelExpr=lines_of(LINE),
    # A second line is below the first, so the first is a line higher where there is one.
    labelOffset={"condition": {"test": f"length(datum.label) > {LINE}", "value": -11}, "value": 3},
    labelPadding=-4,
    labelLimit=600,
    ticks=False,
    domain=False,
)
"""Labels are above the bars: beside them, they would leave no room on a narrow screen."""
STEP = alt.Step(52)
"""Room for a bar and two lines above it."""


def pairs_table(timings: list[dict[str, Any]]) -> pd.DataFrame:
    """One row per comparison: ``other``, ``size``, ``threads``, ``ratio``, ``low``, ``high``."""
    return pd.DataFrame(
        [
            {
                "other": timing["other"],
                "size": timing["size"],
                "threads": timing["threads"],
                "ratio": timing["ratio"]["median"],
                "low": timing["ratio"]["min"],
                "high": timing["ratio"]["max"],
            }
            for timing in timings
        ]
    )


def ratios_chart(pairs: pd.DataFrame) -> alt.LayerChart:
    """Speed relative to other systems, with a bar for each system and model size."""
    threads = ", threads: " + pairs.threads.astype(str) if pairs.threads.nunique() > 1 else ""
    rows = pairs.assign(compared=pairs.other + ", " + pairs["size"] + threads)
    base = alt.Chart(rows).encode(
        y=alt.Y("compared:N", title=None, sort=None, axis=ABOVE),
        tooltip=["other", "size", "threads", alt.Tooltip("ratio:Q", format=".2f")],
    )
    x = alt.X("ratio:Q", title="times as fast", scale=alt.Scale(domainMin=0))
    bars = base.mark_bar(opacity=0.75, size=14, yOffset=12).encode(x=x)
    spans = base.mark_rule(strokeWidth=2, yOffset=12).encode(
        x=alt.X("low:Q", title="times as fast"), x2="high:Q"
    )
    return layered(bars, spans).properties(width="container", height=STEP)


def profile_chart(profile: pd.DataFrame) -> alt.Chart:
    """Shares of the time of a training step, by operation and model size.

    Args:
        profile: columns ``size``, ``operation`` and ``share``.
    """
    table = profile.assign(operation=profile.operation.str.removeprefix("aten::"))
    return (
        alt.Chart(table)
        .mark_bar(opacity=0.75, size=14, yOffset=12)
        .encode(
            x=alt.X("share:Q", title="share of the time of a step", axis=alt.Axis(format="%")),
            y=alt.Y("label:N", title=None, sort=None, axis=ABOVE),
            tooltip=["size", "operation", alt.Tooltip("share:Q", format=".1%")],
        )
        .transform_calculate(label="datum.operation + ', ' + datum.size")
        .properties(width="container", height=STEP)
    )
