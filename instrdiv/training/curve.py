"""The learning curve: mean loss and scores at evenly spaced steps of a training."""

from collections.abc import Callable, Iterable
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
        before: checkpoints recorded before the training was interrupted.
    """

    def __init__(
        self,
        steps: int,
        number: int,
        evaluate: Callable[[], dict[str, Score]],
        before: Iterable[dict[str, Any]] = (),
    ) -> None:
        self.checkpoints = {round(steps * (i + 1) / number) for i in range(number)}
        self.evaluate = evaluate
        self.curve: Curve = list(before)
        self.losses: list[Tensor] = []

    def add(self, step: int, loss: Tensor, bar: Bar) -> bool:
        """Note the loss of a step; return whether the step is a checkpoint.

        The loss of a checkpoint, in nats per token, is the mean since the previous one.

        Raises:
            FloatingPointError: the loss is not a finite number; training diverged.
        """
        self.losses.append(loss.detach())
        bar.update()
        if step not in self.checkpoints:
            return False
        mean_loss = torch.stack(self.losses).mean().item()
        self.losses.clear()
        if not np.isfinite(mean_loss):
            raise FloatingPointError(f"the loss is {mean_loss} at step {step}: lower the rate")
        scores = self.evaluate()
        self.curve.append({"step": step, "loss": mean_loss, "scores": scores})
        shares: dict[str, Any] = {name: f"{s.share:.3f}" for name, s in scores.items()}
        bar.set_postfix(loss=f"{mean_loss:.3f}", **shares)
        return True
