"""How long grid points take, by what like runs took."""

import contextlib
import heapq
import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from instrdiv.experiments.chapters import EXPERIMENTS
from instrdiv.experiments.points import GridPoint, experiment_of
from instrdiv.experiments.recording import result_folders
from instrdiv.paths import sample_results
from instrdiv.runs.record import Record
from instrdiv.runs.store import read_records
from instrdiv.scales import SHARED


class Costs:
    """Expected computing time of grid points.

    Runs are alike if they train the same model with the same optimiser; their time is proportional
    to the number of sequences trained on. Where no like run is recorded, a model that is trained
    from scratch takes as long for a multiplication as the recorded one nearest in size.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        rates = defaultdict(list)
        paces = defaultdict(list)
        for record in records:
            # A record whose settings are those of no run says nothing of the time of one.
            with contextlib.suppress(KeyError, TypeError, ArithmeticError):
                rate = record.core_seconds / sequences(record.config)
                if math.isfinite(rate):
                    rates[alike(record.config)].append(rate)
                    if size := multiplications(record.config):
                        paces[size].append(rate / size)
        self._rates = {what: statistics.median(found) for what, found in rates.items()}
        self._paces = {size: statistics.median(found) for size, found in paces.items()}

    def seconds(self, point: GridPoint) -> float:
        """Computing time, from the median rate of like runs, or else by the model's size; NaN if
        nothing recorded tells it."""
        settings = vars(point.config)
        rate = self._rates.get(alike(settings), math.nan)
        if math.isnan(rate) and (size := multiplications(settings)) and self._paces:
            nearest = min(self._paces, key=lambda other: abs(math.log(other / size)))
            rate = self._paces[nearest] * size
        return rate * sequences(settings)

    def knows_like(self, point: GridPoint) -> bool:
        """Whether a like run is recorded."""
        return alike(vars(point.config)) in self._rates

    def learn(self, point: GridPoint, seconds: float) -> None:
        """Take a run's time for that of like ones, unless records have told it."""
        settings = vars(point.config)
        self._rates.setdefault(alike(settings), seconds / sequences(settings))

    @classmethod
    def recorded(cls, points: Iterable[GridPoint], results: Path | None = None) -> "Costs":
        """By the readable records of these points' experiments and scales, and by all others where
        those tell nothing of a point."""
        points = list(points)
        costs = cls(measured_runs(points, results))
        if all(map(costs.knows_like, points)):
            return costs
        every = [(experiment.name, scale) for experiment in EXPERIMENTS for scale in SHARED]
        return cls(_records(every, results))


def measured_runs(points: Iterable[GridPoint], results: Path | None = None) -> list[Record]:
    """Readable records of these points' experiments and scales that tell what runs take: all that
    count as results, and those of the sample class.

    Args:
        results: a folder for records beside the usual ones.
    """
    return _records(
        {(experiment_of(point.notebook).name, point.scale) for point in points}, results
    )


def _records(kinds: Iterable[tuple[str, str]], results: Path | None) -> list[Record]:
    folders = [*result_folders(results), *sample_results()]
    return [r for kind in sorted(kinds) for r in read_records(folders, *kind)[0]]


def sequences(config: dict[str, Any]) -> int:
    """Number of sequences that a run trains on; without training it counts as one step."""
    number: int = max(1, config["steps"]) * config["batch_size"]
    return number


def multiplications(config: dict[str, Any]) -> int:
    """Those of a model trained from scratch for one sequence of a symbolic task, forward; 0 for
    other runs.

    A layer has 12 *d*² weights and attends with 2 *d* products from each place to each other.

    >>> multiplications(dict(x_length=20, y_length=20, z_length=50, n_layer=6, n_embd=256))
    743178240
    """
    if "x_length" not in config or "n_embd" not in config:
        return 0
    places = config["x_length"] + config["y_length"] + 2 * config["z_length"] + 4
    width = config["n_embd"]
    number: int = config["n_layer"] * places * width * (12 * width + 2 * places)
    return number


def makespan(seconds: Sequence[float], workers: int, busy: Sequence[float] = ()) -> float:
    """When the last of some runs ends, if each is started in this order by the first free worker.

    Args:
        seconds: how long each takes.
        busy: after how many seconds each worker that is busy now is free.

    >>> makespan([3, 2, 2, 1], workers=2)
    4.0
    """
    free = [*busy, *[0.0] * max(0, workers - len(busy))]
    heapq.heapify(free)
    last = max(busy, default=0.0)
    for each in seconds:
        end = heapq.heappop(free) + each
        heapq.heappush(free, end)
        last = max(last, end)
    return float(last)


def in_words(seconds: float) -> str:
    """A time to read.

    >>> in_words(59), in_words(3600 * 5 + 60 * 7), in_words(math.nan)
    ('under 1 min', '5 h 07 min', 'an unknown time')
    """
    if math.isnan(seconds):
        return "an unknown time"
    minutes = int(seconds // 60)
    if minutes < 1:
        return "under 1 min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes:02} min" if hours else f"{minutes} min"


def alike(config: dict[str, Any]) -> tuple[Any, ...]:
    """What two runs have in common that take the same time and memory for a sequence."""
    names = ("model", "optimizer", "n_layer", "n_embd", "z_length")
    return tuple(config.get(name) for name in names)


def sum_in_words(seconds: Sequence[float]) -> str:
    """How long several runs take one after another, to read; NaN is a time that nobody knows.

    >>> sum_in_words([60.0, 120.0, math.nan])
    '3 min on one worker, and 1 of which no like run is recorded'
    >>> sum_in_words([math.nan])
    'unknown, since no like run is recorded'
    """
    known = [each for each in seconds if not math.isnan(each)]
    if not known:
        return "unknown, since no like run is recorded"
    unknown = len(seconds) - len(known)
    more = f", and {unknown} of which no like run is recorded" if unknown else ""
    return f"{in_words(sum(known))} on one worker{more}"
