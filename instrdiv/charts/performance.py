"""How fast the engine is, drawn from the measurements alone."""

from typing import Any

import altair as alt
import pandas as pd


def pairs_table(timings: list[dict[str, Any]]) -> pd.DataFrame:
    """One row a comparison: ``other``, ``size``, ``threads``, ``ratio``, ``low``, ``high``."""
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
    """How many times as fast as others, a row for each of them and each size of model."""
    labelled = pairs.assign(
        compared=pairs.other
        + ", "
        + pairs["size"]
        + " model, threads: "
        + pairs.threads.astype(str)
    )
    base = alt.Chart(labelled).encode(
        y=alt.Y("compared:N", title=None, sort=None, axis=alt.Axis(labelLimit=600, orient="right")),
        tooltip=["other", "size", "threads", alt.Tooltip("ratio:Q", format=".2f")],
    )
    x = alt.X("ratio:Q", title="times as fast", scale=alt.Scale(domainMin=0))
    bars = base.mark_bar(opacity=0.75).encode(x=x)
    spans = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title="times as fast"), x2="high:Q"
    )
    return alt.layer(bars, spans).properties(width="container", height=alt.Step(30))
