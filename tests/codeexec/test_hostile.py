"""Programs that do harm: each is a failed sample in bounded time, and nothing outside changes.

`make test` runs a representative part of the banks, `make soak` all of them.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from attacks import RIGHT, attempt
from ordinary import as_ordinary_user

from instrdiv.paths import project_root
from instrdiv.publishing.sandbox_facts import FACTS, LAWFUL

HERE = Path(__file__).parent
HOSTILE, FORGING = (
    yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    for name in ("hostile", "forging")
)
BANKS = [*((bank, RIGHT) for bank in HOSTILE.values()), (FORGING, "")]
NAMES = [*HOSTILE, "forging"]
SOME = 8
"""Every eighth program stands for its neighbours."""
LEAKED = [
    # By these a list of what was forbidden was got around.
    "signal when a pipe is read", "a signal that has no name", "outlive by a signal undone",
    "priority of the harness", "processors of a bystander", "mode by fchmodat2", "times by utime",
    "remove an attribute of a link", "empty one", "empty Python's by opening to read",
    "a message queue", "another's shared memory", "a passed error in the answer",
    "the secret in the frames", "five thousand threads of the kernel",
    "disk priority of a bystander", "watch everything", "real time", "its number outside",
]  # fmt: skip


def some(bank: dict[str, str]) -> dict[str, str]:
    return {
        name: code for number, (name, code) in enumerate(bank.items())
        if name in LEAKED or (number % SOME == 0 and "sleep(60)" not in code)
    }  # fmt: skip


def test_the_banks_are_large_and_hold_what_leaked_before():
    assert sum(len(bank) for bank, _ in BANKS) >= 150
    assert set(LEAKED) <= {name for bank, _ in BANKS for name in bank}


def test_the_page_tells_of_every_program_and_all_held():
    """After a change of the banks, `soak.py` is run again."""
    told = json.loads((project_root() / FACTS).read_text(encoding="utf-8"))
    tried = {
        name: {"programs": len(bank), "as root": {}, "as a user": {}}
        for name, (bank, _) in zip([*HOSTILE, "verdict"], BANKS, strict=True)
    }
    assert told["attacks"] == tried
    for name in LAWFUL:
        assert told[name]["passed"] == told[name]["programs"] and told[name]["failed"] == {}


def test_each_is_a_program():
    """One that Python does not even compile would hold for the wrong reason."""
    for bank, _ in BANKS:
        for name, code in bank.items():
            compile(code, name, "exec")


@pytest.mark.parametrize(("bank", "answer"), [(some(b), a) for b, a in BANKS], ids=NAMES)
def test_some_of_each_kind_achieve_nothing(bank, answer):
    assert attempt(bank, answer) == {}


@pytest.mark.soak
@pytest.mark.parametrize(("bank", "answer"), BANKS, ids=NAMES)
def test_none_achieves_anything(bank, answer):
    assert attempt(bank, answer) == {}


only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@only_root
def test_those_that_leaked_achieve_nothing_as_an_ordinary_user():
    banks = [({n: c for n, c in bank.items() if n in LEAKED}, answer) for bank, answer in BANKS]
    assert as_user(banks) == [{}] * len(banks)


@only_root
@pytest.mark.soak
def test_none_achieves_anything_as_an_ordinary_user():
    assert as_user(BANKS) == [{}] * len(BANKS)


def as_user(banks):
    finished = as_ordinary_user("attacks.py", json.dumps(banks))
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


OUTLIVING = {
    "sleep": "time.sleep(60)",
    "catch everything": (
        "for n in range(1, 65):\n"
        "    try: signal.signal(n, lambda *_: None)\n"
        "    except (OSError, ValueError): pass\n"
        "while True: time.sleep(1)"
    ),
    "undo the signal": "ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\ntime.sleep(60)",
    "a session of its own": "try: os.setsid()\nexcept OSError: pass\ntime.sleep(60)",
    "two forks": "try: os.fork() or os.fork()\nexcept OSError: pass\ntime.sleep(60)",
    "a thread that stays": ("threading.Thread(target=time.sleep, args=(60,)).start()\nsys.exit()"),
    "close everything": "os.closerange(0, 64)\ntime.sleep(60)",
    "loop": "while True: pass",
}


@pytest.mark.parametrize(
    "name",
    [name if name == "undo the signal" else pytest.param(name, marks=pytest.mark.soak)
     for name in OUTLIVING],
)  # fmt: skip
def test_nothing_outlives_a_harness_that_is_killed(name, tmp_path):
    program = "import ctypes, os, signal, sys, threading, time\n" + OUTLIVING[name]
    harness = subprocess.Popen(
        [sys.executable, "-c", "import sys\n"
         "from instrdiv.codeexec.sandbox import run_program\n"
         f"run_program({program!r}, 'import time; time.sleep(60)')"],
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        # The probes before it each have two processes as well; the program is what stays.
        while len(family := descendants(harness.pid)) < 2 or not stays(family):
            assert time.monotonic() < deadline, "the program did not start"
        os.kill(harness.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while alive := [pid for pid in family if runs(pid)]:
            assert time.monotonic() < deadline, alive
            time.sleep(0.05)
        assert list(tmp_path.iterdir()) == []  # nor does a file or folder
    finally:
        harness.kill()
        harness.wait()


def stays(family: list[int]) -> bool:
    time.sleep(1.0)
    return all(map(runs, family))


def descendants(pid: int) -> list[int]:
    """All that a process has started, directly or not; nothing if it has ended meanwhile."""
    children: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            children += map(int, task.read_text(encoding="utf-8").split())
    return [*children, *(each for child in children for each in descendants(child))]


def runs(pid: int) -> bool:
    try:
        about = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return about.rpartition(")")[2].split()[0] != "Z"
