"""What a run needs of the machine that makes it, for those who choose one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from instrdiv.data.fetch import AssetError
from instrdiv.experiments.points import GridPoint, experiment_of
from instrdiv.sweep.costs import alike, measured_runs

LIBRARIES_BYTES = 1_000_000_000
"""Memory of Python and its libraries, with a small model."""
MARGIN = 1.2


@dataclass(frozen=True)
class Needs:
    """What a run is given.

    >>> Needs(memory_bytes=1_500_000_000).memory_gb
    1.5
    """

    cpus: int = 1
    gpus: float = 0.0
    memory_bytes: int = LIBRARIES_BYTES

    @property
    def memory_gb(self) -> float:
        return self.memory_bytes / 1e9


def all_needs(points: Iterable[GridPoint], results: Path, gpus: float) -> dict[str, Needs]:
    """By key, what each grid point's run needs.

    Memory is the most that a like run has taken, or the experiment's own estimate if that is more.

    Args:
        gpus: for each run.
    """
    taken: dict[tuple[object, ...], float] = defaultdict(float)
    points = list(points)
    for record in measured_runs(points, results):
        peak = record.provenance.get("peak_memory_gb", 0.0)
        what = (record.experiment, alike(record.config))
        taken[what] = max(taken[what], peak * 1e9)
    estimated: dict[tuple[object, ...], int] = {}
    found = {}
    for point in points:
        experiment = experiment_of(point.notebook)
        what = (experiment.name, alike(vars(point.config)))
        if what not in estimated:
            try:
                estimated[what] = experiment.estimate(point.config).memory_bytes
            except AssetError:  # the run itself says what is missing
                estimated[what] = 0
        memory = max(LIBRARIES_BYTES + estimated[what], MARGIN * taken[what])
        found[point.key] = Needs(gpus=gpus, memory_bytes=round(memory))
    return found
