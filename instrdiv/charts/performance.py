"""Figures of the engine's speed, drawn from the measurements."""

from typing import Any

import altair as alt
import pandas as pd

from instrdiv.charts.common import OPTIMIZERS, PERCENT, SHARE, layered
from instrdiv.charts.room import lines_of

LINE = 44
"""Letters of a label above a bar before it is broken."""
ABOVE = alt.Axis(
    labelAlign="left",
    labelBaseline="bottom",
    labelExpr=lines_of(LINE),
    # A second line is below the first, so the first is a line higher where there is one.
    labelOffset={"condition": {"test": f"length(datum.label) > {LINE}", "value": -11}, "value": 3},
    labelPadding=-4,
    labelLimit=600,
    ticks=False,
    domain=False,
)
"""Labels are above the bars: beside them, they would leave no room on a narrow screen."""
STEP = alt.Step(52)
"""Room for a bar and two lines above it."""


def pairs_table(timings: list[dict[str, Any]]) -> pd.DataFrame:
    """One row per comparison: ``other``, ``size``, ``threads``, ``ratio``, ``low``, ``high``."""
    return pd.DataFrame(
        [
            {
                "other": timing["other"],
                "size": timing["size"],
                "threads": timing["threads"],
                "ratio": timing["ratio"]["median"],
                "low": timing["ratio"]["min"],
                "high": timing["ratio"]["max"],
            }
            for timing in timings
        ]
    )


def processors_table(reports: list[dict[str, Any]]) -> pd.DataFrame:
    """Medians of the comparisons that were made on several processors.

    Args:
        reports: as ``bench`` writes them, one for each processor.

    Returns:
        A row for each comparison and model size, a column for each processor.
    """
    found = {}
    for report in reports:
        timed = [*report["training"], *report["evaluation"], *report["adapters"]]
        rows = pairs_table([row for row in timed if row["threads"] == 1 and "skipped" not in row])
        found[report["machine"]["processor"]] = rows.set_index(["other", "size"]).ratio
    return pd.DataFrame(found).dropna().rename_axis(index=["ours against", "model"])


def compiling_finding(variants: list[dict[str, Any]]) -> str:
    """How many times as fast compiling makes a training step, as a sentence.

    Args:
        variants: as ``bench`` writes them.

    >>> row = {"other": "torch.compile", "size": "laptop", "ratio": {"median": 0.8}}
    >>> compiling_finding([row])
    'Compiling makes a step 1.25 × as fast (laptop).'
    """
    rows = [row for row in variants if row["other"] == "torch.compile" and "skipped" not in row]
    if not rows:
        return "What compiling does was not measured here."
    listed = ", ".join(
        f"{1 / row['ratio']['median']:.2f} × as fast ({row['size']})" for row in rows
    )
    return f"Compiling makes a step {listed}."


def learning_chart(systems: list[dict[str, Any]], goal: float) -> alt.LayerChart:
    """Scores on unseen rules against the seconds of training, a line for each system.

    Args:
        systems: as ``bench --to-90`` writes them.
        goal: the score at which training ends, drawn as a line.
    """
    rows = pd.DataFrame(
        [{"trained by": _named(each["system"]), **at} for each in systems for at in each["curve"]]
    )
    title = "exact match, unseen rules"
    lines = (
        alt.Chart(rows)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("seconds:Q", title="seconds of training on one core"),
            y=alt.Y("unseen:Q", title=title, scale=SHARE, axis=PERCENT),
            color=alt.Color("trained by:N", sort=None, legend=alt.Legend(columns=1)),
        )
    )
    rule = alt.Chart(pd.DataFrame({"goal": [goal]})).mark_rule(strokeDash=[4, 4])
    return layered(
        rule.encode(y=alt.Y("goal:Q", title=title, scale=SHARE, axis=PERCENT)), lines
    ).properties(width="container", height=260)


def _named(system: str) -> str:
    """
    >>> _named("ours, adamw")
    "ours, AdamW (the paper's)"
    """
    whose, _, optimizer = system.partition(", ")
    return f"{whose}, {OPTIMIZERS[optimizer]}" if optimizer in OPTIMIZERS else system


def ratios_chart(pairs: pd.DataFrame) -> alt.LayerChart:
    """Speed relative to other systems, with a bar for each system and model size."""
    threads = ", threads: " + pairs.threads.astype(str) if pairs.threads.nunique() > 1 else ""
    rows = pairs.assign(compared=pairs.other + ", " + pairs["size"] + threads)
    base = alt.Chart(rows).encode(
        y=alt.Y("compared:N", title=None, sort=None, axis=ABOVE),
        tooltip=["other", "size", "threads", alt.Tooltip("ratio:Q", format=".2f")],
    )
    x = alt.X("ratio:Q", title="times as fast", scale=alt.Scale(domainMin=0))
    bars = base.mark_bar(opacity=0.75, size=14, yOffset=12).encode(x=x)
    spans = base.mark_rule(strokeWidth=2, yOffset=12).encode(
        x=alt.X("low:Q", title="times as fast"), x2="high:Q"
    )
    return layered(bars, spans).properties(width="container", height=STEP)


def profile_chart(profile: pd.DataFrame) -> alt.Chart:
    """Shares of the time of a training step, by operation and model size.

    Args:
        profile: columns ``size``, ``operation`` and ``share``.
    """
    table = profile.assign(operation=profile.operation.str.removeprefix("aten::"))
    return (
        alt.Chart(table)
        .mark_bar(opacity=0.75, size=14, yOffset=12)
        .encode(
            x=alt.X("share:Q", title="share of the time of a step", axis=alt.Axis(format="%")),
            y=alt.Y("label:N", title=None, sort=None, axis=ABOVE),
            tooltip=["size", "operation", alt.Tooltip("share:Q", format=".1%")],
        )
        .transform_calculate(label="datum.operation + ', ' + datum.size")
        .properties(width="container", height=STEP)
    )
