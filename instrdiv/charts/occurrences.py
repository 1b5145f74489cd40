"""The figures of experiment 5, each drawn from a table."""

import altair as alt
import pandas as pd

from instrdiv.charts.common import NUM_RULES, heat_map, layered, rules_x, runs_chart
from instrdiv.charts.notes import widest_gap


def trainings_chart(
    table: pd.DataFrame, num_examples: int, marked: str | None = None
) -> alt.LayerChart:
    """Exact match over the whole range against the number of rules, with a line per training set.

    Args:
        table: from `instrdiv.analysis.occurrences.with_occurrence_labels`.
        num_examples: examples over all rules; the axis shows how many each rule gets.
        marked: key of the run to ring.
    """
    return runs_chart(
        table,
        x=rules_x(num_examples),
        by=alt.Color("trained:N", title="occurrences in training", sort=_order(table)),
        scores=["unseen"],
        tooltip=[NUM_RULES, alt.Tooltip("trained:N", title="occurrences in training")],
        marked=marked,
        notes=widest_gap("same number of rules"),
    )


def transfer_chart(cells: pd.DataFrame) -> alt.LayerChart:
    """Exact match by the numbers of occurrences in training and in the test.

    Args:
        cells: from `instrdiv.analysis.occurrences.by_tested`.
    """
    return heat_map(
        cells,
        x=alt.X("tested:O", title="occurrences in the test", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("trained:N", title="occurrences in training", sort=_order(cells)),
        tooltip=["trained", "tested", "runs"],
    )


def mix_gains_chart(gains: pd.DataFrame) -> alt.LayerChart:
    """What the mix adds to the score on unseen rules against each single number, pair by pair.

    Args:
        gains: from `instrdiv.analysis.occurrences.mix_gains`.
    """
    title, axis = "added by the mix", alt.Axis(format="+%")
    base = alt.Chart(gains).encode(
        x=alt.X("single:N", title="against this number alone", axis=alt.Axis(labelAngle=0))
    )
    pairs = base.mark_point(size=45, opacity=0.8).encode(
        y=alt.Y("gain:Q", title=title, axis=axis),
        tooltip=["single:N", "seed:Q", alt.Tooltip("gain:Q", format="+.1%")],
    )
    means = base.mark_tick(thickness=3, size=40).encode(y=alt.Y("mean(gain):Q", title=title))
    line = alt.Chart(gains).mark_rule(strokeDash=[4, 4], color="gray")
    zero = line.encode(y=alt.datum(0, title=title, axis=axis))
    return layered(zero, pairs, means).properties(width="container", height=240)


def _order(table: pd.DataFrame) -> list[str]:
    """Single numbers first, mixes last."""
    return sorted(table.trained.unique(), key=lambda label: (label.startswith("mix"), label))
