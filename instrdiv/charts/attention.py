"""Where a model looks while it writes, drawn from a table alone."""

from typing import Any

import altair as alt
import pandas as pd

from instrdiv.charts.common import layered


def attention_chart(looks: pd.DataFrame, layer: int, head: int) -> alt.LayerChart:
    """The weights of one head, a row for each letter that is written.

    Args:
        looks: what `instrdiv.publishing.demo_models.attention` returns.
    """
    own = looks[(looks.layer == layer) & (looks["head"] == head)]
    shown = own.assign(row=own.step + 1)[["row", "writes", "place", "reads", "weight", "source"]]
    letters: dict[Any, str] = own.drop_duplicates("place").set_index("place").reads.to_dict()
    written: dict[Any, str] = own.drop_duplicates("step").set_index("step").writes.to_dict()
    base = alt.Chart(shown).encode(
        x=alt.X(
            "place:O",
            title="read: rule, then input, then what was written",
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
