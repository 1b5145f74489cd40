"""Random numbers: every use has a stream of its own, named after what it draws.

So the held-out rules of a seed stay the same whatever else a run changes, and two runs that
differ in one parameter are compared on the same test.
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
    "other instructions",
    "other tests",
)


def stream(seed: int, name: str) -> np.random.Generator:
    """The generator of one named stream of a seed.

    >>> a, b = stream(0, "rules"), stream(0, "inputs")
    >>> bool(a.integers(1000) == stream(0, "rules").integers(1000)), a is b
    (True, False)

    Raises:
        ValueError: the name is not one of `STREAMS`, or the seed is negative.
    """
    if name not in STREAMS:
        raise ValueError(f"unknown stream {name!r}; allowed: {', '.join(STREAMS)}")
    if seed < 0:
        raise ValueError(f"seed={seed} is negative")
    return np.random.default_rng(
        np.random.SeedSequence(seed, spawn_key=(zlib.crc32(name.encode()),))
    )
