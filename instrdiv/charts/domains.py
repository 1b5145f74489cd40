"""The figures of experiment 8, each drawn from a table."""

from typing import Any

import altair as alt
import pandas as pd

from instrdiv.charts.common import HEIGHT, NUM_RULES, PERCENT, layered, runs_chart, sides_of_zero
from instrdiv.charts.notes import changes
from instrdiv.whole_numbers import count

SHARE_OF_OTHER_TASKS = alt.Tooltip("other_share:Q", title="other tasks", format=".0%")
OTHER_SHARE_TITLE = "share of the examples that belong to other tasks"


def mixtures_chart(
    table: pd.DataFrame, score: str = "unseen", marked: str | None = None
) -> alt.LayerChart:
    """Exact match against the share of other tasks, with a line for each number of rules."""
    return runs_chart(
        table.assign(rules=table.num_rules.map(count)),
        x=alt.X("other_share:Q", title=OTHER_SHARE_TITLE, axis=PERCENT),
        by=alt.Color(
            "rules:N",
            title="different rules, I",
            sort=[count(number) for number in sorted(table.num_rules.unique())],
        ),
        scores=(score,),
        tooltip=[NUM_RULES, SHARE_OF_OTHER_TASKS],
        marked=marked,
        notes=changes,
    )


def gains_chart(gains: pd.DataFrame, means: pd.DataFrame) -> alt.LayerChart:
    """What other tasks add to the score on unseen rules: each pair of runs, and the means.

    Args:
        gains: from `instrdiv.analysis.domains.gains`.
        means: from `instrdiv.analysis.domains.mean_gains`; their intervals are drawn.
    """
    numbers = [count(number) for number in sorted(means.num_rules.unique())]
    shares = [f"{share:.0%}" for share in sorted(means.other_share.unique())]
    gain = alt.Axis(format="+%")  # as many digits as the ticks need
    title = "added to the score on unseen rules"

    def named(rows: pd.DataFrame) -> alt.Chart:
        # Shares are categories here, so that numbers of rules are side by side at each of them.
        return alt.Chart(
            rows.assign(
                rules=rows.num_rules.map(count), mixed=rows.other_share.map("{:.0%}".format)
            )
        )

    at: dict[str, Any] = dict(
        x=alt.X("mixed:N", title=OTHER_SHARE_TITLE, sort=shares, axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("rules:N", sort=numbers),
        color=alt.Color("rules:N", title="different rules, I", sort=numbers),
    )
    pairs = named(gains).mark_point(size=25, opacity=0.6).encode(**at)
    average = named(means).encode(
        **at,
        tooltip=[
            NUM_RULES,
            SHARE_OF_OTHER_TASKS,
            *(alt.Tooltip(f"{name}:Q", format="+.1%") for name in ("mean", "low", "high")),
            "seeds:Q",
        ],
    )
    zero = named(means).mark_rule(strokeDash=[4, 4], color="gray")
    y = alt.Y("gain:Q", title=title, axis=gain)
    return layered(
        zero.encode(y=alt.datum(0, title=title, axis=gain)),
        pairs.encode(
            y=y,
            tooltip=[
                NUM_RULES,
                SHARE_OF_OTHER_TASKS,
                "seed:Q",
                alt.Tooltip("gain:Q", format="+.1%"),
            ],
        ),
        average.mark_rule(strokeWidth=3, opacity=0.6).encode(
            y=alt.Y("low:Q", title=title), y2="high:Q"
        ),
        average.mark_point(size=70, filled=True, opacity=1).encode(y=alt.Y("mean:Q", title=title)),
        *sides_of_zero("better than rules alone", "worse than rules alone"),
    ).properties(width="container", height=HEIGHT)
