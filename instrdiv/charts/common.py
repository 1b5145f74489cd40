"""Elements that the figures of all experiments share: scales, axes, learning curves, answers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from instrdiv.charts.line_names import fit_beside, names_beside, room_above, said_by
from instrdiv.charts.note_places import as_lines, with_notes
from instrdiv.charts.notes import Notes
from instrdiv.charts.room import BESIDE_PLOT
from instrdiv.charts.score_names import SCORES
from instrdiv.charts.theme import GREY
from instrdiv.tasks.answers import ANSWER_KINDS
from instrdiv.untrusted import as_html, cut

OPTIMIZERS = {"adamw": "AdamW (the paper's)", "muon": "Muon"}

HOW_TO_READ = (
    "Markers are runs, bars their 95 % intervals, lines means over seeds; the ring marks this "
    "page's run."
)

MOST_LETTERS = 2_000
"""Of a text in a table of answers."""

HEIGHT = 340
"""Pixels of a chapter's main plot."""

RING = "ring"
"""Name of the layer that rings runs, which slides leave out."""

SHARE = alt.Scale(domain=[0, 1])
PERCENT = alt.Axis(format="%")


NUM_RULES = alt.Tooltip("num_rules:Q", title="rules", format=",")


def rules_x(num_examples: int | None = None) -> alt.X:
    """The number of rules on a logarithmic axis; see `rules_axis`."""
    return alt.X("num_rules:Q", scale=alt.Scale(type="log"), axis=rules_axis(num_examples))


def layered(*charts: alt.Chart) -> alt.LayerChart:
    """Charts on top of each other, the first one at the bottom; none of them has facets."""
    return alt.LayerChart(layer=charts)


def sides_of_zero(above: str, below: str) -> list[alt.Chart]:
    """What the two sides of a zero line mean, in words in two corners of the plot.

    Args:
        above: what holds above the line, such as "better than code alone".
        below: what holds below it.
    """

    def corner(name: str, words: str, side: Literal["left", "right"], x: Any, y: Any) -> alt.Chart:
        # Under a name of their own, words are no data of the figure; charts.css knows the layer's.
        data = alt.InlineData(values=[{"words": words}], name=name)
        text = alt.Chart(data, name=name).mark_text(
            align=side, baseline="middle", fontSize=13, color=GREY,
            dx=6 if x == 0 else -6, dy=12 if y == 0 else -12,
        )  # fmt: skip
        return text.encode(text="words:N", x=alt.value(x), y=alt.value(y))

    return [
        corner("above_zero", f"\N{UPWARDS ARROW} {above}", "right", "width", 0),
        corner("below_zero", f"\N{DOWNWARDS ARROW} {below}", "left", 0, "height"),
    ]


