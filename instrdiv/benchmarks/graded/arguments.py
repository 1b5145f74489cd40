"""Kinds of arguments: their description in a prompt, and test inputs.

Inputs are sampled near the constants of the reference solution. A program that confuses ``x > 37``
with ``x >= 37`` differs only at 37, which uniform sampling would miss.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

PLAIN_LETTERS = "abcdeiou"
NAMES = ("apple", "fig", "kiwi", "lime", "pear", "plum")


class Constants(NamedTuple):
    """The numbers and strings in a program."""

    numbers: tuple[int, ...]
    strings: tuple[str, ...]

    @property
    def letters(self) -> str:
        return "".join(self.strings)


def constants(program: str) -> Constants:
    """Read the constants out of a program.

    >>> constants('return x > 37 or s == "no"')
    Constants(numbers=(37,), strings=('no',))
    """
    numbers, strings = [], []
    for node in ast.walk(ast.parse(program)):
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
                numbers.append(-value)
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int(value)):
                numbers.append(value)
            case ast.Constant(value=str(value)) if value:
                strings.append(value)
    return Constants(tuple(numbers), tuple(strings))


@dataclass(frozen=True)
class ArgumentKind:
    """A kind of argument.

    Attributes:
        words: its description in a prompt.
        edges: inputs where programs tend to be wrong.
        draw: samples another input, near the given constants.
    """

    words: str
    edges: tuple[Any, ...]
    draw: Callable[[Random, Constants], Any]


def _number(rng: Random, near: Constants, low: int = -20, high: int = 40) -> int:
    if near.numbers and rng.random() < 0.4:
        return max(low, rng.choice(near.numbers) + rng.randint(-1, 1))
    return rng.randint(low, high)


def _numbers(rng: Random, near: Constants, shortest: int = 0) -> list[int]:
    numbers = [_number(rng, near) for _ in range(rng.randint(shortest, 9))]
    match rng.choice(("any", "any", "few", "sorted", "steps")):
        case "few":
            return [rng.choice(numbers[:3]) for _ in numbers]
        case "sorted":
            return sorted(numbers)
        case "steps":
            start, step = _number(rng, near), _number(rng, near)
            return [start + step * i for i in range(len(numbers))]
    return numbers


def _text(rng: Random, letters: str, shortest: int = 0, longest: int = 10) -> str:
    few = rng.choices(letters, k=3)
    text = "".join(rng.choices(few, k=rng.randint(shortest, longest)))
    return text + text[::-1] if rng.random() < 0.15 else text


def _any_letters(near: Constants) -> str:
    return PLAIN_LETTERS + 2 * near.letters


def _small_letters(near: Constants) -> str:
    return PLAIN_LETTERS + "xyz" + 2 * "".join(filter(str.islower, near.letters))


def _phrase(rng: Random, near: Constants, fewest: int = 0) -> str:
    letters = _small_letters(near)
    words: list[str] = []
    for _ in range(rng.randint(fewest, 6)):
        match rng.choice(("word", "word", "number", "mixed", "again")):
            case "number":
                words.append(str(_number(rng, near, low=0)))
            case "mixed":
                words.append(_text(rng, letters + "0123456789", 1, 4))
            case "again" if words:
                words.append(rng.choice(words).swapcase())
            case _:
                word = _text(rng, letters, 1, 8)
                words.append(rng.choice((word, word.upper(), word.capitalize())))
    return " ".join(words)


def _words(rng: Random, near: Constants) -> list[str]:
    words = [_text(rng, _small_letters(near), 1, 8) for _ in range(rng.randint(0, 7))]
    return [rng.choice(words[:3]) for _ in words] if rng.random() < 0.2 else words


def _names(near: Constants) -> list[str]:
    return [*NAMES, *filter(str.isalpha, near.strings)]


def _table(rng: Random, near: Constants) -> dict[str, int]:
    names = _names(near)
    return {rng.choice(names): _number(rng, near) for _ in range(rng.randint(0, 7))}


def _rows(rng: Random, near: Constants) -> list[list[int]]:
    width = rng.randint(4, 5)
    return [[_number(rng, near, -5, 12) for _ in range(width)] for _ in range(rng.randint(0, 5))]


WHOLE = ArgumentKind("a whole number", (0, 1, -1), _number)
COUNT = ArgumentKind(
    "a whole number that is 0 or more",
    (0, 1, 2),
    lambda rng, near: _number(rng, near, low=0, high=12),
)
NATURAL = ArgumentKind(
    "a whole number that is 1 or more",
    (1, 2, 100),
    lambda rng, near: _number(rng, near, low=1, high=500),
)
NUMBERS = ArgumentKind("a list of whole numbers", ([], [0], [-1, 1]), _numbers)
SOME_NUMBERS = ArgumentKind(
    "a list of one or more whole numbers",
    ([0], [-1, -2], [3, 3]),
    lambda rng, near: _numbers(rng, near, shortest=1),
)
FOUR_NUMBERS = ArgumentKind(
    "a list of four or more whole numbers",
    ([1, 2, 3, 4], [4, -3, 2, 2], [0, 0, 0, 0]),
    lambda rng, near: _numbers(rng, near, shortest=4),
)
TEXT = ArgumentKind("a string", ("", "a", "aa"), lambda rng, near: _text(rng, _any_letters(near)))
LONG_TEXT = ArgumentKind(
    "a string of four or more characters",
    ("abcd", "Aaab", "b aA"),
    lambda rng, near: _text(rng, _small_letters(near) + "ABCD  ", shortest=4),
)
SMALL_LETTERS = ArgumentKind(
    "a string of lower-case letters",
    ("", "a", "xyz"),
    lambda rng, near: _text(rng, _small_letters(near)),
)
PHRASE = ArgumentKind("a string of words with one space between them", ("", "a", "Aa bB"), _phrase)
LONG_PHRASE = ArgumentKind(
    "a string of four or more words with one space between them",
    ("a b c d", "One two three four", "it is as it was"),
    lambda rng, near: _phrase(rng, near, fewest=4),
)
WORDS = ArgumentKind("a list of strings", ([], ["a"], ["b", "aa"]), _words)
TABLE = ArgumentKind(
    "a dictionary from strings to whole numbers",
    ({}, {"fig": 0}, {"pear": -1, "fig": 1}),
    _table,
)
ROWS = ArgumentKind(
    "a list of rows, each a list of four or more whole numbers",
    ([], [[0, 0, 0, 0]], [[1, 2, 3, 4], [5, -6, 7, -8]]),
    _rows,
)
KEYS = ArgumentKind(
    "a list of strings",
    ([], ["fig"], ["fig", "fig"]),
    lambda rng, near: rng.choices(_names(near), k=rng.randint(0, 5)),
)
