"""EvalPlus's evaluator, on problems made up for it."""

import json
import os
import subprocess
import sys

import pytest

from instrdiv.benchmarks import plus
from instrdiv.codeexec.process import NoProtection
from instrdiv.data.fetch import AssetError

TASKS = [
    {
        "task_id": f"HumanEval/{number}",
        "prompt": f'def {name}(n):\n    """{what}"""\n',
        "entry_point": name,
        "contract": "",
        "canonical_solution": f"    return {result}\n",
        "base_input": [[1], [2]],
        "plus_input": [[-3], [0]],
        "atol": 0,
    }
    for number, (name, what, result) in enumerate(
        [
            ("size", "How far n is from 0.", "abs(n)"),
            ("twice", "Two times n.", "2 * n"),
            ("next", "One more than n.", "n + 1"),
        ]
    )
]
JUDGE = """
import json, sys
from instrdiv.benchmarks.plus import judge, plus_problems
problems = plus_problems("human_eval")
programs = {problem.name: problem.prompt + problem.solution for problem in problems}
# Right where the benchmark's own tests look, wrong below zero; and wrong everywhere.
programs |= {"HumanEval/0": "def size(n):\\n    return n", "HumanEval/1": "def twice(n): return 0"}
print(json.dumps(judge("human_eval", programs)))
"""

IMPATIENT = """
import time
sleep = time.sleep
time.sleep = lambda seconds: sleep(min(seconds, 0.1))
"""
"""EvalPlus looks every twenty seconds whether it is stuck, and ends only at the next look."""


def test_evalplus_judges_by_the_benchmarks_own_tests_and_by_the_added_ones(tmp_path, monkeypatch):
    pytest.importorskip("evalplus", reason="EvalPlus is not installed")
    made_up = tmp_path / "problems.jsonl"
    made_up.write_text("".join(json.dumps(task) + "\n" for task in TASKS), encoding="utf-8")
    # Read when EvalPlus is imported, hence a process of its own.
    monkeypatch.setenv("HUMANEVAL_OVERRIDE_PATH", str(made_up))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "sitecustomize.py").write_text(IMPATIENT, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv(plus.TRUST, "1")
    finished = subprocess.run(
        [sys.executable, "-c", JUDGE], capture_output=True, text=True, check=True
    )
    assert json.loads(finished.stdout.splitlines()[-1]) == {
        "HumanEval/0": [True, False],
        "HumanEval/1": [False, False],
        "HumanEval/2": [True, True],
    }


@pytest.mark.parametrize("value", [None, "", "0", "yes"])
def test_evalplus_runs_no_program_unless_that_is_allowed(value, monkeypatch):
    monkeypatch.setattr(plus, "require_evalplus", lambda: None)
    monkeypatch.setattr(plus.subprocess, "run", lambda *_, **__: pytest.fail("it was run"))
    monkeypatch.delenv(plus.TRUST, raising=False)
    if value is not None:
        monkeypatch.setenv(plus.TRUST, value)
    with pytest.raises(NoProtection, match=r"plus=True: .*not in this project's sandbox.*=1"):
        plus.judge("mbpp", {})


def test_without_evalplus_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(plus.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(AssetError, match="EvalPlus is not installed: run `pip install"):
        plus.plus_problems("mbpp")
