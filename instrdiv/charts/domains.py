"""Experiment 8's figures, drawn from a table alone."""

import altair as alt
import pandas as pd

from instrdiv.charts.common import NUM_RULES, PERCENT, runs_chart

SHARE_OF_OTHERS = alt.Tooltip("other_share:Q", title="no rules", format=".0%")


def mixtures_chart(
    table: pd.DataFrame, score: str = "unseen", marked: str | None = None
) -> alt.LayerChart:
    """Exact match against the share of other instructions, a line for each number of rules."""
    return runs_chart(
        table.assign(rules=table.num_rules.map("{:,}".format)),
        x=alt.X("other_share:Q", title="share of the examples that are no rules", axis=PERCENT),
        by=alt.Color(
            "rules:N",
            title="different rules, I",
            sort=[f"{number:,}" for number in sorted(table.num_rules.unique())],
        ),
        scores=(score,),
        tooltip=[NUM_RULES, SHARE_OF_OTHERS],
        marked=marked,
    )
