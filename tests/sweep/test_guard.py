"""Whatever is started under a guard dies with whoever started it, and none of it holds a lock."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from instrdiv.paths import project_root
from instrdiv.sweep.guard import STOPPED, TIMED_OUT, guarded

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="orphans are inherited on Linux alone")
NAMES = ("owner", "command", "kernel", "grandchild")
FAMILY = """
import os, subprocess, sys, time
from instrdiv.sweep.guard import bound, guarded
name, pids, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
with open(pids, "a") as file:
    file.write(f"{name} {os.getpid()}\\n")
if rest:
    command = [sys.executable, "-c", os.environ["FAMILY"], rest[0], pids, *rest[1:]]
    if name == "owner":
        command = guarded(command, 100)
    if name == "command":
        command = bound(command, os.getpid())
    subprocess.Popen(command, start_new_session=True)
time.sleep(1000)
"""
"""An owner starts a command under a guard, that starts a kernel, and that another process, each in
a session of its own."""


def gone(processes, seconds=20):
    """Whether all have ended; the owner's zombie is ours to collect."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        alive = [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
        if not alive:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def family(tmp_path):
    pids = tmp_path / "pids"
    environment = os.environ | {"FAMILY": FAMILY, "PYTHONPATH": str(project_root())}
    owner = subprocess.Popen(
        [sys.executable, "-c", FAMILY, "owner", str(pids), *NAMES[1:]],
        env=environment,
        start_new_session=True,
    )
    deadline = time.monotonic() + 100
    found = {}
    while set(found) != set(NAMES) and time.monotonic() < deadline:
        time.sleep(0.05)
        lines = pids.read_text().splitlines() if pids.exists() else []
        found = {line.split()[0]: psutil.Process(int(line.split()[1])) for line in lines}
    found["guard"] = found["command"].parent()
    yield found
    for process in found.values():
        if process.is_running():
            process.kill()
    owner.wait()


@LINUX
@pytest.mark.parametrize("killed", ["owner", "command", "guard"])
def test_with_whom_is_killed_go_all_below(family, killed):
    """Even a kernel that is stopped, and so could not end itself."""
    family["kernel"].suspend()
    family[killed].kill()
    below = ["command", "kernel"] if killed == "guard" else ["command", "kernel", "grandchild"]
    assert gone([family[name] for name in below])


@LINUX
def test_a_command_told_twice_to_stop_is_killed_at_once(family):
    family["command"].suspend()
    for _ in range(2):
        family["guard"].terminate()
        time.sleep(0.1)
    assert gone([family[name] for name in ("guard", *NAMES[1:])])


def status(program, limit=100, after=lambda process: None):
    process = subprocess.Popen(guarded([sys.executable, "-c", program], limit))
    after(process)
    return process.wait(timeout=100)


def test_a_guard_ends_as_its_command_does():
    assert status("raise SystemExit(75)") == 75
    assert status("import os; os.kill(os.getpid(), 9)") == 128 + signal.SIGKILL
    assert status("import time; time.sleep(1000)", limit=0.2) == TIMED_OUT


def test_a_command_that_ignores_a_request_to_stop_is_killed(tmp_path):
    begun = tmp_path / "begun"
    deaf = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(begun)!r}).touch(); time.sleep(1000)"
    )

    def stop(process):
        while not begun.exists():
            time.sleep(0.05)
        process.terminate()

    assert status(deaf, after=stop) == STOPPED
