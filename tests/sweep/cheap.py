"""Sweeps whose runs cost no training: what a run does with locks, records, processes, and no more.

``python cheap.py sweep FOLDER WORKERS NUMBER`` sweeps over that many grid points. Each run holds
its lock in a process below its own, as a kernel does, starts another in a session of its own,
takes `SECONDS`, and writes the record that the sweep has laid ready.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

LIMIT = float(os.environ.get("CHEAP_LIMIT", "300"))
SECONDS = float(os.environ.get("CHEAP_SECONDS", "0.05"))


def home(results):
    """The folder of a sweep; a run that writes elsewhere is told by its environment."""
    return Path(os.environ.get("CHEAP_FOLDER", results.parent))


def points(number):
    from instrdiv.experiments.points import make_point

    return [make_point("08", "smoke", {"seed": seed}) for seed in range(number)]


def record_of(point):
    """A record of a run that was never made."""
    from dataclasses import asdict

    from instrdiv.experiments.points import experiment_of, left_out
    from instrdiv.runs.record import Record

    experiment = experiment_of(point.notebook)
    made = dict(version="0", commit="0", python="3", torch="2", device="cpu", precision="float32",
                processor="", threads=1, wall_seconds=1.0, cpu_seconds=1.0,
                date="2026-11-26T00:00:00+00:00")  # fmt: skip
    return Record(
        experiment.name, point.scale, point.key, experiment.protocol, asdict(point.config),
        left_out(point.config), {"unseen": {"correct": 1, "total": 2}}, [], [], [], made,
    )  # fmt: skip


def lay_ready(folder, chosen):
    from instrdiv.runs.record import write_record

    for point in chosen:
        write_record(record_of(point), folder / "ready")


def command(point, results):
    """As `instrdiv.sweep.command.run_command`."""
    ready = home(results) / "ready" / "domains" / "smoke" / f"{point.key}.json"
    return [sys.executable, __file__, "run", str(ready), str(results)]


def run(ready, results):
    """Have a process below this one make the run, as ``instrdiv run`` does with its kernel."""
    from instrdiv.sweep.guard import bound

    kernel = [sys.executable, __file__, "kernel", str(ready), str(results)]
    kernel = subprocess.Popen(bound(kernel, os.getpid()), start_new_session=True)
    status = kernel.wait()
    return 71 if status < 0 else status


def kernel(ready, results):
    from instrdiv.runs.locks import AlreadyLocked, lock_folder, run_lock
    from instrdiv.runs.record import Record, write_record
    from instrdiv.runs.schema import checked
    from instrdiv.runs.store import find_record

    record = Record(**checked(ready.read_bytes()))
    told = Told(home(results) / "told")
    try:
        with run_lock(lock_folder(results), record.experiment, record.key):
            where = (record.experiment, record.scale, record.key)
            if find_record([results], *where, record.config):
                return 0
            subprocess.Popen(
                ["sleep", "1000"],
                start_new_session=True,
                env=os.environ | {"SWEPT": str(home(results))},
            )
            told.line(f"started {record.key} {os.getpid()} {os.getppid()}")
            if asked_once(results, "take all memory") and take_all_memory():
                return 74  # as `instrdiv.sweep.ending.status_of` has it
            time.sleep(1000 if asked_once(results, "be slow") else SECONDS)
            write_record(record, results)
            told.line(f"made {record.key} {os.getpid()} {os.getppid()}")
    except AlreadyLocked:
        return 75
    except OSError as error:
        print(error)
        return 74
    return 0


def asked_once(results, what):
    """Whether a test has asked one run, and this is the first, to do something."""
    try:
        (home(results) / what).unlink()
    except FileNotFoundError:
        return False
    return True


def take_all_memory():
    """Whether there was too little."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
    try:
        return len(bytearray(2**32)) < 0
    except MemoryError:
        print("MemoryError")
        return True


class Told:
    """Lines of many processes in one file."""

    def __init__(self, path):
        self.path = path

    def line(self, text):
        with self.path.open("ab", buffering=0) as file:
            file.write(f"{text}\n".encode())

    def lines(self, word):
        told = self.path.read_text().splitlines() if self.path.exists() else []
        return [line.split()[1:] for line in told if line.startswith(word)]


def sweep(folder, workers, number):
    from instrdiv.cli.sweeping import print_report
    from instrdiv.sweep.executors.local import LocalExecutor
    from instrdiv.sweep.schedule import sweep

    chosen = points(number)
    executor = LocalExecutor(folder / "results", workers, LIMIT, command)
    return print_report(sweep(chosen, folder / "results", executor))


if __name__ == "__main__":
    what, *given = sys.argv[1:]
    if what == "sweep":
        try:
            sys.exit(sweep(Path(given[0]), int(given[1]), int(given[2])))
        except KeyboardInterrupt:
            sys.exit(130)
        except OSError as error:
            sys.exit(f"instrdiv: {error}")
    sys.exit({"run": run, "kernel": kernel}[what](Path(given[0]), Path(given[1])))
