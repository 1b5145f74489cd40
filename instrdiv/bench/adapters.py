"""A pretrained model: our LoRA fine-tuning and decoding against those of transformers and peft.

Fine-tuning makes several passes over the same sequences, as a run of experiment 6 does: the hidden
states of the frozen layers are computed in the first pass and cached, which makes it faster.
"""

import dataclasses
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PrinterCallback, Trainer
from transformers import TrainingArguments as Arguments

from instrdiv.bench.pairs import Timed, row, time_pairs, timed
from instrdiv.bench.systems import IGNORED
from instrdiv.benchmarks.graded.split import split
from instrdiv.data.fetch import AssetError
from instrdiv.evaluation.generation import generate
from instrdiv.experiments import pretrained
from instrdiv.experiments.learners import tokenize_task
from instrdiv.models.chat import prompt_tokens
from instrdiv.models.chat_model import ChatModel, SplitDecoder, Tokenizer
from instrdiv.training.device import Machine
from instrdiv.training.lora import TokenSequence, load_tunable, tune

TRAINER = "Trainer + peft, the same adapters"
ONE_BY_ONE, BATCHED = "generate(), one prompt at a time", "generate(), all prompts in one batch"
OTHERS = (TRAINER, ONE_BY_ONE, BATCHED)


def compare_adapters(
    machine: Machine, repeats: int, quick: bool, threads: int
) -> list[dict[str, Any]]:
    """Both comparisons as rows of the report; ``skipped`` if the model was not fetched."""
    config = pretrained.configure("smoke" if quick else "laptop")
    labels = {"size": config.model, "threads": threads}
    try:
        tuned, tokenizer = load_tunable(config.model, config, machine, seed=0)
    except AssetError as error:
        return [labels | {"other": other, "skipped": str(error)} for other in OTHERS]
    passes = max(1, round(config.steps * config.batch_size / config.num_examples))
    lines = [
        tokenize_task(tokenizer, task, how, task.answer, [])
        for task, how in pretrained.make_data(config).training[
            : config.batch_size * (1 if quick else 3)
        ]
    ]
    steps = passes * -(-len(lines) // config.batch_size)
    pairs = time_pairs(
        our_tuning(tuned, lines, config, steps, machine),
        trainer(tuned, lines, tokenizer, config, steps),
        repeats,
    )
    tokens = passes * sum(len(line.tokens) for line in lines)
    rows = [row(pairs, work=tokens, unit="token", other=TRAINER, **labels)]
    prompts = [
        prompt_tokens(tokenizer, problem.prompt)
        for problem in split().problems(seed=0, per_grade=1 if quick else 3)
    ]
    length = 4 if quick else 48
    for other, theirs in ((ONE_BY_ONE, one_by_one), (BATCHED, in_one_batch)):
        pairs = time_pairs(
            timed(
                lambda: generate(tuned, tokenizer, prompts, max_new_tokens=length, machine=machine)
            ),
            timed(partial(theirs, tuned, tokenizer, prompts, length, machine)),
            repeats,
        )
        rows.append(row(pairs, work=len(prompts), unit="answer", other=other, **labels))
    return rows


def our_tuning(
    model: ChatModel, lines: Sequence[TokenSequence], config: Any, steps: int, machine: Machine
) -> Timed:
    """`tune`, the function that the experiments call."""
    config = dataclasses.replace(config, steps=steps, num_evaluations=1)
    return timed(
        lambda: tune(
            model,
            SplitDecoder(model, config.tuned_layers),
            lines,
            config,
            rng=np.random.default_rng(0),
            machine=machine,
            evaluate=dict,
        )
    )


def trainer(
    model: ChatModel, lines: Sequence[TokenSequence], tokenizer: Tokenizer, config: Any, steps: int
) -> Timed:
    """transformers' ``Trainer`` with the same adapters and otherwise its defaults."""

    def padded(batch: list[TokenSequence]) -> dict[str, torch.Tensor]:
        width = max(len(line.tokens) for line in batch)

        def rows(values: list[list[int]], filler: int) -> torch.Tensor:
            return torch.tensor([row + [filler] * (width - len(row)) for row in values])

        labels = [
            [IGNORED] * line.prompt_length + line.tokens[line.prompt_length :] for line in batch
        ]
        return {
            "input_ids": rows([line.tokens for line in batch], tokenizer.pad_token_id),
            "attention_mask": rows([[1] * len(line.tokens) for line in batch], 0),
            "labels": rows(labels, IGNORED),
        }

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            arguments = Arguments(
                output_dir=str(Path(folder)),
                per_device_train_batch_size=config.batch_size,
                max_steps=steps,
                learning_rate=config.learning_rate,
                use_cpu=True,
                save_strategy="no",
                report_to=[],
                disable_tqdm=True,
                logging_strategy="no",
                remove_unused_columns=False,
            )
            theirs = Trainer(model, arguments, data_collator=padded, train_dataset=list(lines))
            theirs.remove_callback(PrinterCallback)
            theirs.train()

    return timed(run)


def one_by_one(
    model: ChatModel,
    tokenizer: Tokenizer,
    prompts: Sequence[Sequence[int]],
    length: int,
    machine: Machine,
) -> None:
    """transformers' greedy ``generate()`` with its cache, one prompt after the other."""
    for prompt in prompts:
        in_one_batch(model, tokenizer, [prompt], length, machine)


def in_one_batch(
    model: ChatModel,
    tokenizer: Tokenizer,
    prompts: Sequence[Sequence[int]],
    length: int,
    machine: Machine,
) -> torch.Tensor:
    """The same for all prompts together, padded on the left, in our precision."""
    model.eval()
    width = max(map(len, prompts))
    padding = [width - len(prompt) for prompt in prompts]
    tokens = [[tokenizer.pad_token_id] * n + list(p) for n, p in zip(padding, prompts, strict=True)]
    mask = [[0] * n + [1] * (width - n) for n in padding]
    with machine.autocast():
        written = model.generate(
            input_ids=torch.tensor(tokens),
            attention_mask=torch.tensor(mask),
            max_new_tokens=length,
            do_sample=False,
            pad_token_id=tokenizer.pad_token_id,
        )
    return written[:, width:]
