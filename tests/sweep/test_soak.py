"""Faults of every kind at random moments, and the same command until it has made every point.

``make soak`` prints what came of it as a table and keeps each fault's row in
``book/data/faults.json``.
"""

import contextlib
import datetime
import json
import os
import platform
import random
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import version

import psutil
import pytest
from filelock import FileLock
from test_faults import PATIENCE, Sweeps

from instrdiv.paths import project_root
from instrdiv.runs.record import RecordError, read_record
from instrdiv.sweep.grids import read_grids

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="orphans are inherited on Linux alone"),
]
POINTS = 7
COMMANDS = 6
"""After so many, a sweep that does not complete has failed."""
MADE_WITH = {
    "version": version("instrdiv"),
    "python": platform.python_version(),
    "system": f"{platform.system()} {platform.release()}",
    "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
}
ROWS = []


def kill_at_random(who, times):
    def inject(sweeps, rng):
        sweep = sweeps.start(seconds=0.5)
        done = 0
        while sweep.poll() is None and done < times:
            time.sleep(rng.uniform(0.2, 1.5))
            victims = [p for p in sweeps.processes() if who in command_of(p)]
            if victims:
                with contextlib.suppress(psutil.NoSuchProcess):
                    rng.choice(victims).kill()
                    done += 1
        _, errors = sweep.communicate(timeout=PATIENCE)
        return done, last_line(errors)

    return inject


def command_of(process):
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def last_line(text):
    lines = [line for line in text.replace("\r", "\n").splitlines() if line.strip()]
    told = [each for each in lines if each.startswith(("killed", "stopped", "instrdiv", "STOPPED"))]
    said = (told or lines or [""])[-1]
    return said.replace(str(project_root()), "")


def signalled(*numbers):
    def inject(sweeps, rng):
        sweep = sweeps.start(seconds=0.5)
        sweeps.wait_for("started", 2)
        for number in numbers:
            time.sleep(rng.uniform(0, 0.5))
            with contextlib.suppress(ProcessLookupError):
                sweep.send_signal(number)
        _, errors = sweep.communicate(timeout=PATIENCE)
        assert sweeps.left_behind() == []
        return 1, last_line(errors)

    return inject


def kill_sweep(sweeps, rng):
    for _ in range(3):
        sweep = sweeps.start(seconds=0.5)
        seen = len(sweeps.told.lines("started"))
        deadline = time.monotonic() + PATIENCE
        while (
            len(sweeps.told.lines("started")) == seen
            and sweep.poll() is None
            and time.monotonic() < deadline
        ):
            time.sleep(0.02)
        time.sleep(rng.uniform(0, 1))
        sweep.kill()
        sweep.communicate()
        assert sweeps.left_behind() == []
    return 3, ""


def together(number):
    def inject(sweeps, rng):
        every = [sweeps.start(seconds=0.2) for _ in range(number)]
        said = [sweep.communicate(timeout=4 * PATIENCE) for sweep in every]
        assert [sweep.returncode for sweep in every] == [0] * number
        return number - 1, said[0][0].splitlines()[-1]

    return inject


BROKEN = {
    "empty": lambda text: b"",
    "truncated": lambda text: text[: len(text) // 2],
    "not UTF-8": lambda text: text.replace(b'"muon"', b'"\xff\xfe"').replace(b"adamw", b"\xff"),
    "NaN": lambda text: text.replace(b'"wall_seconds": 1.0', b'"wall_seconds": NaN'),
    "huge": lambda text: text[:-2] + b" " * 5_000_000 + b"}\n",
    "foreign": lambda text: text.replace(b'"seed": ', b'"seed": 9'),
    "a field twice": lambda text: text.replace(b'"total":', b'"total": 1, "total":', 1),
}


def broken_records(sweeps, rng):
    """A record of each kind of brokenness in the place of a whole one."""
    folder = sweeps.results / "domains" / "smoke"
    folder.mkdir(parents=True)
    for point, break_it in zip(sweeps.points, BROKEN.values(), strict=True):
        whole = (sweeps.folder / f"ready/domains/smoke/{point.key}.json").read_bytes()
        assert break_it(whole) != whole
        (folder / f"{point.key}.json").write_bytes(break_it(whole))
        with pytest.raises(RecordError):
            read_record(folder / f"{point.key}.json")
    _, errors = sweeps.start().communicate(timeout=PATIENCE)
    assert all(f"{point.key}.json: " in errors for point in sweeps.points)
    return len(BROKEN), "not a record (…); delete it and repeat its run"


@contextlib.contextmanager
def small_disk(sweeps, size="12m"):
    """The results folder as a disk of its own, just large enough."""
    sweeps.results.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(sweeps.results)]
    if os.geteuid() or subprocess.run(mounted, capture_output=True).returncode:
        pytest.skip("a disk can be mounted by root alone")
    try:
        yield
    finally:
        found = {path: path.read_bytes() for path in sweeps.results.rglob("*") if path.is_file()}
        subprocess.run(["umount", "--lazy", str(sweeps.results)], check=True)
        for path, content in found.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@contextlib.contextmanager
