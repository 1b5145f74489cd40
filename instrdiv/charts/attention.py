"""A model's attention while it writes, drawn from a table."""

from typing import Any

import altair as alt
import pandas as pd

from instrdiv.charts.common import layered


def attention_chart(weights: pd.DataFrame, layer: int, head: int) -> alt.LayerChart:
    """The attention weights of one head, with a row for each letter that is written.

    Args:
        weights: from `instrdiv.demo.source_attention.attention`.
    """
    own = weights[(weights.layer == layer) & (weights["head"] == head)]
    shown = own.assign(row=own.step + 1)[["row", "writes", "position", "reads", "weight", "source"]]
    letters: dict[Any, str] = own.drop_duplicates("position").set_index("position").reads.to_dict()
    written: dict[Any, str] = own.drop_duplicates("step").set_index("step").writes.to_dict()
    base = alt.Chart(shown).encode(
        x=alt.X(
            "position:O",
            title="read: rule, then input, then the output so far",
            axis=alt.Axis(
                labelAngle=0, labelExpr=f"{[letters[i] for i in sorted(letters)]}[datum.value]"
            ),
        ),
        y=alt.Y(
            "row:O",
            title="letter to write",
            axis=alt.Axis(labelExpr=f"{['', *(written[i] for i in sorted(written))]}[datum.value]"),
        ),
    )
    squares = base.mark_rect().encode(
        color=alt.Color(
            "weight:Q",
            title="weight",
            scale=alt.Scale(domain=[0, 1], scheme="viridis"),
            legend=alt.Legend(format="%"),
        ),
        tooltip=["writes", "reads", alt.Tooltip("weight:Q", format=".1%")],
    )
    rings = base.transform_filter("datum.source").mark_point(
        size=120, color="#d55e00", strokeWidth=2.5
    )
    return layered(squares, rings).properties(width="container", height=230)
