"""Rules of similar meaning: families whose sides repeat a short block of letters in one way.

A side of length L with parameter k is made of a block of L / k random letters. The larger k, the
more constrained the side; with k = 1 every family is free (arXiv 2405.19787, section 3.4).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8

from instrdiv.tasks.alphabet import LETTERS
from instrdiv.tasks.rules import Rules, collect, joined

FAMILIES = ("repeated", "periodic", "mirrored")
"""Names of the families, see `unfold`."""


class RuleKind(NamedTuple):
    """A family and its k."""

    family: str
    k: int

    def __str__(self) -> str:
        return "free" if self.k == 1 else f"{self.family}, k = {self.k}"


FREE = RuleKind(FAMILIES[0], 1)


def unfold(block: UInt8[np.ndarray, "n part"], kind: RuleKind) -> UInt8[np.ndarray, "n length"]:
    """Build strings of a family from blocks of letters.

    *repeated*: each letter k times; *periodic*: the block k times; *mirrored*: the block k times,
    every second copy backwards.

    >>> from instrdiv.tasks.alphabet import decode, encode
    >>> block = encode("abc")[None]
    >>> for family in FAMILIES:
    ...     print(family, decode(unfold(block, RuleKind(family, 3))[0]))
    repeated aaabbbccc
    periodic abcabcabc
    mirrored abccbaabc

    Raises:
        ValueError: there is no such family.
    """
    family, k = kind
    if family == "repeated":
        return np.repeat(block, k, axis=1)
    if family == "periodic":
        return np.tile(block, (1, k))
    if family == "mirrored":
        turns = [block if turn % 2 == 0 else block[:, ::-1] for turn in range(k)]
        return np.concatenate(turns, axis=1)
    raise ValueError(f"family {family!r}; allowed: {', '.join(FAMILIES)}")


def count_family_rules(k: int, length: int) -> int:
    """Number of rules of one family: ordered pairs of different sides.

    >>> count_family_rules(12, 12), count_family_rules(6, 12)
    (650, 456300)

    Raises:
        ValueError: k does not divide the length.
    """
    if k < 1 or length % k:
        raise ValueError(f"k={k} does not divide the length {length} of a side")
    sides: int = len(LETTERS) ** (length // k)
    return sides * (sides - 1)


def sample_family_rules(
    rng: np.random.Generator,
    num_rules: int,
    length: int,
    kinds: Sequence[RuleKind],
    *,
    held_out: Rules | None = None,
) -> Rules:
    """Sample distinct rules, equally many of each kind to within one, in the order of the kinds.

    Both sides of a rule are of its kind.

    Args:
        held_out: rules whose sides no sampled rule may have.

    >>> kinds = [RuleKind("repeated", 2), RuleKind("periodic", 2)]
    >>> print(sample_family_rules(np.random.default_rng(0), 2, 4, kinds))
    2 rules: jjnn→xxss, tsts→bibi

    Raises:
        ValueError: k does not divide the length, or the kinds have too few rules.
    """
    numbers = evenly(num_rules, len(kinds))
    require_enough(numbers, length, kinds)
    parts: list[Rules] = []
    for kind, number in zip(kinds, numbers, strict=True):

        def draw(count: int, kind: RuleKind = kind) -> Rules:
            blocks = rng.integers(len(LETTERS), size=(2, count, length // kind.k), dtype=np.uint8)
            return Rules(unfold(blocks[0], kind), unfold(blocks[1], kind))

        taken = joined(parts) if parts else None
        parts.append(collect(number, draw, held_out=held_out, taken=taken))
    return joined(parts)


def evenly(number: int, parts: int) -> list[int]:
    """A number in parts that are equal to within one, the larger ones first.

    >>> evenly(8, 3)
    [3, 3, 2]
    """
    return [number // parts + (part < number % parts) for part in range(parts)]


def require_enough(numbers: Sequence[int], length: int, kinds: Sequence[RuleKind]) -> None:
    """Check that the families have enough rules.

    At k = L all families coincide, with sides of a single letter; at k = 1 they coincide too.

    Raises:
        ValueError: they have too few.
    """
    needed: dict[tuple[str, int], int] = {}
    for kind, number in zip(kinds, numbers, strict=True):
        same = ("any family", kind.k) if kind.k in (1, length) else (kind.family, kind.k)
        needed[same] = needed.get(same, 0) + number
    for (family, k), number in needed.items():
        if number > (exist := count_family_rules(k, length)):
            raise ValueError(
                f"{number} rules of {family} with k={k} are needed, but only {exist} exist "
                f"with sides of {length} letters"
            )


FREER = (FREE, *(RuleKind(family, 2) for family in FAMILIES))
"""Kinds less constrained than any in training: the paper's test, k < 3."""

TESTED = (*FREER, *(RuleKind(family, 3) for family in FAMILIES))


def score_of(kind: RuleKind) -> str:
    """Name of the score on unseen rules of one kind.

    >>> score_of(FREE), score_of(RuleKind("mirrored", 2))
    ('unseen_free', 'unseen_mirrored_2')
    """
    return "unseen_free" if kind.k == 1 else f"unseen_{kind.family}_{kind.k}"
