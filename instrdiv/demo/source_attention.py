"""How much of a demo model's attention lies on the letter that it has to copy."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from instrdiv.demo.forward import DemoModel
from instrdiv.tasks.alphabet import LETTERS, encode


class Head(NamedTuple):
    """A head and its mean attention to the source position."""

    layer: int
    head: int
    weight: float


def attention(model: DemoModel, x: str, y: str, z: str) -> pd.DataFrame:
    """A model's attention while it writes the correct output, letter by letter.

    Returns:
        A row for each head, letter to write and position before it: ``layer``, ``head``, ``step``
        and ``writes``, ``position`` and ``reads``, ``weight``, and ``source``: whether this is the
        source position, from which the letter must be copied.

    Raises:
        ValueError: x does not occur in z.
    """
    start = z.find(x)
    if start < 0:
        raise ValueError(f"{x} does not occur in {z}: nothing is rewritten")
    output = z[:start] + y + z[start + len(x) :]
    prompt = f"{x}>{y}:{z}="
    _, weights = model(encode(prompt + output).astype(np.int64))
    z_at, y_at = prompt.index(":") + 1, len(x) + 1
    rows = []
    for step, letter in enumerate(output):
        if step < start:
            source = z_at + step
        elif step < start + len(y):
            source = y_at + step - start
        else:
            source = z_at + step - len(y) + len(x)
        at = len(prompt) - 1 + step  # the position that predicts this letter
        rows += [
            {
                "layer": layer + 1,
                "head": head + 1,
                "step": step,
                "writes": letter,
                "position": position,
                "reads": (prompt + output)[position],
                "weight": float(weights[layer, head, at, position]),
                "source": position == source,
            }
            for layer, head in np.ndindex(weights.shape[:2])
            for position in range(at + 1)
        ]
    return pd.DataFrame(rows)


def on_source(weights: pd.DataFrame) -> pd.DataFrame:
    """Mean attention of each head to the source position, highest first.

    Args:
        weights: from `attention`.

    Returns:
        Columns ``layer``, ``head``, ``weight``.
    """
    found = weights[weights.source].groupby(["layer", "head"], as_index=False)[["weight"]].mean()
    return found.sort_values("weight", ascending=False, ignore_index=True)


def copying_head(model: DemoModel, num_rules: int = 20) -> Head:
    """The head that puts the most attention on the source position, over random rules.

    No letter occurs twice in a rule and its input, so that there is one place to copy from.
    """
    rng = np.random.default_rng(0)
    x_end, y_end = np.cumsum([model.config["x_length"], model.config["y_length"]])
    length = y_end + model.config["z_length"] - x_end
    looks = []
    for _ in range(num_rules):
        letters = "".join(rng.permutation(list(LETTERS))[:length])
        x, y, rest = letters[:x_end], letters[x_end:y_end], letters[y_end:]
        at = rng.integers(len(rest) + 1)
        z = rest[:at] + x + rest[at:]
        looks.append(attention(model, x, y, z))
    best = on_source(pd.concat(looks)).iloc[0]
    return Head(int(best["layer"]), int(best["head"]), float(best["weight"]))
