"""The loop of a sweep: grid points go to an executor, longest first, and none is made twice."""

import contextlib
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from instrdiv.experiments.points import GridPoint, experiment_of
from instrdiv.experiments.recording import require_writable
from instrdiv.runs.locks import is_locked, lock_folder
from instrdiv.sweep.command import is_recorded
from instrdiv.sweep.costs import Costs
from instrdiv.sweep.ending import Ended, Ending
from instrdiv.sweep.executors.executor import Executor
from instrdiv.sweep.failures import failure_log, keep_failure, kept_failure
from instrdiv.sweep.forecast import Forecast
from instrdiv.sweep.guard import TIMED_OUT
from instrdiv.sweep.interrupts import stopped_by_signals

POLL_SECONDS = 1.0
SHOW_SECONDS = 5.0
ATTEMPTS = 3
"""How often a run is started that is killed each time."""


@dataclass
class Report:
    """The result of a sweep: grid points by their outcome."""

    recorded: list[GridPoint] = field(default_factory=list)
    """Recorded before, or by another sweep in the meantime."""
    done: list[GridPoint] = field(default_factory=list)
    failed: list[tuple[GridPoint, str]] = field(default_factory=list)
    """Failed now or before, each with the end of its log."""
    stopped: list[tuple[GridPoint, str]] = field(default_factory=list)
    """Killed again and again, or by a fault of the machine; the next sweep repeats them."""
    left: list[GridPoint] = field(default_factory=list)
    """Not started because of the limit, the budget, or a folder that cannot be written to."""
    problem: str = ""
    """Why no more grid points could be started."""
    times: list[float] = field(default_factory=list)
    """Expected seconds of each that is left; NaN if no like run is recorded."""


def sweep(
    points: list[GridPoint],
    results: Path,
    executor: Executor,
    *,
    limit: int | None = None,
    retry_failed: bool = False,
    budget: float | None = None,
) -> Report:
    """Run all grid points without a record; return when each has a record or has failed.

    A grid point that another process is making is left to it and looked at again. A run that is
    killed is started up to `ATTEMPTS` times in all, one that reaches its time limit twice.

    Args:
        results: folder for new records.
        executor: where runs are made.
        limit: start at most this many grid points.
        retry_failed: repeat grid points that failed before.
        budget: seconds after which all runs should have ended; what would not is not started.

    Raises:
        OSError: the results folder cannot be written to.
        KeyboardInterrupt: the sweep was stopped; so were its runs.
    """
    require_writable(results)
    return _Sweep(results, executor, Forecast(Costs.recorded(points, results), budget)).run(
        points, limit, retry_failed
    )


def sort_out(
    points: list[GridPoint], results: Path, *, limit: int | None = None, retry_failed: bool = False
) -> tuple[list[GridPoint], Report]:
    """What a sweep would start, and a report of the other grid points; changes nothing."""
    report = Report()
    waiting = []
    for point in points:
        if is_recorded(point, results):
            report.recorded.append(point)
        elif not retry_failed and (reason := kept_failure(point, results)) is not None:
            report.failed.append((point, reason))
        else:
            waiting.append(point)
    report.left = [] if limit is None else waiting[limit:]
    return waiting[:limit], report


