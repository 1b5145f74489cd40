"""Benchmarks: reference solutions pass in the cage, programs that do nothing don't."""

import itertools

import pytest

from instrdiv.programs.benchmarks import human_eval, pass_at_k
from instrdiv.programs.sandbox import run_programs


def test_every_canonical_solution_of_human_eval_passes():
    problems = human_eval()
    results = run_programs([(p.prompt + p.solution, p.tests) for p in problems])
    failed = {p.name: r.reason for p, r in zip(problems, results, strict=True) if not r.passed}
    assert len(problems) == 164 and not failed


@pytest.mark.parametrize("body", ["    pass\n", "    return None\n"])
def test_programs_that_do_nothing_pass_nothing(body):
    problems = human_eval()
    results = run_programs([(p.prompt + body, p.tests) for p in problems])
    assert sum(result.passed for result in results) == 0


@pytest.mark.parametrize(("samples", "passed", "k"), [(5, 2, 1), (5, 2, 3), (6, 0, 2), (4, 4, 4)])
def test_pass_at_k_is_the_share_of_draws_that_hold_a_right_one(samples, passed, k):
    draws = list(itertools.combinations([True] * passed + [False] * (samples - passed), k))
    assert pass_at_k(samples, passed, k) == pytest.approx(sum(map(any, draws)) / len(draws))


@pytest.mark.parametrize(("samples", "passed", "k"), [(5, 6, 1), (5, 2, 6), (5, 2, 0), (5, -1, 1)])
def test_impossible_numbers_are_refused(samples, passed, k):
    with pytest.raises(ValueError, match=f"samples={samples}, passed={passed}, k={k}"):
        pass_at_k(samples, passed, k)
