"""The one training loop: from token sequences to a trained model and its learning curve."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from instrdiv.statistics.scores import Score
from instrdiv.tasks.alphabet import PAD
from instrdiv.tasks.examples import Examples
from instrdiv.training.checkpoint import Checkpoint
from instrdiv.training.config import TrainingConfig
from instrdiv.training.curve import Curve, CurveRecorder
from instrdiv.training.device import Machine
from instrdiv.training.optimizers import Optimizers
from instrdiv.training.progress import progress_bar
from instrdiv.training.state import TrainingState


def train(
    model: nn.Module,
    examples: Examples,
    config: TrainingConfig,
    *,
    rng: np.random.Generator,
    machine: Machine,
    evaluate: Callable[[], dict[str, Score]],
    checkpoint: Checkpoint | None = None,
) -> Curve:
    """Train a model on the outputs of examples; prompts are not part of the loss.

    Each epoch has a new random order. Training ends after `config.steps` batches.

    Args:
        model: ``model(tokens, last=n)`` returns the logits at the last n positions.
        rng: samples the order; it must be the same when a run resumes.
        evaluate: called at each checkpoint of the learning curve, in the machine's precision.
        checkpoint: keeps the state of an interrupted training. The caller deletes it.

    Returns:
        The learning curve, see `instrdiv.training.curve`.

    Raises:
        FloatingPointError: the loss is not a finite number; training diverged.
    """
    model.to(machine.device).train()
    optimizers = Optimizers(model, config, machine)
    lines = torch.from_numpy(examples.tokens)
    num_scored = lines.shape[1] - examples.prompt_length

    def scores() -> dict[str, Score]:
        with machine.autocast():
            return evaluate()

    recorder = CurveRecorder(config.steps, config.num_evaluations, scores)
    state = TrainingState(
        dict(model.named_parameters()),
        optimizers.optimizers,
        optimizers.schedules,
        recorder,
        checkpoint,
    )
    done = state.load()
    with progress_bar(total=config.steps, unit="step") as bar:
        bar.update(done)
        for step, rows in enumerate(_batches(rng, len(lines), config), start=1):
            if step <= done:
                continue
            batch = lines[rows].to(machine.device, torch.long)
            with machine.autocast():
                logits = model(batch[:, :-1], last=num_scored)
                loss = F.cross_entropy(
                    logits.flatten(0, 1).float(),
                    batch[:, -num_scored:].flatten(),
                    ignore_index=PAD,
                )
            loss.backward()
            optimizers.step()
            recorder.add(step, loss, bar)
            state.save_if_due(step)
    return recorder.curve


def _batches(rng: np.random.Generator, num_lines: int, config: TrainingConfig) -> Iterator[Tensor]:
    """Rows of each batch; a batch may span two epochs."""
    waiting = np.empty(0, dtype=np.int64)
    for _ in range(config.steps):
        while len(waiting) < config.batch_size:
            waiting = np.concatenate([waiting, rng.permutation(num_lines)])
        yield torch.from_numpy(waiting[: config.batch_size])
        waiting = waiting[config.batch_size :]
