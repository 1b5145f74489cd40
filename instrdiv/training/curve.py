"""The learning curve: mean loss and scores at evenly spaced steps of a training."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from instrdiv.statistics.scores import Score
from instrdiv.training.progress import Bar

Curve = list[dict[str, Any]]
"""``{"step", "loss", "scores": {name: Score}}`` a point."""


class CurveRecorder:
    """Takes the points of a learning curve as a training goes on.

    Args:
        steps: of the whole training.
        number: of points.
        evaluate: gives the scores of a point.
        before: points that were taken before the training was cut short.
    """

    def __init__(
        self,
        steps: int,
        number: int,
        evaluate: Callable[[], dict[str, Score]],
        before: Iterable[dict[str, Any]] = (),
    ) -> None:
        self.points = {round(steps * (i + 1) / number) for i in range(number)}
        self.evaluate = evaluate
        self.curve: Curve = list(before)
        self.losses: list[Tensor] = []

    def add(self, step: int, loss: Tensor, bar: Bar) -> bool:
        """Note a step's loss; say whether it made a point.

        The loss of a point, in nats a token, is the mean since the point before.

        Raises:
            FloatingPointError: the loss is no longer a number; the settings do not train.
        """
        self.losses.append(loss.detach())
        bar.update()
        if step not in self.points:
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
