"""Encrypted rewriting: rewrite a string by a rule, then encipher the result.

An instruction is a rule and the key of a cipher, in words. An input that the rule does not apply to
(a *no-op*) is returned unchanged and unenciphered (arXiv 2405.19787, section 4). The paper does not
name its cipher; a Caesar shift is our reading.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from instrdiv.tasks.alphabet import LETTERS
from instrdiv.tasks.rewriting import rewrite

KEYWORD_LENGTH = 3


def cipher_alphabet(cipher: str, key: str) -> str:
    """The letters that replace a to z.

    *caesar*: the alphabet shifted by a number of letters; *substitution*: the letters of a
    keyword, then the other letters in alphabetical order.

    >>> cipher_alphabet("caesar", "3")
    'defghijklmnopqrstuvwxyzabc'
    >>> cipher_alphabet("substitution", "key")
    'keyabcdfghijlmnopqrstuvwxz'

    Raises:
        ValueError: there is no such cipher, or it has no such key.
    """
    if cipher == "caesar":
        if not (key.isdigit() and 1 <= int(key) < len(LETTERS)):
            raise ValueError(f"key {key!r}: a shift from 1 to {len(LETTERS) - 1} is needed")
        return LETTERS[int(key) :] + LETTERS[: int(key)]
    if cipher == "substitution":
        if not key or len(set(key)) < len(key) or not set(key) <= set(LETTERS):
            raise ValueError(f"key {key!r}: a word of different letters a to z is needed")
        return key + "".join(letter for letter in LETTERS if letter not in key)
    raise ValueError(f"cipher {cipher!r}; allowed: {', '.join(CIPHERS)}")


def encipher(text: str, cipher: str, key: str) -> str:
    """Encipher a text letter by letter.

    >>> encipher("abz", "caesar", "1")
    'bca'
    """
    return text.translate(str.maketrans(LETTERS, cipher_alphabet(cipher, key)))


CIPHERS = ("caesar", "substitution")


@dataclass(frozen=True)
class Task:
    """One instruction with one input.

    >>> task = Task("ab", "xy", "caesar", "1", "cabd")
    >>> task.answer
    'dyze'
    >>> task.partial_answers
    {'cipher missing': 'cxyd', 'rewriting missing': 'dbce', 'both missing': 'cabd'}
    """

    x: str
    y: str
    cipher: str
    key: str
    z: str

    @property
    def applies(self) -> bool:
        """Whether the rule applies to the input; otherwise it is a no-op."""
        return self.x in self.z

    @property
    def answer(self) -> str:
        """The correct answer."""
        if not self.applies:
            return self.z
        return encipher(rewrite(self.x, self.y, self.z), self.cipher, self.key)

    @property
    def partial_answers(self) -> dict[str, str]:
        """Answers with one step or both left out, or with a step too many.

        A no-op has only ``enciphered``: the unchanged input, but enciphered.
        """
        if not self.applies:
            return {"enciphered": encipher(self.z, self.cipher, self.key)}
        return {
            "cipher missing": rewrite(self.x, self.y, self.z),
            "rewriting missing": encipher(self.z, self.cipher, self.key),
            "both missing": self.z,
        }


PHRASINGS = {
    "caesar": (
        "Replace {x} by {y} in {z} and shift by {key}.",
        "In {z}, change {x} to {y}, then move each letter {key} places.",
        "Take {z}. Put {y} for {x}. Shift the letters by {key}.",
        "Rewrite {x} as {y} in {z}; the cipher's key is {key}.",
    ),
    "substitution": (
        "Replace {x} by {y} in {z} and encipher with the keyword {key}.",
        "In {z}, change {x} to {y}, then use the keyword {key}.",
        "Take {z}. Put {y} for {x}. Encipher it, keyword {key}.",
        "Rewrite {x} as {y} in {z}; the cipher's keyword is {key}.",
    ),
}
"""Ways to phrase an instruction. All mean the same: where x does not occur, copy the input."""


def spaced(text: str) -> str:
    """Separate letters by spaces, so that each becomes a token.

    >>> spaced("abc")
    'a b c'
    """
    return " ".join(text)


def task_in_words(task: Task, phrasing: int) -> str:
    """The instruction and the input of a task, in words.

    >>> task_in_words(Task("ab", "xy", "caesar", "1", "cabd"), 0)
    'Replace a b by x y in c a b d and shift by 1.'
    """
    key = task.key if task.cipher == "caesar" else spaced(task.key)
    x, y, z = spaced(task.x), spaced(task.y), spaced(task.z)
    return PHRASINGS[task.cipher][phrasing].format(x=x, y=y, z=z, key=key)


def sample_keys(
    rng: np.random.Generator, cipher: str, number: int, max_shift: int = len(LETTERS) - 1
) -> list[str]:
    """Distinct keys of a cipher, sampled uniformly.

    Args:
        max_shift: the largest of the Caesar cipher's keys.

    Raises:
        ValueError: the cipher has fewer keys.
    """
    draw: Callable[[], str]
    if cipher == "caesar":
        exist = max_shift
        draw = lambda: str(rng.integers(1, max_shift + 1))  # noqa: E731
    else:
        exist = len(LETTERS) * (len(LETTERS) - 1) * (len(LETTERS) - 2)
        draw = lambda: "".join(rng.choice(list(LETTERS), KEYWORD_LENGTH, replace=False))  # noqa: E731
    if number > exist:
        raise ValueError(f"{number} keys are needed; the {cipher} cipher has {exist}")
    keys: dict[str, None] = {}
    while len(keys) < number:
        keys[draw()] = None
    return list(keys)
