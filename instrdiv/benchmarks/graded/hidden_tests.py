"""Hidden tests: inputs chosen so that every known wrong program fails at least one of them."""

import copy
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from random import Random
from typing import Any

from instrdiv.benchmarks.graded.arguments import ArgumentKind, constants

TESTS = 24
"""Least number of tests of a problem, if its function has that many different inputs."""
CANDIDATES = 100
"""Number of inputs from which they are chosen."""
MOST_CANDIDATES = 20_000
"""Largest number of inputs tried to find one that a wrong program fails."""


class NotTested(ValueError):
    """A wrong program passes: it is correct after all, or the inputs are too easy."""


def hidden_tests(
    name: str, solution: str, kinds: Sequence[ArgumentKind], wrong: Sequence[str], rng: Random
) -> str:
    """A program of assertions that the solution passes and every wrong program fails.

    Inputs are first chosen for varied answers, so that a program which always gives the most common
    answer fails. Then, for each wrong program that still passes, the first input is added on which
    it fails.

    Args:
        name: the function's.

    >>> from instrdiv.benchmarks.graded.arguments import WHOLE
    >>> right, wrong = (f"def f(x):\\n    return x {op} 37" for op in (">", ">="))
    >>> "assert f(37) == False" in hidden_tests("f", right, [WHOLE], [wrong],
    ...                                         Random(0))
    True

    Raises:
        NotTested: the message shows the wrong program that no input distinguishes.
    """
    right = function(name, solution)
    cases = (
        (inputs, right(*copy.deepcopy(inputs))) for inputs in _candidates(kinds, solution, rng)
    )
    seen = _varied(itertools.islice(cases, CANDIDATES))
    chosen = seen[:TESTS]
    constant = f"def {name}(*_):\n    return {chosen[0][1]!r}\n"  # the answer to the first test
    for program in (*wrong, constant):
        other = function(name, program)
        if not any(fails(other, case) for case in chosen):
            telling = (case for case in itertools.chain(seen, cases) if fails(other, case))
            if (case := next(telling, None)) is None:
                raise NotTested(
                    f"no sampled input distinguishes this from the solution:\n{program}"
                )
            chosen.append(case)
    return "".join(
        f"assert {name}({', '.join(map(repr, inputs))}) == {answer!r}\n"
        for inputs, answer in chosen
    )


@cache  # the settings of a family are tried on one another
def function(name: str, program: str) -> Callable[..., Any]:
    """The function that a program of our own defines."""
    names: dict[str, Any] = {}
    exec(program, names)
    return names[name]


def fails(tried: Callable[..., Any], case: tuple[tuple[Any, ...], Any]) -> bool:
    """Whether a function raises an error or gives a wrong answer."""
    inputs, expected = case
    try:
        return bool(tried(*copy.deepcopy(inputs)) != expected)
    except Exception:
        return True


def _candidates(
    kinds: Sequence[ArgumentKind], solution: str, rng: Random
) -> Iterator[tuple[Any, ...]]:
    near = constants(solution)
    yield from zip(*(kind.edges for kind in kinds), strict=True)
    for _ in range(MOST_CANDIDATES):
        yield tuple(kind.draw(rng, near) for kind in kinds)


def _varied(
    cases: Iterable[tuple[tuple[Any, ...], Any]],
) -> list[tuple[tuple[Any, ...], Any]]:
    """Distinct cases, reordered: one for each answer, then a second for each, and so on."""
    different = {repr(inputs): (inputs, answer) for inputs, answer in cases}
    seen: Counter[str] = Counter()
    ranked = []
    for case in different.values():
        ranked.append((seen[repr(case[1])], case))
        seen[repr(case[1])] += 1
    return [case for _, case in sorted(ranked, key=lambda pair: pair[0])]
