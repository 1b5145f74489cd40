"""What a verdict says, what a program is given, and what is left of it."""

import os
import subprocess
import sys

import pytest

from instrdiv.codeexec.process import GUEST
from instrdiv.codeexec.sandbox import Limits, Result, Verdict, run_program

SMALL = Limits(wall_seconds=60, cpu_seconds=2, memory_bytes=400_000_000)
TESTS = "assert answer() == 42"
RIGHT = "def answer(): return 42\n"


def test_nothing_is_left_running_or_lying_about(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    threads = (
        "import threading, time\n"
        "for _ in range(5): threading.Thread(target=time.sleep, args=(60,)).start()\n"
    )
    assert run_program(threads + RIGHT, TESTS, SMALL).passed
    assert list(tmp_path.iterdir()) == []
    children = ["ps", "--ppid", str(os.getpid()), "-o", "args"]  # other tests may run beside
    running = subprocess.run(children, capture_output=True, text=True, check=True)
    assert str(GUEST) not in running.stdout


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
        # The two descriptors lead to the process of its tests.
        result = run_program(look, "a = answer(); assert a[0] is False and a[1] <= 2, a", SMALL)
    assert result.passed, result


def test_tests_get_builtins_and_functions_of_their_own():
    patched = (
        "import builtins\n"
        "builtins.sorted = lambda values: [1, 2, 3]\n"
        "def check(f): pass\n"
        "def answer(values): return values\n"
    )
    tests = "def check(f): assert f([3, 1]) == sorted([3, 1])\ncheck(answer)"
    assert run_program(patched, tests, SMALL).reason == "tests: AssertionError"


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
    assert run_program(program, TESTS, SMALL).passed


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
    assert run_program(f"{RIGHT}\n\n{guard}{USES[name]}\n", TESTS, SMALL).passed
    wrong = run_program(f"def answer(): return 41\n\n\n{guard}{USES[name]}\n", TESTS, SMALL)
    assert not wrong.passed


def test_a_program_that_fails_before_it_defines_anything_is_told_by_its_own_error():
    assert run_program(f"input()\n{RIGHT}", TESTS, SMALL).reason == "program: EOFError"
    assert run_program("raise SystemExit(0)", TESTS, SMALL).reason == "program: SystemExit"


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
    result = run_program(program, TESTS, SMALL)
    assert result.passed, result.reason


def test_libraries_that_take_memory_for_each_core_are_told_of_one():
    program = (
        "import os\n"
        "threads = [os.environ.get(f'{name}_NUM_THREADS') for name in ('OMP', 'OPENBLAS', 'MKL')]\n"
        "assert threads == ['1'] * 3, threads\n"
        "import numpy as np\n"
        "def answer(): return int(np.ones((6, 7)).sum())\n"
    )
    result = run_program(program, TESTS, SMALL)
    assert result.passed, result.reason


def test_the_reason_says_where_it_failed():
    assert run_program("def f(:", TESTS, SMALL).reason == "program: SyntaxError"
    assert run_program("import os; os._exit(0)", TESTS, SMALL).reason == "ended without a report"
    assert run_program("import ctypes; ctypes.string_at(0)", "", SMALL).reason == "died of SIGSEGV"


@pytest.mark.parametrize(
    ("program", "tests"),
    [
        ("while True: pass", ""),
        ("import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass", ""),
        ("", "while True: pass"),
        ("import itertools\ndef f(): return itertools.count()", "assert -1 in f()"),
    ],
    ids=["program", "program that ignores it", "tests", "iterator without end"],
)
def test_processor_time_ends_what_computes_however_busy_the_machine_is(program, tests):
    limits = Limits(wall_seconds=600, cpu_seconds=1)
    assert run_program(program, tests, limits).reason == "time"


def test_elapsed_time_ends_what_waits():
    waiting = "import time\ntime.sleep(600)"
    assert run_program(waiting, "", Limits(wall_seconds=1)).reason == "time"


def test_a_program_can_start_the_threads_that_it_is_promised():
    program = (
        "import threading\n"
        "def answer(number):\n"
        "  done = threading.Event()\n"
        "  threads = [threading.Thread(target=done.wait) for _ in range(number)]\n"
        "  for thread in threads: thread.start()\n"
        "  done.set()\n"
        "  for thread in threads: thread.join()\n"
        "  return number\n"
    )
    most = Limits().threads
    tests = f"assert answer({most}) == {most}\ntry: answer({most + 1})\n"
    tests += "except RuntimeError as error: assert 'new thread' in str(error)\nelse: assert False"
    result = run_program(program, tests)
    assert result.passed, result.reason


def test_a_signal_without_a_name_is_told_by_its_number():
    killing = "import signal\nsignal.raise_signal(40)"
    assert run_program(killing, TESTS, SMALL).reason in ("died of signal 40", "tests: NameError")


def test_a_program_cannot_name_its_own_result():
    own = "class passed(Exception): pass\n"
    for program in (f"{own}raise passed", f"{own}def answer(): raise passed"):
        result = run_program(program, TESTS, SMALL)
        assert (result.verdict, result.error, result.said) == (
            Verdict.PROGRAM if "def" not in program else Verdict.TESTS, "Exception", "passed"
        )  # fmt: skip
        assert result.reason.endswith("Exception, which calls itself 'passed'")
    reasons = {v: Result(v, "passed", "passed").reason for v in Verdict}
    assert [v for v, reason in reasons.items() if reason == "passed"] == [Verdict.PASSED]


STARTED_BY = {
    "a process with many descriptors": (
        "import os, resource\n"
        "hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (2000, hard))\n"
        "held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]\n",
        "assert False", "tests: AssertionError",
    ),
    "one that takes no notice of its children": (
        "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)",
        "assert False", "tests: AssertionError",
    ),
    "one that ignores that its time is over": (
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)",
        "while True: pass", "time",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STARTED_BY)
def test_a_verdict_is_the_same_whoever_starts_a_program(name):
    before, tests, reason = STARTED_BY[name]
    code = (
        f"{before}\n"
        "from instrdiv.codeexec.process import Limits, run_confined\n"
        f"print(run_confined('', {tests!r}, Limits(cpu_seconds=1), []).reason)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stdout == f"{reason}\n", ran.stderr


def test_limits_are_checked():
    with pytest.raises(ValueError, match=r"wall_seconds=0: at least 0\.1"):
        Limits(wall_seconds=0)
