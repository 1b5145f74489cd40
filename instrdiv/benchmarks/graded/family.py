"""Families: functions from one template that differ in their settings, such as a constant."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from string import Template
from textwrap import dedent, indent
from typing import Any

from instrdiv.benchmarks.graded.arguments import ArgumentKind
from instrdiv.benchmarks.graded.grades import grade
from instrdiv.benchmarks.graded.hidden_tests import hidden_tests
from instrdiv.benchmarks.published import Problem

FRAMES = (
    "Write a Python function `$signature` that returns $what. Here $arguments.",
    "Define `$signature` in Python, where $arguments. It should return $what.",
    "In Python, write `$signature`. Given that $arguments, return $what.",
)
"""Frames of a prompt; `Family.says` fills them in."""

Settings = list[dict[str, Any]]


@dataclass(frozen=True)
class GradedProblem(Problem):
    """A problem whose prompt is an instruction in words and whose solution is a complete function.

    Attributes:
        family: the name of its family and of its function.
        grade: its difficulty, one of `grades.GRADES`.
        wrong: programs that fail its tests: near misses first, then trivial ones.
    """

    family: str
    grade: int
    wrong: tuple[str, ...]

    @property
    def start(self) -> str:
        """Empty, since the prompt is not a program."""
        return ""


@dataclass(frozen=True, kw_only=True)
class Family:
    """Functions from one template, in which ``$word`` stands for a setting.

    >>> from instrdiv.benchmarks.graded.arguments import WHOLE
    >>> family = Family(
    ...     name="add_constant",
    ...     arguments={"x": WHOLE},
    ...     says=("the sum of `x` and $n", "`x` plus $n"),
    ...     code="return x + $n",
    ...     near_misses=[("+", "-")],
    ...     settings=each(n=range(1, 10)),
    ... )
    >>> print(family.solution(2), family.near_miss_programs(2)[0], sep="")
    def add_constant(x):
        return x + 3
    def add_constant(x):
        return x - 3
    <BLANKLINE>
    >>> family.prompt(2, 0)
    'Write a Python function `add_constant(x)` that returns the sum of `x` and 3. Here `x` is a \
whole number.'
    >>> family.grade, family.phrasings
    (1, 6)

    Attributes:
        name: also that of the function; it does not depend on settings.
        arguments: the kind of each.
        says: descriptions of what is returned, inserted into `FRAMES`.
        code: the body of the reference solution.
        near_misses: plausible errors, each as a piece of ``code`` and what replaces it.
        settings: one dictionary per problem.

    Raises:
        ValueError: a near miss replaces a piece that does not occur exactly once in ``code``.
    """

    name: str
    arguments: Mapping[str, ArgumentKind]
    says: Sequence[str]
    code: str
    near_misses: Sequence[tuple[str, str]]
    settings: Settings

    def __post_init__(self) -> None:
        for piece, _ in self.near_misses:
            if (number := self.code.count(piece)) != 1:
                raise ValueError(
                    f"{self.name}: a near miss replaces {piece!r}, which its code holds "
                    f"{number} times; once is needed"
                )

    def __len__(self) -> int:
        return len(self.settings)

    @cached_property
    def grade(self) -> int:
        """The grade of all problems: settings do not change the steps."""
        return grade(self.solution(0))

    @property
    def signature(self) -> str:
        return f"{self.name}({', '.join(self.arguments)})"

    @property
    def phrasings(self) -> int:
        """Number of phrasings of a problem."""
        return len(FRAMES) * len(self.says)

    def prompt(self, number: int, phrasing: int) -> str:
        """The instruction of one problem in one of its phrasings."""
        frame, wording = divmod(phrasing, len(self.says))
        return Template(FRAMES[frame]).substitute(
            signature=self.signature,
            arguments=" and ".join(f"`{a}` is {kind.words}" for a, kind in self.arguments.items()),
            what=Template(self.says[wording]).substitute(self.settings[number]),
        )

    def solution(self, number: int) -> str:
        """The reference solution of one problem."""
        return self._function(self.code, number)

    def near_miss_programs(self, number: int) -> list[str]:
        """The solution with one piece of it replaced, for each near miss."""
        return [self._function(self.code.replace(*miss), number) for miss in self.near_misses]

    def problem(self, number: int, phrasing: int = 0) -> GradedProblem:
        """One problem; its hidden tests depend only on its family and its number.

        They also distinguish its solution from those of all other settings.

        Raises:
            NotTested: a near miss is correct, or two settings make the same function.
        """
        name = f"{self.name}/{number}"
        solution = self.solution(number)
        first = next(iter(self.arguments))
        lazy = [self._function(body, number) for body in ("pass", "return None", f"return {first}")]
        wrong = (*self.near_miss_programs(number), *lazy)
        return GradedProblem(
            name=name,
            prompt=self.prompt(number, phrasing),
            solution=solution,
            tests=hidden_tests(
                self.name,
                solution,
                list(self.arguments.values()),
                [*wrong, *(self.solution(other) for other in range(len(self)) if other != number)],
                Random(name),
            ),
            entry_point=self.name,
            family=self.name,
            grade=self.grade,
            wrong=wrong,
        )

    def _function(self, body: str, number: int) -> str:
        lines = Template(dedent(body).strip()).substitute(self.settings[number])
        return f"def {self.signature}:\n{indent(lines, '    ')}\n"


def each(**values: Iterable[Any]) -> Settings:
    """Settings that vary independently.

    >>> each(n=(1, 2), letter="ab")[:3]
    [{'n': 1, 'letter': 'a'}, {'n': 1, 'letter': 'b'}, {'n': 2, 'letter': 'a'}]
    """
    return [dict(zip(values, row, strict=True)) for row in itertools.product(*values.values())]


def rows(names: str, *values: tuple[Any, ...]) -> Settings:
    """Settings that belong together, such as a word and its operator.

    >>> rows("word op", ("more", ">"), ("less", "<"))
    [{'word': 'more', 'op': '>'}, {'word': 'less', 'op': '<'}]
    """
    return [dict(zip(names.split(), row, strict=True)) for row in values]


def cross(*parts: Settings) -> Settings:
    """All combinations of settings from several parts.

    >>> len(cross(each(n=range(5)), rows("word op", ("more", ">"), ("less", "<"))))
    10
    """
    return [
        {name: value for part in row for name, value in part.items()}
        for row in itertools.product(*parts)
    ]
