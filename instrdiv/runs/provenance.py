"""The provenance of a result."""

import datetime
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from instrdiv.training.device import Machine
from instrdiv.versions import own_version


class Provenance:
    """Where a result comes from: version, commit, machine, threads, time.

    It is made when the run starts, so that the commit is the one whose code runs.
    """

    def __init__(self, machine: Machine) -> None:
        self._about = {
            "version": own_version(),
            "commit": _commit(),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "device": machine.device,
            "precision": machine.precision,
            "processor": processor_name(),
            "threads": torch.get_num_threads(),
        }
        self._wall, self._cpu = time.monotonic(), time.process_time()

    def part(self) -> dict[str, Any]:
        """What this process has done of the run so far.

        ``wall_seconds`` is elapsed time, which other work on the machine increases;
        ``cpu_seconds`` is the computing time of all threads together.
        """
        shared = {name: self._about[name] for name in ("commit", "device", "processor", "threads")}
        return shared | {
            "wall_seconds": round(time.monotonic() - self._wall, 1),
            "cpu_seconds": round(time.process_time() - self._cpu, 1),
            "date": _now(),
        }

    def of_run(self, earlier: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
        """The provenance of the run that just ended.

        Args:
            earlier: the `part` of each process that was interrupted. The seconds are those of all
                parts, and ``parts`` lists them if there were several.
        """
        last = self.part()
        parts = [*earlier, last]
        seconds = {
            name: round(sum(part[name] for part in parts), 1)
            for name in ("wall_seconds", "cpu_seconds")
        }
        return {
            **self._about,
            **seconds,
            "peak_memory_gb": peak_memory_gb(),
            "date": last["date"],
            **({"parts": parts} if earlier else {}),
        }


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def peak_memory_gb() -> float:
    """Peak memory of this process so far, in 10⁹ bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9, 2)


def processor_name() -> str:
    """The name of the GPU, or else of the processor."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists() and (name := named_in(cpuinfo.read_text(encoding="utf-8"))):
        return name
    return platform.processor() or platform.machine()


def named_in(cpuinfo: str) -> str:
    """What Linux says of the first processor; a name that it gives to many also needs their family.

    >>> named_in("cpu family\\t: 25\\nmodel\\t\\t: 17\\nmodel name\\t: AMD EPYC\\n")
    'AMD EPYC, family 25, model 17'
    >>> named_in("cpu family\\t: 6\\nmodel name\\t: Intel(R) Core(TM) i7-8700 CPU @ 3.20GHz\\n")
    'Intel(R) Core(TM) i7-8700 CPU @ 3.20GHz'
    """
    first = cpuinfo.split("\n\n")[0].splitlines()
    said = {what.strip(): value.strip() for what, _, value in (row.partition(":") for row in first)}
    name = said.get("model name", "")
    if not name or any(map(str.isdigit, name)):
        return name
    return f"{name}, family {said.get('cpu family')}, model {said.get('model')}"


def _commit() -> str:
    """The checked-out commit, with ``+`` if tracked files differ from it."""

    def git(*arguments: str) -> str:
        here = Path(__file__).resolve().parents[1]  # only the package: other files are ignored
        # The checkout may belong to somebody else; its code is what runs here anyway.
        trusting = ("-c", "safe.directory=*")
        environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
        return subprocess.run(
            ["git", *trusting, *arguments],
            cwd=here,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=True,
        ).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no", "--", ".")
        return git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
