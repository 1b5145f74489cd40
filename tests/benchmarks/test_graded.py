"""The graded benchmark: right programs pass, wrong ones fail, and no family is on both sides."""

import ast
import itertools
from functools import cache

import pytest

from instrdiv.benchmarks.graded.all_families import FAMILIES
from instrdiv.benchmarks.graded.arguments import WHOLE
from instrdiv.benchmarks.graded.family import Family, GradedProblem, each, rows
from instrdiv.benchmarks.graded.grades import GRADES, steps
from instrdiv.benchmarks.graded.hidden_tests import NotTested, fails, function
from instrdiv.benchmarks.graded.split import Split, instructions, split
from instrdiv.codeexec.sandbox import Limits, run_program, run_programs

each_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


@cache
def problems_of(name: str) -> list[GradedProblem]:
    (family,) = (family for family in FAMILIES if family.name == name)
    return [family.problem(number) for number in range(len(family))]


def cases_of(problem: GradedProblem) -> list[tuple[tuple, object]]:
    """The inputs and answers that the hidden tests assert."""
    asserted = [statement.test for statement in ast.parse(problem.tests).body]
    return [
        (tuple(map(ast.literal_eval, test.left.args)), ast.literal_eval(test.comparators[0]))
        for test in asserted
    ]


def passes(program: str, tests: str) -> bool:
    """Run our own programs here; the sandbox is for programs of others."""
    names = {}
    exec(program, names)
    try:
        exec(tests, names)
    except Exception:
        return False
    return True


def degenerate(problem: GradedProblem) -> list[str]:
    """Programs that do nothing, with the answer to the first test as a constant among them."""
    head = problem.solution.splitlines()[0]
    first = head.split("(")[1].split(")")[0].split(",")[0]
    constant = cases_of(problem)[0][1]
    return [f"{head}\n    {it}\n" for it in ("pass", "return None", f"return {first}")] + [
        f"{head}\n    return {constant!r}\n"
    ]


@each_family
def test_every_solution_passes_and_every_wrong_program_fails(family):
    for problem in problems_of(family.name):
        assert passes(problem.solution, problem.tests), problem.name
        for program in (*problem.wrong, *degenerate(problem)):
            assert not passes(program, problem.tests), f"{problem.name} passes\n{program}"


