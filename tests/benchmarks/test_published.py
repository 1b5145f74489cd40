"""Benchmarks: reference solutions pass in the sandbox, programs that do nothing don't."""

import ast

import pytest
from fetched import with_mbpp

from instrdiv.benchmarks.published import human_eval, mbpp
from instrdiv.codeexec.extraction import extract_program
from instrdiv.codeexec.sandbox import Limits, run_programs


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
