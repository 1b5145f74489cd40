"""The figures of experiment 2, each drawn from a table."""

import altair as alt
import pandas as pd

from instrdiv.charts.common import NUM_RULES, rules_x, runs_chart
from instrdiv.charts.notes import widest_gap
from instrdiv.statistics.threshold import Threshold


def no_op_shares_chart(
    table: pd.DataFrame, score: str, num_examples: int, marked: str | None = None
) -> alt.LayerChart:
    """One score against the number of rules, with a line for each share of no-ops.

    Args:
        table: rows of `score_table`.
        score: ``unseen``, ``unseen_no_op`` or ``unseen_near_miss``.
        num_examples: examples over all rules; the axis shows how many each rule gets.
        marked: key of the run to ring.
    """
    return runs_chart(
        table.assign(share_of_no_ops=table.no_op_share.map(share_label)),
        x=rules_x(num_examples),
        by=alt.Color("share_of_no_ops:N", title="no-ops in training", sort=_labels(table)),
        scores=[score],
        tooltip=[NUM_RULES, alt.Tooltip("share_of_no_ops:N", title="no-ops in training")],
        marked=marked,
        notes=widest_gap("same number of rules"),
    )


def threshold_rows(fits: dict[float, Threshold]) -> pd.DataFrame:
    """The threshold of each share of no-ops, in the form that `thresholds_chart` takes."""
    return pd.DataFrame(
        [
            {"label": share_label(share), "rules": fit.rules, "low": fit.low, "high": fit.high}
            for share, fit in sorted(fits.items())
        ]
    )


def share_label(share: float) -> str:
    """
    >>> share_label(0.3), share_label(0)
    ('30 %', 'none')
    """
    return f"{share:.0%}".replace("%", " %") if share else "none"


def _labels(table: pd.DataFrame) -> list[str]:
    return [share_label(share) for share in sorted(table.no_op_share.unique())]
