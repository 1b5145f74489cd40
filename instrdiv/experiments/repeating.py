"""A published run made again from its record, and the scores of both held against each other."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from instrdiv.experiments.chapters import EXPERIMENTS
from instrdiv.experiments.experiment import Experiment
from instrdiv.experiments.points import GridPoint, every_setting, experiment_of, make_point
from instrdiv.experiments.recording import recorded_or_run
from instrdiv.paths import published_results
from instrdiv.runs.record import Record, read_record
from instrdiv.runs.store import read_records
from instrdiv.statistics.scores import Score

SEEDS = {"seed", "weight_seed"}
"""Settings that choose no experiment, only one of its runs."""


@dataclass(frozen=True)
class Repeated:
    """One score of a run, as it was published and as it came out again.

    Attributes:
        name: of the score, such as ``unseen``.
        published: the recorded score.
        again: that of the run made now.
        others: shares of the published runs that differ in nothing but their seeds.
    """

    name: str
    published: Score
    again: Score
    others: tuple[float, ...]

    @property
    def within(self) -> bool | None:
        """Whether the new score lies between the lowest and the highest share of all published
        seeds, of which its own counts with its 95 % interval; None if there is one seed alone."""
        if not self.others:
            return None
        low, high = self.published.interval()
        return min(low, *self.others) <= self.again.share <= max(high, *self.others)

    def __str__(self) -> str:
        """The score in a line.

        >>> print(Repeated("unseen", Score(10, 200), Score(14, 200), (0.02, 0.3)))
        unseen: published 10/200, again 14/200 (+2.0 percentage points); 2 other seeds: 2-30 %
        """
        difference = 100 * (self.again.share - self.published.share)
        signed = f"{difference:+.1f}" if round(difference, 1) else "0.0"  # what is zero has no sign
        words = (
            f"{self.name}: published {self.published.correct}/{self.published.total}, again "
            f"{self.again.correct}/{self.again.total} ({signed} percentage points)"
        )
        if not self.others:
            return words
        seeds = "1 other seed" if len(self.others) == 1 else f"{len(self.others)} other seeds"
        low, high = 100 * min(self.others), 100 * max(self.others)
        span = f"{low:.0f}" if f"{low:.0f}" == f"{high:.0f}" else f"{low:.0f}-{high:.0f}"
        return f"{words}; {seeds}: {span} %"


def find_published(key: str) -> tuple[GridPoint, Record]:
    """The published record of a key, or of a key's beginning if only one has it, and its grid
    point.

    Raises:
        ValueError: no published run has this key, or several begin like it, or the project has
            changed so much that the same settings make another run.
        RecordError: its record cannot be read.
    """
    files = published_results().glob("*/*/*.json")
    found = [path for path in sorted(files) if key and path.stem.startswith(key)]
    if len(found) > 1:
        raise ValueError(
            f"{len(found)} published runs have a key that begins with {key!r}, such as "
            f"{found[0].stem} and {found[1].stem}; more of the key is needed"
        )
    if not found:
        raise ValueError(
            f"no published run has the key {key!r}; keys are a column of what `export` writes, and "
            "the names of the files in book/results"
        )
    record = read_record(found[0])
    experiment = next(each for each in EXPERIMENTS if each.name == record.experiment)
    preset = json.loads(json.dumps(asdict(experiment.configure(record.scale))))
    settings = every_setting(experiment, record.config)
    overrides = {name: value for name, value in settings.items() if preset[name] != value}
    point = make_point(experiment.notebook, record.scale, overrides)
    if point.key != record.key:
        raise ValueError(
            f"{record.key} was made by another version of the project: see the commit in its record"
        )
    return point, record


def repeat(point: GridPoint, record: Record, into: Path) -> list[Repeated]:
    """Make a published run again and compare each of its scores.

    A run that was begun in this folder is continued, and one that was repeated there is read.

    Args:
        point: that of the record.
        record: the published one.
        into: folder for the new record; the published ones are not looked at.
    """
    experiment = experiment_of(point.notebook)
    again = recorded_or_run(experiment, point.scale, point.config, into, folders=[into])
    return held_against(experiment, record, again)


def held_against(experiment: Experiment[Any], record: Record, again: Record) -> list[Repeated]:
    """Each score of a published run beside that of the same run made again.

    Args:
        record: the published one.
        again: of the same settings.
    """
    others = list(_with_other_seeds(experiment, record))
    return [
        Repeated(
            name,
            published=Score(**counts),
            again=Score(**again.metrics[name]),
            others=tuple(Score(**other.metrics[name]).share for other in others),
        )
        for name, counts in record.metrics.items()
    ]


def _with_other_seeds(experiment: Experiment[Any], record: Record) -> Iterable[Record]:
    """Published records of runs that differ from a record's in their seeds alone."""
    settings = _without_seeds(every_setting(experiment, record.config))
    published, _ = read_records([published_results()], record.experiment, record.scale)
    for other in published:
        same = _without_seeds(every_setting(experiment, other.config)) == settings
        if same and other.key != record.key and other.metrics.keys() == record.metrics.keys():
            yield other


def _without_seeds(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in SEEDS}
