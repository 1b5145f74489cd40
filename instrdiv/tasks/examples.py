"""Examples: inputs drawn for rules, their outputs, and the line of tokens a model reads."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int, UInt8

from instrdiv.tasks.alphabet import END, GIVES, INPUT, LETTERS, OUTPUT, PAD
from instrdiv.tasks.rewriting import rewrite_batch
from instrdiv.tasks.rules import Rules


@dataclass(frozen=True)
class Examples:
    """Examples as lines of tokens, all prompts of one length, all lines of one length.

    Attributes:
        tokens: a line each: ``x > y : z = output . _ _``.
        prompt_length: tokens up to and with ``=``. What follows is what is learned and scored.
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
    """Rewrite every input by its rule and write the whole as lines.

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


def spread_evenly(num_rules: int, num_examples: int) -> Int[np.ndarray, "examples"]:
    """The rule of each example when all rules get the same number, to within one.

    >>> spread_evenly(3, 7).tolist()
    [0, 0, 0, 1, 1, 2, 2]

    Raises:
        ValueError: there are more rules than examples.
    """
    if num_rules > num_examples:
        raise ValueError(f"num_rules={num_rules} is more than num_examples={num_examples}")
    return np.sort(np.arange(num_examples) % num_rules)


def sample_examples(
    rng: np.random.Generator, rules: Rules, rule_of: Int[np.ndarray, "n"], z_length: int
) -> Examples:
    """New examples, one for each entry of ``rule_of``, whose inputs all hold their ``x``."""
    x, y = rules.x[rule_of], rules.y[rule_of]
    return write_examples(x, y, plant_once(rng, x, z_length))
