"""The settings of each scale that the symbolic experiments share, and how they are overridden.

An experiment lists only what differs: its own settings, longer strings, its optimiser.
"""

from typing import Any

Settings = dict[str, Any]

SMOKE: Settings = dict(
    x_length=2, y_length=2, z_length=5, n_layer=2, n_head=2, n_embd=32, num_test=100,
    num_rules=50, num_examples=2_000, optimizer="adamw", learning_rate=3e-3, steps=30,
    batch_size=32, num_evaluations=3, seed=0,
)  # fmt: skip
LAPTOP: Settings = dict(
    x_length=4, y_length=4, z_length=8, n_layer=3, n_head=4, n_embd=96, num_test=2_000,
    num_rules=1_000, num_examples=100_000, optimizer="adamw", learning_rate=3e-3, beta2=0.99,
    steps=4_500, batch_size=64, num_evaluations=12, seed=0,
)  # fmt: skip
# The paper states lengths, sizes, examples, epochs and peak learning rate. Batch size, warm-up,
# decay and β2 are ours: 50 epochs of 1 000 000 examples in batches of 512.
PAPER: Settings = dict(
    x_length=20, y_length=20, z_length=50, n_layer=6, n_head=4, n_embd=256,
    activation="gelu_new", num_test=100_000,
    num_rules=1_000, num_examples=1_000_000, optimizer="adamw", learning_rate=1e-3,
    steps=97_657, batch_size=512, num_evaluations=50, seed=0,
)  # fmt: skip

# The paper's lengths with a smaller model and a fifth of its examples. How it is trained was chosen
# by training scores on 10 000 rules alone, see the page on methods, and is frozen since 2026-11-26.
DESK: Settings = dict(
    x_length=20, y_length=20, z_length=50, n_layer=4, n_head=4, n_embd=128, num_test=2_000,
    num_rules=1_000, num_examples=200_000, optimizer="muon", learning_rate=3e-3,
    muon_learning_rate=4e-3, beta2=0.95, warmup_share=0.15, steps=3_000, batch_size=64,
    num_evaluations=10, seed=0,
)  # fmt: skip

# For a class: what takes the laptop preset minutes shows here in well under one, on strings so
# short that a small model soon learns them. It was chosen to show memorising and following side by
# side, so it claims nothing. In float32, so that every laptop trains nearly the same model.
DEMO: Settings = dict(
    x_length=2, y_length=2, z_length=4, n_layer=2, n_head=4, n_embd=64, num_test=200,
    num_rules=1_000, num_examples=20_000, optimizer="muon", learning_rate=3e-3,
    muon_learning_rate=8e-3, beta2=0.95, warmup_share=0.15, steps=600, batch_size=128,
    num_evaluations=6, precision="float32", seed=0,
)  # fmt: skip

SHARED = {"smoke": SMOKE, "demo": DEMO, "laptop": LAPTOP, "desk": DESK, "paper": PAPER}
WITH_MUON: dict[str, Settings] = {
    "laptop": dict(steps=1_000, batch_size=128, muon_learning_rate=4e-3, beta2=0.95),
}
"""A scale's settings for the second optimiser, which needs fewer steps."""


def settings_of(scale: str, own: dict[str, Settings], overrides: Settings) -> Settings:
    """All settings of a config: shared ones, then the experiment's own, then overrides.

    Args:
        own: by scale, the settings that differ in the experiment.
        overrides: the settings that differ from its preset; None leaves a setting as it is.

    >>> settings_of("laptop", {"laptop": {"z_length": 9}}, {"optimizer": "muon"})["steps"]
    1000
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    specific = own.get(scale, {}) | given
    shared = SHARED[scale]
    if specific.get("optimizer") == "muon":
        shared = shared | WITH_MUON.get(scale, {})
    return shared | specific
