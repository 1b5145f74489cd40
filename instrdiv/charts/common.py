"""What the figures of all experiments share: scales, axes, learning curves, answers."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from instrdiv.tasks.answers import KINDS

SCORES = {
    "unseen": "unseen rules",
    "seen": "seen rules, new inputs",
    "training": "training examples",
    "unseen_has_op": "unseen rules that apply",
    "unseen_no_op": "unseen rules that do not apply",
    "unseen_key": "unseen rules, new keys",
    "others": "other instructions",
    "graded": "graded benchmark",
    "human_eval": "HumanEval",
    "seen_no_op": "seen rules that do not apply",
}
OPTIMIZERS = {"adamw": "AdamW (the paper's)", "muon": "Muon"}

HOW_TO_READ = (
    "Points are runs, bars their 95 % intervals, lines means over seeds; the ring is the run above."
)

SHARE = alt.Scale(domain=[0, 1])
PERCENT = alt.Axis(format="%")


NUM_RULES = alt.Tooltip("num_rules:Q", title="rules", format=",")


def rules_x(num_examples: int | None = None) -> alt.X:
    """The number of rules, logarithmic; see `rules_axis`."""
    return alt.X("num_rules:Q", scale=alt.Scale(type="log"), axis=rules_axis(num_examples))


def layered(*charts: alt.Chart) -> alt.LayerChart:
    """Charts on top of each other, the first one at the bottom; none of them has facets."""
    return alt.LayerChart(layer=charts)


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
) -> alt.LayerChart:
    """Exact match of runs: lines through the means over seeds, a point with its interval a run.

    Args:
        table: rows of `score_table`; those whose column ``outside`` is true are of a run that is
            no point of the grid, and are drawn as the ring alone.
        x: what is varied.
        by: what tells the lines apart.
        scores: the first is shown by points and a solid line, others by broken and fainter lines.
        tooltip: what is told of a point besides its score.
        marked: key of the run to ring.
        title: what a score is a share of.
        scale: of the scores.
    """
    main = scores[0]
    if "precision" in table and table.precision.nunique() > 1:
        tooltip = [*tooltip, alt.Tooltip("precision:N")]  # it can decide a run near the threshold
    shown = table[table.score.isin(scores)].assign(scored=lambda t: t.score.map(SCORES))
    outside = shown.outside if "outside" in shown else pd.Series(False, index=shown.index)
    # A page carries the rows that its figures draw from: only columns that are shown.
    shown_fields = {channel.shorthand.split(":")[0] for channel in (x, by, *tooltip)}
    own = ["score", "scored", "share", "low", "high", "correct", "total", "seed", "key"]
    columns = [*sorted(shown_fields - set(own)), *own]
    base = alt.Chart(shown.loc[~outside, columns]).encode(x=x, color=by)
    share = alt.Y("share:Q", title=title, scale=scale, axis=PERCENT)
    lines = base.mark_line(strokeWidth=2).encode(
        y=alt.Y("mean(share):Q", title=title, scale=scale, axis=PERCENT), detail="score:N"
    )
    if len(scores) > 1:
        lines = lines.encode(
            strokeDash=alt.StrokeDash(
                "scored:N", title="tested on", sort=[SCORES[score] for score in scores]
            ),
            opacity=alt.condition(alt.datum.score == main, alt.value(1.0), alt.value(0.55)),
        )
    runs = base.transform_filter(alt.datum.score == main)
    intervals = runs.mark_rule(opacity=0.6).encode(y=alt.Y("low:Q", title=title), y2="high:Q")
    points = runs.mark_point(filled=True, size=45, opacity=0.9).encode(
        y=share,
        tooltip=[
            *tooltip,
            alt.Tooltip("seed:Q"),
            alt.Tooltip("correct:Q", title="right", format=","),
            alt.Tooltip("total:Q", title="of", format=","),
            alt.Tooltip("low:Q", format=".1%"),
            alt.Tooltip("high:Q", format=".1%"),
            alt.Tooltip("key:N", title="record"),
        ],
    )
    layers = [lines, intervals, points]
    if marked is not None:
        ringed = shown.loc[(shown.key == marked) & (shown.score == main), columns]
        ring = alt.Chart(ringed).mark_point(size=220, strokeWidth=2.5)
        layers.append(ring.encode(x=x, color=by, y=share, tooltip=points.encoding.tooltip))
    return layered(*layers).properties(width="container", height=340)


def heat_map(
    cells: pd.DataFrame, *, x: alt.X, y: alt.Y, tooltip: Sequence[alt.Tooltip | str]
) -> alt.LayerChart:
    """Shares as coloured and numbered squares.

    Args:
        cells: a row a square: what x and y name, and ``share``.
    """
    base = alt.Chart(cells).encode(x=x, y=y)
    squares = base.mark_rect().encode(
        color=alt.Color(
            "share:Q",
            title="exact match",
            scale=alt.Scale(domain=[0, 1], scheme="viridis"),
            legend=alt.Legend(format="%"),
        ),
        tooltip=[*tooltip, alt.Tooltip("share:Q", title="exact match", format=".1%")],
    )
    numbers = base.mark_text(fontSize=13).encode(
        text=alt.Text("share:Q", format=".0%"),
        color=alt.condition(alt.datum.share > 0.5, alt.value("black"), alt.value("white")),
    )
    return layered(squares, numbers).properties(width="container", height=260)


def thresholds_chart(thresholds: pd.DataFrame, title: str) -> alt.LayerChart:
    """Where thresholds lie, each with its interval if it has one, one under the other.

    Args:
        thresholds: a row each: ``label``, ``rules``, ``low``, ``high``.
        title: what the labels are.
    """
    base = alt.Chart(thresholds).encode(
        y=alt.Y("label:N", title=title, sort=None),
        tooltip=[
            alt.Tooltip("rules:Q", title="threshold, rules", format=",.0f"),
            alt.Tooltip("low:Q", format=",.0f"),
            alt.Tooltip("high:Q", format=",.0f"),
        ],
    )
    x = alt.Scale(type="log", nice=False, padding=20)
    axis = alt.Axis(title="rules at the threshold", format=",")
    return layered(
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", scale=x, axis=axis), x2="high:Q"),
        base.mark_point(filled=True, size=80).encode(x=alt.X("rules:Q", scale=x, axis=axis)),
    ).properties(width="container", height=alt.Step(34))


def curve_chart(curves: pd.DataFrame) -> alt.LayerChart:
    """Scores while learning, a line for each score of each run named in column ``run``."""
    shown = curves[curves.score.isin(SCORES)].assign(scored=lambda t: t.score.map(SCORES))
    base = alt.Chart(shown[["run", "step", "share", "scored"]]).encode(
        x=alt.X("step:Q", title="optimiser steps", scale=alt.Scale(zero=True)),
        y=alt.Y("share:Q", title="exact match", scale=SHARE, axis=PERCENT),
        color=alt.Color("run:N", title="run", sort=None),
    )
    dash = alt.StrokeDash("scored:N", title="tested on", sort=list(SCORES.values()))
    return layered(
        base.mark_line(strokeWidth=2).encode(strokeDash=dash),
        base.mark_point(filled=True, size=30).encode(
            detail="scored:N",
            tooltip=["run", "scored", "step", alt.Tooltip("share:Q", format=".1%")],
        ),
    ).properties(width="container", height=280)


def answers_table(answers: Sequence[Mapping[Any, str]]) -> str:
    """Answers beside what was right, as an HTML table; wrong letters are marked."""
    rows = "".join(
        "<tr>"
        f"<td><code>{html.escape(entry['prompt'].rstrip('='))}</code></td>"
        f"<td><code>{html.escape(entry['target'])}</code></td>"
        f"<td><code>{_marked(entry['target'], entry['answer'])}</code></td>"
        f"<td>{'right' if entry['target'] == entry['answer'] else 'wrong'}</td>"
        "</tr>"
        for entry in answers
    )
    head = "<th scope='col'>asked</th><th scope='col'>right output</th>"
    head += "<th scope='col'>model's output</th><th scope='col'>verdict</th>"
    return f"<table class='answers'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _marked(target: str, answer: str) -> str:
    shown = [
        html.escape(letter) if letter == right else f"<mark>{html.escape(letter)}</mark>"
        for letter, right in zip(answer, target.ljust(len(answer)), strict=False)
    ]
    missing = "<mark>␣</mark>" * max(0, len(target) - len(answer))
    return "".join(shown) + missing


def answer_kinds_chart(answers: pd.DataFrame) -> alt.Chart:
    """What kinds of answers the unseen rules get, against the number of rules.

    Args:
        answers: a row an answer: ``num_rules`` and ``kind``, one of `KINDS`.
    """
    return (
        alt.Chart(answers[["num_rules", "kind"]])
        .mark_bar()
        .encode(
            x=alt.X("num_rules:O", title="different rules in training, I", axis=ordinal_axis()),
            y=alt.Y("count():Q", stack="normalize", title="share of answers", axis=PERCENT),
            color=alt.Color("kind:N", title="answer", sort=list(KINDS)),
            order=alt.Order("rank:Q"),
            tooltip=["num_rules", "kind", alt.Tooltip("count():Q", title="answers")],
        )
        .transform_calculate(rank=f"indexof({list(KINDS)}, datum.kind)")
        .properties(width="container", height=260)
    )


def rules_axis(num_examples: int | None = None) -> alt.Axis:
    """Number of rules and, where the total is fixed, under it the examples that each one gets."""
    values = [10, 100, 1_000, 10_000, 100_000, 1_000_000]
    if num_examples is None:
        return alt.Axis(title="different rules in training, I", values=values, format=",")
    return alt.Axis(
        title=["different rules in training, I", "(below: examples of each, S)"],
        values=values,
        labelExpr=f"[format(datum.value, ','), format({num_examples} / datum.value, ',.2~f')]",
    )


def ordinal_axis() -> alt.Axis:
    return alt.Axis(format=",", labelAngle=0, labelOverlap=True)
