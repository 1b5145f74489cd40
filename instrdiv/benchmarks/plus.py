"""HumanEval+ and MBPP+ (Liu et al., 2023), judged by EvalPlus's own evaluator.

EvalPlus reads the problems from the files in HUMANEVAL_OVERRIDE_PATH and MBPP_OVERRIDE_PATH, from
its cache, or from a download. Its evaluator runs programs in its own processes and not in the
project's sandbox: they can read and change files and use the network. So nothing is judged unless
the environment variable ``INSTRDIV_TRUST_EVALPLUS`` is 1.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from instrdiv.benchmarks.published import Problem
from instrdiv.codeexec.process import NoProtection
from instrdiv.data.fetch import AssetError

BENCHMARKS = {"human_eval": "humaneval", "mbpp": "mbpp"}
"""Our names and EvalPlus's."""
INSTALL = "pip install --no-deps evalplus==0.3.1"
"""Without its dependencies for remote models; the others are in requirements.txt."""
TRUST = "INSTRDIV_TRUST_EVALPLUS"
"""Environment variable that, set to 1, allows EvalPlus to run programs."""


class Judged(NamedTuple):
    """Whether a program passes the benchmark's own tests, and whether also the added ones."""

    base: bool
    plus: bool


def plus_problems(name: str) -> list[Problem]:
    """The problems of ``human_eval`` or ``mbpp`` in EvalPlus's wording, without tests.

    Raises:
        AssetError: EvalPlus is not installed, or its problems cannot be loaded.
    """
    require_evalplus()
    from evalplus import data

    read = {"human_eval": data.get_human_eval_plus, "mbpp": data.get_mbpp_plus}[name]
    try:
        found = read()
    except (OSError, AssertionError) as error:
        raise AssetError(
            f"the problems of {BENCHMARKS[name]}+ cannot be loaded ({error}): let EvalPlus "
            f"download them, name a file in {BENCHMARKS[name].upper()}_OVERRIDE_PATH, or "
            "set `mutated` in place of `plus`: its tests need no network"
        ) from None
    return [
        Problem(
            name=task,
            prompt=problem["prompt"],
            solution=problem["canonical_solution"],
            tests="",
            entry_point=problem["entry_point"],
        )
        for task, problem in found.items()
    ]


def require_evalplus() -> None:
    """Check before training that EvalPlus is installed."""
    if importlib.util.find_spec("evalplus") is None:
        raise AssetError(f"EvalPlus is not installed: run `{INSTALL}`")


def require_trust() -> None:
    """Check before training that EvalPlus may run what the model will write.

    Raises:
        NoProtection: nobody has allowed it.
    """
    if os.environ.get(TRUST) != "1":
        raise NoProtection(
            "plus=True: EvalPlus runs a model's programs under a guard of its own and not in this "
            "project's sandbox, so they can read and change files and use the network: set "
            "`mutated` in place of `plus`, or, only where nothing can be lost, set "
            f"{TRUST}=1"
        )


def judge(name: str, programs: Mapping[str, str]) -> dict[str, Judged]:
    """Run EvalPlus's evaluator on one whole program for each problem.

    Args:
        name: ``human_eval`` or ``mbpp``.
        programs: by the problem's name; EvalPlus needs one for each.

    Raises:
        AssetError: EvalPlus is not installed.
        NoProtection: see `require_trust`.
        RuntimeError: it failed; the message is its last line.
    """
    require_evalplus()
    require_trust()
    with tempfile.TemporaryDirectory() as folder:
        samples = Path(folder) / "samples.jsonl"
        samples.write_text(
            "".join(
                json.dumps({"task_id": task, "solution": program}) + "\n"
                for task, program in programs.items()
            ),
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "evalplus.evaluate", "--dataset", BENCHMARKS[name]]
        command += ["--samples", str(samples), "--parallel", "1"]
        finished = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
        if finished.returncode:
            lines = finished.stderr.strip().splitlines() or ["no reason given"]
            raise RuntimeError(f"EvalPlus failed on {BENCHMARKS[name]}: {lines[-1]}")
        results = json.loads(
            samples.with_name("samples_eval_results.json").read_text(encoding="utf-8")
        )["eval"]
    return {
        task: Judged(
            base=found["base_status"] == "pass",
            plus=found["base_status"] == found["plus_status"] == "pass",
        )
        for task, (found,) in results.items()
    }
