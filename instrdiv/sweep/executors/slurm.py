"""Runs as job arrays of Slurm, by way of submitit."""

import math
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from instrdiv.experiments.points import GridPoint
from instrdiv.sweep.command import run_command
from instrdiv.sweep.ending import KILLED, Ended
from instrdiv.sweep.executors.on_node import NodeRun, received
from instrdiv.sweep.needs import Needs

QUEUED = 1000
"""Most jobs in the queue at once; arrays of more are refused by Slurm's default."""
POLL_SECONDS = 0.5
SPARE_MINUTES = 5


class SlurmRun(NodeRun):
    """A run that Slurm may preempt, or end at the time limit of its job: it is queued again."""

    def checkpoint(self, *_: Any, **__: Any) -> Any:
        """What submitit queues in its place."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


class SlurmExecutor:
    """Makes each run in an element of a job array; all nodes share the results folder.

    Args:
        results: folder for records; submitit's own files go to ``.slurm`` within it.
        needs: of each grid point's run, by key.
        workers: elements of an array that run at once; None for as many as Slurm will.
        time_limit: seconds after which a run is killed.
        parameters: of ``sbatch``, such as ``{"partition": "gpu"}``.
        cluster: ``slurm``, or submitit's ``local`` for tests.
        command: the command line of a grid point's run.

    Raises:
        RuntimeError: submitit is not installed, or there is no Slurm.
    """

    def __init__(
        self,
        results: Path,
        needs: dict[str, Needs],
        *,
        workers: int | None,
        time_limit: float,
        parameters: Mapping[str, Any] | None = None,
        cluster: str = "slurm",
        command: Callable[[GridPoint, Path], list[str]] = run_command,
    ) -> None:
        try:
            import submitit
        except ModuleNotFoundError:
            raise RuntimeError(
                "--executor slurm needs submitit, which is not installed: "
                "pip install 'instrdiv[slurm]'"
            ) from None
        if cluster == "slurm" and not shutil.which("sbatch"):
            raise RuntimeError("--executor slurm: there is no Slurm here: sbatch is not found")
        self._folder = results / ".slurm"
        self._submitit: Any = submitit.AutoExecutor(self._folder / "%j", cluster=cluster)
        self.results, self.needs, self.time_limit = results, needs, time_limit
        self.workers = workers or QUEUED
        self.cluster, self.command = cluster, command
        self.parameters = dict(parameters or {})
        self._running: list[tuple[GridPoint, Any]] = []

    def free(self) -> int:
        return QUEUED - len(self._running)

    def submit(self, points: Sequence[GridPoint]) -> None:
        alike = defaultdict(list)
        for point in points:
            alike[self.needs[point.key]].append(point)
        for needs, group in alike.items():
            self._submitit.update_parameters(**self._asked(needs))
            runs = [
                SlurmRun(
                    *(point.notebook, point.scale, point.overrides, point.key),
                    *(self.results, "", self.time_limit, self.command),
                )
                for point in group
            ]
            self._running += zip(group, self._submitit.submit_array(runs), strict=True)

    def ended(self, timeout: float) -> list[Ended]:
        deadline = time.monotonic() + timeout
        while not (done := [(p, job) for p, job in self._running if job.done()]):
            if time.monotonic() > deadline:
                return []
            time.sleep(POLL_SECONDS)
        jobs = {job.job_id for _, job in done}
        self._running = [each for each in self._running if each[1].job_id not in jobs]
        return [self._end_of(point, job) for point, job in done]

    def stop(self) -> None:
        self.kill()
        self._running = []

    def kill(self) -> None:
        if self.cluster != "slurm":
            for _, job in self._running:
                job.cancel()
        elif arrays := {job.job_id.split("_")[0] for _, job in self._running}:
            subprocess.run(["scancel", *sorted(arrays)], check=False)

    def close(self) -> None:
        """Nothing is left to close; finished runs have left their logs in ``.slurm``."""

    def _end_of(self, point: GridPoint, job: Any) -> Ended:
        error = job.exception()
        if error is None:
            return received(point, self.results, *job.result())
        return Ended(point, KILLED, str(error).strip().splitlines()[-1])

    def _asked(self, needs: Needs) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "name": "instrdiv",
            "timeout_min": math.ceil(self.time_limit / 60) + SPARE_MINUTES,
            "cpus_per_task": needs.cpus,
            "mem_gb": math.ceil(needs.memory_gb),
            "slurm_additional_parameters": self.parameters,
        }
        if self.workers < QUEUED:
            asked["slurm_array_parallelism"] = self.workers
        if needs.gpus:
            asked["gpus_per_node"] = math.ceil(needs.gpus)
        return asked
