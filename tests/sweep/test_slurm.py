"""The same sweep by Slurm, or by submitit's own processes where no Slurm runs."""

import os
import shutil
import subprocess
import threading

import cheap
import one_node
import psutil
import pytest
import real
from test_faults import Sweeps

from instrdiv.cli import main
from instrdiv.paths import project_root
from instrdiv.sweep.executors.slurm import SlurmExecutor
from instrdiv.sweep.needs import Needs
from instrdiv.sweep.schedule import sweep

pytest.importorskip("submitit", reason="submitit is missing: pip install 'instrdiv[slurm]'")
pytestmark = pytest.mark.soak


def slurm_runs():
    if not shutil.which("sbatch"):
        return False
    return subprocess.run(["scontrol", "ping"], capture_output=True).returncode == 0


@pytest.fixture
def sweeps(tmp_path, monkeypatch):
    paths = [str(project_root()), os.path.dirname(cheap.__file__)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("CHEAP_SECONDS", "5")
    return Sweeps(tmp_path, 4)


@pytest.fixture(scope="module")
def running():
    """This machine's Slurm, or one of this machine alone, for as long as the tests take."""
    if slurm_runs():
        yield
    elif reason := one_node.lacking():
        pytest.skip(f"no Slurm runs here, and none can be started: {reason}")
    else:
        with one_node.slurm():
            assert slurm_runs()
            yield


@pytest.fixture
def slurm(running, monkeypatch):
    monkeypatch.setattr("instrdiv.sweep.executors.slurm.LOOK_SECONDS", 2.0)


def executor_for(sweeps, cluster, **parameters):
    needs = {point.key: Needs(memory_bytes=100_000_000) for point in sweeps.points}
    return SlurmExecutor(
        *(sweeps.results, needs),
        workers=2, time_limit=300, parameters=parameters, cluster=cluster, command=cheap.command,
    )  # fmt: skip


def test_submitit_alone_makes_every_point_once(sweeps):
    report = sweep(sweeps.points, sweeps.results, executor_for(sweeps, "local"))
    assert len(report.done) == 4
    sweeps.check()


@pytest.mark.parametrize("cluster", ["slurm", "local"])
def test_a_real_run_has_the_record_that_this_machine_makes(cluster, tmp_path, request):
    if cluster == "slurm":
        request.getfixturevalue("slurm")
    executor = SlurmExecutor(
        tmp_path / "there", real.NEEDS, workers=1, time_limit=600, cluster=cluster
    )
    assert real.made_by(executor, tmp_path / "there") == real.made_here(tmp_path)


def after_start(sweeps, what):
    """Do something to the job of the first run that has started."""

    def wait_and_do():
        kernel, _ = sweeps.wait_for("started", 1)[0]
        told = psutil.Process(kernel).environ()
        what(f"{told['SLURM_ARRAY_JOB_ID']}_{told['SLURM_ARRAY_TASK_ID']}")

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


def test_slurm_queues_a_run_again_before_the_time_limit_of_its_job(slurm, sweeps):
    """The first run would take longer than its job may; what it resumes from, the second needs
    less for."""
    (sweeps.folder / "be slow").touch()
    report = sweep(sweeps.points, sweeps.results, executor_for(sweeps, "slurm", time=2))
    assert len(report.done) == 4 and not report.stopped
    assert len(sweeps.told.lines("started")) == 5
    sweeps.check()


@pytest.mark.parametrize(
    "command", [("scancel", "--signal=KILL"), ("scontrol", "requeue")], ids=["killed", "requeued"]
)
def test_a_run_whose_job_is_killed_is_made_by_the_same_sweep(slurm, sweeps, command):
    doing = after_start(sweeps, lambda job: subprocess.run([*command, job]))
    report = sweep(sweeps.points, sweeps.results, executor_for(sweeps, "slurm"))
    doing.join()
    assert len(report.done) + len(report.recorded) == 4
    sweeps.check()


def test_what_sbatch_refuses_is_one_line(slurm, tmp_path, capsys):
    command = ["sweep", "08", "--scale", "smoke", "--executor", "slurm"]
    assert main([*command, "--slurm", "partition=none", "--results", str(tmp_path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    said = [line for line in lines if "sbatch" in line]
    assert len(said) == 1, lines
    assert said[0].startswith("instrdiv: --executor slurm: sbatch takes no job: ")
    assert "invalid partition" in said[0].lower()


def test_what_is_stopped_leaves_neither_jobs_nor_processes(slurm, sweeps):
    executor = executor_for(sweeps, "slurm")
    executor.submit(sweeps.points)
    sweeps.wait_for("started", 1)
    executor.stop()
    assert sweeps.left_behind(but="sleep") == []
