"""The file from which interrupted tuning resumes."""

import copy
import os
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from instrdiv.checks import first_line
from instrdiv.models.chat_model import ChatModel
from instrdiv.statistics.scores import Score
from instrdiv.training.curve import Curve


class TuningState:
    """What an interrupted run needs to resume: tuned weights, optimiser, schedule, learning curve.

    Args:
        path: its file; None keeps nothing.
    """

    def __init__(self, model: ChatModel, optimizer: Any, schedule: Any, path: Path | None) -> None:
        self.model, self.optimizer, self.schedule, self.path = model, optimizer, schedule, path
        self._fresh = copy.deepcopy((optimizer.state_dict(), schedule.state_dict()))

    def _tuned(self) -> dict[str, Tensor]:
        return {name: p.detach() for name, p in self.model.named_parameters() if p.requires_grad}

    def load(self) -> tuple[Curve, int]:
        """Restore what was saved.

        Returns:
            The learning curve and the number of steps made; nothing and 0 if there is no file, or
            if it is not one of this run, with a warning.
        """
        if self.path is None or not self.path.exists():
            return [], 0
        try:
            kept = torch.load(self.path, weights_only=True)
            tuned = {name: kept["tuned"][name] for name in self._tuned()}
            if any(tuned[name].shape != p.shape for name, p in self._tuned().items()):
                raise ValueError("weights of other sizes")
            curve = [
                {**point, "scores": {n: Score(*counts) for n, counts in point["scores"].items()}}
                for point in kept["curve"]
            ]
            step, optimizer, schedule = kept["step"], kept["optimizer"], kept["schedule"]
            self.optimizer.load_state_dict(optimizer)
            self.schedule.load_state_dict(schedule)
        except Exception as error:  # a damaged or foreign file can raise any of these
            aside = self.path.with_suffix(".unreadable")
            self.path.replace(aside)
            warnings.warn(
                f"{self.path} is no checkpoint of this run ({first_line(error)}): set aside as "
                f"{aside.name}, and the run starts anew",
                stacklevel=2,
            )
            self.optimizer.load_state_dict(self._fresh[0])
            self.schedule.load_state_dict(self._fresh[1])
            return [], 0
        with torch.no_grad():
            for name, weights in self._tuned().items():
                weights.copy_(tuned[name])
        return curve, step

    def save(self, curve: Curve, step: int) -> None:
        """Replace the file by the present state, in one move."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(f".{os.getpid()}.tmp")
        plain = [
            {**point, "scores": {name: list(score) for name, score in point["scores"].items()}}
            for point in curve
        ]
        torch.save(
            {
                "tuned": self._tuned(),
                "optimizer": self.optimizer.state_dict(),
                "schedule": self.schedule.state_dict(),
                "curve": plain,
                "step": step,
            },
            unfinished,
        )
        unfinished.replace(self.path)
