"""The figure of the front page: what happens between few instructions and many, in plain words."""

import altair as alt
import numpy as np
import pandas as pd

from instrdiv.charts.common import PERCENT, SHARE, layered
from instrdiv.charts.theme import COLORS
from instrdiv.statistics.threshold import Threshold

NEVER_SAW, TRAINED_ON = "rules it never saw", "rules it was trained on"
ZONES = ("memorises", "threshold", "follows")
LINE = 15
"""Pixels from one line of a name to the next."""


def front_chart(table: pd.DataFrame, fit: Threshold | None) -> alt.LayerChart:
    """Exact match on seen and unseen rules against the number of rules, for a first reader.

    Args:
        table: rows of `score_table`, all with one optimiser and one number of examples.
        fit: their threshold, which divides the figure into three zones; then names stand beside the
            lines, which begin apart. None draws no zones, and a legend.
    """
    names = {"seen": TRAINED_ON, "unseen": NEVER_SAW}
    rows = table[table.score.isin(names)].assign(tested=lambda t: t.score.map(names))
    lowest, highest = rows.num_rules.min(), rows.num_rules.max()
    several = lowest < highest  # not so for a single run
    divided = fit is not None and several
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
        legend=None if divided else alt.Undefined,
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
    begin = rows[rows.num_rules == lowest].groupby("tested", as_index=False).share.mean()
    begin = begin.assign(num_rules=lowest, words=begin.tested.map(_two_lines))
    names_of_lines = [
        alt.Chart(at)
        .mark_text(align="left", baseline="middle", dx=6, dy=dy, fontSize=13, lineHeight=LINE)
        .encode(x=x, y=alt.Y("share:Q", title=title, scale=SHARE), text="words:N", color=color)
        # Below a high line and above a low one, where there is room.
        for at, dy in ((begin[begin.share > 0.5], LINE), (begin[begin.share <= 0.5], -2 * LINE))
    ]
    ends = [lowest, *rise(fit), highest]
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
        alt.Chart(zones, name="zones")  # charts.css gives them the page's colour
        .mark_text(fontSize=15, fontWeight="bold", clip=False)
        .encode(
            x=alt.X("middle:Q", title="", scale=log),
            y=alt.Y("height:Q", title=title, scale=SHARE),
            text="zone:N",
        )
    )
    return layered(shade, lines, markers, words, *names_of_lines).properties(
        width="container", height=320
    )


def rise(fit: Threshold) -> tuple[float, float]:
    """From how many rules to how many a fitted curve rises from a tenth to nine tenths of its
    plateau."""
    half = float(np.sqrt(fit.width))
    return fit.rules / half, fit.rules * half


def _two_lines(tested: str) -> list[str]:
    """What a model is tested on, beside its line: so short that it fits a phone.

    >>> _two_lines(NEVER_SAW)
    ['on rules it', 'never saw']
    """
    return ["on rules it", tested.removeprefix("rules it ")]