def test_in_the_sandbox_solutions_pass_and_each_wrong_program_fails():
    """One problem of each family in one process; the wrong ones each with names of their own."""
    problems = [family.problem(len(family) // 2) for family in FAMILIES]
    right = "".join(p.solution for p in problems), "".join(p.tests for p in problems)
    pairs = [(w, p.tests) for p in problems for w in (*p.wrong, *degenerate(p))]
    refuse_all = f"""
for program, tests in {pairs!r}:
    names = {{}}
    exec(program, names)
    try:
        exec(tests, names)
    except Exception:
        continue
    raise AssertionError(program)
"""
    singles = [(p.wrong[0], p.tests) for p in problems[::20]]
    passed, refused, *failed = run_programs(
        [right, ("", refuse_all), *singles], Limits(wall_seconds=120, cpu_seconds=60)
    )
    assert passed.passed, passed.reason
    assert refused.passed, refused.reason
    assert {result.reason for result in failed} == {"tests: AssertionError"}


@each_family
def test_a_family_has_near_misses_wordings_and_one_grade(family):
    assert family.near_misses and len(family.says) >= 2 and len(family) >= 4
    assert len({steps(family.solution(number)) for number in range(len(family))}) == 1
    near = [set(family.near_miss_programs(n)) - {family.solution(n)} for n in range(len(family))]
    assert all(len(programs) == len(family.near_misses) for programs in near)


@each_family
def test_prompts_name_the_function_and_hold_neither_tests_nor_solution(family):
    for problem in problems_of(family.name):
        body = problem.solution.split("\n", 1)[1].strip()
        for phrasing in range(family.phrasings):
            prompt = family.prompt(int(problem.name.split("/")[1]), phrasing)
            assert f"`{family.signature}`" in prompt and "$" not in prompt
            assert body not in prompt and "assert" not in prompt and "==" not in prompt
            assert not any(line in prompt for line in problem.tests.splitlines())


def test_no_two_problems_share_a_prompt_in_any_phrasing():
    prompts = [
        family.prompt(number, phrasing)
        for family in FAMILIES
        for number in range(len(family))
        for phrasing in range(family.phrasings)
    ]
    assert len(set(prompts)) == len(prompts) == sum(map(instructions, FAMILIES))


def test_the_split_shares_no_family_and_has_every_grade_on_both_sides():
    for seed in range(5):
        sides = split(seed)
        names = [[family.name for family in side] for side in (sides.training, sides.test)]
        assert sorted(names[0] + names[1]) == sorted(family.name for family in FAMILIES)
        assert {family.grade for family in sides.test} == set(GRADES)
        assert {family.grade for family in sides.training} == set(GRADES)
    assert split(1) != split(2)


def test_no_solution_of_a_training_family_solves_a_test_problem():
    """Two test problems of each family, against every training problem of as many arguments."""
    sides = split()
    learned: dict[int, list] = {}
    for family in sides.training:
        for number in range(len(family)):
            solved = function(family.name, family.solution(number))
            learned.setdefault(len(family.arguments), []).append((family.name, solved))
    solved_by = set()
    for family in sides.test:
        for number in (0, len(family) // 2):
            cases = cases_of(problem := family.problem(number))
            for name, solved in learned[len(family.arguments)]:
                if not any(fails(solved, case) for case in cases):
                    solved_by.add((problem.name, name))
    assert not solved_by


def test_draws_are_distinct_balanced_and_from_their_side():
    sides = split()
    problems, examples = sides.problems(seed=3, per_grade=25), sides.examples(seed=3, per_grade=300)
    assert [problem.grade for problem in problems] == [*GRADES] * 25
    assert len({problem.name for problem in problems}) == 125
    assert {problem.family for problem in problems} == {family.name for family in sides.test}
    assert len(set(examples)) == 1500
    called = {example.answer.split("(")[0].removeprefix("def ") for example in examples}
    assert called == {family.name for family in sides.training}
    assert all(passes(example.answer, "") for example in examples)


def test_a_seed_decides_a_draw_and_a_larger_one_begins_with_a_smaller():
    sides = split()
    few, more, other = (sides.problems(*draw) for draw in ((1, 2), (1, 3), (2, 2)))
    assert few == more[: len(few)] == sides.problems(1, 2) and few != other
    assert sides.examples(1, 5) == sides.examples(1, 9)[:25] != sides.examples(2, 5)


def test_a_problem_has_the_same_tests_in_every_draw():
    drawn = [{p.name: p.tests for p in split().problems(seed, 20)} for seed in (0, 1)]
    both = set(drawn[0]) & set(drawn[1])
    assert both and all(drawn[0][name] == drawn[1][name] for name in both)


def test_more_than_the_families_hold_is_refused_with_the_numbers():
    sides = split()
    held = sum(len(family) for family in sides.test if family.grade == 1)
    with pytest.raises(ValueError, match=f"99999 test problems of each .* only {held} of grade 1"):
        sides.problems(0, 99_999)
    held = sum(instructions(family) for family in sides.training if family.grade == 5)
    with pytest.raises(ValueError, match=f"99999 training examples .* {held} of grade 5"):
        sides.examples(0, 99_999)
    with pytest.raises(ValueError, match="per_grade=0: at least 1"):
        sides.examples(0, 0)


def test_a_family_on_both_sides_is_refused():
    with pytest.raises(ValueError, match="both sides of the split: add_constant"):
        Split(FAMILIES[:1], FAMILIES[:2])


def family_of(near_misses, settings):
    return Family(
        name="f",
        arguments={"x": WHOLE},
        says=("`x` or more",),
        code="return x + $n",
        near_misses=near_misses,
        settings=settings,
    )


def test_a_near_miss_that_replaces_nothing_is_refused():
    with pytest.raises(ValueError, match=r"f: a near miss replaces '\*', which .* 0 times"):
        family_of([("*", "+")], each(n=[1]))


@pytest.mark.parametrize(
    ("near_misses", "settings"),
    [([("x + $n", "$n + x")], each(n=[1])), ([("+", "-")], rows("n", (2,), ("1 + 1",)))],
)
def test_a_wrong_program_that_is_right_after_all_is_refused(near_misses, settings):
    with pytest.raises(NotTested, match="no sampled input distinguishes this from the solution"):
        family_of(near_misses, settings).problem(0)


def test_a_report_of_the_sandbox_names_a_wrong_answer():
    problem = FAMILIES[0].problem(0)
    assert run_program(problem.solution, problem.tests).passed
    reasons = {run_program(program, problem.tests).reason for program in problem.wrong[:1]}
    assert reasons == {"tests: AssertionError"}


def test_grades_rise_with_steps():
    ordered = sorted(FAMILIES, key=lambda family: steps(family.solution(0)))
    assert all(a.grade <= b.grade for a, b in itertools.pairwise(ordered))
    assert {family.grade for family in FAMILIES} == set(GRADES)
