"""The executor that a command names."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from instrdiv.experiments.points import GridPoint
from instrdiv.sweep.executors.executor import Executor
from instrdiv.sweep.executors.local import LocalExecutor
from instrdiv.sweep.needs import all_needs

NAMES = ("local", "ray", "slurm")


@contextlib.contextmanager
def make_executor(
    name: str,
    results: Path,
    points: Sequence[GridPoint],
    *,
    workers: int | None = None,
    time_limit: float = 14_400,
    gpus: float = 0.0,
    address: str | None = None,
    slurm: Mapping[str, Any] | None = None,
) -> Iterator[Executor]:
    """An executor, which is closed in the end.

    Args:
        name: one of `NAMES`.
        points: those that may be run.
        gpus: for each run, on a cluster.
        address: of a Ray cluster.
        slurm: parameters of ``sbatch``.

    Raises:
        RuntimeError: what this executor needs is missing.
        ValueError: a cluster has no node for such a run.
    """
    if name == "local":
        yield LocalExecutor(results, workers or 1, time_limit)
        return
    shared: dict[str, Any] = {"workers": workers, "time_limit": time_limit}
    needs = all_needs(points, results, gpus)
    if name == "ray":
        from instrdiv.sweep.executors.ray import RayExecutor

        cluster: Any = RayExecutor(results, needs, address=address, **shared)
    else:
        from instrdiv.sweep.executors.slurm import SlurmExecutor

        cluster = SlurmExecutor(results, needs, parameters=slurm, **shared)
    try:
        yield cluster
    finally:
        cluster.close()
