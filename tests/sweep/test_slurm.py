"""The same sweep by Slurm, or by submitit's own processes where no Slurm runs."""

import os
import shutil
import subprocess
import threading

import cheap
import pytest
from test_faults import Sweeps

from instrdiv.paths import project_root
from instrdiv.sweep.executors.slurm import SlurmExecutor
from instrdiv.sweep.needs import Needs
from instrdiv.sweep.schedule import sweep

pytest.importorskip("submitit", reason="submitit is missing: pip install 'instrdiv[slurm]'")
pytestmark = pytest.mark.soak
SACCT = """#!/bin/sh
echo "JobID|State|NodeList"
squeue --noheader --states all --array --format "%F_%K|%T|%N" | sed s,_N/A,,
"""
"""Where Slurm keeps no accounts, its queue says as much for as long as it remembers a job."""


def slurm_runs():
    if not shutil.which("sbatch"):
        return False
    return subprocess.run(["scontrol", "ping"], capture_output=True).returncode == 0


@pytest.fixture
def sweeps(tmp_path, monkeypatch):
    paths = [str(project_root()), os.path.dirname(cheap.__file__)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("CHEAP_SECONDS", "3")
    return Sweeps(tmp_path, 4)


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    if not slurm_runs():
        pytest.skip("no Slurm runs here")
    if subprocess.run(["sacct"], capture_output=True).returncode:
        stand_in = tmp_path / "bin" / "sacct"
        stand_in.parent.mkdir()
        stand_in.write_text(SACCT)
        stand_in.chmod(0o755)
        monkeypatch.setenv("PATH", f"{stand_in.parent}:{os.environ['PATH']}")


def executor_for(sweeps, cluster):
    needs = {point.key: Needs(memory_bytes=100_000_000) for point in sweeps.points}
    return SlurmExecutor(
        *(sweeps.results, needs),
        workers=2, time_limit=300, cluster=cluster, command=cheap.command,
    )  # fmt: skip


def test_submitit_alone_makes_every_point_once(sweeps):
    report = sweep(sweeps.points, sweeps.results, executor_for(sweeps, "local"))
    assert len(report.done) == 4
    sweeps.check()


def after_start(sweeps, what):
    """Do something to the first job that has started."""

    def wait_and_do():
        sweeps.wait_for("started", 1)
        running = ["squeue", "--noheader", "--states", "R", "--array", "--format", "%F_%K"]
        (job, *_) = subprocess.check_output(running, text=True).split()
        what(job)

    doing = threading.Thread(target=wait_and_do)
    doing.start()
    return doing


def test_slurm_queues_a_preempted_run_again(slurm, sweeps):
    """The signal is the one that Slurm sends ahead of preemption and of a job's time limit."""
    doing = after_start(sweeps, lambda job: subprocess.run(["scancel", "--signal=USR2", job]))
    report = sweep(sweeps.points, sweeps.results, executor_for(sweeps, "slurm"))
    doing.join()
    assert len(report.done) + len(report.recorded) == 4
    assert len(sweeps.told.lines("started")) == 5
    sweeps.check()
    assert sweeps.left_behind() == []


def test_a_run_whose_job_is_killed_is_made_by_the_same_sweep(slurm, sweeps):
    doing = after_start(sweeps, lambda job: subprocess.run(["scancel", "--signal=KILL", job]))
    report = sweep(sweeps.points, sweeps.results, executor_for(sweeps, "slurm"))
    doing.join()
    assert len(report.done) + len(report.recorded) == 4
    sweeps.check()


def test_what_is_stopped_leaves_neither_jobs_nor_processes(slurm, sweeps):
    executor = executor_for(sweeps, "slurm")
    executor.submit(sweeps.points)
    sweeps.wait_for("started", 1)
    executor.stop()
    assert sweeps.left_behind(but="sleep") == []
