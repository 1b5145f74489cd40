"""What a sweep computes beside training: ``python -m instrdiv.bench.overhead FILE`` measures it.

Processor time is measured, not elapsed time, since other work on the machine stretches the latter.
Runs are short ones of chapter 1, whose report reads the most records: what is done around training
does not depend on its length.
"""

import datetime
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from instrdiv.paths import project_root
from instrdiv.runs.record import read_record
from instrdiv.versions import own_version

NOTEBOOK, SCALE = "01_rule_diversity", "laptop"
SHORT = {"num_rules": 300, "steps": 20}


def measure(workers: int, number: int) -> dict[str, Any]:
    """Sweep over short runs.

    Returns:
        ``workers``; ``runs``; ``total``, the processor seconds of the sweep and everything below
        it; ``inside``, those within runs from the drawing of data to the last score, which a record
        counts as its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        grid, results = Path(folder) / "grid.yaml", Path(folder) / "results"
        seeds = list(range(1000, 1000 + number))
        grid.write_text(
            yaml.safe_dump({NOTEBOOK: {SCALE: [SHORT | {"seed": seeds}]}}), encoding="utf-8"
        )
        before = _children_seconds()
        command = [sys.executable, "-m", "instrdiv", "sweep", NOTEBOOK, "--scale", SCALE]
        command += ["--grid", str(grid), "--results", str(results), "--workers", str(workers)]
        subprocess.run(command, cwd=project_root(), check=True)
        total = _children_seconds() - before
        records = [read_record(path) for path in results.glob(f"*/{SCALE}/*.json")]
    inside = sum(record.provenance["cpu_seconds"] for record in records)
    return {
        "workers": workers,
        "runs": len(records),
        "total": round(total, 1),
        "inside": round(inside, 1),
        "processor": records[0].provenance["processor"],
        "commit": records[0].provenance["commit"],
    }


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(output: Path) -> None:
    """Measure with one worker and with two, and write the file that the book's page reads."""
    measured = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "version": own_version(),
        "scale": SCALE,
        "sweeps": [measure(workers, 2) for workers in (1, 2)],
    }
    output.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
