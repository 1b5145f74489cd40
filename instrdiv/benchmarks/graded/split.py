"""The split: whole families are held out, so that no test problem is of a make that was learned."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from instrdiv.benchmarks.graded.all_families import FAMILIES
from instrdiv.benchmarks.graded.family import Family, GradedProblem
from instrdiv.benchmarks.graded.grades import GRADES
from instrdiv.data.instruction_sources import Example
from instrdiv.seeds import stream

TEST_SHARE = 1 / 3
"""Of the families of each grade."""

T = TypeVar("T")


@dataclass(frozen=True)
class Split:
    """Families to learn from and families to be tested on.

    Raises:
        ValueError: a family is on both sides.
    """

    training: tuple[Family, ...]
    test: tuple[Family, ...]

    def __post_init__(self) -> None:
        learned, tested = ({family.name for family in side} for side in (self.training, self.test))
        if both := learned & tested:
            raise ValueError(f"on both sides of the split: {', '.join(sorted(both))}")

    def problems(self, seed: int, per_grade: int) -> list[GradedProblem]:
        """Draw different test problems, their grades in turn, each in one of its phrasings.

        Families of a grade give equally many as far as they hold them, and a larger draw begins
        with what a smaller one holds.

        >>> [problem.grade for problem in split().problems(seed=0, per_grade=1)]
        [1, 2, 3, 4, 5]

        Raises:
            ValueError: the families of a grade hold too few.
        """
        phrasings = stream(seed, "graded phrasings")
        drawn = _draw(self.test, len, per_grade, "test problems", seed, "graded problems")
        return [f.problem(number, int(phrasings.integers(f.phrasings))) for f, number in drawn]

    def examples(self, seed: int, per_grade: int) -> list[Example]:
        """Draw different training examples as `problems` does; an answer is the bare function.

        A problem may come again in another phrasing.

        >>> print(split().examples(seed=0, per_grade=1)[0].answer, end="")
        def every_kth(s):
            return s[2::6]

        Raises:
            ValueError: the families of a grade hold too few.
        """
        drawn = _draw(
            self.training, instructions, per_grade, "training examples", seed, "graded examples"
        )
        return [
            Example(
                f.prompt(*divmod(number, f.phrasings)), f.solution(number // f.phrasings), "graded"
            )
            for f, number in drawn
        ]


def split(seed: int = 0) -> Split:
    """Hold out a share of the families of every grade.

    Either side has a family of each grade in turn, so that any first part of it is spread.

    >>> sides = split()
    >>> len(sides.training) > len(sides.test), sides == split(0), sides == split(1)
    (True, True, False)
    """
    rng = stream(seed, "held-out families")
    training, test = [], []
    for grade in GRADES:
        families = [family for family in FAMILIES if family.grade == grade]
        order = [families[row] for row in rng.permutation(len(families))]
        held_out = max(1, round(TEST_SHARE * len(order)))
        test.append(order[:held_out])
        training.append(order[held_out:])
    return Split(tuple(_in_turn(training)), tuple(_in_turn(test)))


def instructions(family: Family) -> int:
    """In how many ways the problems of a family can be asked, all together."""
    return len(family) * family.phrasings


def _draw(
    families: Sequence[Family],
    size: Callable[[Family], int],
    per_grade: int,
    what: str,
    seed: int,
    name: str,
) -> list[tuple[Family, int]]:
    """Families, each with a number below its size, no pair twice."""
    if per_grade < 1:
        raise ValueError(f"per_grade={per_grade}: at least 1 is needed")
    by_grade = {grade: [f for f in families if f.grade == grade] for grade in GRADES}
    held = {grade: sum(map(size, within)) for grade, within in by_grade.items()}
    if lacking := [f"{n} of grade {grade}" for grade, n in held.items() if n < per_grade]:
        raise ValueError(
            f"{per_grade} {what} of each grade are asked for, but the families hold only "
            + ", ".join(lacking)
        )
    rng = stream(seed, name)
    drawn = []
    for within in by_grade.values():
        order = [within[row] for row in rng.permutation(len(within))]
        queues = [[(f, int(number)) for number in rng.permutation(size(f))] for f in order]
        drawn.append(list(_in_turn(queues))[:per_grade])
    return list(_in_turn(drawn))


def _in_turn(queues: Iterable[Iterable[T]]) -> Iterator[T]:
    """One of each queue, then another of each that is left, and so on."""
    nothing: Any = object()
    for turn in itertools.zip_longest(*queues, fillvalue=nothing):
        yield from (item for item in turn if item is not nothing)
