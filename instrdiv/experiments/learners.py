"""Two ways to learn the same tasks: fine-tune a pretrained model, or train one from scratch.

Tasks, answers and scores are the same for both; the format of a task and the model differ.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from jaxtyping import Bool
from torch import Tensor, nn

from instrdiv.evaluation.exact_match import exact_matches, greedy_outputs
from instrdiv.models.chat import prompt_tokens
from instrdiv.models.chat_model import SplitDecoder, Tokenizer
from instrdiv.models.gpt2 import GPT2, GPT2Config
from instrdiv.seeds import stream
from instrdiv.statistics.scores import Score
from instrdiv.tasks.alphabet import END, LETTERS, PAD, VOCAB_SIZE, encode, until_end
from instrdiv.tasks.encryption import Task, spaced, task_in_words
from instrdiv.tasks.examples import Examples
from instrdiv.training.checkpoint import Checkpoint
from instrdiv.training.config import TrainingConfig, TuningConfig
from instrdiv.training.curve import Curve
from instrdiv.training.device import Machine
from instrdiv.training.loop import train
from instrdiv.training.lora import (
    SequenceBatches,
    TokenSequence,
    exact_sequences,
    load_tunable,
    tune,
)

SCRATCH_SIZES: dict[str, Any] = dict(n_layer=3, n_head=4, n_embd=96)


class AnsweredTask(NamedTuple):
    """A task, the number of its phrasing, and an answer to it."""

    task: Task
    phrasing: int
    answer: str


class Learner(Protocol):
    """A model that learns tasks and answers them."""

    model: nn.Module

    def learn(
        self, examples: Sequence[AnsweredTask], evaluate: Callable[[], dict[str, Score]]
    ) -> Curve:
        """Train on these answers."""

    def right(
        self, examples: Sequence[AnsweredTask], first: int | None = None
    ) -> Bool[Tensor, "n"]:
        """Whether the model would write exactly these answers; only the `first` ones if given."""

    def write(self, task: Task, phrasing: int) -> str:
        """The model's answer."""


class Pretrained:
    """A pretrained chat model, fine-tuned with LoRA; tasks are given in words.

    Args:
        name: of the model, see `load_model`.
        shown: solved tasks in every prompt.
        checkpoint: keeps the state of interrupted tuning.
    """

    def __init__(
        self,
        name: str,
        config: TuningConfig,
        machine: Machine,
        *,
        seed: int,
        load_in_8bit: bool,
        shown: list[tuple[Task, int]],
        checkpoint: Checkpoint | None,
    ) -> None:
        self.model, self.tokenizer = load_tunable(
            name, config, machine, seed=seed, load_in_8bit=load_in_8bit
        )
        self.split = SplitDecoder(self.model, config.tuned_layers)
        self.config, self.machine, self.seed = config, machine, seed
        self.shown, self.checkpoint = shown, checkpoint
        self._known: dict[int, tuple[Sequence[AnsweredTask], SequenceBatches]] = {}

    def learn(
        self, examples: Sequence[AnsweredTask], evaluate: Callable[[], dict[str, Score]]
    ) -> Curve:
        """Tune the adapters, starting from the checkpoint if there is one."""
        return tune(
            self.model,
            self.split,
            [self.sequence(example) for example in examples],
            self.config,
            rng=stream(self.seed, "batches"),
            machine=self.machine,
            evaluate=evaluate,
            checkpoint=self.checkpoint,
        )

    def right(
        self, examples: Sequence[AnsweredTask], first: int | None = None
    ) -> Bool[Tensor, "n"]:
        """Computed in one pass, see `exact_sequences`; frozen hidden states are cached."""
        if id(examples) not in self._known:
            written = [self.sequence(example) for example in examples]
            # The list is kept too: after garbage collection, another could get the same id.
            self._known[id(examples)] = (
                examples,
                SequenceBatches(self.split, written, self.machine.device),
            )
        return exact_sequences(self._known[id(examples)][1], self.machine, first=first)

    def sequence(self, example: AnsweredTask) -> TokenSequence:
        """A task and an answer as tokens."""
        return tokenize_task(self.tokenizer, *example, self.shown)

    def write(self, task: Task, phrasing: int) -> str:
        """The likeliest answer, token by token."""
        sequence = self.sequence(AnsweredTask(task, phrasing, task.answer))
        prompt = torch.tensor([sequence.tokens[: sequence.prompt_length]], device=self.model.device)
        with torch.inference_mode():
            whole = self.model.generate(
                input_ids=prompt,
                attention_mask=torch.ones_like(prompt),
                max_new_tokens=len(sequence.tokens) - sequence.prompt_length + 2,
                do_sample=False,
                eos_token_id=self.tokenizer.eos_token_id,
                pad_token_id=self.tokenizer.pad_token_id,
            )[0, sequence.prompt_length :]
        answer: str = self.tokenizer.decode(whole, skip_special_tokens=True)
        return answer.replace(" ", "").strip()