def runs_chart(
    table: pd.DataFrame,
    *,
    x: alt.X,
    by: alt.Color,
    scores: Sequence[str] = ("unseen", "seen"),
    tooltip: Sequence[alt.Tooltip] = (NUM_RULES,),
    marked: str | None = None,
    title: str = "exact match",
    scale: alt.Scale = SHARE,
    joined: bool = True,
    notes: Notes | None = None,
) -> alt.LayerChart:
    """Exact match of runs: lines through the means over seeds, a marker with its interval per run.

    Args:
        table: rows of `score_table`; rows with a true column ``outside`` belong to runs outside
            the grid, which are drawn as rings only.
        x: the quantity that is varied.
        by: the quantity that distinguishes the lines.
        scores: the first has markers and a solid line, others have dashed and fainter lines.
        tooltip: what a marker's tooltip shows besides its score.
        marked: key of a run of the grid to ring.
        title: title of the vertical axis.
        scale: scale of the scores.
        joined: whether means are joined by lines. Between categories a line would mean nothing;
            there each mean is a hollow marker, with a shape for each score.
        notes: what a reader should see, written into the figure where there is room.
    """
    main = scores[0]
    ends = None
    if joined and scale is SHARE:
        ends = line_ends(table[table.score == main], x=x, color=by)
    if ends is not None:
        by, x = by.legend(None), _to_its_end(x, table)
    if "precision" in table and table.precision.nunique() > 1:
        tooltip = [
            *tooltip,
            alt.Tooltip("precision:N"),
        ]  # precision can decide a run near the threshold
    shown = table[table.score.isin(scores)].assign(scored=lambda t: t.score.map(SCORES))
    outside = shown.outside if "outside" in shown else pd.Series(False, index=shown.index)
    # A page contains the data of its figures, so only columns that are shown are kept.
    shown_fields = {channel.shorthand.split(":")[0] for channel in (x, by, *tooltip)}
    own = ["score", "scored", "share", "low", "high", "correct", "total", "seed", "key"]
    columns = [*sorted(shown_fields - set(own)), *own]
    base = alt.Chart(shown.loc[~outside, columns]).encode(x=x, color=by)
    share = alt.Y("share:Q", title=title, scale=scale, axis=PERCENT)
    means = (
        base.mark_line(strokeWidth=2)
        if joined
        else base.mark_point(shape="diamond", size=110, strokeWidth=2)
    ).encode(y=alt.Y("mean(share):Q", title=title, scale=scale, axis=PERCENT), detail="score:N")
    if len(scores) > 1:
        told_apart = alt.StrokeDash if joined else alt.Shape
        means = means.encode(
            told_apart("scored:N", title="tested on", sort=[SCORES[score] for score in scores]),
            opacity=alt.condition(alt.datum.score == main, alt.value(1.0), alt.value(0.55)),
        )
    runs = base.transform_filter(alt.datum.score == main)
    intervals = runs.mark_rule(opacity=0.6).encode(y=alt.Y("low:Q", title=title), y2="high:Q")
    markers = runs.mark_point(filled=True, size=45, opacity=0.9).encode(
        y=share,
        tooltip=[
            *tooltip,
            alt.Tooltip("seed:Q"),
            alt.Tooltip("correct:Q", title="number correct", format=","),
            alt.Tooltip("total:Q", title="total", format=","),
            alt.Tooltip("low:Q", format=".1%"),
            alt.Tooltip("high:Q", format=".1%"),
            alt.Tooltip("key:N", title="record"),
        ],
    )
    layers = [means, intervals, markers]
    ringed = shown.loc[((shown.key == marked) | outside) & (shown.score == main), columns]
    if len(ringed):
        ring = alt.Chart(ringed, name=RING).mark_point(size=220, strokeWidth=2.5)
        layers.append(ring.encode(x=x, color=by, y=share, tooltip=markers.encoding.tooltip))
    if notes is not None:
        lines = as_lines(shown, x=x, color=by)
        found = notes(lines[(lines.score == main) & ~outside])
        layers = with_notes(layers, found, x=x, y=share, lines=lines, height=HEIGHT)
    return with_names(layers, ends, color=by, height=HEIGHT)


def line_ends(rows: pd.DataFrame, *, x: alt.X, color: alt.Color) -> pd.DataFrame | None:
    """Where lines through the means of runs end, for `with_names`; None if they need a legend.

    Args:
        rows: a row per run, with ``share`` and the columns of x and of the colour; rows with a true
            column ``outside`` belong to no line.
    """
    across, named = said_by(x), said_by(color)
    at, name = across["field"], named["field"]
    rows = rows.assign(called=rows[name].map(str))
    drawn = rows[~rows.outside.astype(bool)] if "outside" in rows else rows
    called = list(drawn.called.unique())
    if (
        "legend" in named
        or set(called) != set(rows.called)  # a run outside the grid whose colour no line has
        or not fit_beside(called, named.get("title") or "")
    ):
        return None
    order = across.get("sort") or sorted(drawn[at].unique())
    place = drawn[at].map({value: number for number, value in enumerate(order)})
    last = drawn[place == place.groupby(drawn.called).transform("max")]
    return last.groupby("called", as_index=False).agg({name: "first", "share": "mean"})


