"""What a GPT-2 computes, operation by operation, in NumPy.

Readers see all of it here, and pages need no library of models. `gpt2.js` beside this file computes
the same in a browser.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from jaxtyping import Float, Int, UInt8


@dataclass(frozen=True)
class DemoModel:
    """A trained model and its settings.

    Attributes:
        weights: arrays by the names of `instrdiv.models.gpt2.GPT2`.
        rules: the rules that it was trained on, each as the letters of x and then of y.
        sizes: the fields of its `GPT2Config`.
        config: every setting of its run.
        metrics: its scores after training: number correct and total, by name.
    """

    weights: dict[str, Float[np.ndarray, "..."]]
    rules: UInt8[np.ndarray, "num_rules letters"]
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
            gelu = up * (1 + scipy.special.erf(up / np.sqrt(2))) / 2
            x = x + self._linear(block + "down", gelu)
        return self._norm("norm", x) @ w["token_embedding.weight"].T, np.stack(attention)

    def _linear(self, name: str, x: Float[np.ndarray, "time a"]) -> Float[np.ndarray, "time b"]:
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _norm(self, name: str, x: Float[np.ndarray, "time a"]) -> Float[np.ndarray, "time a"]:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
        return scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
