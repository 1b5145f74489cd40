"""Two ways to learn one and the same tasks: tune a pretrained model, or train one from scratch.

Tasks, answers and scores are the same for both; what differs is how a task is written down, and
what is trained.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
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
from instrdiv.tasks.encryption import Task, in_words, spaced
from instrdiv.tasks.examples import Examples
from instrdiv.training.config import TrainingConfig, TuningConfig
from instrdiv.training.curve import Curve
from instrdiv.training.device import Machine
from instrdiv.training.loop import train
from instrdiv.training.lora import Line, Lines, exact_lines, load_tunable, tune

SCRATCH_SIZES: dict[str, Any] = dict(n_layer=3, n_head=4, n_embd=96)


class Said(NamedTuple):
    """A task, which of the phrasings it is said in, and an answer to it."""

    task: Task
    phrasing: int
    answer: str


class Solver(Protocol):
    """What learns tasks and is asked about them."""

    model: nn.Module

    def learn(self, lines: Sequence[Said], evaluate: Callable[[], dict[str, Score]]) -> Curve:
        """Train on these answers."""

    def right(self, lines: Sequence[Said], first: int | None = None) -> Bool[Tensor, "n"]:
        """Whether it would write just these answers; asked of the first alone if so said."""

    def write(self, task: Task, phrasing: int) -> str:
        """Its answer."""


class Pretrained:
    """A pretrained chat model, tuned by adapters; tasks are said in words.

    Args:
        name: of the model, see `load_model`.
        shown: solved tasks that stand in every prompt.
        checkpoint: where a tuning that is cut short goes on.
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
        checkpoint: Path | None,
    ) -> None:
        self.model, self.tokenizer = load_tunable(
            name, config, machine, seed=seed, load_in_8bit=load_in_8bit
        )
        self.split = SplitDecoder(self.model, config.tuned_layers)
        self.config, self.machine, self.seed = config, machine, seed
        self.shown, self.checkpoint = shown, checkpoint
        self._known: dict[int, tuple[Sequence[Said], Lines]] = {}

    def learn(self, lines: Sequence[Said], evaluate: Callable[[], dict[str, Score]]) -> Curve:
        """Tune the adapters, from the last checkpoint if there is one."""
        return tune(
            self.model,
            self.split,
            [self.line(said) for said in lines],
            self.config,
            rng=stream(self.seed, "batches"),
            machine=self.machine,
            evaluate=evaluate,
            checkpoint=self.checkpoint,
        )

    def right(self, lines: Sequence[Said], first: int | None = None) -> Bool[Tensor, "n"]:
        """Found in one pass, see `exact_lines`; the frozen part's work on each list is kept."""
        if id(lines) not in self._known:
            written = [self.line(said) for said in lines]
            # The list is kept too: another one could get its number once it were gone.
            self._known[id(lines)] = lines, Lines(self.split, written, self.machine.device)
        return exact_lines(self._known[id(lines)][1], self.machine, first=first)

    def line(self, said: Said) -> Line:
        """A task and an answer as tokens."""
        return write_line(self.tokenizer, *said, self.shown)

    def write(self, task: Task, phrasing: int) -> str:
        """The likeliest answer, token by token."""
        line = self.line(Said(task, phrasing, task.answer))
        prompt = torch.tensor([line.tokens[: line.prompt_length]], device=self.model.device)
        with torch.inference_mode():
            whole = self.model.generate(
                input_ids=prompt,
                attention_mask=torch.ones_like(prompt),
                max_new_tokens=len(line.tokens) - line.prompt_length + 2,
                do_sample=False,
                eos_token_id=self.tokenizer.eos_token_id,
                pad_token_id=self.tokenizer.pad_token_id,
            )[0, line.prompt_length :]
        answer: str = self.tokenizer.decode(whole, skip_special_tokens=True)
        return answer.replace(" ", "").strip()


def write_line(
    tokenizer: Tokenizer, task: Task, phrasing: int, answer: str, shown: list[tuple[Task, int]]
) -> Line:
    """A task and an answer as tokens; `shown` are solved in the conversation before.

    The answer starts with a space, so that a letter is the same token wherever it stands.
    """
    before = [
        turn for solved, how in shown for turn in (in_words(solved, how), _said(solved.answer))
    ]
    head = prompt_tokens(tokenizer, *before, in_words(task, phrasing))
    tail = tokenizer(_said(answer), add_special_tokens=False).input_ids
    return Line([*head, *tail, tokenizer.eos_token_id], len(head))


def _said(answer: str) -> str:
    return " " + spaced(answer)


class FromScratch:
    """The GPT-2 of the other experiments; tasks are written in symbols: ``x>y>key:z=answer.``

    A Caesar key is written as the letter that ``a`` becomes.
    """

    def __init__(self, config: TrainingConfig, machine: Machine, example: Task, seed: int) -> None:
        self.config, self.machine, self.seed = config, machine, seed
        longest = max(len(example.z), len(example.z) - len(example.x) + len(example.y))
        self.prompt_length = len(in_symbols(example))
        self.num_written = longest + 1
        torch.manual_seed(int(stream(seed, "model").integers(2**31)))
        sizes = GPT2Config(
            vocab_size=VOCAB_SIZE, block_size=self.prompt_length + longest, **SCRATCH_SIZES
        )
        self.model: nn.Module = GPT2(sizes)

    def learn(self, lines: Sequence[Said], evaluate: Callable[[], dict[str, Score]]) -> Curve:
        """Train the whole model."""
        return train(
            self.model,
            self.examples(lines),
            self.config,
            rng=stream(self.seed, "batches"),
            machine=self.machine,
            evaluate=evaluate,
        )

    def right(self, lines: Sequence[Said], first: int | None = None) -> Bool[Tensor, "n"]:
        """Found in one pass, see `exact_matches`."""
        return exact_matches(self.model, self.examples(lines[:first]))

    def examples(self, lines: Sequence[Said]) -> Examples:
        """Tasks with answers as rows of equal length."""
        tokens = np.full((len(lines), self.prompt_length + self.num_written), PAD, dtype=np.uint8)
        for row, said in zip(tokens, lines, strict=True):
            whole = encode(in_symbols(said.task) + said.answer)
            row[: len(whole)], row[len(whole)] = whole, END
        return Examples(tokens, self.prompt_length)

    def write(self, task: Task, phrasing: int) -> str:
        """The likeliest answer, letter by letter."""
        prompt = torch.from_numpy(encode(in_symbols(task))).long()[None].to(self.machine.device)
        return until_end(greedy_outputs(self.model, prompt, self.num_written)[0].cpu().numpy())


def in_symbols(task: Task) -> str:
    """A task in the symbols of the other experiments.

    >>> in_symbols(Task("ab", "xy", "caesar", "1", "cabd"))
    'ab>xy>b:cabd='
    """
    key = LETTERS[int(task.key)] if task.cipher == "caesar" else task.key
    return f"{task.x}>{task.y}>{key}:{task.z}="


def scratch_training(
    steps: int, batch_size: int, num_evaluations: int, **more: Any
) -> TrainingConfig:
    """The other experiments' way to train, with Muon."""
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
