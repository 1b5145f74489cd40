"""Other tasks than rewriting by rules: seven further operations on strings.

Their examples have the format of a rule's, ``instruction:input=output.``, so that one model can
learn both; an instruction begins with ``>``, as no rule does.
"""

from collections.abc import Callable

import numpy as np

from instrdiv.tasks.alphabet import END, LETTERS, PAD, encode
from instrdiv.tasks.examples import Examples


def _part(change: Callable[[str], str]) -> Callable[[str, str, str], str]:
    """Change the part between two positions, which are named by letters: a is the first."""

    def apply(z: str, p: str, q: str) -> str:
        start, end = sorted((LETTERS.index(p), LETTERS.index(q) + 1))
        return z[:start] + change(z[start:end]) + z[end:]

    return apply


BETWEEN_POSITIONS: dict[str, Callable[[str, str, str], str]] = {
    "reverse": _part(lambda part: part[::-1]),
    "sort": _part(lambda part: "".join(sorted(part))),
    "turn": _part(lambda part: part[1:] + part[:1]),
}
"""Tasks that change the letters between two positions."""
WITH_LETTERS: dict[str, Callable[[str, str, str], str]] = {
    "put": lambda z, p, q: z.replace(p, q),
    "exchange": lambda z, p, q: z.translate(str.maketrans(p + q, q + p)),
    "leave out": lambda z, p, q: z.replace(p, "").replace(q, ""),
    "number": lambda z, p, q: LETTERS[z.count(p)] + LETTERS[z.count(q)],
}
"""Tasks that do something with two letters at any position."""
OTHER_TASKS = BETWEEN_POSITIONS | WITH_LETTERS


def perform(task: str, p: str, q: str, z: str) -> str:
    """The output of an instruction for an input.

    >>> perform("reverse", "b", "d", "vwxyz"), perform("put", "a", "b", "banana")
    ('vyxwz', 'bbnbnb')
    >>> perform("number", "a", "n", "banana")
    'dc'
    """
    return OTHER_TASKS[task](z, p, q)


def instruction(task: str, p: str, q: str, width: int) -> str:
    """An instruction as text, padded to the width of a rule.

    >>> instruction("reverse", "b", "d", 9)
    '>rbd>>>>>'

    Raises:
        ValueError: the width is too small for it.
    """
    if width < 4:
        raise ValueError(f"a width of {width} is too small for an instruction, which takes 4")
    return f">{task[0]}{p}{q}".ljust(width, ">")


def sample_other_tasks(
    rng: np.random.Generator, number: int, width: int, z_length: int
) -> Examples:
    """Examples of the other tasks, equally many of each to within one, each with its own input.

    The letters that an instruction names occur in its input, so that it changes something.

    Args:
        width: number of letters of a rule and its arrow, |x| + |y| + 1.
        z_length: number of letters of an input; an output has at most as many.
    """
    prompt_length = width + z_length + 2
    tokens = np.full((number, prompt_length + z_length + 1), PAD, dtype=np.uint8)
    names = list(OTHER_TASKS)
    letters = rng.integers(len(LETTERS), size=(number, z_length))
    for row, numbers in enumerate(letters):
        task = names[row % len(names)]
        z = "".join(LETTERS[n] for n in numbers)
        if task in BETWEEN_POSITIONS:
            start = int(rng.integers(z_length - 1))
            p, q = LETTERS[start], LETTERS[int(rng.integers(start + 1, z_length))]
        else:
            first, second = rng.choice(z_length, size=2, replace=False)
            p, q = z[first], z[second]
        whole = encode(f"{instruction(task, p, q, width)}:{z}={perform(task, p, q, z)}")
        tokens[row, : len(whole)] = whole
        tokens[row, len(whole)] = END
    return Examples(tokens, prompt_length)
