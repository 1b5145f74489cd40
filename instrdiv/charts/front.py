"""The figure of the front page: what happens between few instructions and many, in plain words."""

import altair as alt
import numpy as np
import pandas as pd

from instrdiv.charts.common import PERCENT, SHARE, layered
from instrdiv.charts.theme import COLORS
from instrdiv.statistics.threshold import Threshold

NEVER_SAW, TRAINED_ON = "rules that it never saw", "rules that it was trained on"
ZONES = ("memorises", "threshold", "follows")


def front_chart(table: pd.DataFrame, fit: Threshold | None) -> alt.LayerChart:
    """Exact match on seen and unseen rules against the number of rules, for a first reader.

    Args:
        table: rows of `score_table`, all with one optimiser and one number of examples.
        fit: their threshold, which divides the figure into three zones; None draws no zones.
    """
    names = {"seen": TRAINED_ON, "unseen": NEVER_SAW}
    rows = table[table.score.isin(names)].assign(tested=lambda t: t.score.map(names))
    lowest, highest = rows.num_rules.min(), rows.num_rules.max()
    several = lowest < highest  # not so for a single run
    log = alt.Scale(type="log", nice=False, domain=[lowest, highest] if several else alt.Undefined)
    x = alt.X(
        "num_rules:Q",
        title=["different rules in training", "(the number of examples is the same)"],
        scale=log,
        axis=alt.Axis(values=[10, 100, 1_000, 10_000, 100_000, 1_000_000], format=","),
    )
    color = alt.Color(
        "tested:N",
        title="the model is tested on",
        scale=alt.Scale(domain=[NEVER_SAW, TRAINED_ON], range=[COLORS[1], COLORS[5]]),
    )
    title = "right answers"
    base = alt.Chart(rows[["num_rules", "share", "tested", "seed"]]).encode(x=x, color=color)
    lines = base.mark_line(strokeWidth=3).encode(
        y=alt.Y("mean(share):Q", title=title, scale=SHARE, axis=PERCENT)
    )
    markers = base.mark_point(filled=True, size=40, opacity=0.6).encode(
        y=alt.Y("share:Q", title=title, scale=SHARE, axis=PERCENT),
        tooltip=[
            alt.Tooltip("num_rules:Q", title="rules", format=","),
            alt.Tooltip("tested:N", title="tested on"),
            alt.Tooltip("share:Q", title=title, format=".1%"),
            "seed:Q",
        ],
    )
    if fit is None or not several:
        return layered(lines, markers).properties(width="container", height=320)
    half = np.sqrt(fit.width)
    ends = [lowest, fit.rules / half, fit.rules * half, highest]
    zones = pd.DataFrame(
        {
            "from": ends[:-1],
            "to": ends[1:],
            "middle": np.sqrt(np.multiply(ends[:-1], ends[1:])),
            "zone": ZONES,
            # The narrow zone's name is above the plot, so that it has room on a narrow screen.
            "height": [0.55, 1.06, 0.55],
        }
    )
    shade = (
        alt.Chart(zones[zones.zone == "threshold"])
        .mark_rect(opacity=0.14, color=COLORS[1])
        .encode(x=alt.X("from:Q", title="", scale=log), x2="to:Q")
    )
    words = (
        alt.Chart(zones)
        .mark_text(fontSize=15, fontWeight="bold", color="#707070", clip=False)
        .encode(
            x=alt.X("middle:Q", title="", scale=log),
            y=alt.Y("height:Q", title=title, scale=SHARE),
            text="zone:N",
        )
    )
    return layered(shade, lines, markers, words).properties(width="container", height=320)
