"""String rewriting, the one operation behind every symbolic experiment.

A rule ``x -> y`` replaces the *leftmost* ``x`` of an input by ``y``, *once*; an input
without ``x`` stays as it is (a *no-op*). It is a single step of a Markov algorithm
(arXiv 2405.19787, section 3).

There are two implementations: `rewrite` is the oracle that anyone can check by eye,
`rewrite_batch` the fast one that makes the data. Tests check that the two agree.
"""

import numpy as np
from jaxtyping import Bool, Int, UInt8

from instrdiv.tasks.alphabet import PAD


def rewrite(x: str, y: str, z: str) -> str:
    """Replace the leftmost ``x`` in ``z`` by ``y``, once.

    >>> rewrite("aa", "bac", "caaba")
    'cbacba'
    >>> rewrite("aa", "b", "aaaa")
    'baa'
    >>> rewrite("aa", "b", "abab")
    'abab'
    """
    start = z.find(x)
    if start < 0:
        return z
    return z[:start] + y + z[start + len(x) :]


def find_all(
    x: UInt8[np.ndarray, "n x_length"], z: UInt8[np.ndarray, "n z_length"]
) -> Bool[np.ndarray, "n positions"]:
    """Whether each ``x`` occurs at each position of its ``z``, overlapping occurrences included."""
    windows = np.lib.stride_tricks.sliding_window_view(z, x.shape[1], axis=1)
    found: np.ndarray = (windows == x[:, None, :]).all(axis=2)
    return found


def find_leftmost(
    x: UInt8[np.ndarray, "n x_length"], z: UInt8[np.ndarray, "n z_length"]
) -> Int[np.ndarray, "n"]:
    """Position at which each ``x`` first occurs in its ``z``; -1 if it does not.

    >>> from instrdiv.tasks.alphabet import encode
    >>> find_leftmost(encode("aa")[None], encode("caaba")[None]).tolist()
    [1]
    """
    found = find_all(x, z)
    return np.where(found.any(axis=1), found.argmax(axis=1), -1)


def rewrite_batch(
    x: UInt8[np.ndarray, "n x_length"],
    y: UInt8[np.ndarray, "n y_length"],
    z: UInt8[np.ndarray, "n z_length"],
) -> UInt8[np.ndarray, "n out_length"]:
    """`rewrite` for many examples at once.

    Returns:
        The outputs, padded with `PAD` to the longest that these lengths allow.

    >>> from instrdiv.tasks.alphabet import decode, encode
    >>> out = rewrite_batch(encode("aa")[None], encode("bac")[None], encode("caaba")[None])
    >>> decode(out[0])
    'cbacba'
    """
    (n, x_length), y_length, z_length = x.shape, y.shape[1], z.shape[1]
    start = find_leftmost(x, z)[:, None]
    applies = start >= 0
    width = max(z_length, z_length - x_length + y_length)
    position = np.arange(width)[None, :]

    # Every output position copies one position of z ++ y ++ PAD.
    source = np.concatenate([z, y, np.full((n, 1), PAD, dtype=np.uint8)], axis=1)
    after = position - y_length + x_length
    from_z = np.where(position < z_length, position, z_length + y_length)
    rewritten = np.where(
        position < start,
        position,
        np.where(
            position < start + y_length,
            z_length + position - start,
            np.where(after < z_length, after, z_length + y_length),
        ),
    )
    return np.take_along_axis(source, np.where(applies, rewritten, from_z), axis=1)
