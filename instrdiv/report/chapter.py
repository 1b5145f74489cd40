"""What the notebooks of all experiments share: the report on one grid point, and on all runs."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import altair as alt
import pandas as pd
from IPython.display import HTML, Markdown
from pandas.io.formats.style import Styler

from instrdiv.analysis.chapters import analysis_of
from instrdiv.charts.common import OPTIMIZERS, answers_table, curve_chart
from instrdiv.charts.figure import Figures
from instrdiv.charts.score_names import score_name
from instrdiv.charts.setting_words import in_words
from instrdiv.experiments import rule_diversity
from instrdiv.experiments.experiment import Experiment
from instrdiv.experiments.points import configure, key_of
from instrdiv.experiments.recording import recorded_or_run
from instrdiv.report.recorded import (
    comparison_runs,
    grid_keys,
    grid_records,
    latest,
    own_beside,
    verdicts_of,
)
from instrdiv.report.setting_table import setting_table
from instrdiv.report.verdict_table import verdict_table
from instrdiv.runs.record import Record
from instrdiv.runs.store import curve_table, score_table
from instrdiv.untrusted import as_markdown
from instrdiv.whole_numbers import count


class ChapterReport:
    """One grid point of an experiment, and the runs that it is compared with.

    Args:
        experiment: the experiment of the grid point.
        scale: ``smoke``, ``demo``, ``laptop``, ``desk`` or ``paper``.
        settings: the settings that the page varies; None leaves the preset's value.
        overrides: any other settings that differ from the preset.
        results: folder for a new record; the reader's own results by default.

    Raises:
        ValueError: a setting does not exist, or a value is not allowed.
    """

    def __init__(
        self,
        experiment: Experiment[Any],
        scale: str,
        settings: dict[str, Any],
        overrides: dict[str, Any],
        results: str | None,
    ) -> None:
        self.experiment, self.scale, self.results = experiment, scale, results
        self.analysis = analysis_of(experiment.name)
        self.config = configure(experiment, scale, settings | overrides)
        self.figures = Figures(str(experiment.number))

    def heading(self) -> Markdown:
        """The page's grid point, and how complete the published grid is."""
        set_here = {name: getattr(self.config, name) for name in self.analysis.axes}
        point = "; ".join(
            as_markdown(f"{in_words(name)}: {', '.join(map(_in_words, values))}")
            for name, value in set_here.items()
            if value is not None
            for values in [value if isinstance(value, list | tuple) else [value]]
        )
        text = f"This page was made at **{self.scale} scale** for the grid point: {point}."
        wanted = grid_keys(self.experiment, self.scale, self.analysis.axes)
        missing = len(wanted - {record.key for record in self.made})
        if missing:
            text += (
                f" Of the {len(wanted)} points of its {self.scale} grid, **{missing} are not "
                "recorded yet**: figures show only recorded ones, and verdicts are preliminary."
            )
        if key_of(self.experiment, self.config) not in wanted:
            text += (
                " It is not a point of that grid: figures mark it by a ring, and means, fits and "
                "verdicts leave it out."
            )
        return Markdown(text)

    @cached_property
    def record(self) -> Record:
        """This grid point's record: read if the run was made before, otherwise made now."""
        return recorded_or_run(self.experiment, self.scale, self.config, self.results)

    def scores(self) -> Styler:
        """This run's scores with 95 % intervals, by the names that readers know."""
        rows = score_table([self.record]).assign(score=lambda t: t.score.map(score_name))
        shown = rows.set_index("score")[["correct", "total", "share", "low", "high"]].style
        shown.format("{:.1%}", subset=["share", "low", "high"])
        return shown.format("{:,}", subset=["correct", "total"]).hide(names=True)

    def show(
        self,
        chart: alt.TopLevelMixin,
        *,
        alt: str,
        caption: str,
        runs: pd.DataFrame | None = None,
        source: str = "",
    ) -> None:
        """Show a numbered figure.

        Args:
            alt: the text alternative, for readers who cannot see it.
            caption: what it shows; text, or `Markup`.
            runs: rows of the runs that it shows, for the small print.
            source: where its data come from, if not from runs.

        Raises:
            ValueError: neither `runs` nor `source` is given.
        """
        if runs is None and not source:
            raise ValueError("a figure without runs needs a source of its data")
        if runs is not None:
            source = self.made_from(runs) + (f" {source}" if source else "")
        self.figures.show(chart, alt=alt, caption=caption, source=source)

    def learning_curve(self) -> None:
        """Show this run's scores during training."""
        curves = curve_table([self.record]).assign(run="this run")
        self.show(
            curve_chart(curves),
            alt="Learning curve of this run: exact match against steps.",
            caption="Exact match of this run during training, on a part of each test.",
            runs=curves,
        )

    def answers(self, number: int = 6) -> HTML:
        """The model's wrong answers to unseen rules, or its answers if none are wrong; wrong
        letters are marked, and a line says how many more there are."""
        shown = (self.record.errors or self.record.answers)[:number]
        said = self._of_how_many(len(shown)) if self.record.errors else ""
        return HTML(answers_table(shown, caption=said))

    def _of_how_many(self, shown: int) -> str:
        """How many wrong answers to unseen rules are shown, of how many; empty if nobody knows."""
        test = self.record.metrics.get("unseen")
        if test is None:
            return ""
        right, total = test["correct"], test["total"]
        return (
            f"{count(shown)} of its {count(total - right)} wrong answers to unseen rules; "
            f"{count(right)} of {count(total)} are right."
        )

    @cached_property
    def made(self) -> list[Record]:
        """The runs of this scale's grid that were made before."""
        return grid_records(self.experiment, self.scale, self.analysis.axes, self.results)

    @cached_property
    def recorded(self) -> list[Record]:
        """Those of them of which no later one takes the place."""
        return latest(self.experiment, self.made)

    @cached_property
    def records(self) -> list[Record]:
        """The runs in figures and verdicts: those of the grid, including this one if it belongs to
        the grid. If none of the grid is recorded, this run only."""
        own = self.record
        inside = own.key in grid_keys(self.experiment, self.scale, self.analysis.axes)
        if inside and own.key not in {record.key for record in self.recorded}:
            return sorted([*self.recorded, own], key=lambda record: record.key)
        return self.recorded or [own]

    @cached_property
    def table(self) -> pd.DataFrame:
        """The scores of these runs, see `score_table`."""
        return score_table(self.records)

    @cached_property
    def beside(self) -> list[Record]:
        """Runs outside the grid that figures ring: this one, and others of the reader's own that
        differ from the preset in the grid's settings alone."""
        own = own_beside(self.experiment, self.scale, self.analysis.axes, self.results)
        beside = {record.key: record for record in [*own, self.record]}
        return [
            beside[key] for key in sorted(set(beside) - {record.key for record in self.records})
        ]

    @cached_property
    def shown(self) -> pd.DataFrame:
        """The same, and those of the runs `beside`, for figures that ring them. Column ``outside``
        marks their rows, which appear as rings only."""
        table = self.table.assign(outside=False)
        if not self.beside:
            return table
        return pd.concat([table, score_table(self.beside).assign(outside=True)], ignore_index=True)

    @cached_property
    def equal(self) -> pd.DataFrame:
        """Experiment 1's runs with the same optimiser, examples and seeds, in which all rules are
        equally frequent and apply once in each input."""
        return comparison_runs(rule_diversity.experiment, self.table, self.config, self.results)

    def verdicts(self) -> Markdown:
        """The paper's claims and our verdicts, as a table."""
        decided = verdicts_of(self.experiment, self.records, self.config, self.results)
        return Markdown(verdict_table(decided))

    def trained(self, by: str | list[str]) -> Styler:
        """Lowest and highest score on training examples: did the models learn them?"""
        training = self.table[(self.table.score == "training") & (self.table.steps > 0)]
        found = training.groupby(by).share.agg(["min", "max", "size"])
        found.columns = pd.Index(["lowest", "highest", "runs"])
        return setting_table(found).format("{:.1%}", subset=["lowest", "highest"])

    def made_from(self, runs: pd.DataFrame) -> str:
        """Small print of a figure: scale and model, number of runs, seeds, dates, version.

        A run outside the grid is not counted, but said to be there.
        """
        others = 0
        if "outside" in runs and not runs.outside.all():
            others = runs[runs.outside & (runs.key != self.record.key)].key.nunique()
            runs = runs[~runs.outside]
        keys = set(runs.key)
        everywhere = {record.key: record for record in [self.record, *self.records]}
        records = [record for key, record in everywhere.items() if key in keys]
        if not records:
            return f"{self.scale.capitalize()} scale: {self.config.setup}. No runs."
        seeds = sorted({record.config["seed"] for record in records})
        listed = f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
        days = sorted({record.provenance["date"][:10] for record in records})
        recorded = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
        versions = ", ".join(sorted({record.provenance["version"] for record in records}))
        return (
            f"{self.scale.capitalize()} scale: {self.config.setup}. Runs: {len(records)}, "
            f"{listed}, recorded {recorded} with version {versions}{precisions(records)}."
            + f" Also ringed: {others} more of your own, outside the grid."
            * bool(others)
        )

    def cost(self) -> Markdown:
        """The computing time of this page's runs."""
        return Markdown(f"*{cost(self.records)}*")


