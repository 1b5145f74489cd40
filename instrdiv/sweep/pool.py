"""Run many grid points in a few processes, one grid point per process."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tqdm import tqdm

from instrdiv.experiments.points import GridPoint, experiment_of
from instrdiv.experiments.recording import require_writable, result_folders
from instrdiv.paths import project_root
from instrdiv.runs.locks import is_locked
from instrdiv.runs.record import record_path
from instrdiv.runs.store import readable_record

POLL_SECONDS = 1.0


@dataclass
class Report:
    """The result of a sweep: grid points by their outcome."""

    recorded: list[GridPoint] = field(default_factory=list)
    """Recorded before, or by another sweep in the meantime."""
    done: list[GridPoint] = field(default_factory=list)
    failed: list[tuple[GridPoint, str]] = field(default_factory=list)
    """Failed now or before, each with the end of its log."""
    left: list[GridPoint] = field(default_factory=list)
    """Not started because of the limit."""


def sweep(
    points: list[GridPoint],
    results: Path,
    *,
    workers: int,
    limit: int | None = None,
    retry_failed: bool = False,
    time_limit: float = 14_400,
) -> Report:
    """Run all grid points without a record; return when each has a record or has failed.

    Each has its own process, ``python -m instrdiv run``, with one thread. A grid point that another
    sweep is running is skipped and checked again at the end.

    Args:
        results: folder for new records.
        limit: start at most this many grid points.
        retry_failed: repeat grid points that failed before.
        time_limit: seconds after which a run is killed and counts as failed.
    """
    require_writable(results)
    report = Report()
    waiting = deque[GridPoint]()
    for point in points:
        if is_recorded(point, results):
            report.recorded.append(point)
        elif not retry_failed and failure_log(point, results).exists():
            report.failed.append((point, _tail(failure_log(point, results))))
        else:
            waiting.append(point)
    while limit is not None and len(waiting) > limit:
        report.left.insert(0, waiting.pop())

    running: dict[Future[int | str], GridPoint] = {}
    bar = tqdm(total=len(waiting), unit="run", smoothing=0.1, disable=not waiting)
    with bar, ThreadPoolExecutor(workers) as pool, _killed_on_interrupt() as processes:
        while waiting or running:
            for _ in range(len(waiting)):
                if len(running) >= workers:
                    break
                point = waiting.popleft()
                if is_recorded(point, results):
                    report.recorded.append(point)
                    bar.update()
                elif is_locked(results / ".claims", _experiment(point), point.key):
                    waiting.append(point)
                else:
                    bar.write(f"started {point}", file=sys.stderr)
                    future = pool.submit(_run, point, results, time_limit, processes)
                    running[future] = point
            if not running:
                time.sleep(POLL_SECONDS)
                continue
            finished, _ = wait(running, timeout=POLL_SECONDS, return_when="FIRST_COMPLETED")
            for future in finished:
                point, code = running.pop(future), future.result()
                if is_recorded(point, results):
                    # A run that found its grid point locked fails; another process made the record.
                    (report.recorded if code else report.done).append(point)
                    for suffix in (".running", ".log"):
                        log = failure_log(point, results).with_suffix(suffix)
                        log.unlink(missing_ok=True)
                elif is_locked(results / ".claims", _experiment(point), point.key):
                    waiting.append(point)
                    continue
                else:
                    log = failure_log(point, results)
                    log.with_suffix(".running").replace(log)
                    tail = _tail(log)
                    report.failed.append((point, f"{tail}\n(exit status {code})"))
                    bar.write(f"failed {point}", file=sys.stderr)
                bar.update()
    return report


def is_recorded(point: GridPoint, results: Path) -> bool:
    """Whether any result folder has a readable record of the grid point."""
    folders = result_folders(results)
    settings = asdict(point.config)
    found = readable_record(folders, _experiment(point), point.scale, point.key, settings)
    return found is not None


def failure_log(point: GridPoint, results: Path) -> Path:
    """The file with the output of the grid point's failed run."""
    failures = results / ".failures"
    return record_path(failures, _experiment(point), point.scale, point.key).with_suffix(".log")


def run_command(point: GridPoint, results: Path) -> list[str]:
    """The command line that runs one grid point."""
    command = [sys.executable, "-m", "instrdiv", "run", point.notebook, "--scale", point.scale]
    command += ["--results", str(results)]
    for name, value in point.overrides.items():
        command += ["-p", name, json.dumps(value)]
    return command


def _run(
    point: GridPoint, results: Path, time_limit: float, processes: set[subprocess.Popen[bytes]]
) -> int | str:
    log = failure_log(point, results).with_suffix(".running")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            run_command(point, results),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=project_root(),
            start_new_session=True,
        )
        processes.add(process)
        try:
            return process.wait(timeout=time_limit)
        except subprocess.TimeoutExpired:
            _kill(process)
            return f"killed after {time_limit:.0f} s"
        finally:
            processes.discard(process)


@contextlib.contextmanager
def _killed_on_interrupt() -> Iterator[set[subprocess.Popen[bytes]]]:
    """Processes that are killed if the sweep is interrupted."""
    processes: set[subprocess.Popen[bytes]] = set()
    try:
        yield processes
    except BaseException:
        for process in list(processes):
            _kill(process)
        raise


def _kill(process: subprocess.Popen[bytes]) -> None:
    # The kernel has its own session; jupyter's client stops it together with its parent.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _experiment(point: GridPoint) -> str:
    return experiment_of(point.notebook).name


def _tail(log: Path, lines: int = 12) -> str:
    return (
        "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        if log.exists()
        else ""
    )
