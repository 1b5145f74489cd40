"""Mixtures of instruction data: a fixed number of examples from several collections."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from instrdiv.data.instruction_sources import InstructionPair
from instrdiv.seeds import stream

NGRAM = 10
"""Consecutive words that an example must not share with a benchmark."""


@dataclass(frozen=True)
class Mixture:
    """Examples in random order, and the numbers of examples that were removed.

    Attributes:
        examples: in random order.
        removed: by collection, the number of examples that share `NGRAM` words with a benchmark.
    """

    examples: list[InstructionPair]
    removed: dict[str, int]


def plan(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """The number of examples from each collection; the largest remainders are rounded up.

    >>> plan(10, {"code": 0.75, "general": 0.25})
    {'code': 8, 'general': 2}

    Raises:
        ValueError: a share is below 0, or the shares do not add up to 1.
    """
    if any(share < 0 for share in shares.values()) or abs(sum(shares.values()) - 1) > 1e-6:
        raise ValueError(f"shares {dict(shares)}: at least 0 each, and 1 together, are needed")
    exact = {name: total * share for name, share in shares.items()}
    counts = {name: int(amount + 1e-9) for name, amount in exact.items()}
    left = total - sum(counts.values())
    for name in sorted(counts, key=lambda name: counts[name] - exact[name])[:left]:
        counts[name] += 1
    return counts


def mix(
    sources: Mapping[str, Sequence[InstructionPair]],
    counts: Mapping[str, int],
    seed: int,
    benchmarks: Iterable[str] = (),
) -> Mixture:
    """Sample examples from each collection, without those in a benchmark, and shuffle them.

    A seed orders each collection once, whatever the counts, so a mixture with more of a collection
    contains all examples of a mixture with less of it.

    Args:
        benchmarks: texts of the test problems, with their solutions.

    Raises:
        ValueError: a collection has too few examples without those in benchmarks.
    """
    known = {gram for text in benchmarks for gram in ngrams(text)}
    examples: list[InstructionPair] = []
    removed = {}
    for name, number in counts.items():
        kept = [e for e in sources[name] if known.isdisjoint(ngrams("\n".join(e[:2])))]
        removed[name] = len(sources[name]) - len(kept)
        if number > len(kept):
            raise ValueError(
                f"{number} examples of {name!r} are needed; it has {len(kept)}"
                + (f" beside {removed[name]} that are in a benchmark" if removed[name] else "")
            )
        order = stream(seed, "collection order").permutation(len(kept))
        examples += [kept[row] for row in order[:number]]
    return Mixture(
        [examples[i] for i in stream(seed, "mixture order").permutation(len(examples))], removed
    )


def ngrams(text: str, n: int = NGRAM) -> set[tuple[str, ...]]:
    """All n-grams of words of a text, ignoring case and punctuation.

    >>> sorted(ngrams("The cat, the CAT!", n=3))
    [('cat', 'the', 'cat'), ('the', 'cat', 'the')]
    """
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def statistics(mixture: Mixture) -> pd.DataFrame:
    """The size of each part of a mixture: equal numbers of examples differ in their amount of text.

    Returns:
        One row per collection: ``examples``, ``share``, ``words`` of all answers, ``median_words``
        of an answer, ``removed``.
    """
    counts = Counter(example.source for example in mixture.examples)
    words = {
        source: [len(e.answer.split()) for e in mixture.examples if e.source == source]
        for source in counts
    }
    return pd.DataFrame(
        {
            "examples": counts,
            "share": {name: number / len(mixture.examples) for name, number in counts.items()},
            "words": {name: sum(found) for name, found in words.items()},
            "median_words": {name: float(np.median(found)) for name, found in words.items()},
            "removed": {name: mixture.removed.get(name, 0) for name in counts},
        }
    )