def filled(folder):
    """Within this context, the disk of a folder has no byte left."""
    filler = folder / "filler"
    with filler.open("wb", 0) as file:
        for size in (2**20, 2**12):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
    yield
    filler.unlink()


def full_disk(sweeps, rng):
    """The disk fills up while runs are about to write their records."""
    with small_disk(sweeps):
        sweep = sweeps.start(seconds=3)
        sweeps.wait_for("started", 2)
        with filled(sweeps.results):
            _, errors = sweep.communicate(timeout=PATIENCE)
            assert sweep.returncode == 1 and "No space left" in errors
    return 1, last_line(errors)


def full_disk_once(pattern):
    """The disk of real runs fills up as soon as there is a file of this name."""

    def inject(sweeps, rng):
        with small_disk(sweeps, "40m"):
            sweep = sweeps.start(workers=1)
            deadline = time.monotonic() + PATIENCE
            while not list(sweeps.results.glob(pattern)):
                assert sweep.poll() is None and time.monotonic() < deadline
                time.sleep(0.01)
            with filled(sweeps.results):
                _, errors = sweeps.said(sweep)
                assert sweep.returncode == 1
                assert all(map(is_notebook, sweeps.results.rglob("*.ipynb")))
        return 1, last_line(errors)

    return inject


def is_notebook(path):
    return json.loads(path.read_text(encoding="utf-8"))["nbformat"] == 4


def read_only(sweeps, rng):
    with small_disk(sweeps):
        remount = ["mount", "-o", "remount,ro", str(sweeps.results)]
        subprocess.run(remount, check=True)
        refused = sweeps.start()
        _, errors = refused.communicate(timeout=PATIENCE)
        assert refused.returncode and "cannot be written to" in errors
    return 1, last_line(errors)


def hanging_kernel(sweeps, rng):
    """A stopped process neither ends nor answers; its time limit ends it."""
    sweep = sweeps.start(seconds=1, limit=45)
    kernel, _ = sweeps.wait_for("started", 1)[0]
    os.kill(kernel, signal.SIGSTOP)
    _, errors = sweep.communicate(timeout=2 * PATIENCE)
    return 1, last_line(errors)


def out_of_memory(sweeps, rng):
    (sweeps.folder / "take all memory").touch()
    sweep = sweeps.start()
    _, errors = sweep.communicate(timeout=PATIENCE)
    assert sweep.returncode == 1 and "MemoryError" in errors
    return 1, last_line(errors)


