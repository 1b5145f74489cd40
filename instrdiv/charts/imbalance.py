"""The figures of experiment 3, each drawn from a table."""

from collections.abc import Iterable, Mapping

import altair as alt
import numpy as np
import pandas as pd

from instrdiv.charts.common import NUM_RULES, PERCENT, SHARE, layered, runs_chart
from instrdiv.charts.notes import changes
from instrdiv.charts.theme import COLORS
from instrdiv.statistics.threshold import Threshold
from instrdiv.whole_numbers import count


def alpha_label(alpha: float | None) -> str:
    """
    >>> alpha_label(0.1), alpha_label(None), alpha_label(float("nan"))
    ('0.1', 'uniform', 'uniform')
    """
    return "uniform" if pd.isna(alpha) else f"{alpha:g}"


def alpha_order(alphas: pd.Series) -> list[str]:
    """Labels of α, from the most even spread to the most peaked."""
    return [alpha_label(alpha) for alpha in sorted(alphas.unique(), key=_evenness)]


def _evenness(alpha: float) -> float:
    return -np.inf if pd.isna(alpha) else -alpha


def rule_frequencies_chart(counts: Mapping[float | None, np.ndarray]) -> alt.Chart:
    """Each rule's share of the examples, the most frequent first, with a line for each α.

    Args:
        counts: number of examples of every rule, by α.
    """
    rows = []
    for alpha, examples in counts.items():
        shares = np.sort(examples)[::-1] / examples.sum()
        ranks = np.unique(np.geomspace(1, len(shares), 60).round().astype(int))
        rows.append(
            pd.DataFrame({"rank": ranks, "share": shares[ranks - 1], "alpha": alpha_label(alpha)})
        )
    table = pd.concat(rows).query("share > 0")
    return (
        alt.Chart(table)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X(
                "rank:Q",
                title="rules, the most frequent first",
                scale=alt.Scale(type="log"),
                axis=alt.Axis(format=",", tickCount=5),
            ),
            y=alt.Y(
                "share:Q",
                title="share of the examples",
                scale=alt.Scale(type="log"),
                axis=alt.Axis(format="~p", tickCount=6),
            ),
            color=_by_alpha(table.alpha.unique()),
            tooltip=["alpha", "rank", alt.Tooltip("share:Q", format=".3%")],
        )
        .properties(width="container", height=300)
    )


def _by_alpha(labels: Iterable[str]) -> alt.Color:
    # The paler the colour, the more even the spread. The ends of the scheme are left out, since
    # they would be invisible on a light or a dark page.
    scheme = alt.SchemeParams(name="plasma", extent=[0.3, 0.9])
    scale = alt.Scale(scheme=scheme, reverse=True)
    return alt.Color("alpha:O", title="α", sort=list(labels), scale=scale)


def alpha_chart(table: pd.DataFrame, marked: str | None = None) -> alt.LayerChart:
    """Exact match against α, with a line for each number of rules.

    Args:
        table: from `instrdiv.analysis.imbalance.of_unevenly_spread`.
    """
    return runs_chart(
        _with_spread_labels(table),
        x=alt.X(
            "spread:N",
            title="α, from even to peaked",
            sort=alpha_order(table.alpha),
            axis=alt.Axis(labelAngle=0, labelOverlap=True),
        ),
        by=alt.Color("rules:N", title="different rules, I", sort=_rules(table)),
        tooltip=[NUM_RULES, alt.Tooltip("spread:N", title="α")],
        marked=marked,
        notes=changes,
    )


def counted_chart(
    table: pd.DataFrame, measure: str, title: str, curve: Threshold | None
) -> alt.LayerChart:
    """Runs against the number of their rules, counted in one way, with the curve of even runs.

    Args:
        table: from `instrdiv.analysis.imbalance.with_counts`.
        measure: the column with the number.
        title: title of the axis.
        curve: from `instrdiv.analysis.imbalance.equal_frequencies`; None if there is none.
    """
    runs = _with_spread_labels(table[table.score == "unseen"])
    even = "any number, evenly spread"
    runs["kind"] = runs.rules.where(runs.alpha.notna(), even)
    kinds = [*_rules(table[table.alpha.notna()]), even]
    x = alt.X(
        f"{measure}:Q",
        title=title,
        scale=alt.Scale(type="log", domain=[1, 100_000], clamp=True),
        axis=alt.Axis(format=",", values=[1, 10, 100, 1_000, 10_000, 100_000]),
    )
    y = alt.Y("share:Q", title="exact match, unseen rules", scale=SHARE, axis=PERCENT)
    markers = (
        alt.Chart(runs[["num_rules", "kind", "spread", "share", "seed", measure]])
        .mark_point(filled=True, size=60)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "kind:N",
                title="different rules, I",
                scale=alt.Scale(domain=kinds, range=[*COLORS[: len(kinds) - 1], COLORS[-1]]),
            ),
            tooltip=[
                NUM_RULES,
                alt.Tooltip("spread:N", title="α"),
                alt.Tooltip(f"{measure}:Q", title=title, format=",.0f"),
                alt.Tooltip("share:Q", format=".1%"),
                "seed:Q",
            ],
        )
    )
    layers = [markers]
    if curve is not None:
        grid = np.geomspace(2, 100_000, 200)
        fitted = pd.DataFrame({measure: grid, "share": curve.share(grid)})
        layers.insert(0, alt.Chart(fitted).mark_line(color="#888", strokeWidth=3).encode(x=x, y=y))
    return layered(*layers).properties(width="container", height=300)


def orders_chart(distances: pd.DataFrame) -> alt.LayerChart:
    """Distance of uneven runs from the curve of even ones, by the order at which rules are counted.

    Args:
        distances: from `instrdiv.analysis.imbalance.explained_by_order`.
    """
    x = alt.X("order:Q", title="order of the Hill number (0: rules that occur, 1: entropy)")
    title = "mean distance from the curve of even runs"
    base = alt.Chart(distances)
    band = base.mark_area(opacity=0.2).encode(
        x=x, y=alt.Y("low:Q", title=title, axis=PERCENT), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2, point=True).encode(
        x=x,
        y=alt.Y("distance:Q", title=title, axis=PERCENT),
        tooltip=[
            "order:Q",
            *(alt.Tooltip(f"{n}:Q", format=".1%") for n in ("distance", "low", "high")),
        ],
    )
    return layered(band, line).properties(width="container", height=260)


def _with_spread_labels(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(
        spread=table.alpha.map(alpha_label, na_action=None),
        rules=table.num_rules.map(count),
    )


def _rules(table: pd.DataFrame) -> list[str]:
    return [count(number) for number in sorted(table.num_rules.unique())]
