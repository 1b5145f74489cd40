"""The systems whose training is compared, each as a function that trains for some steps.

ours
    `instrdiv.training.loop.train`, the function that the experiments call.
Trainer
    transformers' ``Trainer`` with ``GPT2LMHeadModel``, as shipped: full precision, dropout, sdpa
    attention, approximate GELU, the head at all positions, its DataLoader, its AdamW (which is
    fused). Only its progress bar and its checkpoints are off.
tuned GPT2LMHeadModel
    transformers' model in our own loop, with the best settings. No dropout, exact GELU,
    no cache, ``logits_to_keep`` at the output, our precision, batches from memory, fused AdamW.
    With eager and with sdpa attention; the faster of the two is the one to compare with.
"""

import dataclasses
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import GPT2Config as TheirConfig
from transformers import GPT2LMHeadModel, PrinterCallback, Trainer, TrainerCallback
from transformers import TrainingArguments as Arguments

from instrdiv.bench.pairs import Timed, timed
from instrdiv.bench.sizes import Size
from instrdiv.experiments.rule_diversity import Config
from instrdiv.models.hub import to_transformers
from instrdiv.tasks.alphabet import END, PAD, VOCAB_SIZE
from instrdiv.tasks.examples import Examples
from instrdiv.training.device import Machine
from instrdiv.training.loop import train

IGNORED = -100
"""The label that transformers' loss ignores."""


def ours(size: Size, machine: Machine, model: nn.Module | None = None) -> Timed:
    """Our training loop, with our model unless another one is given."""
    model = size.model() if model is None else model
    # Its short schedule and its single checkpoint of the learning curve cost next to nothing.
    config = dataclasses.replace(size.config, steps=size.steps, num_evaluations=1)
    rng = np.random.default_rng(0)
    return timed(
        lambda: train(model, size.training, config, rng=rng, machine=machine, evaluate=dict)
    )


class Tuned(nn.Module):
    """transformers' GPT-2 behind our model's interface."""

    def __init__(self, size: Size, attention: str) -> None:
        super().__init__()
        self.inner = to_transformers(size.model())
        self.inner.set_attn_implementation(attention)
        self.blocks = self.inner.transformer.h

    def forward(self, tokens: Tensor, last: int) -> Tensor:
        return self.inner(tokens, use_cache=False, logits_to_keep=last).logits


def tuned(size: Size, machine: Machine, attention: str) -> Timed:
    """Our loop with transformers' model, tuned."""
    return ours(size, machine, Tuned(size, attention))


def as_shipped(size: Size) -> Timed:
    """``Trainer`` as shipped.

    Its setup is not counted: time runs from the end of the first step, so one more step is made
    than measured.
    """
    model = shipped_model(size.config, size.line_length)
    lines = LabelledExamples(size.training)

    def run() -> float:
        watch = _Stopwatch()
        train_as_shipped(model, lines, size.config, watch, max_steps=size.steps + 1)
        return watch.seconds()

    return run


def shipped_model(config: Config, line_length: int) -> GPT2LMHeadModel:
    """transformers' GPT-2 with a config's sizes and otherwise its defaults."""
    torch.manual_seed(config.seed)
    return GPT2LMHeadModel(
        TheirConfig(
            vocab_size=VOCAB_SIZE,
            n_positions=line_length,
            n_embd=config.n_embd,
            n_layer=config.n_layer,
            n_head=config.n_head,
            bos_token_id=END,  # the default is a token of GPT-2's own vocabulary
            eos_token_id=END,
        )
    )


def train_as_shipped(
    model: GPT2LMHeadModel,
    lines: torch.utils.data.Dataset[Any],
    config: Config,
    callback: TrainerCallback,
    **overrides: Any,
) -> None:
    """One call of ``Trainer.train`` with the config's batch size and otherwise its defaults."""
    if find_spec("accelerate") is None:
        raise RuntimeError("transformers' Trainer needs accelerate: pip install accelerate")
    with tempfile.TemporaryDirectory() as folder:
        arguments = Arguments(
            output_dir=str(Path(folder)),
            per_device_train_batch_size=config.batch_size,
            use_cpu=True,
            save_strategy="no",
            disable_tqdm=True,
            report_to="none",
            **overrides,
        )
        trainer = Trainer(model=model, args=arguments, train_dataset=lines, callbacks=[callback])
        trainer.remove_callback(PrinterCallback)  # it writes to stdout, where our table goes
        trainer.train()


class LabelledExamples(torch.utils.data.Dataset[Any]):
    """Examples in ``Trainer``'s format; prompt and padding are not part of the loss."""

    def __init__(self, examples: Examples) -> None:
        self.tokens = torch.from_numpy(examples.tokens).long()
        self.labels = self.tokens.masked_fill(self.tokens == PAD, IGNORED)
        self.labels[:, : examples.prompt_length] = IGNORED

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {"input_ids": self.tokens[index], "labels": self.labels[index]}


class _Stopwatch(TrainerCallback):
    """Records when each step ended."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.ends.append(time.perf_counter())

    def seconds(self) -> float:
        return self.ends[-1] - self.ends[0]


TRAINING: dict[str, Callable[[Size, Machine], Timed]] = {
    "Trainer + GPT2LMHeadModel, as shipped": lambda size, machine: as_shipped(size),
    "GPT2LMHeadModel tuned, eager": lambda size, machine: tuned(size, machine, "eager"),
    "GPT2LMHeadModel tuned, sdpa": lambda size, machine: tuned(size, machine, "sdpa"),
}
"""The systems that our training is compared with."""
