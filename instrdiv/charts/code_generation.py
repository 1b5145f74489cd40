"""The figures of experiment 7, each drawn from a table."""

import re
from collections.abc import Mapping

import altair as alt
import pandas as pd
from markupsafe import Markup

from instrdiv.charts.common import HEIGHT, PERCENT, layered, runs_chart, sides_of_zero
from instrdiv.untrusted import as_block, as_html

CODE = re.compile("`([^`]+)`")
"""Code in a sentence, as in Markdown."""
SHARES = alt.Axis(format="%", tickCount=6)
GENERAL_TITLE = "share of the examples that are not code"
GENERAL = alt.X(
    "general_share:Q",
    title=GENERAL_TITLE,
    axis=SHARES,
)
MIXED = alt.Tooltip("general_share:Q", title="not code", format=".0%")


def with_mixture_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Rows with a column ``mixed``: the data that code is mixed with."""
    chains = table.chain_share.map(lambda share: f", {share:.0%} of it chains" if share else "")
    return table.assign(mixed="general" + chains)


def pass_rate_chart(table: pd.DataFrame, score: str, marked: str | None = None) -> alt.LayerChart:
    """Share of programs that passed, against the share of other data.

    Args:
        table: rows of `score_table`.
    """
    return runs_chart(
        with_mixture_labels(table),
        x=GENERAL,
        by=alt.Color("mixed:N", title="mixed with", sort=None),
        scores=(score,),
        tooltip=[MIXED],
        marked=marked,
        title="programs that passed",
        scale=alt.Scale(zero=True),
    )


def bits_reduction_chart(gains: pd.DataFrame) -> alt.LayerChart:
    """Reduction in bits per byte by mixtures against code alone: a small marker for each run, a
    large one for each mean over seeds.

    Args:
        gains: from `instrdiv.analysis.likelihoods.bits_reduction_table`.
    """
    shown = with_mixture_labels(gains)
    # Markers of different benchmarks are shifted so that they do not hide each other.
    names = list(dict.fromkeys(shown.benchmark))
    shown["at"] = shown.general_share + 0.012 * (shown.benchmark.map(names.index) - 1)
    x = alt.X("at:Q", title=GENERAL_TITLE, axis=SHARES)
    title = "reduction in bits per byte"
    columns = [
        "at", "general_share", "chain_share", "mixed", "benchmark", "gain", "low", "high",
        "problems", "seed",
    ]  # fmt: skip
    base = alt.Chart(shown[columns]).encode(
        x=x, color=alt.Color("benchmark:N", title="programs of", sort=None)
    )
    mean = alt.Y("mean(gain):Q", title=title)
    shape = alt.Shape("mixed:N", title="mixed with", sort=None)
    lines = base.transform_filter("datum.chain_share == 0").mark_line(strokeWidth=2)
    runs = base.mark_point(size=25, opacity=0.5).encode(
        y=alt.Y("gain:Q", title=title),
        shape=shape,
        tooltip=[
            MIXED,
            "mixed",
            "benchmark",
            alt.Tooltip("gain:Q", title="reduction", format="+.3f"),
            alt.Tooltip("low:Q", format="+.3f"),
            alt.Tooltip("high:Q", format="+.3f"),
            "problems",
            "seed",
        ],
    )
    zero = base.mark_rule(strokeDash=[4, 4]).encode(
        x=alt.value(0), x2=alt.value("width"), y=alt.datum(0, title=title), color=alt.value("gray")
    )
    means = base.mark_point(size=90, filled=True, opacity=1).encode(y=mean, shape=shape)
    return layered(
        zero,
        lines.encode(y=mean),
        runs,
        means,
        *sides_of_zero("better than code alone", "worse than code alone"),
    ).properties(width="container", height=HEIGHT)


def paper_chart(mixtures: pd.DataFrame) -> alt.Chart:
    """The paper's scores against the share of other data.

    Args:
        mixtures: from `instrdiv.analysis.code_generation.paper_mixtures`.
    """
    return (
        alt.Chart(with_mixture_labels(mixtures))
        .mark_line(point=alt.OverlayMarkDef(size=60), strokeWidth=2)
        .encode(
            x=GENERAL,
            y=alt.Y("passed:Q", title="pass@1, %", scale=alt.Scale(zero=False)),
            color=alt.Color(
                "tuned:N",
                title="fine-tuned model",
                sort=None,
            ),
            strokeDash=alt.StrokeDash(
                "mixed:N",
                title="mixed with",
                sort=None,
                legend=alt.Legend(symbolType="stroke"),
            ),
            tooltip=[MIXED, "mixed", "tuned", alt.Tooltip("passed:Q", title="pass@1, %")],
        )
        .properties(width="container", height=300)
    )


def loss_chart(curve: pd.DataFrame) -> alt.Chart:
    """The loss of one run during fine-tuning.

    Args:
        curve: ``step`` and ``loss``.
    """
    return (
        alt.Chart(curve)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("step:Q", title="optimiser steps"),
            y=alt.Y("loss:Q", title="loss, nats per token", scale=alt.Scale(zero=False)),
            tooltip=["step", alt.Tooltip("loss:Q", format=".3f")],
        )
        .properties(width="container", height=240)
    )


def grades_chart(grades: pd.DataFrame) -> alt.Chart:
    """Share of programs that passed, by the grade of the problem.

    Args:
        grades: rows of `score_table` with a column ``grade``.
    """
    return (
        alt.Chart(with_mixture_labels(grades)[["grade", "mixed", "general_share", "share", "seed"]])
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("grade:O", title="grade", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("mean(share):Q", title="programs that passed", axis=PERCENT),
            color=alt.Color("general_share:O", title="not code", legend=alt.Legend(format=".0%")),
            strokeDash=alt.StrokeDash("mixed:N", title="mixed with"),
        )
        .properties(width="container", height=280)
    )


def answer_html(kind: str, answer: Mapping[str, str]) -> Markup:
    """A model's answer as it was written, below its task.

    Args:
        kind: one of those of `instrdiv.analysis.code_generation.answers_by_result`.
        answer: ``prompt``, ``answer`` and ``result``.

    >>> print(answer_html("broken", {"prompt": "Use `<`.", "answer": "<b>\\n", "result": "a & b"}))
    <p><strong>broken</strong> (<em>a &amp; b</em>). Use <code class="literal">&lt;</code>.</p>
    <div class="highlight-text notranslate"><div class="highlight"><pre>&lt;b&gt;
    </pre></div></div>
    """
    why = Markup(" (<em>{}</em>)").format(as_html(answer["result"]))
    task = CODE.sub(r'<code class="literal">\1</code>', str(as_html(answer["prompt"])))
    about = Markup("<p><strong>{}</strong>{}. {}</p>").format(
        kind, "" if kind == "passed" else why, Markup(task)
    )
    return about + "\n" + as_block(answer["answer"].strip())