def _to_its_end(x: alt.X, rows: pd.DataFrame) -> alt.X:
    """A logarithmic axis that ends where the lines do, so that their names stand beside them; one
    of few decades has labels within them."""
    across = said_by(x)
    if across.get("scale", {}).get("type") != "log" or rows.empty:
        return x
    values = rows[across["field"]]
    lowest, highest = float(values.min()), float(values.max())
    decade = 10 ** math.floor(math.log10(lowest))
    axis = across.get("axis") or {}
    if "values" in axis and highest < 100 * decade:
        within = [times * power for power in (decade, 10 * decade) for times in (1, 2, 5)]
        x = x.axis(alt.Axis(**axis | {"values": within, "labelOverlap": True}))
    return x.scale(alt.Scale(type="log", nice=False, domain=[decade, highest]))


def with_names(
    layers: Sequence[alt.Chart],
    ends: pd.DataFrame | None,
    *,
    color: alt.Color,
    height: int,
) -> alt.LayerChart:
    """Layers as a chart in which lines have their names beside them.

    Args:
        layers: with scores from 0 to 1 on the vertical axis.
        ends: from `line_ends`; None leaves the names to a legend.
    """
    if ends is None:
        return layered(*layers).properties(width="container", height=height)
    tops = ends.assign(top=height * (1 - ends.share))
    title = said_by(color).get("title") or ""
    names, taken = names_beside(tops, color=color, title=title, height=height)
    return layered(*layers, *names).properties(
        width="container", height=height, padding=room_above(title), usermeta={BESIDE_PLOT: taken}
    )


def heat_map(
    cells: pd.DataFrame, *, x: alt.X, y: alt.Y, tooltip: Sequence[alt.Tooltip | str]
) -> alt.LayerChart:
    """Shares as coloured squares with their values.

    Args:
        cells: one row per square: the columns of x and y, and ``share``.
    """
    base = alt.Chart(cells).encode(x=x, y=y)
    squares = base.mark_rect().encode(
        color=alt.Color(
            "share:Q",
            title="exact match",
            scale=alt.Scale(domain=[0, 1], scheme="viridis"),
            legend=None,  # each square says its number
        ),
        tooltip=[*tooltip, alt.Tooltip("share:Q", title="exact match", format=".1%")],
    )
    numbers = base.mark_text(fontSize=13).encode(
        text=alt.Text("share:Q", format=".0%"),
        color=alt.condition(alt.datum.share > 0.5, alt.value("black"), alt.value("white")),
    )
    return layered(squares, numbers).properties(width="container", height=260)


def thresholds_chart(thresholds: pd.DataFrame, title: str) -> alt.LayerChart:
    """Thresholds below one another, each with its interval if it has one.

    Args:
        thresholds: one row each: ``label``, ``rules``, ``low``, ``high``.
        title: title of the labels.
    """
    base = alt.Chart(thresholds).encode(
        y=alt.Y("label:N", title=title, sort=None),
        tooltip=[
            alt.Tooltip("rules:Q", title="threshold, number of rules", format=",.0f"),
            alt.Tooltip("low:Q", format=",.0f"),
            alt.Tooltip("high:Q", format=",.0f"),
        ],
    )
    x = alt.Scale(type="log", nice=False, padding=20)
    axis = alt.Axis(title="number of rules at the threshold", format=",")
    return layered(
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", scale=x, axis=axis), x2="high:Q"),
        base.mark_point(filled=True, size=80).encode(x=alt.X("rules:Q", scale=x, axis=axis)),
    ).properties(width="container", height=alt.Step(34))


def curve_chart(curves: pd.DataFrame) -> alt.LayerChart:
    """Scores during training, with a line for each score of each run named in column ``run``."""
    shown = curves[curves.score.isin(SCORES)].assign(scored=lambda t: t.score.map(SCORES))
    shown = shown[["run", "step", "share", "score", "scored"]]
    single = shown.run.nunique() == 1  # then it is its scores that colours tell apart
    x = alt.X("step:Q", title="optimiser steps", scale=alt.Scale(zero=True))
    color = (
        alt.Color("scored:N", title="tested on", sort=list(SCORES.values()))
        if single
        else alt.Color("run:N", title="trained on", sort=None)
    )
    main = shown if single else shown[shown.score == "unseen"]
    ends = line_ends(main, x=x, color=color)
    color = color if ends is None else color.legend(None)
    base = alt.Chart(shown.drop(columns="score")).encode(
        x=x, y=alt.Y("share:Q", title="exact match", scale=SHARE, axis=PERCENT), color=color
    )
    lines = base.mark_line(strokeWidth=2)
    if not single:
        lines = lines.encode(
            strokeDash=alt.StrokeDash("scored:N", title="tested on", sort=list(SCORES.values()))
        )
    points = base.mark_point(filled=True, size=30).encode(
        detail="scored:N", tooltip=["run", "scored", "step", alt.Tooltip("share:Q", format=".1%")]
    )
    return with_names([lines, points], ends, color=color, height=280)


