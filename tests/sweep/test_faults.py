"""Whatever is killed and whenever, the same command makes every grid point once, and no process
stays behind; runs are cheap ones, in processes like those of real ones."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import cheap
import psutil
import pytest

from instrdiv.paths import project_root
from instrdiv.runs.locks import is_locked, lock_folder
from instrdiv.runs.record import read_record
from instrdiv.sweep.failures import failure_log

PATIENCE = 120
"""Seconds on a busy machine for what takes one on an idle one."""
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="orphans are inherited on Linux alone")


def soak(value):
    return pytest.param(value, marks=pytest.mark.soak)


class Sweeps:
    """Sweeps over the same grid points, as command lines."""

    def __init__(self, folder, number):
        self.folder, self.number = folder, number
        self.results = folder / "results"
        self.told = cheap.Told(folder / "told")
        self.points = cheap.points(number)
        cheap.lay_ready(folder, self.points)

    def start(self, workers=2, seconds=0.05, limit=300, **options):
        environment = os.environ | {
            "CHEAP_SECONDS": str(seconds),
            "CHEAP_LIMIT": str(limit),
            "PYTHONPATH": str(project_root()),
        }
        options = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE} | options
        return subprocess.Popen(
            [sys.executable, cheap.__file__, "sweep", self.folder, str(workers), str(self.number)],
            env=environment, text=True, start_new_session=True, **options,
        )  # fmt: skip

    def wait_for(self, word, number=1):
        """The last two words of the first lines that runs told: the kernel and who started it."""
        deadline = time.monotonic() + PATIENCE
        while len(self.told.lines(word)) < number:
            assert time.monotonic() < deadline, f"nothing {word} in {PATIENCE} s"
            time.sleep(0.02)
        return [(int(kernel), int(run)) for _, kernel, run in self.told.lines(word)]

    def said(self, sweep):
        """What a sweep has written to its two streams by its end."""
        return sweep.communicate(timeout=PATIENCE)

    def finish(self, workers=2):
        sweep = self.start(workers)
        printed, errors = self.said(sweep)
        assert sweep.returncode == 0, errors
        return printed

    def runs(self):
        """How many were started."""
        return len(self.told.lines("started"))

    def repeated(self):
        """How many made a record that was there already."""
        made = [key for key, *_ in self.told.lines("made")]
        return len(made) - len(set(made))

    def check(self):
        """Every record is whole, every point was made once, and nothing is left over."""
        found = sorted(self.results.glob("domains/smoke/*"))
        assert [path.stem for path in found] == sorted(point.key for point in self.points)
        assert all(read_record(path) for path in found)
        made = [key for key, *_ in self.told.lines("made")]
        assert len(set(made)) == len(made) == self.number

    def processes(self):
        """Those that a sweep started, wherever they belong now."""
        return [p for p in psutil.process_iter() if self._is_ours(p)]

    def _is_ours(self, process):
        try:
            return str(self.folder) in " ".join(process.cmdline()) or (
                process.name() == "sleep" and process.environ().get("SWEPT") == str(self.folder)
            )
        except (psutil.Error, OSError):
            return False

    def left_behind(self, but=None):
        """The names of processes that do not end, apart from those called `but`."""
        deadline = time.monotonic() + PATIENCE
        while found := [p.name() for p in self.processes() if p.is_running() and p.name() != but]:
            if time.monotonic() > deadline:
                return found
            time.sleep(0.05)
        return []


@pytest.fixture
def sweeps(tmp_path):
    made = Sweeps(tmp_path, 3)
    yield made
    for process in made.processes():
        process.kill()


@LINUX
@pytest.mark.parametrize("who", ["run", soak("kernel"), soak("guard")])
def test_a_run_of_which_any_process_is_killed_is_made_by_the_same_sweep(sweeps, who):
    sweep = sweeps.start(workers=1, seconds=1)
    ((kernel, run),) = sweeps.wait_for("started")
    guard = psutil.Process(run).ppid()
    os.kill({"kernel": kernel, "run": run, "guard": guard}[who], signal.SIGKILL)
    _, errors = sweep.communicate(timeout=PATIENCE)
    assert sweep.returncode == 0 and errors.count("killed, to be repeated") == 1
    sweeps.check()
    # Of a guard that is killed, what the kernel started is the kernel's to end.
    assert sweeps.left_behind(but="sleep" if who == "guard" else None) == []


@LINUX
def test_a_sweep_that_is_killed_takes_its_runs_along_and_the_next_makes_the_rest(sweeps):
    sweep = sweeps.start(seconds=1000)
    (kernel, _), _ = sweeps.wait_for("started", 2)
    os.kill(kernel, signal.SIGSTOP)  # a stopped kernel could hold its lock for ever
    sweep.kill()
    sweep.communicate()
    assert sweeps.left_behind() == []
    assert not any(is_locked(lock_folder(sweeps.results), "domains", p.key) for p in sweeps.points)
    sweeps.finish()
    sweeps.check()


@LINUX
@pytest.mark.parametrize("number", [signal.SIGINT, soak(signal.SIGTERM)])
def test_a_signal_ends_a_sweep_and_all_its_runs_and_says_so_first(sweeps, number):
    sweep = sweeps.start(seconds=1000)
    sweeps.wait_for("started", 2)
    sweep.send_signal(number)
    _, errors = sweep.communicate(timeout=PATIENCE)
    assert sweep.returncode == 130 and errors.count("instrdiv: stopping") == 1
    assert sweeps.left_behind() == []


@LINUX
@pytest.mark.parametrize("deaf", [False, soak(True)], ids=["runs listen", "runs are stopped"])
def test_after_ctrl_c_the_prompt_is_back_within_seconds(sweeps, deaf):
    """Within 5 on an idle machine. What a busy one may take longer is known from its start, in
    which hardly anybody waits for anything but the processor."""
    begun = time.monotonic()
    sweep = sweeps.start(seconds=1000)
    every = sweeps.wait_for("started", 2)
    start_seconds = time.monotonic() - begun
    for kernel, _ in every if deaf else []:
        os.kill(kernel, signal.SIGSTOP)
    asked = time.monotonic()
    sweep.send_signal(signal.SIGINT)
    sweep.communicate(timeout=PATIENCE)
    assert time.monotonic() - asked < 5 + start_seconds


@LINUX
def test_a_terminal_that_closes_ends_its_sweep(sweeps):
    here, there = pty.openpty()
    sweep = sweeps.start(seconds=1000, stdout=there, stderr=there)
    sweeps.wait_for("started", 2)
    os.close(there)
    os.close(here)
    sweep.send_signal(signal.SIGHUP)
    assert sweep.wait(PATIENCE) == 130 and sweeps.left_behind() == []


@LINUX
def test_ctrl_c_twice_kills_runs_that_do_not_listen(sweeps):
    sweep = sweeps.start(seconds=1000)
    for kernel, run in sweeps.wait_for("started", 2):
        os.kill(kernel, signal.SIGSTOP)
        os.kill(run, signal.SIGSTOP)
    sweep.send_signal(signal.SIGINT)
    time.sleep(0.1)
    sweep.send_signal(signal.SIGINT)
    sweep.communicate(timeout=PATIENCE)
    assert sweep.returncode == 130 and sweeps.left_behind() == []


def test_two_sweeps_at_once_on_a_failing_point_both_end_and_name_it(sweeps):
    bad = sweeps.points[1]
    (sweeps.folder / f"ready/domains/smoke/{bad.key}.json").write_text("{}")
    both = [sweeps.start(workers=2) for _ in range(2)]
    said = [sweep.communicate(timeout=PATIENCE) for sweep in both]
    assert [sweep.returncode for sweep in both] == [1, 1]
    assert all("1 failed, 0 left" in printed for printed, _ in said)
    assert "ValueError" in failure_log(bad, sweeps.results).read_text()
    made = [key for key, *_ in sweeps.told.lines("made")]
    assert sorted(made) == sorted({point.key for point in sweeps.points} - {bad.key})
    left = [path.name for path in Path(sweeps.results / ".failures").rglob("*") if path.is_file()]
    assert left == [f"{bad.key}.log"]
