"""Every readable run, published or the reader's own, whatever its settings."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from instrdiv.experiments.experiment import Experiment
from instrdiv.paths import own_results, published_results
from instrdiv.report.recorded import with_every_setting
from instrdiv.runs.record import Record, RecordError
from instrdiv.runs.store import read_records

PUBLISHED, OWN = "published", "own"
"""Whose a run is: recorded in the book, or in the reader's results folder."""


def all_runs(
    experiments: Sequence[Experiment[Any]],
    scales: Sequence[str],
    results: Path | None = None,
    *,
    published: bool = True,
) -> tuple[list[tuple[str, Record]], list[str]]:
    """The runs of some experiments and scales, each once, in an order that no file decides.

    Records have the settings that were added later, too. One of an earlier protocol stays as it
    is: nobody knows what those settings would have meant for it.

    Args:
        results: the folder of the reader's own records; by default that of all commands.
        published: whether the book's own runs are among them.

    Returns:
        The runs, each with `PUBLISHED` or `OWN`, and what is wrong with each record that cannot be
        read.
    """
    sources = [(PUBLISHED, published_results())] if published else []
    sources.append((OWN, results or own_results()))
    runs: dict[tuple[str, str, str], tuple[str, Record]] = {}
    problems = []
    for experiment in experiments:
        for scale in scales:
            for source, folder in sources:
                records, unreadable = read_records([folder], experiment.name, scale)
                problems += [str(problem) for problem in unreadable]
                for record in records:
                    if record.protocol == experiment.protocol:
                        try:
                            record = with_every_setting(experiment, record)
                        except RecordError as error:
                            problems.append(str(error))
                            continue
                    runs.setdefault((experiment.name, scale, record.key), (source, record))
    return list(runs.values()), problems
