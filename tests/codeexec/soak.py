"""Try the sandbox on everything there is, and write what held for the page on the threat model.

    python tests/codeexec/soak.py book/data/sandbox.json

Run it as root, so that every hostile program is also tried as an ordinary user. It takes some ten
minutes on two cores, and writes what it has after each part.
"""

import datetime
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import yaml
from attacks import RIGHT, attempt
from ordinary import as_ordinary_user
from test_lawful import BANK, MODULES, definition

from instrdiv.benchmarks.published import human_eval, mbpp
from instrdiv.codeexec.process import landlock_version
from instrdiv.codeexec.protection import missing
from instrdiv.codeexec.sandbox import run_programs

HERE = Path(__file__).parent
WORKERS = 6
"""Many programs wait until their time is over."""


def banks() -> dict[str, tuple[dict[str, str], str]]:
    """Hostile programs by what they attack, each bank with what stands after its programs."""
    hostile, forging = (
        yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
        for name in ("hostile", "forging")
    )
    return {name: (bank, RIGHT) for name, bank in hostile.items()} | {"verdict": (forging, "")}


def as_user(bank: dict[str, str], answer: str) -> dict[str, str]:
    """What each program of a bank achieves, run by a user who is not root."""
    finished = as_ordinary_user("attacks.py", json.dumps([(bank, answer)]))
    if finished.returncode:
        raise RuntimeError(finished.stderr)
    return json.loads(finished.stdout)[0]


def passed(jobs: dict[str, tuple[str, str]]) -> dict[str, object]:
    """How many of these programs pass, and why others don't."""
    results = dict(zip(jobs, run_programs(list(jobs.values()), workers=WORKERS), strict=True))
    failed = {name: result.reason for name, result in results.items() if not result.passed}
    return {"programs": len(jobs), "passed": len(jobs) - len(failed), "failed": failed}


def main(path: Path) -> None:
    assert os.geteuid() == 0, "it takes root to become another user"
    assert missing() == {}, missing()
    found: dict[str, object] = {
        "date": datetime.date.today().isoformat(),
        "commit": subprocess.check_output(["git", "rev-parse", "HEAD"], text=True)[:12],
        "kernel": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "landlock": landlock_version(),
        "python": platform.python_version(),
        "pyseccomp": importlib.metadata.version("pyseccomp"),
    }

    def keep(name: str, value: object) -> None:
        found[name] = value
        path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        print(name, value, flush=True)

    lawful = {n: c if "\n" in c else MODULES + definition(c) for n, c in BANK.items()}
    keep("lawful", passed({n: (c, "assert answer() == 42") for n, c in lawful.items()}))
    for name, read in (("HumanEval", human_eval), ("MBPP", mbpp)):
        keep(name, passed({p.name: (p.start + p.solution, p.tests) for p in read()}))
    with ProcessPoolExecutor(WORKERS) as pool:
        tried = {
            name: (pool.submit(attempt, *each), pool.submit(as_user, *each))
            for name, each in banks().items()
        }
        keep("attacks", {
            name: {
                "programs": len(banks()[name][0]),
                "as root": root.result(),
                "as a user": user.result(),
            }
            for name, (root, user) in tried.items()
        })  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
