"""Everything that a step of training changes, so that a resumed run ends as an undisturbed one."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from instrdiv.checks import first_line
from instrdiv.training.checkpoint import Checkpoint
from instrdiv.training.curve import CurveRecorder


class TrainingState:
    """Weights, optimisers, schedules, learning curve and random generators of a training.

    The position in the data is not part of it: the order of batches follows from a seed, and a
    resumed loop passes over the batches that were trained on.

    Args:
        weights: those that are trained, by name.
        checkpoint: where the state is kept; None keeps nothing.
    """

    def __init__(
        self,
        weights: Mapping[str, Tensor],
        optimizers: Sequence[Optimizer],
        schedules: Sequence[LRScheduler],
        recorder: CurveRecorder,
        checkpoint: Checkpoint | None,
    ) -> None:
        self.weights = {name: weight.detach() for name, weight in weights.items()}
        self.optimizers, self.schedules = optimizers, schedules
        self.recorder, self.checkpoint = recorder, checkpoint

    def load(self) -> int:
        """Continue where an earlier process was interrupted.

        Returns:
            The number of steps that are done; 0 if there is no checkpoint, or if its content does
            not belong to this training: it is then set aside with a warning.
        """
        kept = self.checkpoint.load() if self.checkpoint else None
        if self.checkpoint is None or kept is None:
            return 0
        fresh = copy.deepcopy(self._stateful())
        try:
            self._check_weights(kept["weights"])
            step = int(kept["step"])
            self._restore_stateful(kept)
            self.recorder.load_state_dict(kept["curve"], step)
        except Exception as error:  # a foreign state can raise any
            self._restore_stateful(fresh)
            self.checkpoint.set_aside(first_line(error))
            return 0
        for name, weight in self.weights.items():
            weight.copy_(kept["weights"][name])
        return step

    def save_if_due(self, step: int) -> None:
        """Save the state after a step, if the last time is long enough ago."""
        if self.checkpoint and self.checkpoint.due:
            self.checkpoint.save(
                {
                    "step": step,
                    "weights": self.weights,
                    "curve": self.recorder.state_dict(),
                    **self._stateful(),
                }
            )

    def _stateful(self) -> dict[str, Any]:
        return {
            "generator": torch.get_rng_state(),
            "generators": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
            "optimizers": [each.state_dict() for each in self.optimizers],
            "schedules": [each.state_dict() for each in self.schedules],
        }

    def _restore_stateful(self, kept: Mapping[str, Any]) -> None:
        for optimizer, state in zip(self.optimizers, kept["optimizers"], strict=True):
            optimizer.load_state_dict(state)
            for weight, moments in optimizer.state.items():  # torch does not check their sizes
                sizes = {value.shape for value in moments.values() if isinstance(value, Tensor)}
                if not sizes <= {weight.shape, torch.Size()}:
                    raise ValueError("an optimiser's state for weights of other sizes")
        for schedule, state in zip(self.schedules, kept["schedules"], strict=True):
            schedule.load_state_dict(state)
        torch.set_rng_state(kept["generator"])
        if torch.cuda.device_count() == len(kept["generators"]):
            torch.cuda.set_rng_state_all(kept["generators"])

    def _check_weights(self, kept: Mapping[str, Tensor]) -> None:
        if kept.keys() != self.weights.keys():
            raise ValueError("weights of other names")
        for name, weight in self.weights.items():
            if (kept[name].shape, kept[name].dtype) != (weight.shape, weight.dtype):
                raise ValueError(f"{name} has another size or type")
