"""Runs as job arrays of Slurm, by way of submitit."""

import contextlib
import io
import logging
import math
import re
import shutil
import subprocess
import time
import uuid
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
LOOK_SECONDS = 20.0
"""Between two looks at the queue."""
ENDED = ("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY",
         "TIMEOUT")  # fmt: skip
"""States of a job of which nothing more comes; one in another is running, waits or is requeued."""
SPARE_MINUTES = 5
ANSWER_SECONDS = 30
"""Slurm's commands wait longer for a controller that is gone."""


class SlurmRun(NodeRun):
    """A run that Slurm may preempt, or end at the time limit of its job: it is queued again."""

    def checkpoint(self, *_: Any, **__: Any) -> Any:
        """What submitit queues in its place."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


class SlurmExecutor:
    """Makes each run in an element of a job array; all nodes share the results folder.

    Args:
        results: folder for records; submitit's own files go into a folder of their own in
            ``.slurm`` within it.
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
        if cluster == "slurm":
            _require_slurm()
        logging.getLogger("submitit").setLevel(logging.ERROR)  # it misses accounts at every look
        self._folder = results / ".slurm" / uuid.uuid4().hex[:8]
        self._submitit: Any = submitit.AutoExecutor(self._folder / "%j", cluster=cluster)
        self.results, self.needs, self.time_limit = results, needs, time_limit
        self.workers = workers or QUEUED
        self.cluster, self.command = cluster, command
        self.parameters = dict(parameters or {})
        self._running: list[tuple[GridPoint, Any]] = []
        self._next_look, self._missing = 0.0, set[str]()

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
            self._running += zip(group, self._submit_array(runs), strict=True)

    def ended(self, timeout: float) -> list[Ended]:
        deadline = time.monotonic() + timeout
        while not (done := [(p, job) for p, job in self._running if job.done()]):
            if lost := self._lost():
                return lost
            if time.monotonic() > deadline:
                return []
            time.sleep(POLL_SECONDS)
        self._forget(done)
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

    def _submit_array(self, runs: Sequence[SlurmRun]) -> list[Any]:
        from submitit.core.utils import FailedJobError

        before = set(self._folder.glob("*"))
        try:
            with contextlib.redirect_stderr(io.StringIO()):  # where submitit says the same again
                jobs: list[Any] = self._submitit.submit_array(runs)
            return jobs
        except FailedJobError as error:
            for written in set(self._folder.glob("*")) - before:  # for jobs that are none
                written.unlink()
            with contextlib.suppress(OSError):  # unless other jobs have theirs there
                self._folder.rmdir()
                self._folder.parent.rmdir()
            said = _last_words(str(error), "sbatch")
            raise RuntimeError(f"--executor slurm: sbatch takes no job: {said}") from None

    def _lost(self) -> list[Ended]:
        """Runs whose jobs have ended without a result, such as killed ones.

        Of these submitit hears from Slurm's accounts alone, which not every cluster keeps. A job
        must be found so twice, since its result can take a while to be seen.
        """
        if self.cluster != "slurm" or time.monotonic() < self._next_look:
            return []
        self._next_look = time.monotonic() + LOOK_SECONDS
        listed = ["squeue", "--me", "--noheader", "--states", "all", "--array", "--format"]
        listed.append("%F_%K %T")
        queue = subprocess.run(listed, capture_output=True, encoding="utf-8", check=False)
        if queue.returncode:  # nobody knows
            return []
        states = dict(line.split() for line in queue.stdout.splitlines())
        alive = {  # one that is no array's has _N/A in the place of an index
            job.removesuffix("_N/A") for job, state in states.items() if state not in ENDED
        }
        missing = {job.job_id for _, job in self._running} - alive
        lost = [each for each in self._running if each[1].job_id in missing & self._missing]
        self._missing = missing
        self._forget(lost)
        return [Ended(point, KILLED, f"its job {job.job_id} left no result") for point, job in lost]

    def _forget(self, ended: Sequence[tuple[GridPoint, Any]]) -> None:
        jobs = {job.job_id for _, job in ended}
        self._running = [each for each in self._running if each[1].job_id not in jobs]

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


def _require_slurm() -> None:
    """Find out that no Slurm takes jobs here before anything is written.

    Raises:
        RuntimeError: its commands are not installed, or no controller answers them.
    """
    for name in ("sbatch", "scontrol"):
        if not shutil.which(name):
            raise RuntimeError(f"--executor slurm: there is no Slurm here: {name} is not found")
    try:
        asked = subprocess.run(
            ["scontrol", "ping"],
            capture_output=True, encoding="utf-8", check=False, timeout=ANSWER_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        said = f"no answer in {ANSWER_SECONDS} s"
    else:
        if not asked.returncode:
            return
        said = _last_words(asked.stdout + asked.stderr, "scontrol")
    raise RuntimeError(f"--executor slurm: no Slurm takes jobs here: {said}")


def _last_words(said: str, program: str) -> str:
    """The last line that a command of Slurm says, without what it puts before each.

    >>> _last_words("sbatch: error: Batch job submission failed: Invalid partition", "sbatch")
    'Batch job submission failed: Invalid partition'
    """
    (*_, last) = said.strip().splitlines() or ["nothing"]
    return re.sub(rf"^{program}: (error: |fatal: )?", "", last)
