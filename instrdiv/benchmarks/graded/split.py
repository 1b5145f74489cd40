"""The split: whole families are held out, so that no test problem is from a training family."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from instrdiv.benchmarks.graded.all_families import FAMILIES
from instrdiv.benchmarks.graded.family import Family, GradedProblem
from instrdiv.benchmarks.graded.grades import GRADES
from instrdiv.data.instruction_sources import InstructionPair
from instrdiv.seeds import stream

TEST_SHARE = 1 / 3
"""Share of the families of each grade."""

T = TypeVar("T")


@dataclass(frozen=True)
class Split:
    """Training families and test families.

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
        """Sample distinct test problems, with grades in turn, each in one of its phrasings.

        The families of a grade contribute equally as far as they can, and a larger sample begins
        with all of a smaller one.

        >>> [problem.grade for problem in split().problems(seed=0, per_grade=1)]
        [1, 2, 3, 4, 5]

        Raises:
            ValueError: the families of a grade have too few.
        """
        phrasings = stream(seed, "graded phrasings")
        drawn = _draw(self.test, len, per_grade, "test problems", seed, "graded problems")
        return [f.problem(number, int(phrasings.integers(f.phrasings))) for f, number in drawn]

    def examples(self, seed: int, per_grade: int) -> list[InstructionPair]:
        """Sample distinct training examples as `problems` does; an answer is the bare function.

        A problem may occur again in another phrasing.

        >>> print(split().examples(seed=0, per_grade=1)[0].answer, end="")
        def every_kth(s):
            return s[2::6]

        Raises:
            ValueError: the families of a grade have too few.
        """
        drawn = _draw(
            self.training, instructions, per_grade, "training examples", seed, "graded examples"
        )
        return [
            InstructionPair(
                f.prompt(*divmod(number, f.phrasings)), f.solution(number // f.phrasings), "graded"
            )
            for f, number in drawn
        ]


def split(seed: int = 0) -> Split:
    """Hold out a share of the families of every grade.

    On either side, families of all grades take turns, so that any first part covers them evenly.

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
    """Number of different instructions of a family."""
    return len(family) * family.phrasings


def _draw(
    families: Sequence[Family],
    size: Callable[[Family], int],
    per_grade: int,
    what: str,
    seed: int,
    name: str,
) -> list[tuple[Family, int]]:
    """Pairs of a family and a number below its size, all distinct."""
    if per_grade < 1:
        raise ValueError(f"per_grade={per_grade}: at least 1 is needed")
    by_grade = {grade: [f for f in families if f.grade == grade] for grade in GRADES}
    held = {grade: sum(map(size, within)) for grade, within in by_grade.items()}
    if lacking := [f"{n} of grade {grade}" for grade, n in held.items() if n < per_grade]:
        raise ValueError(
            f"{per_grade} {what} of each grade are needed, but the families have only "
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
    """One item of each queue, then a second of each that has more, and so on."""
    nothing: Any = object()
    for turn in itertools.zip_longest(*queues, fillvalue=nothing):
        yield from (item for item in turn if item is not nothing)