def tokenize_task(
    tokenizer: Tokenizer, task: Task, phrasing: int, answer: str, shown: list[tuple[Task, int]]
) -> TokenSequence:
    """A task and an answer as tokens; the tasks `shown` come solved earlier in the conversation.

    The answer starts with a space, so that each letter is the same token at every position.
    """
    before = [
        turn
        for solved, how in shown
        for turn in (task_in_words(solved, how), _spaced_answer(solved.answer))
    ]
    head = prompt_tokens(tokenizer, *before, task_in_words(task, phrasing))
    tail = tokenizer(_spaced_answer(answer), add_special_tokens=False).input_ids
    return TokenSequence([*head, *tail, tokenizer.eos_token_id], len(head))


def _spaced_answer(answer: str) -> str:
    return " " + spaced(answer)


class FromScratch:
    """The GPT-2 of the other experiments; tasks are given in symbols: ``x>y>key:z=answer.``

    A Caesar key is given as the letter that replaces ``a``.

    Args:
        example: a task of the lengths that all have.
        checkpoint: keeps the state of interrupted training.
    """

    def __init__(
        self,
        config: TrainingConfig,
        machine: Machine,
        example: Task,
        *,
        seed: int,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.config, self.machine, self.seed = config, machine, seed
        self.checkpoint = checkpoint
        longest = max(len(example.z), len(example.z) - len(example.x) + len(example.y))
        self.prompt_length = len(task_in_symbols(example))
        self.num_written = longest + 1
        torch.manual_seed(int(stream(seed, "model").integers(2**31)))
        sizes = GPT2Config(
            vocab_size=VOCAB_SIZE, block_size=self.prompt_length + longest, **SCRATCH_SIZES
        )
        self.model: nn.Module = GPT2(sizes)

    def learn(
        self, examples: Sequence[AnsweredTask], evaluate: Callable[[], dict[str, Score]]
    ) -> Curve:
        """Train the whole model."""
        return train(
            self.model,
            self.rows(examples),
            self.config,
            rng=stream(self.seed, "batches"),
            machine=self.machine,
            evaluate=evaluate,
            checkpoint=self.checkpoint,
        )

    def right(
        self, examples: Sequence[AnsweredTask], first: int | None = None
    ) -> Bool[Tensor, "n"]:
        """Computed in one pass, see `exact_matches`."""
        return exact_matches(self.model, self.rows(examples[:first]))

    def rows(self, examples: Sequence[AnsweredTask]) -> Examples:
        """Tasks with answers as rows of tokens of equal length."""
        tokens = np.full(
            (len(examples), self.prompt_length + self.num_written), PAD, dtype=np.uint8
        )
        for row, example in zip(tokens, examples, strict=True):
            whole = encode(task_in_symbols(example.task) + example.answer)
            row[: len(whole)], row[len(whole)] = whole, END
        return Examples(tokens, self.prompt_length)

    def write(self, task: Task, phrasing: int) -> str:
        """The likeliest answer, letter by letter."""
        prompt = (
            torch.from_numpy(encode(task_in_symbols(task))).long()[None].to(self.machine.device)
        )
        return until_end(greedy_outputs(self.model, prompt, self.num_written)[0].cpu().numpy())


def task_in_symbols(task: Task) -> str:
    """A task in the symbols of the other experiments.

    >>> task_in_symbols(Task("ab", "xy", "caesar", "1", "cabd"))
    'ab>xy>b:cabd='
    """
    key = LETTERS[int(task.key)] if task.cipher == "caesar" else task.key
    return f"{task.x}>{task.y}>{key}:{task.z}="


def scratch_training(
    steps: int, batch_size: int, num_evaluations: int, **more: Any
) -> TrainingConfig:
    """The training settings of the other experiments, with Muon."""
    return TrainingConfig(
        optimizer="muon",
        steps=steps,
        batch_size=batch_size,
        num_evaluations=num_evaluations,
        learning_rate=3e-3,
        muon_learning_rate=4e-3,
        beta2=0.95,
        **more,
    )
