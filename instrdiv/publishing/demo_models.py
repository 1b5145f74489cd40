"""The two demo models of the book, to inspect and to prompt.

One was trained on too few different rules, the other on more than enough. They run here in NumPy,
operation by operation: readers see everything that a GPT-2 computes, and pages need no library of
models.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy
from jaxtyping import Float, Int
from safetensors import safe_open

from instrdiv.paths import project_root
from instrdiv.tasks.alphabet import LETTERS, encode, until_end

NUM_RULES = (100, 10_000)
"""Number of training rules of the failing and of the succeeding model."""


@dataclass(frozen=True)
class DemoModel:
    """A trained model and its settings.

    Attributes:
        weights: arrays by the names of `instrdiv.models.gpt2.GPT2`.
        sizes: the fields of its `GPT2Config`.
        config: every setting of its run.
        metrics: its scores after training.
    """

    weights: dict[str, Float[np.ndarray, "..."]]
    sizes: dict[str, Any]
    config: dict[str, Any]
    metrics: dict[str, dict[str, int]]

    def __call__(
        self, tokens: Int[np.ndarray, "time"]
    ) -> tuple[Float[np.ndarray, "time vocab"], Float[np.ndarray, "layer head time time"]]:
        """Logits for the token after each position, and all attention weights."""
        w, (n_layer, n_head) = self.weights, (self.sizes["n_layer"], self.sizes["n_head"])
        x = w["token_embedding.weight"][tokens] + w["position_embedding.weight"][: len(tokens)]
        future = np.triu(np.full((len(tokens), len(tokens)), -np.inf, dtype=x.dtype), 1)
        attention = []
        for layer in range(n_layer):
            block = f"blocks.{layer}."
            qkv = self._linear(block + "attention.qkv", self._norm(block + "norm_1", x))
            q, k, v = qkv.reshape(len(tokens), 3, n_head, -1).transpose(1, 2, 0, 3)
            scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1]) + future
            attention.append(scipy.special.softmax(scores, axis=-1))
            mixed = (attention[-1] @ v).transpose(1, 0, 2).reshape(x.shape)
            x = x + self._linear(block + "attention.proj", mixed)
            up = self._linear(block + "up", self._norm(block + "norm_2", x))
            x = x + self._linear(
                block + "down", up * (1 + scipy.special.erf(up / np.sqrt(2))) / 2
            )  # GELU
        return self._norm("norm", x) @ w["token_embedding.weight"].T, np.stack(attention)

    def _linear(self, name: str, x: Float[np.ndarray, "time a"]) -> Float[np.ndarray, "time b"]:
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _norm(self, name: str, x: Float[np.ndarray, "time a"]) -> Float[np.ndarray, "time a"]:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
        return scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]


def folder() -> Path:
    """The folder of the demo models."""
    return project_root() / "book" / "models"


def load_demo_model(num_rules: int, where: Path | None = None) -> DemoModel:
    """The demo model that was trained on a given number of rules.

    Raises:
        FileNotFoundError: there is none.
    """
    path = (where or folder()) / f"rules-{num_rules}.safetensors"
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: `python -m instrdiv demo-models` trains it again"
        )
    with safe_open(path, framework="numpy") as file:
        about = json.loads(file.metadata()["about"])
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    return DemoModel(weights, about["sizes"], about["config"], about["metrics"])


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
