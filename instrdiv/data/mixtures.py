"""Mixtures of instruction data: a fixed number of examples, shared among collections."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from instrdiv.data.instruction_sources import InstructionPair
from instrdiv.seeds import stream

NGRAM = 10
"""Words in a row that an example must not share with a benchmark."""


@dataclass(frozen=True)
class Mixture:
    """Examples in the order of training, and what was left out of the collections.

    Attributes:
        examples: shuffled.
        removed: by collection, how many examples shared `NGRAM` words with a benchmark.
    """

    examples: list[InstructionPair]
    removed: dict[str, int]


def plan(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """How many examples each collection gives; the largest remainders are rounded up.

    >>> plan(10, {"code": 0.75, "general": 0.25})
    {'code': 8, 'general': 2}

    Raises:
        ValueError: a share below 0, or shares that do not add up to 1.
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
    """Draw so many examples of each collection, none that a benchmark holds, and shuffle them.

    A seed orders each collection once, whatever the counts: a mixture with more of one collection
    holds all that one with less of it does.

    Args:
        benchmarks: texts of the problems that will be tested, with their solutions.

    Raises:
        ValueError: a collection has too few examples, once those of benchmarks are left out.
    """
    known = {gram for text in benchmarks for gram in ngrams(text)}
    examples: list[InstructionPair] = []
    removed = {}
    for name, number in counts.items():
        kept = [e for e in sources[name] if known.isdisjoint(ngrams("\n".join(e[:2])))]
        removed[name] = len(sources[name]) - len(kept)
        if number > len(kept):
            raise ValueError(
                f"{number} examples of {name!r} are asked for; it has {len(kept)}"
                + (f" beside {removed[name]} that a benchmark holds" if removed[name] else "")
            )
        order = stream(seed, "collection order").permutation(len(kept))
        examples += [kept[row] for row in order[:number]]
    return Mixture(
        [examples[i] for i in stream(seed, "mixture order").permutation(len(examples))], removed
    )


def ngrams(text: str, n: int = NGRAM) -> set[tuple[str, ...]]:
    """Every run of n words of a text, whatever case and punctuation.

    >>> sorted(ngrams("The cat, the CAT!", n=3))
    [('cat', 'the', 'cat'), ('the', 'cat', 'the')]
    """
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def statistics(mixture: Mixture) -> pd.DataFrame:
    """What a mixture holds: equal numbers of examples are not equal amounts of text.

    Returns:
        A row a collection: ``examples``, ``share``, ``words`` of all answers, ``median_words`` of
        an answer, ``removed``.
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
