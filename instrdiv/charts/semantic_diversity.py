"""The figures of experiment 4, each drawn from a table."""

import altair as alt
import pandas as pd

from instrdiv.charts.common import NUM_RULES, heat_map, ordinal_axis, rules_x, runs_chart
from instrdiv.charts.notes import widest_gap
from instrdiv.tasks.families import TESTED


def transfer_chart(cells: pd.DataFrame) -> alt.LayerChart:
    """Exact match by the families in training and the kind of rule in the test.

    Args:
        cells: from `instrdiv.analysis.semantic_diversity.by_tested`.
    """
    order = cells.sort_values(["num_families", "trained"]).trained.unique().tolist()
    return heat_map(
        cells,
        x=alt.X(
            "tested:N",
            title="rules in the test, all unseen",
            sort=[str(kind) for kind in TESTED],
            axis=alt.Axis(labelAngle=-45),
        ),
        y=alt.Y(
            "trained:N",
            title="families in training",
            sort=order,
            axis=alt.Axis(labelExpr="split(datum.label, ' + ')"),  # below one another
        ),
        tooltip=["trained", "tested", "runs"],
    ).properties(height=alt.Step(46))


def room_chart(rows: pd.DataFrame) -> alt.LayerChart:
    """Exact match against how many places an input leaves for *x*, a line for each test.

    Args:
        rows: from `instrdiv.analysis.semantic_diversity.by_room`.
    """
    return runs_chart(
        rows,
        x=alt.X("places:O", title="places that an input leaves for x", axis=ordinal_axis()),
        by=alt.Color("tested:N", title="tested on", sort=rows.tested.unique().tolist()),
        scores=("unseen",),
        tooltip=[alt.Tooltip("places:Q"), alt.Tooltip("tested:N")],
    )


def ranges_chart(
    table: pd.DataFrame, num_examples: int, marked: str | None = None
) -> alt.LayerChart:
    """Exact match on k < 3 against the number of rules, with a line for each range of k.

    Args:
        table: from `instrdiv.analysis.semantic_diversity.with_family_labels`, one set of families.
        num_examples: examples over all rules; the axis shows how many each rule gets.
        marked: key of the run to ring.
    """
    order = table.sort_values("largest_k").range.unique().tolist()
    return runs_chart(
        table,
        x=rules_x(num_examples),
        by=alt.Color("range:N", title="k in training", sort=order),
        tooltip=[NUM_RULES, alt.Tooltip("range:N", title="k in training")],
        marked=marked,
        notes=widest_gap("same number of rules"),
    )
