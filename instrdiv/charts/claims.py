"""The figure of the summary, drawn from a table."""

import altair as alt
import pandas as pd

from instrdiv.charts.theme import COLORS
from instrdiv.statistics.verdict import OUTCOMES

COLOR_OF = dict(zip(OUTCOMES, (COLORS[2], COLORS[3], COLORS[1], COLORS[5]), strict=True))


def verdicts_chart(table: pd.DataFrame) -> alt.Chart:
    """Number of the paper's claims of each experiment by outcome.

    Args:
        table: from `instrdiv.report.paper_claims.claims`, without variants.
    """
    shown = table[["title", "outcome", "claim", "date", "exploratory", "seeds"]]
    return (
        alt.Chart(shown)
        .mark_bar()
        .encode(
            x=alt.X("count():Q", title="claims", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("title:N", title=None, sort=list(table.title.unique())),
            color=alt.Color(
                "outcome:N",
                title=None,
                scale=alt.Scale(domain=list(COLOR_OF), range=list(COLOR_OF.values())),
            ),
            order=alt.Order("rank:Q"),
            tooltip=["claim", "outcome", "exploratory", "seeds", "date"],
        )
        .transform_calculate(rank=f"indexof({list(OUTCOMES)}, datum.outcome)")
        .properties(width="container", height=alt.Step(28))
    )
