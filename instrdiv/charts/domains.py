"""Experiment 8's figures, drawn from a table alone."""

import altair as alt
import pandas as pd

from instrdiv.charts.common import NUM_RULES, PERCENT, runs_chart

SHARE_OF_OTHERS = alt.Tooltip("other_share:Q", title="no rules", format=".0%")
SHARE_TITLE = "share of the examples that are no rules"


def mixtures_chart(
    table: pd.DataFrame, score: str = "unseen", marked: str | None = None
) -> alt.LayerChart:
    """Exact match against the share of other instructions, a line for each number of rules."""
    return runs_chart(
        table.assign(rules=table.num_rules.map("{:,}".format)),
        x=alt.X("other_share:Q", title=SHARE_TITLE, axis=PERCENT),
        by=alt.Color(
            "rules:N",
            title="different rules, I",
            sort=[f"{number:,}" for number in sorted(table.num_rules.unique())],
        ),
        scores=(score,),
        tooltip=[NUM_RULES, SHARE_OF_OTHERS],
        marked=marked,
    )


def gains_chart(gains: pd.DataFrame, means: pd.DataFrame) -> alt.LayerChart:
    """What other instructions add to the score on unseen rules: each pair of runs, and the means.

    Args:
        gains: of `instrdiv.analysis.domains.gains`.
        means: of `instrdiv.analysis.domains.mean_gains`; their intervals are drawn.
    """
    numbers = [f"{number:,}" for number in sorted(means.num_rules.unique())]
    shares = [f"{share:.0%}" for share in sorted(means.other_share.unique())]
    gain = alt.Axis(format="+.0%")
    title = "added to the score on unseen rules"

    def named(rows: pd.DataFrame) -> alt.Chart:
        # Shares are names here, so that numbers of rules stand beside each other at each of them.
        return alt.Chart(
            rows.assign(
                rules=rows.num_rules.map("{:,}".format), mixed=rows.other_share.map("{:.0%}".format)
            )
        )

    at = dict(
        x=alt.X("mixed:N", title=SHARE_TITLE, sort=shares, axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("rules:N", sort=numbers),
        color=alt.Color("rules:N", title="different rules, I", sort=numbers),
    )
    pairs = named(gains).mark_point(size=25, opacity=0.6).encode(**at)
    average = named(means).encode(
        **at,
        tooltip=[
            NUM_RULES,
            SHARE_OF_OTHERS,
            *(alt.Tooltip(f"{name}:Q", format="+.1%") for name in ("mean", "low", "high")),
            "seeds:Q",
        ],
    )
    nothing = named(means).mark_rule(strokeDash=[4, 4], color="gray")
    y = alt.Y("gain:Q", title=title, axis=gain)
    return alt.layer(
        nothing.encode(y=alt.datum(0, title=title, axis=gain)),
        pairs.encode(
            y=y,
            tooltip=[NUM_RULES, SHARE_OF_OTHERS, "seed:Q", alt.Tooltip("gain:Q", format="+.1%")],
        ),
        average.mark_rule(strokeWidth=3, opacity=0.6).encode(
            y=alt.Y("low:Q", title=title), y2="high:Q"
        ),
        average.mark_point(size=70, filled=True, opacity=1).encode(y=alt.Y("mean:Q", title=title)),
    ).properties(width="container", height=340)
