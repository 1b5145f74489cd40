"""Prompt a demo model: what it writes for a rule and an input."""

import numpy as np

from instrdiv.demo.forward import DemoModel
from instrdiv.tasks.alphabet import LETTERS, encode, until_end


def split_rule(rule: str) -> tuple[str, str]:
    """The two sides of a rule as it is written.

    >>> split_rule("ab>cde")
    ('ab', 'cde')

    Raises:
        ValueError: it is not a rule.
    """
    x, arrow, y = rule.partition(">")
    if not (arrow and x and set(x + y) <= set(LETTERS)):
        raise ValueError(f"rule {rule!r}: letters a–z, then >, then letters, such as ab>cde")
    return x, y


def fits(model: DemoModel, x: str, y: str, z: str) -> bool:
    """Whether a rule and an input have the lengths that a model was trained on."""
    lengths = (model.config[name] for name in ("x_length", "y_length", "z_length"))
    return (len(x), len(y), len(z)) == tuple(lengths)


def written(model: DemoModel, x: str, y: str, z: str) -> str:
    """A model's output by greedy decoding.

    Raises:
        ValueError: rule and input do not have the lengths that it was trained on.
    """
    if not fits(model, x, y, z):
        config = model.config
        raise ValueError(
            f"{x}>{y} on {z}: these models know only |x| = {config['x_length']}, "
            f"|y| = {config['y_length']}, |z| = {config['z_length']}"
        )
    prompt = encode(f"{x}>{y}:{z}=")
    tokens = prompt.astype(np.int64)
    for _ in range(len(z) - len(x) + len(y) + 1):
        logits, _ = model(tokens)
        tokens = np.append(tokens, logits[-1].argmax())
    return until_end(tokens[len(prompt) :])
