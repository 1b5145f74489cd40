"""Random numbers: every use has its own stream, named after what it samples.

The held-out rules of a seed therefore do not depend on any other setting, and two runs that differ
in one setting are compared on the same test.
"""

import zlib

import numpy as np

STREAMS = (
    "rules",
    "inputs",
    "held-out rules",
    "held-out inputs",
    "seen-rule inputs",
    "model",
    "batches",
    "training sample",
    "rule shares",
    "rule order",
    "keys",
    "phrasings",
    "held-out phrasings",
    "seen-rule phrasings",
    "other instructions",
    "other tests",
    "collection order",
    "mixture order",
    "held-out families",
    "graded examples",
    "graded problems",
    "graded phrasings",
    "benchmark sample",
    "decoding",
)
"""One name for each purpose."""

RECORDED_AS = {
    "collection order": "inputs",
    "mixture order": "batches",
    "held-out families": "held-out rules",
    "graded examples": "inputs",
    "graded problems": "held-out inputs",
    "graded phrasings": "phrasings",
    "benchmark sample": "held-out inputs",
}
"""Purposes that shared the stream of another one in recorded runs. They keep its numbers, so that
these runs can be repeated, until the protocol of their experiment is raised."""


def stream(seed: int, name: str) -> np.random.Generator:
    """The generator of one named stream of a seed.

    >>> a, b = stream(0, "rules"), stream(0, "inputs")
    >>> bool(a.integers(1000) == stream(0, "rules").integers(1000)), a is b
    (True, False)

    Raises:
        ValueError: the name is not one of `STREAMS`, or the seed is negative.
    """
    return np.random.default_rng(_sequence(seed, name))


def numbered_seed(seed: int, name: str, number: int) -> int:
    """A seed for a generator of another library, one for each numbered sample of a stream.

    >>> numbered_seed(0, "decoding", 1) == numbered_seed(1, "decoding", 0)
    False
    """
    return int(_sequence(seed, name, number).generate_state(1, dtype=np.uint64)[0] >> 1)


def _sequence(seed: int, name: str, *number: int) -> np.random.SeedSequence:
    if name not in STREAMS:
        raise ValueError(f"unknown stream {name!r}; allowed: {', '.join(STREAMS)}")
    if seed < 0:
        raise ValueError(f"seed={seed} is negative")
    code = zlib.crc32(RECORDED_AS.get(name, name).encode())
    return np.random.SeedSequence(seed, spawn_key=(code, *number))
