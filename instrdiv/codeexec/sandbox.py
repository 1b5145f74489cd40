"""Run unreviewed programs, such as a model's, against their tests in a sandbox.

Each program runs in its own process, which applies all restrictions before it sees the program:
Landlock allows reading only Python's own files and writing none, seccomp denies new processes, the
network and signals, and limits bound time, memory and output. The process inherits neither the
environment nor open files, and is killed with all its threads.

If the kernel lacks Landlock or seccomp, nothing is run, unless the environment variable
``INSTRDIV_RUN_WITHOUT`` names what may be missing. ``INSTRDIV_RUN_WITHOUT=landlock,seccomp`` leaves
only the limits, and programs can read and delete files. Use it only on a machine or in a container
where nothing can be lost.

This does not stop a program written to cheat this harness: it can find the secret of the report in
the memory that it shares with its tests.
"""

import json
import os
import secrets
import select
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from instrdiv.checks import between, check_fields

PROTECTIONS = ("landlock", "seccomp")
GUEST = Path(__file__).with_name("guest.py")
REPORT_BYTES = 200
RUN_WITHOUT = "INSTRDIV_RUN_WITHOUT"
"""Environment variable with the protections that may be missing, separated by commas."""
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}
"""A program's complete environment. Libraries of linear algebra allocate memory for each core when
they are imported, which on a machine with many cores exceeds the limit."""


class NoProtection(RuntimeError):
    """This machine lacks a protection against harmful programs."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a program may use."""

    wall_seconds: float = field(default=10.0, metadata=between(0.1, 3600))
    """Elapsed time."""
    cpu_seconds: int = field(default=8, metadata=between(1, 3600))
    """Processor time, over all threads."""
    memory_bytes: int = field(default=1_000_000_000, metadata=between(100_000_000, 10**12))
    """Address space."""
    file_bytes: int = field(default=0, metadata=between(0, 10**9))
    """Size of a written file; where Landlock is active, no file can be written."""
    open_files: int = field(default=32, metadata=between(8, 10_000))
    """File descriptors."""

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class Result:
    """The outcome of one program.

    Attributes:
        passed: whether its tests ran to their end.
        reason: ``passed``, or why not: ``tests: AssertionError``, ``time``, ``died of SIGSEGV`` …
        seconds: elapsed time.
    """

    passed: bool
    reason: str
    seconds: float


@cache
def protections() -> tuple[str, ...]:
    """Which of `PROTECTIONS` work on this machine; each is tried in a process."""
    return tuple(name for name in PROTECTIONS if _run("", "", Limits(), (name,)).passed)


def require_protection(allow_none: bool = False) -> str:
    """The protections under which programs will run, in words.

    Args:
        allow_none: for trusted programs, such as a benchmark's own.

    Raises:
        NoProtection: one is missing although neither `allow_none` nor `RUN_WITHOUT` permits it.
        ValueError: `RUN_WITHOUT` names something that is not a protection.
    """
    allowed = PROTECTIONS if allow_none else may_be_missing()
    active = protections()
    missing = [name for name in PROTECTIONS if name not in active]
    if not set(missing) <= set(allowed):
        raise NoProtection(
            f"programs of unknown authors would run without {' and '.join(missing)} here: use "
            "Linux 5.13 or newer with libseccomp, or, only where nothing can be lost, set "
            f"{RUN_WITHOUT}={','.join(missing)}"
        )
    return ", ".join([*active, "limits"]) + (f"; without {', '.join(missing)}" if missing else "")


def may_be_missing() -> list[str]:
    """The protections that `RUN_WITHOUT` names.

    Raises:
        ValueError: it names something else.
    """
    named = os.environ.get(RUN_WITHOUT, "").replace(",", " ").split()
    unknown = [name for name in named if name not in PROTECTIONS]
    if unknown:
        raise ValueError(
            f"{RUN_WITHOUT} names {', '.join(unknown)}; allowed: {', '.join(PROTECTIONS)}"
        )
    return named


def run_program(
    program: str, tests: str, limits: Limits | None = None, *, allow_none: bool = False
) -> Result:
    """Run one program and its tests, and report whether they ran to their end.

    Raises:
        NoProtection: see `require_protection`.

    >>> run_program("def double(n): return 2 * n", "assert double(4) == 8").passed
    True
    >>> run_program("def double(n): return n", "assert double(4) == 8").reason
    'tests: AssertionError'
    """
    require_protection(allow_none)
    return _run(program, tests, limits or Limits(), protections())


def run_programs(
    jobs: Sequence[tuple[str, str]],
    limits: Limits | None = None,
    *,
    workers: int = 2,
    allow_none: bool = False,
) -> list[Result]:
    """`run_program` for many pairs of a program and its tests, in their order."""
    with ThreadPoolExecutor(workers) as pool:
        return list(
            pool.map(lambda job: run_program(job[0], job[1], limits, allow_none=allow_none), jobs)
        )


def _run(program: str, tests: str, limits: Limits, active: tuple[str, ...]) -> Result:
    token = secrets.token_hex(16)
    job = {
        "program": program,
        "tests": tests,
        "token": token,
        "limits": asdict(limits),
        "readable": _readable(),
        "protections": active,
    }
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="program-") as folder:
        reading, writing = os.pipe()
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", str(GUEST), str(writing)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(writing,),
                env=ONE_THREAD,
                cwd=folder,
                start_new_session=True,
            )
        finally:
            os.close(writing)
        try:
            report = _read_report(
                process, reading, json.dumps(job).encode(), started + limits.wall_seconds
            )
        finally:
            os.close(reading)
            _kill(process)
    seconds = time.monotonic() - started
    if report == token:
        return Result(True, "passed", seconds)
    if report is None:
        return Result(False, "time", seconds)
    if process.returncode < 0 and not report:
        return Result(False, f"died of {signal.Signals(-process.returncode).name}", seconds)
    return Result(False, report or "ended without a report", seconds)


def _read_report(
    process: subprocess.Popen[bytes], reading: int, job: bytes, deadline: float
) -> str | None:
    """The report of the process once it has ended; empty if it made none, None after the time
    limit."""
    assert process.stdin  # it was started with a pipe
    try:
        process.stdin.write(job)
        process.stdin.close()
    except BrokenPipeError:
        pass
    received = b""
    while len(received) <= REPORT_BYTES:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([reading], [], [], left)[0]:
            return None
        part = os.read(reading, REPORT_BYTES)
        if not part:
            break
        received += part
    try:
        process.wait(timeout=max(0.0, deadline - time.monotonic()) if received == b"" else 1.0)
    except subprocess.TimeoutExpired:
        return None
    return received.decode(errors="replace")


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@cache
def _readable() -> list[str]:
    """Python's own files and the libraries that it loads."""
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    paths |= {str(GUEST), "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"}
    paths |= {"/usr/share/zoneinfo", "/dev/null", "/dev/urandom"}
    return sorted(path for path in paths if os.path.exists(path))