def answers_table(answers: Sequence[Mapping[Any, str]], *, caption: str = "") -> str:
    """Answers beside the correct outputs, as an HTML table with wrong letters marked.

    Args:
        caption: a line above the table, such as how many more there are.
    """
    rows = "".join(
        "<tr>"
        f"<td><code>{as_html(entry['prompt'].rstrip('='), MOST_LETTERS)}</code></td>"
        f"<td><code>{as_html(entry['target'], MOST_LETTERS)}</code></td>"
        f"<td><code>{marked(entry['target'], entry['answer'])}</code></td>"
        f"<td>{'correct' if entry['target'] == entry['answer'] else 'wrong'}</td>"
        "</tr>"
        for entry in answers
    )
    head = "<th scope='col'>prompt</th><th scope='col'>correct output</th>"
    head += "<th scope='col'>model's output</th><th scope='col'>verdict</th>"
    said = f"<caption>{as_html(caption)}</caption>" if caption else ""
    head = f"{said}<thead><tr>{head}</tr></thead>"
    return f"<table class='answers'>{head}<tbody>{rows}</tbody></table>"


def marked(target: str, answer: str) -> str:
    """An answer as HTML in which every letter that is not the correct output's is marked.

    >>> marked("abc", "abd")
    'ab<mark>d</mark>'
    """
    shown = [
        as_html(letter) if letter == correct else f"<mark>{as_html(letter)}</mark>"
        for letter, correct in zip(answer[:MOST_LETTERS], target.ljust(len(answer)), strict=False)
    ]
    if len(answer) > MOST_LETTERS:
        return "".join(shown) + cut(len(answer) - MOST_LETTERS)
    missing = "<mark>␣</mark>" * min(MOST_LETTERS, max(0, len(target) - len(answer)))
    return "".join(shown) + missing


def answer_kinds_chart(answers: pd.DataFrame) -> alt.Chart:
    """Kinds of answers to unseen rules, against the number of rules.

    Args:
        answers: one row per answer: ``num_rules`` and ``kind``, one of `ANSWER_KINDS`.
    """
    return (
        alt.Chart(answers[["num_rules", "kind"]])
        .mark_bar()
        .encode(
            x=alt.X("num_rules:O", title="different rules in training, I", axis=ordinal_axis()),
            y=alt.Y("count():Q", stack="normalize", title="share of answers", axis=PERCENT),
            color=alt.Color("kind:N", title="answer", sort=list(ANSWER_KINDS)),
            order=alt.Order("rank:Q"),
            tooltip=["num_rules", "kind", alt.Tooltip("count():Q", title="answers")],
        )
        .transform_calculate(rank=f"indexof({list(ANSWER_KINDS)}, datum.kind)")
        .properties(width="container", height=260)
    )


def rules_axis(num_examples: int | None = None) -> alt.Axis:
    """Number of rules and, if the total is fixed, below it the number of examples of each rule."""
    values = [10, 100, 1_000, 10_000, 100_000, 1_000_000]
    if num_examples is None:
        return alt.Axis(title="different rules in training, I", values=values, format=",")
    return alt.Axis(
        title=["different rules in training, I", "(below: examples of each rule, S)"],
        values=values,
        labelExpr=f"[format(datum.value, ','), format({num_examples} / datum.value, ',.2~f')]",
    )


def ordinal_axis() -> alt.Axis:
    return alt.Axis(format=",", labelAngle=0, labelOverlap=True)
