"""Examples: the rule of each, its output, and the tokens that a model reads."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int, UInt8

from instrdiv.seeds import stream
from instrdiv.tasks.alphabet import END, GIVES, INPUT, OUTPUT, PAD
from instrdiv.tasks.rewriting import rewrite_batch
from instrdiv.tasks.rules import Rules


@dataclass(frozen=True)
class Examples:
    """Examples as rows of tokens, all of one length and with prompts of one length.

    Attributes:
        tokens: one row per example: ``x > y : z = output . _ _``.
        prompt_length: number of tokens up to and including ``=``. Loss and score take the rest.
    """

    tokens: UInt8[np.ndarray, "n time"]
    prompt_length: int

    def __len__(self) -> int:
        return len(self.tokens)


def write_examples(
    x: UInt8[np.ndarray, "n x_length"],
    y: UInt8[np.ndarray, "n y_length"],
    z: UInt8[np.ndarray, "n z_length"],
) -> Examples:
    """Rewrite every input by its rule and write rule, input and output as tokens.

    >>> from instrdiv.tasks.alphabet import decode, encode
    >>> examples = write_examples(encode("ab")[None], encode("xyz")[None], encode("cabd")[None])
    >>> decode(examples.tokens[0]), examples.prompt_length
    ('ab>xyz:cabd=cxyzd.', 12)
    """
    n = len(x)
    output = rewrite_batch(x, y, z)
    ended = np.concatenate([output, np.full((n, 1), PAD, dtype=np.uint8)], axis=1)
    ended[np.arange(n), (output != PAD).sum(axis=1)] = END

    def mark(token: int) -> UInt8[np.ndarray, "n 1"]:
        return np.full((n, 1), token, dtype=np.uint8)

    prompt = [x, mark(GIVES), y, mark(INPUT), z, mark(OUTPUT)]
    tokens = np.concatenate([*prompt, ended], axis=1)
    return Examples(tokens, prompt_length=tokens.shape[1] - ended.shape[1])


def spread_evenly(num_rules: int, num_examples: int) -> Int[np.ndarray, "examples"]:
    """The rule of each example if all rules get equally many, to within one.

    >>> spread_evenly(3, 7).tolist()
    [0, 0, 0, 1, 1, 2, 2]

    Raises:
        ValueError: there are more rules than examples.
    """
    if num_rules > num_examples:
        raise ValueError(f"num_rules={num_rules} is more than num_examples={num_examples}")
    return np.sort(np.arange(num_examples) % num_rules)


def spread_by_power_law(
    rng: np.random.Generator, num_rules: int, num_examples: int, alpha: float
) -> Int[np.ndarray, "examples"]:
    """The rule of each example, sampled with P(rule i ≤ k) = (k / I)^α.

    With α = 1 all rules are equally likely; the smaller α is, the more the first rules get
    (arXiv 2405.19787, section 3.3: density α x^(α−1)).

    >>> rule_of = spread_by_power_law(np.random.default_rng(0), 1000, 10_000, alpha=0.1)
    >>> round(float((rule_of == 0).mean()), 1)
    0.5

    Raises:
        ValueError: ``alpha`` is not above 0.
    """
    if not alpha > 0:
        raise ValueError(f"alpha={alpha} must be above 0")
    positions = num_rules * rng.random(num_examples) ** (1 / alpha)
    return np.minimum(positions.astype(np.int64), num_rules - 1)


Plant = Callable[[np.random.Generator, np.ndarray], np.ndarray]
"""Samples an input for each left-hand side; a function of `instrdiv.tasks.inputs` with its other
arguments given."""


def sample_examples(
    rng: np.random.Generator, rules: Rules, rule_of: Int[np.ndarray, "n"], plant: Plant
) -> Examples:
    """New examples, one for each entry of ``rule_of``, with inputs from ``plant``."""
    x, y = rules.x[rule_of], rules.y[rule_of]
    return write_examples(x, y, plant(rng, x))


def first(examples: Examples, number: int) -> Examples:
    return Examples(examples.tokens[:number], examples.prompt_length)


def spread(
    num_rules: int, num_examples: int, alpha: float | None, seed: int
) -> Int[np.ndarray, "examples"]:
    """The rule of each training example."""
    if alpha is None:
        return spread_evenly(num_rules, num_examples)
    return spread_by_power_law(stream(seed, "rule shares"), num_rules, num_examples, alpha)
