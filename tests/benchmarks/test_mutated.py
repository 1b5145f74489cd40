"""HumanEval-mut: right programs pass the grown tests, those that know the old ones don't."""

import json
import os
import subprocess
import sys

import pytest

from instrdiv.benchmarks.mutated import answered, grow, inputs_of, with_tests
from instrdiv.benchmarks.published import human_eval
from instrdiv.codeexec.sandbox import Limits, run_programs

pytest.importorskip("evalplus", reason="EvalPlus is not installed")
SOME = (0, 2, 11, 23, 28, 48)
PATIENT = Limits(wall_seconds=60)
GROW = """
import json
from instrdiv.benchmarks.mutated import grow, human_eval
print(json.dumps([grow(human_eval()[number], 9) for number in (0, 2, 11)]))
"""


@pytest.fixture(scope="module")
def grown():
    problems = [human_eval()[number] for number in SOME]
    return {problem.name: (problem, grow(problem, number=9)) for problem in problems}


def test_the_benchmarks_solutions_pass_the_grown_tests(grown):
    problems = [with_tests(problem, pairs) for problem, pairs in grown.values()]
    results = run_programs([(p.prompt + p.solution, p.tests) for p in problems], PATIENT)
    assert {p.name: r.reason for p, r in zip(problems, results, strict=True) if not r.passed} == {}


def test_a_program_that_knows_the_old_tests_by_heart_fails_the_grown_ones(grown):
    jobs = []
    for problem, pairs in grown.values():
        name = problem.entry_point
        program = problem.prompt + problem.solution
        known = [answered(program, name, given) for given in inputs_of(problem)]
        by_heart = (
            f"KNOWN = [{', '.join(filter(None, known))}]\n"
            f"def {name}(*given):\n"
            "    return next((right for old, right in KNOWN if old == list(given)), None)\n"
        )
        jobs += [(by_heart, problem.tests), (by_heart, with_tests(problem, pairs).tests)]
    passed = [result.passed for result in run_programs(jobs, PATIENT)]
    assert (passed[::2], passed[1::2]) == ([True] * len(SOME), [False] * len(SOME))


def test_growing_again_grows_the_same(grown):
    twice = [
        subprocess.run(
            [sys.executable, "-c", GROW], env=os.environ | {"PYTHONHASHSEED": "0"},
            capture_output=True, text=True, check=True,
        ).stdout
        for _ in range(2)
    ]  # fmt: skip
    assert twice[0] == twice[1]
    for pairs in json.loads(twice[0]):
        assert 1 <= len(eval(pairs)) <= 9


def test_what_a_solution_does_not_take_is_no_test():
    program = "def root(n):\n    return n**0.5 if n >= 0 else [][0]"
    assert answered(program, "root", [4]) == "([4], 2.0)"
    assert answered(program, "root", [-1]) is None
    assert answered("def stuck(n):\n    while n: pass", "stuck", [1]) is None
    assert answered("def handle(n):\n    return object()", "handle", [1]) is None
