"""What the figures of all experiments share: scales, axes, learning curves, answers."""

import html

import altair as alt
import pandas as pd

from instrdiv.tasks.answers import KINDS

SCORES = {
    "unseen": "unseen rules",
    "seen": "seen rules, new inputs",
    "training": "training examples",
}
OPTIMIZERS = {"adamw": "AdamW (the paper's)", "muon": "Muon"}

SHARE = alt.Scale(domain=[0, 1])
PERCENT = alt.Axis(format="%")


def curve_chart(curves: pd.DataFrame) -> alt.LayerChart:
    """Scores while learning, a line for each score of each run named in column ``run``."""
    shown = curves[curves.score.isin(SCORES)].assign(scored=lambda t: t.score.map(SCORES))
    base = alt.Chart(shown).encode(
        x=alt.X("step:Q", title="optimiser steps", scale=alt.Scale(zero=True)),
        y=alt.Y("share:Q", title="exact match", scale=SHARE, axis=PERCENT),
        color=alt.Color("run:N", title="run", sort=None),
    )
    dash = alt.StrokeDash("scored:N", title="tested on", sort=list(SCORES.values()))
    return alt.layer(
        base.mark_line(strokeWidth=2).encode(strokeDash=dash),
        base.mark_point(filled=True, size=30).encode(
            detail="scored:N",
            tooltip=["run", "scored", "step", alt.Tooltip("share:Q", format=".1%")],
        ),
    ).properties(width="container", height=280)


def answers_table(answers: list[dict[str, str]]) -> str:
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
    head = "<th scope='col'>rule : input</th><th scope='col'>right output</th>"
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
        alt.Chart(answers)
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
