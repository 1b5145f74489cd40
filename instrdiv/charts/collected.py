"""One figure of the runs of many people, such as those of a course."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from instrdiv.charts.common import NUM_RULES, PERCENT, SHARE, layered, rules_x

COLUMNS = ["num_rules", "share", "low", "high", "correct", "total", "seed", "owner", "key"]


def collected_chart(table: pd.DataFrame, owners: Mapping[str, str]) -> alt.VConcatChart:
    """Exact match on unseen rules against the number of rules: a panel for each experiment and
    scale, a marker with its interval for each run, coloured by whoever made it.

    Args:
        table: rows of `score_table` with a column ``experiment``; those of other scores, and of
            runs without a number of rules, are left out.
        owners: by key, who made a run.

    Raises:
        ValueError: nothing is left.
    """
    if "num_rules" not in table:
        table = table.assign(num_rules=None)
    shown = table[(table.score == "unseen") & table.num_rules.notna()]
    if shown.empty:
        raise ValueError("no record with a score on unseen rules and a number of rules")
    shown = shown.assign(owner=shown.key.map(lambda key: owners.get(key, "unknown")))
    panels = [
        _panel(runs[COLUMNS]).properties(title=f"{experiment}, {scale} scale")
        for (experiment, scale), runs in shown.groupby(["experiment", "scale"])
    ]
    return alt.VConcatChart(vconcat=panels)


def _panel(runs: pd.DataFrame) -> alt.LayerChart:
    base = alt.Chart(runs).encode(x=rules_x(), color=alt.Color("owner:N", title="made by"))
    title = "exact match on unseen rules"
    intervals = base.mark_rule(opacity=0.6).encode(y=alt.Y("low:Q", title=title), y2="high:Q")
    tooltip = [NUM_RULES, "seed:Q", "owner:N", alt.Tooltip("key:N", title="record")]
    markers = base.mark_point(filled=True, size=45, opacity=0.9).encode(
        y=alt.Y("share:Q", title=title, scale=SHARE, axis=PERCENT), tooltip=tooltip
    )
    return layered(intervals, markers).properties(width=700, height=300)
