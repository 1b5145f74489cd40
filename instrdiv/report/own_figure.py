"""Which runs belong in a figure along a setting of one's own choice, and why others do not."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import altair as alt
import pandas as pd

from instrdiv.analysis.chapters import analysis_of
from instrdiv.charts.own import own_chart
from instrdiv.charts.setting_words import in_words
from instrdiv.checks import problems_of, shown
from instrdiv.experiments.experiment import Experiment
from instrdiv.experiments.points import configure, find_notebook, key_of, title_of
from instrdiv.report.all_runs import OWN
from instrdiv.runs.record import Record
from instrdiv.runs.store import score_table

SEEDS = ("seed", "weight_seed")
"""Runs that differ in these are shown together."""
MOST_REASONS = 8


@dataclass(frozen=True)
class Selection:
    """The runs of a figure.

    Attributes:
        table: their rows of `instrdiv.runs.store.score_table`; empty if there are none.
        own: how many of the runs are the reader's.
        left_out: why the others are left out, a line for each reason, the most frequent first.
    """

    table: pd.DataFrame
    own: int
    left_out: list[str]

    @property
    def number(self) -> int:
        return int(self.table.key.nunique()) if len(self.table) else 0

    def __str__(self) -> str:
        return runs_in_words(self.number)


def select_runs(
    experiment: Experiment[Any],
    scale: str,
    runs: Iterable[tuple[str, Record]],
    *,
    axes: Sequence[str],
    fixed: dict[str, Any],
    only: dict[str, list[Any]],
) -> Selection:
    """The runs that differ from a preset in nothing but some settings.

    Args:
        runs: from `instrdiv.report.all_runs.all_runs`.
        axes: the settings that the figure shows; seeds may differ in any case.
        fixed: settings that all runs have in place of the preset's.
        only: the values that a run must have one of.

    Raises:
        ValueError: a setting does not exist or is both an axis and fixed, or a value is not
            allowed.
    """
    _check(experiment, scale, axes, fixed, only)
    varied = [*axes, *(name for name in SEEDS if name in _names(experiment))]
    records: list[Record] = []
    own = 0
    reasons: Counter[str] = Counter()
    for source, record in runs:
        if record.protocol != experiment.protocol:
            reasons[f"of protocol {record.protocol}, before the experiment changed"] += 1
            continue
        here = {name: record.config[name] for name in varied}
        try:
            expected = configure(experiment, scale, fixed | here)
        except ValueError as error:  # such as more rules than examples, were it not for the others
            reasons[f"that no other setting can have: {error}"] += 1
            continue
        if other := _differing(experiment, expected, record):
            reasons[f"with {other}"] += 1
        elif excluded := [n for n, values in only.items() if record.config[n] not in values]:
            reasons[f"whose {excluded[0]} is none of {shown(only[excluded[0]])}"] += 1
        else:
            records.append(record)
            own += source == OWN
    counted = [f"{runs_in_words(number)} {reason}" for reason, number in reasons.most_common()]
    if len(counted) > MOST_REASONS:
        rest = sum(number for _, number in reasons.most_common()[MOST_REASONS - 1 :])
        counted = [*counted[: MOST_REASONS - 1], f"{runs_in_words(rest)} that differ otherwise"]
    return Selection(score_table(records), own, counted)


def _differing(experiment: Experiment[Any], expected: Any, record: Record) -> str:
    """The settings of a record that are not as expected, in words; empty if there are none."""
    if key_of(experiment, expected) == record.key:
        return ""
    wanted = {n: list(v) if isinstance(v, tuple) else v for n, v in asdict(expected).items()}
    return ", ".join(
        f"{name}={shown(record.config.get(name))} in place of {shown(value)}"
        for name, value in wanted.items()
        if record.config.get(name) != value
    )


def _check(
    experiment: Experiment[Any],
    scale: str,
    axes: Sequence[str],
    fixed: dict[str, Any],
    only: dict[str, list[Any]],
) -> None:
    configure(experiment, scale, dict.fromkeys([*axes, *only]) | fixed)
    for name in axes:
        if name in fixed:
            raise ValueError(f"{name} is an axis of the figure and given as {shown(fixed[name])}")
    if len(set(axes)) < len(axes):
        raise ValueError(f"{axes[0]} is given as two axes")
    for name, values in only.items():
        for value in values:
            if problems := problems_of(experiment.config, name, value):
                raise ValueError("; ".join(problems))


def draw(
    experiment: Experiment[Any],
    scale: str,
    selection: Selection,
    *,
    x: str,
    color: str | None,
    score: str | None,
    fixed: dict[str, Any],
    title: str = "",
) -> alt.TopLevelMixin:
    """The figure of some runs, with a title and what the runs share above it.

    Args:
        title: in place of what is against what.

    Raises:
        ValueError: no run has the score.
    """
    table = selection.table
    seeds = sorted(table.seed.unique().tolist())
    listed = f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} seeds"
    chapter = title_of(find_notebook(experiment.notebook))
    yours = f" ({selection.own:,} of them yours)" if 0 < selection.own < selection.number else ""
    lines = [
        title or f"Right answers against {in_words(x)}",
        f"{chapter}, {scale} scale: {selection}{yours}, {listed}",
    ]
    if fixed:
        lines.append("; ".join(f"{in_words(name)}: {value}" for name, value in fixed.items()))
    scores = score_names(table, score)
    return own_chart(table, x=x, color=color, scores=scores, title=lines)


def score_names(table: pd.DataFrame, score: str | None) -> list[str]:
    """The scores to draw: the chosen one, or else those that the experiment is about.

    Raises:
        ValueError: no run has this score; the message lists those that there are.
    """
    there = list(dict.fromkeys(table.score))
    if score is not None and score not in there:
        raise ValueError(f"no run has a score {shown(score)}; there are {', '.join(sorted(there))}")
    if score is not None:
        return [score]
    return [name for name in ("unseen", "seen") if name in there] or there[:1]


def default_axis(experiment: Experiment[Any]) -> str:
    """The first setting that the experiment's own figures vary."""
    return analysis_of(experiment.name).axes[0]


def _names(experiment: Experiment[Any]) -> list[str]:
    return [field.name for field in fields(experiment.config)]


def runs_in_words(number: int) -> str:
    """
    >>> runs_in_words(1), runs_in_words(1_200)
    ('1 run', '1,200 runs')
    """
    return f"{number:,} run{'s' * (number != 1)}"
