"""The settings of a training, whatever is trained."""

from dataclasses import dataclass, field

from instrdiv.checks import above, at_least, between, one_of
from instrdiv.training.device import PRECISIONS


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How a model is trained."""

    optimizer: str = field(metadata=one_of("adamw", "muon"))
    """``adamw``, the paper's; or ``muon``: Muon on the matrices inside the blocks, AdamW on the
    rest (Jordan et al., 2024)."""
    steps: int = field(metadata=between(1, 10_000_000))
    """Optimiser steps."""
    batch_size: int = field(metadata=between(1, 1_000_000))
    """Lines a step."""
    learning_rate: float = field(metadata=above(0))
    """AdamW's peak learning rate."""
    muon_learning_rate: float = field(default=2e-3, metadata=above(0))
    """Muon's peak learning rate, in AdamW's measure (``adjust_lr_fn="match_rms_adamw"``)."""
    beta2: float = field(default=0.999, metadata=between(0, 0.99999))
    """AdamW's memory of squared gradients."""
    weight_decay: float = field(default=0.01, metadata=at_least(0))
    """Decoupled decay of the matrices."""
    warmup_share: float = field(default=0.05, metadata=between(0, 1))
    """Share of the steps over which the rate rises; then it falls linearly to zero."""
    max_grad_norm: float = field(default=1.0, metadata=above(0))
    """Gradients longer than this are shortened to it."""
    num_evaluations: int = field(default=10, metadata=between(1, 1000))
    """Points of the learning curve."""
    precision: str = field(default="auto", metadata=one_of(*PRECISIONS))
    """Of the matrix products. A run at ``auto`` is the same run wherever it is made; its record
    says which precision it had."""
