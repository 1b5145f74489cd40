"""A run's record: settings, results and provenance in one JSON file.

A record is stored at ``<results>/<experiment>/<scale>/<key>.json``. Its key is the hash of what
determines the result: the experiment, its protocol and all settings. A record is written
completely or not at all, and nothing else marks a run as done.
"""

import hashlib
import json
import math
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Any

from instrdiv.runs.schema import MOST_BYTES, checked
from instrdiv.untrusted import visible
from instrdiv.whole_files import replacing


class RecordError(ValueError):
    """A file is not the record that it should be; the message names it and says what to do."""


@dataclass(frozen=True)
class Record:
    """One finished run.

    Attributes:
        experiment: e.g. ``rule_diversity``.
        scale: its preset: ``smoke``, ``demo``, ``laptop``, ``desk`` or ``paper``.
        key: see `run_key`.
        protocol: the experiment's protocol; it changes only if the meaning of a result does.
        config: all settings.
        defaults: names of the settings at their default. The key leaves them out, so that a setting
            which a later version adds does not change old keys.
        metrics: each score as ``{"correct": k, "total": n}``.
        curve: the learning curve.
        answers: unseen examples with the model's answers.
        errors: unseen examples that were answered incorrectly.
        provenance: version, commit, machine and time.
        measures: measurements other than counts, such as bits per byte of each problem.
    """

    experiment: str
    scale: str
    key: str
    protocol: int
    config: dict[str, Any]
    defaults: list[str]
    metrics: dict[str, dict[str, int]]
    curve: list[dict[str, Any]]
    answers: list[dict[str, str]]
    errors: list[dict[str, str]]
    provenance: dict[str, Any]
    measures: dict[str, list[float]] = field(default_factory=dict)

    @property
    def core_seconds(self) -> float:
        """Processor time of the run; elapsed time for records that are older than this measure, and
        NaN if neither is known."""
        elapsed = self.provenance.get("wall_seconds", math.nan)
        return float(self.provenance.get("cpu_seconds", elapsed))


def run_key(experiment: str, protocol: int, settings: dict[str, Any]) -> str:
    """The key of a run, which is the same for the same settings on any machine.

    Args:
        settings: those that differ from their defaults.

    >>> run_key("rule_diversity", 1, {"num_rules": 10, "seed": 0})
    '24c057654068b01e'
    >>> run_key("rule_diversity", 1, {"seed": 0, "num_rules": 10})
    '24c057654068b01e'
    """
    identity = {"experiment": experiment, "protocol": protocol, "settings": settings}
    canonical = json.dumps(identity, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def record_path(results: Path, experiment: str, scale: str, key: str) -> Path:
    return results / experiment / scale / f"{key}.json"


def write_record(record: Record, results: Path) -> Path:
    """Write a record completely or not at all.

    Raises:
        OSError: it cannot be written; the error names the record's own path.
    """
    path = record_path(results, record.experiment, record.scale, record.key)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        json.dump(asdict(record), file, indent=1, allow_nan=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def read_record(path: Path) -> Record:
    """Read a record and check that it is one, and the one that its path names.

    Raises:
        RecordError: it is incomplete, not a record, or its settings do not give its key. The
            message names the file, the field, its value and the remedy.
    """
    try:
        about = path.stat()
        if not S_ISREG(about.st_mode):
            raise ValueError("not a file")
        if about.st_size > MOST_BYTES:
            raise ValueError(f"{about.st_size:,} bytes, of which {MOST_BYTES:,} are allowed")
        record = Record(**checked(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise RecordError(
            f"{visible(path)}: not a record ({visible(error)}); delete it and repeat its run"
        ) from error
    settings = {k: v for k, v in record.config.items() if k not in record.defaults}
    expected = run_key(record.experiment, record.protocol, settings)
    named = (*path.parts[-3:-1], path.stem)
    if named != (record.experiment, record.scale, expected) or record.key != expected:
        belongs = f"{record.experiment}/{record.scale}/{expected}.json"
        raise RecordError(
            f"{visible(path)}: its content belongs to {belongs}; "
            "it was moved or edited: restore it, or delete it and repeat its run"
        )
    return record
