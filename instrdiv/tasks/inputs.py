"""Inputs drawn for a rule's left-hand side: holding it once, nearly, or just so many times."""

import numpy as np
from jaxtyping import Int, UInt8

from instrdiv.tasks.alphabet import LETTERS
from instrdiv.tasks.rewriting import find_all, find_leftmost

MAX_ROUNDS = 1000
"""Rounds of redrawing before a request is taken for impossible."""


def plant_once(
    rng: np.random.Generator, x: UInt8[np.ndarray, "n x_length"], z_length: int
) -> UInt8[np.ndarray, "n z_length"]:
    """Random inputs, each with its ``x`` written over a uniformly drawn place.

    Further occurrences can arise by chance, earlier ones too; the output is that of the
    leftmost, wherever it came from.

    Raises:
        ValueError: ``x`` is longer than the input.
    """
    n, x_length = x.shape
    if x_length > z_length:
        raise ValueError(f"|x|={x_length} does not fit into inputs of |z|={z_length}")
    z = rng.integers(len(LETTERS), size=(n, z_length), dtype=np.uint8)
    start = rng.integers(z_length - x_length + 1, size=(n, 1))
    np.put_along_axis(z, start + np.arange(x_length), x, axis=1)
    return z


def plant_near_misses(
    rng: np.random.Generator, x: UInt8[np.ndarray, "n x_length"], z_length: int
) -> UInt8[np.ndarray, "n z_length"]:
    """Random inputs *without* their ``x``, each with ``x`` but for one letter written somewhere.

    They are made like those of `plant_once`, with a uniformly drawn letter of ``x`` replaced by
    another. So neither length, letters nor look tell such a no-op input from one that the rule
    applies to; only comparing it with the rule does.

    >>> from instrdiv.tasks.alphabet import decode, encode
    >>> decode(plant_near_misses(np.random.default_rng(1), encode("abc")[None], 3)[0])
    'azc'

    Raises:
        ValueError: ``x`` is longer than the input.
    """
    n, x_length = x.shape
    z = np.zeros((n, z_length), dtype=np.uint8)
    left = np.arange(n)
    for _ in range(MAX_ROUNDS):
        missed = x[left].copy()
        place = rng.integers(x_length, size=len(left))
        other = rng.integers(1, len(LETTERS), size=len(left), dtype=np.uint8)
        rows = np.arange(len(left))
        missed[rows, place] = (missed[rows, place] + other) % len(LETTERS)
        z[left] = plant_once(rng, missed, z_length)
        # Chance, or the letters around the near miss, can complete an x after all: draw again.
        left = left[find_leftmost(x[left], z[left]) >= 0]
        if not len(left):
            return z
    raise ValueError(f"no input of |z|={z_length} without |x|={x_length} in {MAX_ROUNDS} rounds")


def plant_some(
    rng: np.random.Generator,
    x: UInt8[np.ndarray, "n x_length"],
    z_length: int,
    no_op_share: float,
) -> UInt8[np.ndarray, "n z_length"]:
    """Inputs of `plant_once`, but an exact share of near misses at random rows.

    >>> from instrdiv.tasks.rewriting import find_leftmost
    >>> x = np.random.default_rng(0).integers(26, size=(1000, 4), dtype=np.uint8)
    >>> z = plant_some(np.random.default_rng(1), x, 8, no_op_share=0.3)
    >>> int((find_leftmost(x, z) < 0).sum())
    300

    Raises:
        ValueError: the share is not between 0 and 1, or ``x`` is longer than the input.
    """
    if not 0 <= no_op_share <= 1:
        raise ValueError(f"no_op_share={no_op_share}: between 0 and 1 is needed")
    z = plant_once(rng, x, z_length)
    rows = rng.permutation(len(x))[: round(no_op_share * len(x))]
    z[rows] = plant_near_misses(rng, x[rows], z_length)
    return z


def count_occurrences(
    x: UInt8[np.ndarray, "n x_length"], z: UInt8[np.ndarray, "n z_length"]
) -> Int[np.ndarray, "n"]:
    """How often each ``x`` occurs in its ``z``, overlapping occurrences included.

    >>> from instrdiv.tasks.alphabet import encode
    >>> count_occurrences(encode("aa")[None], encode("aaab")[None]).tolist()
    [2]
    """
    return find_all(x, z).sum(axis=1)


def plant_occurrences(
    rng: np.random.Generator,
    x: UInt8[np.ndarray, "n x_length"],
    z_length: int,
    occurrences: Int[np.ndarray, "n"],
) -> UInt8[np.ndarray, "n z_length"]:
    """Random inputs in which ``x`` occurs exactly so many times, nowhere overlapping itself.

    The places are uniform over all ways to lay that many blocks without overlap.

    >>> from instrdiv.tasks.alphabet import decode, encode
    >>> x = encode("ab")[None]
    >>> decode(plant_occurrences(np.random.default_rng(0), x, 6, np.array([3]))[0])
    'ababab'

    Raises:
        ValueError: more occurrences than fit, or an exact count that some ``x`` does not allow.
    """
    n, x_length = x.shape
    most = z_length // x_length
    if len(occurrences) and not 0 <= occurrences.min() <= occurrences.max() <= most:
        raise ValueError(
            f"occurrences from {occurrences.min()} to {occurrences.max()}: between 0 and {most} "
            f"of |x|={x_length} fit into |z|={z_length}"
        )
    z = np.zeros((n, z_length), dtype=np.uint8)
    left = np.arange(n)
    for _ in range(MAX_ROUNDS):
        z[left] = rng.integers(len(LETTERS), size=(len(left), z_length), dtype=np.uint8)
        for count in np.unique(occurrences[left]):
            rows = left[occurrences[left] == count]
            # A block is one of the slots that remain when each block is shrunk to one.
            slots = z_length - count * (x_length - 1)
            order = rng.random((len(rows), slots)).argsort(axis=1)[:, :count]
            starts = np.sort(order, axis=1) + np.arange(count) * (x_length - 1)
            for start in starts.T:
                places = start[:, None] + np.arange(x_length)
                z[rows[:, None], places] = x[rows]
        left = left[count_occurrences(x[left], z[left]) != occurrences[left]]
        if not len(left):
            return z
    raise ValueError(
        f"{len(left)} of {n} inputs of |z|={z_length} cannot hold their x exactly as often as asked"
    )


def plant_cycled(
    rng: np.random.Generator,
    x: UInt8[np.ndarray, "n x_length"],
    z_length: int,
    occurrences: tuple[int, ...],
) -> UInt8[np.ndarray, "n z_length"]:
    """Inputs of `plant_occurrences` with each of some numbers equally often, in random order."""
    numbers = np.resize(np.array(occurrences), len(x))
    return plant_occurrences(rng, x, z_length, rng.permutation(numbers))
