"""Inputs for a rule's left-hand side: with one occurrence, none, or an exact number of them."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Int, UInt8

from instrdiv.tasks.alphabet import LETTERS
from instrdiv.tasks.rewriting import find_all, find_leftmost

PlantNoOps = Callable[[np.random.Generator, np.ndarray, int], np.ndarray]

MAX_ROUNDS = 1000
"""Rounds of resampling before a request counts as impossible."""


def plant_once(
    rng: np.random.Generator, x: UInt8[np.ndarray, "n x_length"], z_length: int
) -> UInt8[np.ndarray, "n z_length"]:
    """Random inputs, each with its ``x`` written at a uniformly sampled position.

    More occurrences can arise by chance, also further left; the output replaces the leftmost one,
    wherever it came from.

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


def plant_no_ops(
    rng: np.random.Generator,
    x: UInt8[np.ndarray, "n x_length"],
    z_length: int,
    changed: int | None = None,
) -> UInt8[np.ndarray, "n z_length"]:
    """Random inputs *without* their ``x``, each with an altered ``x`` written somewhere.

    They are made like those of `plant_once`, with letters of ``x`` at random positions replaced by
    others. Neither length nor letters distinguish such a no-op from an input that the rule applies
    to; only comparing it with the rule does.

    Args:
        changed: how many letters are altered. With 1 all are near misses; None samples the number
            uniformly from 1 to all, so that every degree of similarity to ``x`` occurs.

    >>> from instrdiv.tasks.alphabet import decode, encode
    >>> decode(plant_no_ops(np.random.default_rng(1), encode("abc")[None], 3, changed=1)[0])
    'amc'

    Raises:
        ValueError: ``x`` is longer than the input, or has fewer letters than are to be changed.
    """
    n, x_length = x.shape
    if changed is not None and not 1 <= changed <= x_length:
        raise ValueError(f"changed={changed}: between 1 and |x|={x_length} is needed")
    z = np.zeros((n, z_length), dtype=np.uint8)
    left = np.arange(n)
    for _ in range(MAX_ROUNDS):
        size = (len(left), x_length)
        number = changed or rng.integers(1, x_length + 1, size=(len(left), 1))
        altered = rng.random(size).argsort(axis=1) < number
        other = rng.integers(1, len(LETTERS), size=size, dtype=np.uint8)
        missed = (x[left] + altered * other) % len(LETTERS)
        z[left] = plant_once(rng, missed, z_length)
        # An x can still arise by chance or from adjacent letters: sample these inputs again.
        left = left[find_leftmost(x[left], z[left]) >= 0]
        if not len(left):
            return z
    raise ValueError(f"no input of |z|={z_length} without |x|={x_length} in {MAX_ROUNDS} rounds")


def random_no_ops(
    rng: np.random.Generator, x: UInt8[np.ndarray, "n x_length"], z_length: int
) -> UInt8[np.ndarray, "n z_length"]:
    """Random inputs *without* their ``x``, every letter drawn, as the paper's probably are.

    Nothing of ``x`` is planted in them, so the longer it is, the less they look like an input that
    the rule applies to.

    >>> x = np.zeros((2, 1), dtype=np.uint8)
    >>> bool((random_no_ops(np.random.default_rng(0), x, 30) > 0).all())
    True

    Raises:
        ValueError: almost every input holds its ``x``.
    """
    z = np.zeros((len(x), z_length), dtype=np.uint8)
    left = np.arange(len(x))
    for _ in range(MAX_ROUNDS):
        z[left] = rng.integers(len(LETTERS), size=(len(left), z_length), dtype=np.uint8)
        left = left[find_leftmost(x[left], z[left]) >= 0]
        if not len(left):
            return z
    raise ValueError(f"no input of |z|={z_length} without |x|={x.shape[1]} in {MAX_ROUNDS} rounds")


def plant_some(
    rng: np.random.Generator,
    x: UInt8[np.ndarray, "n x_length"],
    z_length: int,
    no_op_share: float,
    no_ops: PlantNoOps = plant_no_ops,
) -> UInt8[np.ndarray, "n z_length"]:
    """Inputs of `plant_once`, with an exact share of no-ops in random rows.

    Args:
        no_ops: samples these, `plant_no_ops` or `random_no_ops`.

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
    z[rows] = no_ops(rng, x[rows], z_length)
    return z


def count_occurrences(
    x: UInt8[np.ndarray, "n x_length"], z: UInt8[np.ndarray, "n z_length"]
) -> Int[np.ndarray, "n"]:
    """How often each ``x`` occurs in its ``z``, overlapping occurrences included.

    >>> from instrdiv.tasks.alphabet import encode
    >>> count_occurrences(encode("aa")[None], encode("aaab")[None]).tolist()
    [2]
    """
    number: np.ndarray = find_all(x, z).sum(axis=1)
    return number


def plant_occurrences(
    rng: np.random.Generator,
    x: UInt8[np.ndarray, "n x_length"],
    z_length: int,
    occurrences: Int[np.ndarray, "n"],
) -> UInt8[np.ndarray, "n z_length"]:
    """Random inputs in which ``x`` occurs an exact number of times, without overlap.

    The positions are uniform over all ways to place that many blocks without overlap.

    >>> from instrdiv.tasks.alphabet import decode, encode
    >>> x = encode("ab")[None]
    >>> decode(plant_occurrences(np.random.default_rng(0), x, 6, np.array([3]))[0])
    'ababab'

    Raises:
        ValueError: more occurrences than fit, or a number that some ``x`` does not allow.
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
            # With each block shrunk to one slot, choosing slots places blocks without overlap.
            slots = z_length - count * (x_length - 1)
            order = rng.random((len(rows), slots)).argsort(axis=1)[:, :count]
            starts = np.sort(order, axis=1) + np.arange(count) * (x_length - 1)
            for start in starts.T:
                positions = start[:, None] + np.arange(x_length)
                z[rows[:, None], positions] = x[rows]
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
    """Inputs of `plant_occurrences`; each of the numbers is equally frequent, in random order."""
    numbers = np.resize(np.array(occurrences), len(x))
    return plant_occurrences(rng, x, z_length, rng.permutation(numbers))
