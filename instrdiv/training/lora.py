"""LoRA fine-tuning of a pretrained model on token sequences of any length."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from peft import PeftModel
from torch import Tensor, nn
from transformers import PreTrainedModel

from instrdiv.models.chat_model import (
    ChatModel,
    SplitDecoder,
    Tokenizer,
    adapt,
    load_model,
    unfreeze,
)
from instrdiv.statistics.scores import Score
from instrdiv.training.checkpoint import Checkpoint
from instrdiv.training.config import TuningConfig
from instrdiv.training.curve import Curve, CurveRecorder
from instrdiv.training.device import Machine
from instrdiv.training.evaluation_mode import evaluation_mode
from instrdiv.training.optimizers import linear_schedule
from instrdiv.training.progress import progress_bar
from instrdiv.training.state import TrainingState

POOL = 16
"""Number of batches whose sequences are sorted by length together: more batches waste less padding,
fewer mix the sequences better."""


def load_tunable(
    name: str, config: TuningConfig, machine: Machine, *, seed: int, load_in_8bit: bool = False
) -> tuple[ChatModel, Tokenizer]:
    """A pretrained model, frozen except for what the config tunes, and its tokeniser.

    Args:
        name: of the model, see `load_model`.
        seed: of the adapters' initial weights.

    Raises:
        AssetError: the model cannot be loaded.
        ValueError: it has no such layers or modules, or its weights in 8 bits would be tuned.
    """
    if load_in_8bit and config.tuned == "weights":
        raise ValueError(
            "tuned='weights': weights in 8 bits cannot be tuned; set load_in_8bit=False"
        )
    model, tokenizer = load_model(name, machine.weights, load_in_8bit)
    if not load_in_8bit:  # a model in 8 bits is placed on its device while it is loaded
        model.to(machine.device)
    if config.tuned == "weights":
        return unfreeze(model, config.tuned_layers), tokenizer
    return with_adapters(model, config, seed), tokenizer


def with_adapters(model: PreTrainedModel, config: TuningConfig, seed: int) -> PeftModel:
    """A model with the adapters of a config, see `adapt`."""
    return adapt(
        model,
        rank=config.rank,
        alpha=config.lora_alpha,
        modules=config.target_modules,
        layers=config.tuned_layers,
        seed=seed,
    )


@dataclass(frozen=True)
class TokenSequence:
    """A prompt and its answer as one sequence of tokens.

    Attributes:
        tokens: those of the prompt, of the answer, and the end token.
        prompt_length: how many of them belong to the prompt, which is not part of the loss.
    """

    tokens: list[int]
    prompt_length: int


class SequenceBatches:
    """Batches of sequences for a split model; the frozen part's hidden states are cached."""

    def __init__(self, model: SplitDecoder, lines: Sequence[TokenSequence], device: str) -> None:
        self.model, self.lines, self.device = model, lines, device
        self.kept: dict[int, Float[Tensor, "time embd"]] = {}

    def __len__(self) -> int:
        return len(self.lines)

    def logits_and_targets(self, rows: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
        """For every answer token of a batch: its logits, the token, and the row that it belongs to.

        Sequences are padded on the right. A causal model never attends to what comes later, so no
        mask is needed.
        """
        lines = [self.lines[row] for row in rows]
        hidden = self._hidden(rows)
        places = [
            (i, j)
            for i, line in enumerate(lines)
            for j in range(line.prompt_length, len(line.tokens))
        ]
        owners, columns = torch.tensor(places, device=self.device).T
        targets = torch.tensor([lines[i].tokens[j] for i, j in places], device=self.device)
        return self.model.logits(hidden, (owners, columns - 1)), targets, owners

    def remember(self, rows: Sequence[int], at_once: int, machine: Machine) -> None:
        """Cache what a step on these rows would have cached.

        The rounding of a row's hidden states depends on the rows that they are computed with, so a
        resumed run computes them in the same company as an undisturbed one.
        """
        if self.model.depth_below:
            with machine.autocast():
                for start in range(0, len(rows), at_once):
                    self._hidden(rows[start : start + at_once])

    def _hidden(self, rows: Sequence[int]) -> Float[Tensor, "batch time embd"]:
        new = [row for row in rows if row not in self.kept]
        if new:
            padded = nn.utils.rnn.pad_sequence(
                [torch.tensor(self.lines[row].tokens[:-1]) for row in new], batch_first=True
            )
            found = self.model.below(padded.to(self.device))
            parts = {
                row: hidden[: len(self.lines[row].tokens) - 1]
                for row, hidden in zip(new, found, strict=True)
            }
            if (
                self.model.depth_below
            ):  # else no layer is frozen, and caching would only cost memory
                self.kept |= {row: part.clone() for row, part in parts.items()}
        else:
            parts = {}
        return nn.utils.rnn.pad_sequence(
            [self.kept[row] if row in self.kept else parts[row] for row in rows], batch_first=True
        )


def tune(
    model: ChatModel,
    split: SplitDecoder,
    lines: Sequence[TokenSequence],
    config: TuningConfig,
    *,
    rng: np.random.Generator,
    machine: Machine,
    evaluate: Callable[[], dict[str, Score]],
    checkpoint: Checkpoint | None = None,
) -> Curve:
    """Tune the unfrozen part of a model on the answers of sequences.

    Args:
        rng: samples the order; it must be the same when a run resumes.
        evaluate: called at each checkpoint of the learning curve.
        checkpoint: keeps the state of an interrupted tuning. The caller deletes it.

    Returns:
        The learning curve, see `instrdiv.training.curve`; empty if there are no steps.

    Raises:
        FloatingPointError: the loss is not a finite number.
    """
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    optimizer = torch.optim.AdamW(
        trained.values(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, linear_schedule(max(1, config.steps), config.warmup_share)
    )
    recorder = CurveRecorder(config.steps, config.num_evaluations, evaluate)
    data = SequenceBatches(split, lines, machine.device)
    lengths = [len(line.tokens) for line in lines]
    state = TrainingState(trained, [optimizer], [schedule], recorder, checkpoint)
    done = state.load()
    if recorder.curve:
        evaluate()  # for the hidden states that it caches, see `SequenceBatches.remember`
    model.train()
    with progress_bar(total=config.steps, unit="step") as bar:
        bar.update(done)
        batches = bucketed(rng, lengths, config.batch_size, config.steps)
        for step, rows in enumerate(batches, start=1):
            at_once = config.lines_at_once or len(rows)
            if step <= done:
                data.remember(rows, at_once, machine)
                continue
            loss = backward(data, rows, at_once, machine)
            nn.utils.clip_grad_norm_(trained.values(), config.max_grad_norm)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            recorder.add(step, loss, bar)
            state.save_if_due(step)
    model.eval()
    return recorder.curve


def backward(data: SequenceBatches, rows: Sequence[int], at_once: int, machine: Machine) -> Tensor:
    """Add the gradients of a batch's mean loss over answer tokens, `at_once` sequences at a time.

    Returns:
        The loss.
    """
    tokens = sum(len(data.lines[row].tokens) - data.lines[row].prompt_length for row in rows)
    whole = torch.zeros((), device=data.device)
    for start in range(0, len(rows), at_once):
        with machine.autocast():
            logits, targets, _ = data.logits_and_targets(rows[start : start + at_once])
            loss = F.cross_entropy(logits.float(), targets, reduction="sum") / tokens
        loss.backward()
        whole += loss.detach()
    return whole


def bucketed(
    rng: np.random.Generator, lengths: Sequence[int], batch_size: int, steps: int
) -> Iterator[list[int]]:
    """Rows of each batch: a new random order each epoch, with sequences of similar length together.

    >>> batches = list(bucketed(np.random.default_rng(0), [5, 9, 5, 9], 2, steps=4))
    >>> sorted(sorted(batch) for batch in batches[:2])
    [[0, 2], [1, 3]]
    """
    count = 0
    while count < steps:
        order = rng.permutation(len(lengths))
        batches = []
        for start in range(0, len(order), POOL * batch_size):
            pool = sorted(order[start : start + POOL * batch_size], key=lambda row: lengths[row])
            batches += [pool[i : i + batch_size] for i in range(0, len(pool), batch_size)]
        for number in rng.permutation(len(batches)):
            if count == steps:
                return
            count += 1
            yield [int(row) for row in batches[number]]


def exact_sequences(
    data: SequenceBatches, machine: Machine, *, first: int | None = None, batch_size: int = 32
) -> Bool[Tensor, "n"]:
    """Whether greedy decoding would give each answer, computed in one pass without decoding.

    See `instrdiv.evaluation.exact_match.exact_matches` for why the two agree.

    Args:
        first: evaluate only this many sequences.
    """
    number = min(len(data), first or len(data))
    order = sorted(range(number), key=lambda row: len(data.lines[row].tokens))
    right = torch.ones(number, dtype=torch.bool)
    with evaluation_mode(data.model.model, machine):
        for start in range(0, number, batch_size):
            rows = order[start : start + batch_size]
            logits, targets, owners = data.logits_and_targets(rows)
            wrong = owners[logits.argmax(dim=-1) != targets].unique()
            right[[rows[i] for i in wrong.tolist()]] = False
    return right
