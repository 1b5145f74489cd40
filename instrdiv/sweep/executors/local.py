"""Runs as processes of this machine."""

import contextlib
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from instrdiv.experiments.points import GridPoint
from instrdiv.paths import project_root
from instrdiv.sweep.command import run_command
from instrdiv.sweep.ending import Ended
from instrdiv.sweep.guard import GRACE, guarded

POLL_SECONDS = 0.05
TAIL_LINES = 12


class LocalExecutor:
    """Makes runs in processes of their own.

    Args:
        results: folder for records.
        workers: runs at once.
        time_limit: seconds after which a run is killed.
        command: the command line of a grid point's run.
    """

    def __init__(
        self,
        results: Path,
        workers: int,
        time_limit: float,
        command: Callable[[GridPoint, Path], list[str]] = run_command,
    ) -> None:
        self.results, self.workers, self.time_limit = results, workers, time_limit
        self.command = command
        self._running: list[tuple[GridPoint, GuardedProcess]] = []

    def free(self) -> int:
        return self.workers - len(self._running)

    def submit(self, points: Sequence[GridPoint]) -> None:
        for point in points:
            command = self.command(point, self.results)
            self._running.append((point, GuardedProcess(command, self.time_limit)))

    def ended(self, timeout: float) -> list[Ended]:
        deadline = time.monotonic() + timeout
        while True:
            found = [(point, run) for point, run in self._running if run.status is not None]
            if found or time.monotonic() > deadline:
                break
            time.sleep(POLL_SECONDS)
        self._running = [each for each in self._running if each not in found]
        return [Ended(point, run.status or 0, run.tail()) for point, run in found]

    def stop(self) -> None:
        self.kill()
        deadline = time.monotonic() + GRACE + 1
        for _, run in self._running:
            run.end_by(deadline - time.monotonic())
        self._running = []

    def kill(self) -> None:
        for _, run in self._running:
            run.ask_to_stop()


class GuardedProcess:
    """A command under a guard of this process, and its output.

    Args:
        time_limit: seconds after which it is killed.
    """

    def __init__(self, command: list[str], time_limit: float) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115, as it lives as long as the process
        self._process = subprocess.Popen(
            guarded(command, time_limit),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd=project_root(),
            start_new_session=True,  # Ctrl-C reaches the sweep, which says what becomes of runs
        )

    @property
    def status(self) -> int | None:
        """The exit status; None as long as it runs."""
        return self._process.poll()

    def tail(self) -> str:
        """The last lines of the output."""
        self._log.seek(max(0, self._log.seek(0, 2) - 20_000))
        lines = self._log.read().decode("utf-8", errors="replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])

    def ask_to_stop(self) -> None:
        """Stop it within `instrdiv.sweep.guard.GRACE`; asked twice, kill it at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """The exit status once it has ended."""
        return self._process.wait()

    def end_by(self, seconds: float) -> None:
        """Wait for its end, and kill it when these seconds have passed."""
        try:
            self._process.wait(timeout=max(0.0, seconds))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
