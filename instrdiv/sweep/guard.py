"""A process that runs a command and leaves nothing of it behind.

``python guard.py OWNER LIMIT COMMAND…`` ends when the command does. When its owner has died, LIMIT
seconds have passed or it is told to stop, it ends the command with all that the command started,
stopped processes and those in other sessions included. Should the guard itself be killed, the
command dies with it, see `instrdiv.sweep.die_with_parent`.

On Linux the guard inherits orphans of its command and so finds every process. On macOS it knows
those whose parents still live.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

PR_SET_CHILD_SUBREAPER = 36
POLL_SECONDS = 0.05
GRACE = 1.5
"""Seconds from the first request to stop until everything is killed; the second kills at once."""
TIMED_OUT = 124
"""The exit status after the time limit, as that of coreutils' ``timeout``."""
STOPPED = 130
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
NOT_OURS = (signal.SIGUSR1, signal.SIGUSR2)
"""Signals with which Slurm tells the program that started the guard of a job's end, and which it
sends to all processes of the job; those below the guard inherit that they are ignored."""


def bound(command: list[str], parent: int) -> list[str]:
    """A command line that runs a command which dies with its parent.

    Args:
        parent: the process id of whoever starts the command line.
    """
    wrapper = Path(__file__).with_name("die_with_parent.py")
    return [sys.executable, "-I", "-S", str(wrapper), str(parent), *command]


def guarded(command: list[str], time_limit: float) -> list[str]:
    """A command line that runs a command under a guard of this process."""
    return [sys.executable, "-P", __file__, str(os.getpid()), str(time_limit), *command]


def _guard(owner: int, time_limit: float, command: list[str]) -> int:
    """Run the command to its end, and return its exit status."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    requests: list[float] = []
    for each in STOP_SIGNALS:
        signal.signal(each, lambda *_: requests.append(time.monotonic()))
    for each in NOT_OURS:
        signal.signal(each, signal.SIG_IGN)
    deadline = time.monotonic() + time_limit
    child = subprocess.Popen(
        bound(command, os.getpid()), stdin=subprocess.DEVNULL, start_new_session=True
    )
    asked = False
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = child.wait(timeout=POLL_SECONDS)
                return 128 - status if status < 0 else status
            now = time.monotonic()
            if now > deadline:
                return TIMED_OUT
            if os.getppid() != owner or len(requests) > 1:
                return STOPPED
            if requests and not asked:
                child.terminate()
                asked = True
            if requests and now > requests[0] + GRACE:
                return STOPPED
    finally:
        _kill_descendants()


def _kill_descendants() -> None:
    """Kill every process below this one; orphans come up as children of this one meanwhile."""
    while descendants := psutil.Process().children(recursive=True):
        for process in descendants:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(descendants, timeout=1)


if __name__ == "__main__":
    sys.exit(_guard(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
