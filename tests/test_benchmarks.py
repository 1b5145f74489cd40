"""Benchmarks: reference solutions pass in the sandbox, programs that do nothing don't."""

import ast
import itertools

import pytest
from fetched import with_mbpp

from instrdiv.benchmarks.published import human_eval, mbpp
from instrdiv.codeexec.extraction import extract_program
from instrdiv.codeexec.sandbox import Limits, run_programs
from instrdiv.statistics.scores import pass_at_k


@pytest.mark.parametrize("body", ["    pass\n", "    return None\n"])
def test_programs_that_do_nothing_pass_nothing(body):
    problems = human_eval()[::4]  # all 164 were tried once; a sample keeps the suite short
    results = run_programs([(p.prompt + body, p.tests) for p in problems])
    assert sum(result.passed for result in results) == 0


@with_mbpp
def test_mbpp_is_its_test_split_of_500():
    problems = mbpp()
    assert [p.name for p in problems] == [f"MBPP/{number}" for number in range(11, 511)]
    assert not any("\r" in p.prompt + p.solution + p.tests for p in problems)
    assert all(p.tests.count("assert") >= 3 for p in problems)
    for problem in problems:
        compile(problem.prompt, problem.name, "exec")


@with_mbpp
def test_canonical_solutions_of_mbpp_pass_out_of_an_answer():
    every = mbpp()
    programs = [
        extract_program(f"So:\n\n```python\n{p.solution}```\nDone.", p.entry_point, p.start)
        for p in every
    ]
    assert all(p.solution.strip() in found for p, found in zip(every, programs, strict=True))
    # All 500 pass; they take most of a minute of processor time.
    problems = every[::10]
    jobs = [(program, p.tests) for program, p in zip(programs[::10], problems, strict=True)]
    results = run_programs(jobs, Limits(wall_seconds=60))
    assert {p.name: r.reason for p, r in zip(problems, results, strict=True) if not r.passed} == {}


@with_mbpp
@pytest.mark.parametrize("body", ["pass", "return None"])
def test_functions_that_do_nothing_pass_none_of_mbpp(body):
    problems = mbpp()[::20]
    jobs = [(p.prompt + hollow(p.solution, body), p.tests) for p in problems]
    assert sum(result.passed for result in run_programs(jobs, Limits(wall_seconds=60))) == 0


def hollow(program, body):
    """Everything that a program defines, without what it does."""
    defined = (ast.FunctionDef, ast.ClassDef)
    names = [node.name for node in ast.parse(program).body if isinstance(node, defined)]
    return "".join(f"def {name}(*given, **named):\n    {body}\n" for name in names)


@pytest.mark.parametrize(("samples", "passed", "k"), [(5, 2, 1), (5, 2, 3), (6, 0, 2), (4, 4, 4)])
def test_pass_at_k_is_the_share_of_draws_that_hold_a_right_one(samples, passed, k):
    draws = list(itertools.combinations([True] * passed + [False] * (samples - passed), k))
    assert pass_at_k(samples, passed, k) == pytest.approx(sum(map(any, draws)) / len(draws))


@pytest.mark.parametrize(("samples", "passed", "k"), [(5, 6, 1), (5, 2, 6), (5, 2, 0), (5, -1, 1)])
def test_impossible_numbers_are_refused(samples, passed, k):
    with pytest.raises(ValueError, match=f"samples={samples}, passed={passed}, k={k}"):
        pass_at_k(samples, passed, k)