class _Sweep:
    def __init__(self, results: Path, executor: Executor, forecast: Forecast) -> None:
        self.results, self.executor, self.forecast = results, executor, forecast
        self.report = Report()
        self.waiting: list[GridPoint] = []
        self.running: dict[str, GridPoint] = {}
        self.attempts: Counter[str] = Counter()
        self.told_of_others = False
        self.shown, self.next_look = "", 0.0

    def run(self, points: list[GridPoint], limit: int | None, retry_failed: bool) -> Report:
        waiting, self.report = sort_out(
            points, self.results, limit=limit, retry_failed=retry_failed
        )
        for point in waiting if retry_failed else []:
            failure_log(point, self.results).unlink(missing_ok=True)
        self.waiting = self.forecast.longest_first(waiting)
        self.bar: tqdm[Any] = tqdm(
            total=len(self.waiting),
            unit="run",
            disable=not self.waiting,
            bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]",
        )
        with self.bar, stopped_by_signals(self.executor):
            while self.waiting or self.running:
                self._start()
                self._show()
                if not self.running:
                    time.sleep(POLL_SECONDS if self.waiting else 0)
                for ended in self.executor.ended(POLL_SECONDS) if self.running else []:
                    self._settle(ended)
        self.report.times = list(map(self.forecast.seconds, self.report.left))
        return self.report

    def _start(self) -> None:
        """Submit as many grid points as there is room for."""
        chosen: list[GridPoint] = []
        elsewhere: list[GridPoint] = []
        free = self.executor.free()
        while self.waiting and len(chosen) < free:
            point = self.waiting.pop(0)
            if is_recorded(point, self.results):
                self.report.recorded.append(point)
                self.bar.update()
            elif (reason := kept_failure(point, self.results)) is not None:
                self._failed(point, reason)
            elif not self.forecast.fits(point):
                self.report.left.append(point)
            elif is_locked(
                lock_folder(self.results), experiment_of(point.notebook).name, point.key
            ):
                elsewhere.append(point)
            else:
                chosen.append(point)
        self.waiting = [*self.waiting, *elsewhere]
        if chosen and (problem := self._problem()):
            self.report.problem = problem
            self.report.left += [*chosen, *self.waiting]
            self.waiting = []
            return
        self.executor.submit(chosen)
        for point in chosen:
            self._say(f"started {point}")
            self.running[point.key] = point
            self.forecast.started(point)
        if elsewhere and not self.running and not self.told_of_others:
            self.told_of_others = True
            self._say(f"waiting for other processes, which are making {len(elsewhere)} of these")

    def _problem(self) -> str:
        """Why no record could be written now."""
        try:
            require_writable(self.results)
        except OSError as error:
            return str(error)
        return ""

    def _settle(self, ended: Ended) -> None:
        """Enter the end of a run into the report, or let its grid point wait for its next turn."""
        point, ending = ended.point, ended.ending
        del self.running[point.key]
        recorded = is_recorded(point, self.results)
        self.forecast.ended(point, made=recorded)
        if recorded:
            # A run that found its grid point locked fails; another process made the record.
            (self.report.recorded if ending is Ending.LOCKED else self.report.done).append(point)
            self.bar.update()
        elif ending is Ending.LOCKED:
            self.waiting.append(point)
        elif ending is Ending.KILLED:
            # One that hung may have been unlucky, but a second one tells that it needs more time.
            self.attempts[point.key] += 2 if ended.status == TIMED_OUT else 1
            if self.attempts[point.key] < ATTEMPTS:
                self._say(f"killed, to be repeated: {point}")
                self.waiting.insert(0, point)
            else:
                self._stopped(point, ended.reason)
        elif ending is Ending.MACHINE:
            self._stopped(point, ended.reason)
        else:
            # Where it cannot be kept, the next sweep repeats the run.
            with contextlib.suppress(OSError):
                keep_failure(point, self.results, ended.reason)
            self._failed(point, ended.reason)

    def _failed(self, point: GridPoint, reason: str) -> None:
        self.report.failed.append((point, reason))
        self._say(f"failed {point}")
        self.bar.update()

    def _stopped(self, point: GridPoint, reason: str) -> None:
        self.report.stopped.append((point, reason))
        self._say(f"stopped {point}")
        self.bar.update()

    def _say(self, line: str) -> None:
        self.bar.write(line, file=sys.stderr)

    def _show(self) -> None:
        """Show when the sweep will end; seldom, as that takes a while where many points wait."""
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + SHOW_SECONDS
        left = self.forecast.left(self.running.values(), self.waiting, self.executor.workers)
        self.bar.set_postfix_str(left, refresh=left != self.shown)
        self.shown = left
