"""The learning curve: mean loss and scores at evenly spaced steps of a training."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from instrdiv.statistics.scores import Score
from instrdiv.training.progress import Bar

Curve = list[dict[str, Any]]
"""One ``{"step", "loss", "scores": {name: Score}}`` for each checkpoint."""


class CurveRecorder:
    """Records the checkpoints of a learning curve during training.

    Args:
        steps: of the whole training.
        number: of checkpoints.
        evaluate: returns the scores at a checkpoint.
    """

    def __init__(
        self,
        steps: int,
        number: int,
        evaluate: Callable[[], dict[str, Score]],
    ) -> None:
        self.steps = steps
        self.checkpoints = {round(steps * (i + 1) / number) for i in range(number)}
        self.evaluate = evaluate
        self.curve: Curve = []
        self.losses: list[Tensor] = []

    def add(self, step: int, loss: Tensor, bar: Bar) -> None:
        """Note the loss of a step, and the scores if the step is a checkpoint.

        The loss of a checkpoint, in nats per token, is the mean since the previous one.

        Raises:
            FloatingPointError: the loss is not a finite number; training diverged.
        """
        self.losses.append(loss.detach())
        bar.update()
        if step not in self.checkpoints:
            return
        mean_loss = torch.stack([each.to(loss.device) for each in self.losses]).mean().item()
        self.losses.clear()
        if not np.isfinite(mean_loss):
            raise FloatingPointError(f"the loss is {mean_loss} at step {step}: lower the rate")
        scores = self.evaluate()
        self.curve.append({"step": step, "loss": mean_loss, "scores": scores})
        shares: dict[str, Any] = {name: f"{s.share:.3f}" for name, s in scores.items()}
        bar.set_postfix(loss=f"{mean_loss:.3f}", **shares)

    def state_dict(self) -> dict[str, Any]:
        """What was recorded so far, as plain values and tensors."""
        curve = [
            {**point, "scores": {name: list(score) for name, score in point["scores"].items()}}
            for point in self.curve
        ]
        return {"curve": curve, "losses": torch.stack(self.losses) if self.losses else None}

    def load_state_dict(self, kept: dict[str, Any], step: int) -> None:
        """Continue after a step.

        Raises:
            ValueError: the training has no such step, or this is not its curve up to there.
        """
        curve = [
            {**point, "scores": {name: Score(*counts) for name, counts in point["scores"].items()}}
            for point in kept["curve"]
        ]
        losses = [] if kept["losses"] is None else list(kept["losses"])
        passed = sorted(point for point in self.checkpoints if 0 < point <= step)
        if not 0 < step <= self.steps or [point["step"] for point in curve] != passed:
            raise ValueError(f"step {step} of {self.steps}, with a curve of {len(curve)} points")
        if len(losses) != step - max(passed, default=0):
            raise ValueError(f"{len(losses)} losses at step {step}")
        self.curve, self.losses = curve, losses