def _in_words(value: Any) -> str:
    """A setting's value as readers see it.

    >>> _in_words(300), _in_words(0.3), _in_words("muon")
    ('300', '0.3', 'Muon')
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return count(value)
    return OPTIMIZERS.get(value, str(value)) if isinstance(value, str) else str(value)


def precisions(records: Sequence[Record]) -> str:
    """The number of runs in each precision, as a suffix; empty if all runs have the same.

    Precision can decide a run near the threshold, so a figure says if it contains both.
    """
    counts = Counter(record.provenance["precision"] for record in records)
    if len(counts) < 2:
        return ""
    listed = ", ".join(f"{counts[name]} in {name}" for name in sorted(counts, reverse=True))
    return f": {listed}"


def cost(records: Sequence[Record]) -> str:
    """The computing time of runs, as a sentence of Markdown."""
    frame = pd.DataFrame([{**record.config, **record.provenance} for record in records])
    by = "optimizer" if "optimizer" in frame else "model"
    minutes = " or ".join(
        f"{rows.wall_seconds.median() / 60:.1f} minutes with "
        f"{as_markdown(OPTIMIZERS.get(str(name), name))}"
        for name, rows in frame.groupby(by)
    )
    # Some names have commas themselves.
    machines = "; ".join(map(as_markdown, sorted(frame.processor.unique())))
    threads = frame.threads.max()
    cores = "one core" if threads == 1 else f"up to {threads} cores"
    precision = " and ".join(map(as_markdown, sorted(frame.precision.unique(), reverse=True)))
    return f"The median run took {minutes}, on {cores} ({machines}), in {precision}."