class RealSweeps(Sweeps):
    """Sweeps as a user starts them, whose runs train and save their state after each step."""

    def __init__(self, folder, number, steps=200):
        self.folder, self.number, self.results = folder, number, folder / "results"
        self.outputs = []
        settings = {"num_rules": [10], "steps": [steps], "seed": list(range(number))}
        grid = {"08_domains": {"smoke": [settings]}}
        (folder / "grid.yaml").write_text(json.dumps(grid))
        self.points = read_grids(folder / "grid.yaml")["08_domains"]["smoke"]
        (folder / "sitecustomize.py").write_text(
            "import instrdiv.training.config\ninstrdiv.training.config.SAVE_EVERY = 0.0\n"
        )

    def start(self, workers=2):
        command = [sys.executable, "-m", "instrdiv", "sweep", "08", "--scale", "smoke"]
        command += ["--grid", str(self.folder / "grid.yaml"), "--results", str(self.results)]
        paths = os.pathsep.join(map(str, (self.folder, project_root())))
        return subprocess.Popen(
            [*command, "--workers", str(workers)],
            env=os.environ | {"PYTHONPATH": paths}, cwd=project_root(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def said(self, sweep):
        self.outputs.append(sweep.communicate(timeout=5 * PATIENCE))
        return self.outputs[-1]

    def runs(self):
        return sum(errors.count("started 08_domains") for _, errors in self.outputs)

    def repeated(self):
        now = re.findall(r"^(\d+) run now", "\n".join(printed for printed, _ in self.outputs), re.M)
        return sum(map(int, now)) - self.number


REAL_POINTS = 2
REAL = {
    "disk full: checkpoint": full_disk_once("checkpoints/*.pt"),
    "disk full: notebook": full_disk_once("domains/smoke/*.json"),
}
"""Faults of real runs; the record is written while its notebook goes on."""
FAULTS = {
    "run killed": kill_at_random(" run ", 3),
    "kernel killed": kill_at_random(" kernel ", 3),
    "guard killed": kill_at_random("guard.py", 3),
    "sweep killed": kill_sweep,
    "Ctrl-C": signalled(signal.SIGINT),
    "Ctrl-C twice": signalled(signal.SIGINT, signal.SIGINT),
    "SIGTERM": signalled(signal.SIGTERM),
    "terminal closed": signalled(signal.SIGHUP),
    "two sweeps at once": together(2),
    "ten sweeps at once": together(10),
    "broken records": broken_records,
    "disk full: record": full_disk,
    "read-only folder": read_only,
    "kernel hangs": hanging_kernel,
    "out of memory": out_of_memory,
    **REAL,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_same_command_makes_every_point_once(fault, tmp_path):
    sweeps = RealSweeps(tmp_path, REAL_POINTS) if fault in REAL else Sweeps(tmp_path, POINTS)
    injected, said = FAULTS[fault](sweeps, random.Random(fault))
    commands, status = 0, 1
    while status and commands < COMMANDS:
        sweep = sweeps.start(workers=2)
        _, errors = sweeps.said(sweep)
        commands, status = commands + 1, sweep.returncode
    assert status == 0, errors
    found = {path.stem: path for path in sweeps.results.glob("domains/smoke/*.json")}
    row = {
        "fault": fault,
        "injected": injected,
        "points": sweeps.number,
        "runs": sweeps.runs(),
        "lost": len({point.key for point in sweeps.points} - set(found)),
        "repeated": sweeps.repeated(),
        "corrupt": sum(not readable(path) for path in found.values()),
        "commands": commands,
        "said": said.replace(f"{tmp_path}/", ""),
        **MADE_WITH,
    }
    ROWS.append(row)
    for process in sweeps.processes():
        process.kill()
    assert (row["lost"], row["repeated"], row["corrupt"]) == (0, 0, 0)


def test_after_ctrl_c_the_prompt_is_back_while_a_real_run_trains(tmp_path):
    """As `test_faults` has it of cheap runs."""
    sweeps = RealSweeps(tmp_path, 1, steps=1_000_000)
    begun = time.monotonic()
    sweep = sweeps.start()
    while not list(sweeps.results.glob("checkpoints/*.pt")):
        assert sweep.poll() is None and time.monotonic() - begun < 5 * PATIENCE
        time.sleep(0.05)
    start_seconds = time.monotonic() - begun
    asked = time.monotonic()
    sweep.send_signal(signal.SIGINT)
    _, errors = sweeps.said(sweep)
    assert time.monotonic() - asked < 5 + start_seconds / 2
    assert sweep.returncode == 130 and errors.count("instrdiv: stopping") == 1
    assert sweeps.left_behind() == []


def readable(path):
    try:
        return bool(read_record(path))
    except RecordError:
        return False


@pytest.fixture(scope="module", autouse=True)
def table(request):
    """Print what came of each fault, and keep it in the place of what came of it before."""
    yield
    columns = ("fault", "injected", "runs", "lost", "repeated", "corrupt")
    terminal = request.config.pluginmanager.get_plugin("terminalreporter")
    terminal.write_line("")
    for row in (dict(zip(columns, columns, strict=True)), *ROWS):
        terminal.write_line("".join(f"{row[name]!s:<20}" for name in columns))
    path = project_root() / "book" / "data" / "faults.json"
    with FileLock(path.with_suffix(".lock")):
        before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        rows = {row["fault"]: row for row in [*before, *ROWS]}
        kept = [rows[fault] for fault in FAULTS if fault in rows]
        path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".lock").unlink(missing_ok=True)
