"""The figures of experiment 1, each drawn from a table."""

from collections.abc import Collection

import altair as alt
import numpy as np
import pandas as pd

from instrdiv.charts.common import (
    NUM_RULES,
    OPTIMIZERS,
    PERCENT,
    SHARE,
    heat_map,
    layered,
    line_ends,
    ordinal_axis,
    rules_x,
    runs_chart,
    with_names,
)
from instrdiv.charts.front import ZONES, rise
from instrdiv.charts.notes import Note
from instrdiv.statistics.threshold import Threshold


def diversity_chart(
    table: pd.DataFrame,
    num_examples: int,
    marked: str | None = None,
    fits: Collection[Threshold] = (),
) -> alt.LayerChart:
    """Exact match against the number of rules: lines through the means, a marker per run.

    Args:
        table: rows of `score_table`, all with one number of examples.
        num_examples: examples over all rules; the axis shows how many each rule gets.
        marked: key of the run to ring.
        fits: the threshold of each line; words say what models do on both sides of them.
    """
    return runs_chart(
        table.assign(trained=table.optimizer.map(OPTIMIZERS)),
        x=rules_x(num_examples),
        by=alt.Color("trained:N", title="optimiser", sort=list(OPTIMIZERS.values())),
        tooltip=[NUM_RULES, alt.Tooltip("trained:N", title="optimiser")],
        marked=marked,
        notes=lambda lines: _sides(lines, fits),
    )


def _sides(lines: pd.DataFrame, fits: Collection[Threshold]) -> list[Note]:
    """What models do where no line has begun to rise, and where all have risen."""
    if not fits:
        return []
    begin, end = zip(*map(rise, fits), strict=True)
    ranges = ((lines["at"].min(), min(begin)), (max(end), lines["at"].max()))
    return [
        Note(float(np.sqrt(low * high)), 0.5, (word,), ("center",), reach=0.4)
        for word, (low, high) in zip((ZONES[0], ZONES[-1]), ranges, strict=True)
        if low < high
    ]


def beside_paper_chart(table: pd.DataFrame, num_examples: int) -> alt.LayerChart:
    """Our runs at the paper's string lengths and its own curve: lines through the means, a marker
    per run, hollow if the run had not learned its training examples; no mean counts such a run.

    Args:
        table: from `instrdiv.analysis.paper_lengths.beside_the_paper`.
        num_examples: the paper's; the axis shows how many each rule gets.
    """
    whose = alt.Legend(symbolType="stroke", symbolStrokeWidth=3)
    base = alt.Chart(table).encode(
        x=rules_x(num_examples), color=alt.Color("whose:N", title="", sort=None, legend=whose)
    )
    share = alt.Y("share:Q", title="exact match, unseen rules", scale=SHARE, axis=PERCENT)
    return layered(
        base.transform_filter("datum.gate != 'not met'")
        .mark_line(strokeWidth=2)
        .encode(
            y=alt.Y("mean(share):Q", title="exact match, unseen rules", scale=SHARE, axis=PERCENT)
        ),
        base.mark_rule(opacity=0.6).encode(y=alt.Y("low:Q", title=""), y2="high:Q"),
        base.mark_point(size=55).encode(
            y=share,
            fill=alt.condition(
                "datum.gate == 'not met'",
                alt.value("transparent"),
                alt.Color("whose:N", legend=None, sort=None),
            ),
            tooltip=[
                alt.Tooltip("whose:N", title="source"),
                NUM_RULES,
                alt.Tooltip("share:Q", title="unseen rules", format=".1%"),
                alt.Tooltip("training:Q", title="training examples", format=".1%"),
                alt.Tooltip("gate:N", title="gate"),
                alt.Tooltip("steps:Q", format=","),
                alt.Tooltip("seed:Q"),
            ],
        ),
    ).properties(width="container", height=280)


def fit_chart(table: pd.DataFrame, fits: dict[str, Threshold]) -> alt.LayerChart:
    """Each optimiser's runs, the mean of its seeds' curves, and the interval of its threshold if
    there are enough seeds for one."""
    runs = table[table.score == "unseen"].assign(trained=lambda t: t.optimizer.map(OPTIMIZERS))
    runs = runs[["num_rules", "share", "trained"]]
    grid = np.geomspace(runs.num_rules.min(), runs.num_rules.max(), 200)
    curves = pd.concat(
        pd.DataFrame({"num_rules": grid, "share": fit.share(grid), "trained": OPTIMIZERS[name]})
        for name, fit in fits.items()
    )
    spans = pd.DataFrame(
        [
            {"trained": OPTIMIZERS[name], "low": fit.low, "high": fit.high, "rules": fit.rules}
            for name, fit in fits.items()
            if fit.known
        ],
        columns=["trained", "low", "high", "rules"],
    )
    x = rules_x()
    y = alt.Y("share:Q", title="exact match, unseen rules", scale=SHARE, axis=PERCENT)
    color = alt.Color("trained:N", title="optimiser", sort=list(OPTIMIZERS.values()))
    ends = line_ends(curves, x=x, color=color)
    color = color if ends is None else color.legend(None)
    layers = [
        alt.Chart(spans)
        .mark_rect(opacity=0.25)
        .encode(
            x=alt.X("low:Q", scale=alt.Scale(type="log"), title=""),
            x2="high:Q",
            color=color,
            tooltip=[
                "trained:N",
                alt.Tooltip("rules:Q", title="threshold, number of rules", format=",.0f"),
                alt.Tooltip("low:Q", format=",.0f"),
                alt.Tooltip("high:Q", format=",.0f"),
            ],
        ),
        alt.Chart(curves).mark_line().encode(x=x, y=y, color=color),
        alt.Chart(runs).mark_point(filled=True, size=35, opacity=0.7).encode(x=x, y=y, color=color),
    ]
    return with_names(layers, ends, color=color, height=280)


def heat_chart(table: pd.DataFrame) -> alt.LayerChart:
    """Scores on unseen rules by the number of rules and of examples of each rule."""
    cells = (
        table[table.score == "unseen"]
        .assign(each=lambda t: t.num_examples // t.num_rules)
        .groupby(["num_rules", "each"], as_index=False)
        .agg(share=("share", "mean"), runs=("share", "size"))
    )
    return heat_map(
        cells,
        x=alt.X("num_rules:O", title="different rules, I", axis=ordinal_axis()),
        y=alt.Y("each:O", title="examples of each rule, S", sort="descending"),
        tooltip=[
            alt.Tooltip("num_rules:O", title="rules", format=","),
            alt.Tooltip("each:O", title="examples of each rule"),
            alt.Tooltip("runs:Q"),
        ],
    )
