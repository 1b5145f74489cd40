"""What a run is going to do and what came out of it, in a line each."""

import math
from pathlib import Path
from statistics import fmean

from instrdiv.experiments.points import GridPoint
from instrdiv.statistics.scores import Score
from instrdiv.sweep.costs import Costs, in_words

MAIN = ("unseen", "seen")
"""The scores that most experiments are about, the first with its interval."""
BITS = ("inside_", "bits_")
"""How measures of bits per byte begin, see `instrdiv.experiments.programs.likelihoods`."""


def plan(point: GridPoint, results: Path) -> str:
    """How much a grid point's run trains, and how long like runs took, or should take by others."""
    config = point.config
    work = f"{config.steps:,} steps of {config.batch_size:,} sequences"
    costs = Costs.recorded([point], results)
    seconds = costs.seconds(point)
    if math.isnan(seconds):
        return f"{work}; no like run is recorded, so nobody knows how long it takes"
    if not costs.knows_like(point):
        return f"{work}; by runs of other sizes, {in_words(seconds)} on one core"
    rate = f", {config.steps / seconds:,.3g} steps a second" if config.steps else ""
    return f"{work}; like runs took {in_words(seconds)} on one core{rate}"


def outcome(metrics: dict[str, dict[str, int]], measures: dict[str, list[float]]) -> str:
    """What came out of a run: its main scores, the first with its 95 % interval, or its measures.

    >>> outcome(
    ...     {"unseen": {"correct": 0, "total": 2000}, "seen": {"correct": 1938, "total": 2000}}, {}
    ... )
    'unseen 0/2000 (0-0.2 %), seen 1938/2000'
    >>> outcome({}, {"tokens": [9.0], "inside_mbpp": [0.5, 0.75], "inside_graded": [0.25]})
    'bits per byte: mbpp 0.625, graded 0.250'
    """
    names = [name for name in MAIN if name in metrics] or list(metrics)[:2]
    shown = [f"{name} {metrics[name]['correct']}/{metrics[name]['total']}" for name in names]
    if not shown:
        return _measured(measures)
    low, high = Score(**metrics[names[0]]).interval()
    shown[0] += f" ({_percent(low)}-{_percent(high)} %)"
    return ", ".join(shown)


def _measured(measures: dict[str, list[float]]) -> str:
    """The mean bits per byte of each benchmark, for a run that wrote no program."""
    shown = [
        f"{name.removeprefix(kind)} {fmean(each):.3f}"
        for name, each in measures.items()
        for kind in BITS
        if name.startswith(kind) and each
    ]
    return f"bits per byte: {', '.join(shown)}" if shown else "no scores"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0")
