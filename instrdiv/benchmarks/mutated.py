"""HumanEval-mut: HumanEval's problems with more tests, generated without a network.

HumanEval+ must be downloaded. This benchmark replaces it where that is impossible, under its own
name: EvalPlus's mutation (Liu et al., 2023) generates new inputs from those of HumanEval's tests,
and the reference solution gives the correct outputs. Its scores are not those of HumanEval+.
"""

import contextlib
import copy
import dataclasses
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from instrdiv.benchmarks.plus import require_evalplus
from instrdiv.benchmarks.published import Problem, human_eval
from instrdiv.data.fetch import Asset, AssetError, fetch

GROWN = 30
"""New inputs of a problem; fewer if mutation finds no more that the solution accepts."""
TRIES = 10
"""Attempts for each."""
SECONDS = 0.2
"""Time limit of the solution for an answer."""
FILE = "tests.json"
LONGEST = 2_000
"""Most characters of an input and its correct answer as text."""

CHECK = """
def _same(given, right):
    if isinstance(right, float) and isinstance(given, (int, float)):
        return given == right or abs(given - right) <= 1e-6 * max(1, abs(right))
    if isinstance(right, (list, tuple)) and type(given) is type(right):
        return len(given) == len(right) and all(map(_same, given, right))
    return given == right

for _given, _right in {pairs}:
    assert _same({name}(*_given), _right)
"""


def human_eval_mut() -> list[Problem]:
    """HumanEval's problems with additional tests, which are generated once and cached.

    Raises:
        AssetError: EvalPlus is not installed.
    """
    grown = json.loads((fetch(HUMAN_EVAL_MUT) / FILE).read_text(encoding="utf-8"))
    return [with_tests(problem, grown[problem.name]) for problem in human_eval()]


def with_tests(problem: Problem, pairs: str) -> Problem:
    """A problem with more tests.

    Args:
        pairs: a list of pairs of arguments and correct answer, as text.
    """
    more = CHECK.format(pairs=pairs, name=problem.entry_point)
    return dataclasses.replace(problem, tests=problem.tests + more)


def grow(problem: Problem, number: int = GROWN) -> str:
    """Mutate the inputs of a problem's tests, with answers of its solution.

    The result is reproducible only if ``PYTHONHASHSEED`` is 0, since EvalPlus samples from sets.

    >>> grow(human_eval()[2], number=0)
    '[]'
    """
    from evalplus.gen.type_mut import TypedMutGen

    program = problem.prompt + problem.solution
    random.seed(problem.name)
    inputs = inputs_of(problem)
    mutation = TypedMutGen(copy.deepcopy(inputs), problem.entry_point, program)
    known = {repr(given) for given in inputs}
    pairs: list[str] = []
    for _ in range(number * TRIES):
        given = mutation.seed_selection()
        for _ in range(random.randint(1, 5)):
            given = mutation.mutate(given)
        if repr(given) in known:
            continue
        known.add(repr(given))
        pair = answered(program, problem.entry_point, given)
        if pair:
            mutation.seed_pool.append(given)
            pairs.append(pair)
        if len(pairs) == number:
            break
    return f"[{', '.join(pairs)}]"


def inputs_of(problem: Problem) -> list[list[Any]]:
    """The arguments with which a problem's own tests call its solution."""
    seen: list[list[Any]] = []

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            seen.append(copy.deepcopy(list(given)))
            return function(*given)

        return call

    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(None):
        exec(problem.prompt + problem.solution, names)
        names[problem.entry_point] = watched(names[problem.entry_point])
        exec(problem.tests, names)
    return seen


def answered(program: str, name: str, given: list[Any]) -> str | None:
    """Arguments and correct answer as text; None if the solution does not accept the arguments."""
    from evalplus.eval.utils import time_limit

    names: dict[str, Any] = {}
    try:
        with time_limit(SECONDS), contextlib.redirect_stdout(None):
            exec(program, names)
            right = names[name](*copy.deepcopy(given))
        pair = f"({given!r}, {right!r})"
        read = eval(pair, {})
    except Exception:  # a solution can raise any error on unsuitable input
        return None
    return pair if len(pair) <= LONGEST and read == (given, right) else None


def _grow_all(folder: Path) -> None:
    require_evalplus()
    grown = subprocess.run(
        [sys.executable, "-m", "instrdiv.benchmarks.mutated", str(folder / FILE)],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if grown.returncode:
        lines = grown.stderr.strip().splitlines() or ["no reason given"]
        raise AssetError(f"generating tests failed: {lines[-1]}")


_RECIPE = f"evalplus 0.3.1: {GROWN} of {TRIES}, {SECONDS} s, {LONGEST} characters"
HUMAN_EVAL_MUT = Asset("HumanEval-mut", sha256(_RECIPE.encode()).hexdigest(), _grow_all)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(
        json.dumps({p.name: grow(p) for p in human_eval()}), encoding="utf-8"
    )
