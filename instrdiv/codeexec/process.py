"""One program in its processes: started, told its limits, waited for and ended."""

import contextlib
import ctypes
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import sysconfig
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

from instrdiv.checks import between, check_fields
from instrdiv.codeexec.guest.confine import CREATE_RULESET, Restrictions
from instrdiv.codeexec.guest.frames import Gone, write_frame
from instrdiv.codeexec.syscalls import ONE, compiled_filter

GUEST = Path(__file__).with_name("guest")
PACKAGE = Path(__file__).resolve().parents[1]
REPORT_BYTES = 1000
GRACE = 2.0
"""Seconds after the time limit, which the guest keeps itself, until it is killed."""
ENVIRONMENT = {
    **{f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")},
    "MALLOC_ARENA_MAX": "1",
}
"""A program's complete environment. Libraries of linear algebra allocate memory for each core when
they are imported, and the C library for each thread; both would exceed the limit."""


class NoProtection(RuntimeError):
    """This machine lacks a protection against harmful programs."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a program may use.

    A program that computes is ended by its processor time, which no other work on the machine
    changes; elapsed time ends one that waits, or that gets hardly any of a processor.

    >>> Limits(cpu_seconds=2).rlimits["RLIMIT_CPU"]
    (2, 3)

    Raises:
        ValueError: a limit is out of its bounds.
    """

    wall_seconds: float = field(default=120.0, metadata=between(0.1, 3600))
    """Elapsed time."""
    cpu_seconds: int = field(default=10, metadata=between(1, 3600))
    """Processor time over all threads, of the program and of its tests each."""
    memory_bytes: int = field(default=1_000_000_000, metadata=between(100_000_000, 10**12))
    """Address space."""
    file_bytes: int = field(default=0, metadata=between(0, 10**9))
    """Size of a written file; under Landlock or seccomp, no file can be written."""
    open_files: int = field(default=32, metadata=between(8, 10_000))
    """File descriptors."""
    threads: int = field(default=128, metadata=between(4, 10_000))
    """Threads that a program can start, where they can be counted: in namespaces of its own, or as
    a user of its own. The default memory holds so many of the default size."""

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def rlimits(self) -> dict[str, tuple[int, int]]:
        """The soft and the hard limit, as the kernel calls them."""
        equal = {
            "RLIMIT_AS": self.memory_bytes,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_CORE": 0,
        }
        # At the first, a signal says that it was the time; a program can ignore it up to the next.
        cpu = {"RLIMIT_CPU": (self.cpu_seconds, self.cpu_seconds + 1)}
        return cpu | {name: (value, value) for name, value in equal.items()}

    @property
    def processes(self) -> int:
        """Threads with the processes of the program and of its tests."""
        return self.threads + 2


class Verdict(StrEnum):
    """What became of a program. Only its tests' own process can say so, or the one that waits."""

    PASSED = "passed"
    PROGRAM = "program"
    """It raised an error, without which its tests might have passed."""
    TESTS = "tests"
    """Its tests raised an error."""
    TIME = "time"
    DIED = "died"
    """A signal ended it."""
    ENDED = "ended"
    """It ended, or broke the connection to its tests, before they had."""
    REFUSED = "refused"
    """A defence could not be put up; the program was not run."""


@dataclass(frozen=True)
class Result:
    """The outcome of one program.

    >>> Result(Verdict.TESTS, "AssertionError").reason
    'tests: AssertionError'
    >>> Result(Verdict.PROGRAM, "Exception", "passed").reason
    "program: Exception, which calls itself 'passed'"

    Attributes:
        verdict: what became of it.
        error: the class of Python's own errors, or the signal, that ended it.
        said: what the program calls its error itself, if not that.
        seconds: elapsed time.
    """

    verdict: Verdict
    error: str = ""
    said: str = ""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether its tests ran to their end."""
        return self.verdict is Verdict.PASSED

    @property
    def reason(self) -> str:
        """``passed``, or why not: ``tests: AssertionError``, ``time``, ``died of SIGSEGV`` …"""
        match self.verdict:
            case Verdict.PROGRAM | Verdict.TESTS | Verdict.REFUSED:
                own = f", which calls itself {self.said!r}" if self.said else ""
                return f"{self.verdict}: {self.error}{own}"
            case Verdict.DIED:
                return f"died of {self.error}"
            case Verdict.ENDED:
                return "ended without a report"
        return self.verdict.value


def run_confined(program: str, tests: str, limits: Limits, defences: Collection[str]) -> Result:
    """Run one program and its tests under some of the defences that
    `instrdiv.codeexec.protection` describes.

    >>> run_confined("one = 1", "assert one == 1", Limits(), []).verdict
    <Verdict.PASSED: 'passed'>
    """
    readable, listed = _without_package(_readable())
    restrictions = Restrictions(
        limits=limits.rlimits,
        processes=limits.processes,
        readable=readable,
        listed=listed,
        landlock=landlock_version() if "landlock" in defences else 0,
        filter=compiled_filter() if "seccomp" in defences else b"",
        one=struct.pack("I", ONE),
        identity="identity" in defences,
        namespaces="namespaces" in defences,
    )
    started = time.monotonic()
    reading, writing = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", str(GUEST / "__main__.py"), str(writing), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(writing,),
            env=ENVIRONMENT,
            cwd="/",  # a folder of its own would stay behind if this process were killed
            start_new_session=True,
        )
    except BlockingIOError as error:
        os.close(reading)
        raise NoProtection(
            f"no further process can be started ({error.strerror}): this user already has as many "
            "as `ulimit -u` allows"
        ) from None
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    try:
        for part in ((tuple(restrictions), limits.wall_seconds), (program, tests)):
            _send(process, pickle.dumps(part))
        report = _report(process, reading, started + limits.wall_seconds + GRACE)
    finally:
        os.close(reading)
        _end(process)
    return _result(report, process.returncode, time.monotonic() - started)


@cache
def landlock_version() -> int:
    """The version of Landlock that the kernel has; 0 if none.

    >>> landlock_version() >= 0
    True
    """
    if sys.platform != "linux":
        return 0  # there, the number of the call means something else
    asked = ctypes.c_ulong(1)
    version: int = ctypes.CDLL(None).syscall(CREATE_RULESET, None, ctypes.c_ulong(0), asked)
    return max(0, version)


def _send(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin  # it was started with a pipe
    with contextlib.suppress(Gone):  # its report, or that it made none, says why
        write_frame(process.stdin.fileno(), data)


def _report(process: subprocess.Popen[bytes], reading: int, deadline: float) -> str | None:
    """The report of the process; empty if it ended without one, None after the deadline."""
    received = b""
    waiting = select.poll()  # select() knows no descriptor above 1023
    waiting.register(reading, select.POLLIN)
    while len(received) <= REPORT_BYTES:
        left = deadline - time.monotonic()
        if left <= 0 or not waiting.poll(left * 1000):
            return None
        part = os.read(reading, REPORT_BYTES)
        if not part:
            break
        received += part
    if not received:  # the way in which it ended is its report
        try:
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None
    return received.decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin  # it was started with a pipe
    process.stdin.close()
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _result(report: str | None, code: int, seconds: float) -> Result:
    if report is None:
        return Result(Verdict.TIME, seconds=seconds)
    if not report and code == -signal.SIGXCPU:  # of the tests
        return Result(Verdict.TIME, seconds=seconds)
    if not report:
        report = f"died\n{-code}\n" if code < 0 else "ended\n\n"
    verdict, error, said = [*report.split("\n"), "", ""][:3]
    if verdict not in [each.value for each in Verdict]:
        verdict, error, said = Verdict.ENDED.value, "", ""
    if verdict == Verdict.REFUSED:
        raise NoProtection(f"the program was not run: {error}")
    if verdict == Verdict.DIED:
        known = {each.value: each.name for each in signal.Signals}
        error = known.get(int(error), f"signal {error}")
    return Result(Verdict(verdict), error, said, seconds)


@cache
def _readable() -> list[str]:
    """Python's own files and the libraries that it loads."""
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    paths |= {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"}
    paths |= {"/usr/share/zoneinfo", "/dev/null", "/dev/urandom"}
    return sorted(path for path in paths if os.path.exists(path))


def _without_package(paths: list[str]) -> tuple[list[str], list[str]]:
    """What may be read of these paths, and the folders that may only be listed: those above this
    package, which holds the solutions of the graded benchmark. An installation that is not editable
    lies among the libraries."""
    readable, listed, left = [], [], paths
    while left:
        path, *left = left
        if not PACKAGE.is_relative_to(os.path.realpath(path)):
            readable.append(path)
        elif os.path.realpath(path) != str(PACKAGE):
            listed.append(path)
            left += [each.path for each in os.scandir(path) if os.path.exists(each.path)]
    return readable, listed
