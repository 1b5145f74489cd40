"""The characters of a symbolic example, and their numbers.

An example is one line of text, for instance ``ab>xyz:cabd=cxyzd.``

========  ==========================================
``a–z``   letters, numbered 0 to 25
``>``     between the two sides of the rule
``:``     the rule ends, the input begins
``=``     the input ends, the output begins
``.``     the output ends
``_``     padding after a shorter output, never scored
========  ==========================================
"""

import numpy as np
from jaxtyping import UInt8

LETTERS = "abcdefghijklmnopqrstuvwxyz"

CHARACTERS = LETTERS + ">:=._"

GIVES, INPUT, OUTPUT, END, PAD = range(len(LETTERS), len(CHARACTERS))

VOCAB_SIZE = len(CHARACTERS)

_NUMBER = {character: number for number, character in enumerate(CHARACTERS)}


def encode(text: str) -> UInt8[np.ndarray, "length"]:
    """Turn text into numbers, one per character.

    >>> encode("ab>c").tolist()
    [0, 1, 26, 2]

    Raises:
        ValueError: a character is not one of `CHARACTERS`.
    """
    unknown = sorted(set(text) - set(CHARACTERS))
    if unknown:
        raise ValueError(
            f"unknown characters {''.join(unknown)!r} in {text!r}; allowed: {CHARACTERS}"
        )
    return np.array([_NUMBER[character] for character in text], dtype=np.uint8)


def decode(numbers: UInt8[np.ndarray, "length"]) -> str:
    """Turn numbers back into text, without padding.

    >>> decode(encode("ab=c.__"))
    'ab=c.'
    """
    return "".join(CHARACTERS[number] for number in numbers if number != PAD)


def until_end(tokens: np.ndarray) -> str:
    """Tokens as text, up to the end character."""
    return "".join(CHARACTERS[token] for token in tokens).split(CHARACTERS[END])[0]
