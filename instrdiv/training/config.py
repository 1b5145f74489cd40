"""The settings of a training, whatever is trained."""

from dataclasses import dataclass, field

from instrdiv.checks import above, at_least, between, one_of

SAVE_EVERY = 120.0
"""Seconds between two saves of a run's state, so that short runs save none."""

PRECISIONS = ("auto", "float32", "bfloat16")
"""Precisions of the matrix products in training; ``auto`` takes bfloat16 where it is native and
float32 elsewhere."""


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How a model is trained."""

    optimizer: str = field(metadata=one_of("adamw", "muon"))
    """``adamw``, the paper's; or ``muon``: Muon on the matrices inside the blocks, AdamW on the
    rest (Jordan et al., 2024)."""
    steps: int = field(metadata=between(1, 10_000_000))
    """Optimiser steps."""
    batch_size: int = field(metadata=between(1, 1_000_000))
    """Batch size, in sequences."""
    learning_rate: float = field(metadata=above(0))
    """AdamW's peak learning rate."""
    muon_learning_rate: float = field(default=2e-3, metadata=above(0))
    """Muon's peak learning rate, in AdamW's measure (``adjust_lr_fn="match_rms_adamw"``)."""
    beta2: float = field(default=0.999, metadata=between(0, 0.99999))
    """AdamW's decay rate of the mean of squared gradients."""
    weight_decay: float = field(default=0.01, metadata=at_least(0))
    """Decoupled weight decay, of the matrices."""
    warmup_share: float = field(default=0.05, metadata=between(0, 1))
    """Share of the steps over which the learning rate rises; then it falls linearly to zero."""
    max_grad_norm: float = field(default=1.0, metadata=above(0))
    """Gradients are clipped to this norm."""
    num_evaluations: int = field(default=10, metadata=between(1, 1000))
    """Number of checkpoints of the learning curve."""
    precision: str = field(default="auto", metadata=one_of(*PRECISIONS))
    """Of the matrix products. A run at ``auto`` counts as the same run on any machine; its record
    says which precision it had."""


@dataclass(frozen=True, kw_only=True)
class TuningConfig:
    """How a pretrained model is adapted."""

    rank: int = field(metadata=between(1, 100_000))
    """Rank r of the LoRA adapters."""
    lora_alpha: int = field(metadata=between(1, 100_000))
    """The adapters' α: their output is scaled by α / r."""
    target_modules: tuple[str, ...]
    """Names of the linear maps that get an adapter."""
    tuned_layers: int = field(metadata=at_least(0))
    """How many layers, from the top, get adapters; 0 means all. The hidden states below them are
    computed once for each sequence and cached."""
    steps: int = field(metadata=between(0, 10_000_000))
    """Optimiser steps; 0 leaves the model as it is."""
    batch_size: int = field(metadata=between(1, 1_000_000))
    """Batch size, in sequences."""
    learning_rate: float = field(metadata=above(0))
    """AdamW's peak learning rate."""
    weight_decay: float = field(default=0.0, metadata=at_least(0))
    """Decoupled weight decay, of the adapters."""
    warmup_share: float = field(default=0.05, metadata=between(0, 1))
    """Share of the steps over which the learning rate rises; then it falls linearly to zero."""
    max_grad_norm: float = field(default=1.0, metadata=above(0))
    """Gradients are clipped to this norm."""
    num_evaluations: int = field(default=5, metadata=between(1, 1000))
    """Number of checkpoints of the learning curve."""
    tuned: str = field(default="adapters", metadata=one_of("adapters", "weights"))
    """What is tuned in these layers: LoRA ``adapters``, or all ``weights``."""
    lines_at_once: int = field(default=0, metadata=at_least(0))
    """Sequences of a batch whose activations are in memory together; 0 means all. Fewer take less
    memory and more time; the result is the same."""
    precision: str = field(default="auto", metadata=one_of(*PRECISIONS))
    """Of the matrix products. A run at ``auto`` counts as the same run on any machine; its record
    says which precision it had."""

    @property
    def what_is_tuned(self) -> str:
        """What is tuned and where, in words."""
        place = f"the top {self.tuned_layers} layers" if self.tuned_layers else "all layers"
        what = f"LoRA of rank {self.rank}" if self.tuned == "adapters" else "all weights"
        return f"{what} in {place}"
