"""Programs that do harm: each is a failed sample in bounded time, and nothing outside changes."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import landlock
import pyseccomp
import pytest

from instrdiv.codeexec import sandbox
from instrdiv.codeexec.sandbox import Limits, NoProtection, require_protection, run_program
from instrdiv.paths import project_root

QUICK = Limits(wall_seconds=3.0, cpu_seconds=2, memory_bytes=400_000_000)
TESTS = "assert answer() == 42"
RIGHT = "def answer(): return 42\n"

HOSTILE = {
    "endless loop": "while True: pass",
    "endless loop that catches everything": (
        "while True:\n  try:\n    while True: pass\n  except BaseException: pass"
    ),
    "sleep": "import time; time.sleep(60)",
    "memory bomb": "block = [bytearray(10**7) for _ in range(10**4)]",
    "one huge number": "n = 10 ** 10 ** 10",
    "fork bomb": "import os\nwhile True: os.fork()",
    "child process": "import subprocess; subprocess.run(['/bin/true'], check=True)",
    "endless output": "while True: print('x' * 10**6)",
    "endless output on every descriptor": (
        "import os\nwhile True:\n  for fd in range(32):\n    try: os.write(fd, b'x' * 10**6)\n"
        "    except OSError: pass"
    ),
    "network": "import socket; socket.create_connection(('127.0.0.1', PORT))",
    "kill the parent": "import os; os.kill(os.getppid(), 9)",
    "kill everything": "import os; os.kill(-1, 9)",
    "exit before the tests": "import os; os._exit(0)",
    "exit by exception": "raise SystemExit(0)",
    "segfault": "import ctypes; ctypes.string_at(0)",
    "deep recursion": "def f(): return f()\nf()",
    "huge traceback": "raise ValueError('x' * 10**8)",
    "error whose name is a trap": (
        "class Trap(type):\n  def __getattribute__(c, n): raise KeyError\n"
        "class E(Exception, metaclass=Trap): pass\nraise E"
    ),
    "no such test function": "x = 1",
    "wrong answer": "def answer(): return 41",
    "patched equality": (
        "import builtins\ndef answer(): return 41\nbuiltins.AssertionError = Exception"
    ),
    "daemon thread": (
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "def answer(): return 41"
    ),
    "delete a file outside": "import os; os.remove(OUTSIDE)",
    "write a file outside": "open(OUTSIDE, 'w').write('changed')",
    "read a file outside": "print(open(OUTSIDE).read())",
    "list a folder outside": "import os; os.listdir(os.path.dirname(OUTSIDE))",
    "fill its own folder": "open('big', 'wb').write(b'x')",
    "change the harness": "import os; os.chmod(OUTSIDE, 0)",
}


@pytest.fixture
def outside(tmp_path):
    path = tmp_path / "precious.txt"
    path.write_text("precious", encoding="utf-8")
    yield path
    assert path.read_text(encoding="utf-8") == "precious" and os.access(path, os.R_OK)


@pytest.fixture
def port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.1)
        yield server.getsockname()[1]
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_harmful_program_is_a_failed_sample_in_bounded_time(name, outside, port):
    program = f"OUTSIDE = {str(outside)!r}\nPORT = {port}\n{HOSTILE[name]}"
    started = time.monotonic()
    result = run_program(program, TESTS, QUICK)
    assert not result.passed and result.reason
    assert time.monotonic() - started < QUICK.wall_seconds + 2
    assert run_program(RIGHT, TESTS, QUICK).passed, "the harness must go on"


def test_nothing_is_left_running_or_lying_about(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    threads = (
        "import threading, time\n"
        "for _ in range(5): threading.Thread(target=time.sleep, args=(60,)).start()\n"
    )
    assert run_program(threads + RIGHT, TESTS, QUICK).passed
    assert list(tmp_path.iterdir()) == []
    children = ["ps", "--ppid", str(os.getpid()), "-o", "args"]  # other tests may run beside
    running = subprocess.run(children, capture_output=True, text=True, check=True)
    assert str(sandbox.GUEST) not in running.stdout


def test_neither_environment_nor_open_files_are_handed_down(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "precious")
    with (tmp_path / "open.txt").open("w", encoding="utf-8") as file:
        os.set_inheritable(file.fileno(), True)
        look = (
            "import os\n"
            "def answer():\n"
            "  open_ones = []\n"
            "  for fd in range(3, 32):\n"
            "    try: os.fstat(fd); open_ones.append(fd)\n"
            "    except OSError: pass\n"
            "  return 'SECRET' in os.environ, len(open_ones)\n"
        )
        # The one descriptor is that of the report; Landlock's own is gone with its rules.
        result = run_program(look, "a = answer(); assert a[0] is False and a[1] <= 2, a", QUICK)
    assert result.passed, result


def test_tests_get_builtins_and_functions_of_their_own():
    patched = (
        "import builtins\n"
        "builtins.sorted = lambda values: [1, 2, 3]\n"
        "def check(f): pass\n"
        "def answer(values): return values\n"
    )
    tests = "def check(f): assert f([3, 1]) == sorted([3, 1])\ncheck(answer)"
    assert run_program(patched, tests, QUICK).reason == "tests: AssertionError"


def test_ordinary_programs_may_import_compute_and_use_threads():
    program = (
        "import math, re, collections, itertools, functools, heapq, datetime, random, threading\n"
        "out = []\n"
        "def answer():\n"
        "  thread = threading.Thread(target=out.append, args=(42,))\n"
        "  thread.start()\n"
        "  thread.join()\n"
        "  return out[0]\n"
    )
    assert run_program(program, TESTS, QUICK).passed


GUARD = 'if __name__ == "__main__":\n    '
USES = {
    "reads input": "print(answer() + int(input()))",
    "reads all input": "import sys; print(answer() + int(sys.stdin.readline()))",
    "a unit test": "import unittest; unittest.main()",
    "exits": "import sys; sys.exit(answer())",
    "exits by a function of its own": "raise SystemExit(answer())",
    "arguments": (
        "import argparse; parser = argparse.ArgumentParser(); parser.add_argument('n'); "
        "parser.parse_args()"
    ),
    "asserts something else": "assert answer() == 41",
}


@pytest.mark.parametrize("guard", ["", GUARD], ids=["unguarded", "guarded"])
@pytest.mark.parametrize("name", USES)
def test_a_use_of_its_own_does_not_make_a_right_program_fail(name, guard):
    assert run_program(f"{RIGHT}\n\n{guard}{USES[name]}\n", TESTS, QUICK).passed
    wrong = run_program(f"def answer(): return 41\n\n\n{guard}{USES[name]}\n", TESTS, QUICK)
    assert not wrong.passed


def test_a_program_that_fails_before_it_defines_anything_is_told_by_its_own_error():
    assert run_program(f"input()\n{RIGHT}", TESTS, QUICK).reason == "program: EOFError"
    assert run_program("raise SystemExit(0)", TESTS, QUICK).reason == "program: SystemExit"


def test_a_program_is_a_module_that_its_classes_can_name():
    program = (
        "from __future__ import annotations\n"
        "import pickle\n"
        "from dataclasses import dataclass\n"
        "@dataclass\n"
        "class Pair:\n"
        "    a: int\n"
        "    b: list[int]\n"
        "def answer(): return pickle.loads(pickle.dumps(Pair(40, [2]))).a + 2\n"
    )
    result = run_program(program, TESTS, QUICK)
    assert result.passed, result.reason


def test_libraries_that_take_memory_for_each_core_are_told_of_one():
    program = (
        "import os\n"
        "threads = [os.environ.get(f'{name}_NUM_THREADS') for name in ('OMP', 'OPENBLAS', 'MKL')]\n"
        "assert threads == ['1'] * 3, threads\n"
        "import numpy as np\n"
        "def answer(): return int(np.ones((6, 7)).sum())\n"
    )
    result = run_program(program, TESTS, QUICK)
    assert result.passed, result.reason


def test_the_reason_says_where_it_failed():
    assert run_program("def f(:", TESTS, QUICK).reason == "program: SyntaxError"
    assert run_program("import os; os._exit(0)", TESTS, QUICK).reason == "ended without a report"
    assert run_program("while True: pass", TESTS, QUICK).reason in ("time", "died of SIGKILL")
    assert run_program("import ctypes; ctypes.string_at(0)", "", QUICK).reason == "died of SIGSEGV"


def test_without_protection_nothing_is_run_unless_allowed(monkeypatch):
    monkeypatch.setattr(sandbox, "protections", lambda: ("seccomp",))
    with pytest.raises(NoProtection, match="would run without landlock here"):
        require_protection()
    assert require_protection(allow_none=True) == "seccomp, limits; without landlock"


def test_the_refusal_names_the_setting_that_allows_just_what_is_missing(monkeypatch):
    monkeypatch.setattr(sandbox, "protections", lambda: ())
    with pytest.raises(NoProtection) as refusal:
        run_program(RIGHT, TESTS, QUICK)
    name, value = str(refusal.value).split(" set ")[1].split("=")
    monkeypatch.setenv(name, "landlock")
    with pytest.raises(NoProtection, match="without landlock and seccomp here"):
        run_program(RIGHT, TESTS, QUICK)
    monkeypatch.setenv(name, value)
    assert require_protection() == "limits; without landlock, seccomp"
    assert run_program(RIGHT, TESTS, QUICK).passed


def test_a_protection_that_does_not_exist_is_not_allowed_to_be_missing(monkeypatch):
    monkeypatch.setenv(sandbox.RUN_WITHOUT, "all")
    with pytest.raises(ValueError, match="names all; allowed: landlock, seccomp"):
        require_protection()


def test_limits_are_checked():
    with pytest.raises(ValueError, match=r"wall_seconds=0: at least 0\.1"):
        Limits(wall_seconds=0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_the_sandbox_holds_for_an_ordinary_user_too(tmp_path):
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None:
        pytest.skip("no Python outside root's own folders")
    program = (
        "import json, sys\n"
        "from instrdiv.codeexec.sandbox import protections, run_program, Limits\n"
        "limits = Limits(wall_seconds=3.0, cpu_seconds=2, memory_bytes=400_000_000)\n"
        "jobs = json.load(sys.stdin)\n"
        "found = {name: run_program(program, tests, limits).passed\n"
        "         for name, (program, tests) in jobs.items()}\n"
        "print(json.dumps([protections(), found]))\n"
    )
    # Root's own Python and checkout may be closed to others: make a small environment.
    subprocess.run([python, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    (packages,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    package = project_root() / "instrdiv"
    (packages / "instrdiv").mkdir()
    for file in ("__init__.py", "checks.py"):
        shutil.copy(package / file, packages / "instrdiv")
    shutil.copytree(package / "codeexec", packages / "instrdiv" / "codeexec")
    shutil.copytree(Path(landlock.__file__).parent, packages / "landlock")
    shutil.copy(pyseccomp.__file__, packages)
    for path in (tmp_path, *tmp_path.parents):  # pytest's own folders are for root alone
        if path == Path(tempfile.gettempdir()):
            break
        path.chmod(0o755)
    jobs = {name: (f"OUTSIDE = '/etc/passwd'\nPORT = 9\n{code}", TESTS)
            for name, code in HOSTILE.items()}  # fmt: skip
    finished = subprocess.run(
        [tmp_path / "venv" / "bin" / "python", "-c", program],
        input=json.dumps(jobs | {"right": (RIGHT, TESTS)}),
        capture_output=True,
        text=True,
        cwd="/",
        env={},
        user="nobody",
        extra_groups=[],
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    active, found = json.loads(finished.stdout)
    assert active == list(sandbox.protections())
    assert found.pop("right") and not any(found.values()), found


def test_this_machine_protects():
    """The claims above mean something only where they were tested under protection."""
    assert sandbox.protections() == sandbox.PROTECTIONS, sys.platform
