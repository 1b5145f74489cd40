"""The log-likelihood of a given text under a model, in bits per byte.

It is counted per byte, not per token, so that models with different tokenisers can be compared.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from instrdiv.models.chat_model import ChatModel, Tokenizer
from instrdiv.training.device import Machine
from instrdiv.training.evaluation_mode import evaluation_mode
from instrdiv.training.progress import progress_bar


@dataclass(frozen=True)
class BitsPerByte:
    """Bits per byte of some solutions.

    Attributes:
        each: one value for each solution, in their order.
    """

    each: list[float]

    @property
    def mean(self) -> float:
        """The mean over solutions, each of equal weight whatever its length."""
        return sum(self.each) / len(self.each)


def bits_per_byte(
    model: ChatModel,
    tokenizer: Tokenizer,
    prompts: Sequence[Sequence[int]],
    solutions: Sequence[str],
    *,
    machine: Machine,
    beginnings: Sequence[str] | None = None,
    batch_size: int | None = None,
) -> BitsPerByte:
    """-log2 P(solution | prompt, beginning) under a model, over the solution's bytes in UTF-8.

    Only the solution's tokens count, without an end token. Whatever is the beginning of another
    sequence, as a code fence is that of a program inside it, costs no pass of its own.

    Args:
        model: a causal language model of transformers, with or without adapters of peft.
        prompts: their tokens, at least one each, from which the first of the solution is predicted.
        beginnings: for each solution, the text of the answer before it, such as a code fence; none
            if not given. It is tokenised together with the solution, as in training, and a token
            that reaches across counts for the solution.
        batch_size: sequences at once; by default 2 on a processor, which is slower with
            larger batches, and 8 on a card.

    Raises:
        ValueError: the numbers of prompts and solutions differ or are 0, one is empty, or the
            tokeniser lacks a token for one.
    """
    lines = _lines(tokenizer, prompts, beginnings or [""] * len(solutions), solutions)
    size = batch_size or (2 if machine.device == "cpu" else 8)
    # Sequences of similar length share a batch. They are padded on the right; a causal model never
    # attends to what comes later, so no mask is needed.
    passes = sorted(_passes(lines), key=lambda rows: -_length(lines[rows[0]]))
    each = [math.nan] * len(lines)
    with progress_bar(total=len(lines), unit="solution") as bar, evaluation_mode(model, machine):
        for start in range(0, len(passes), size):
            batch = passes[start : start + size]
            for row, bits in _bits(model, lines, batch).items():
                each[row] = bits / len(solutions[row].encode())
            bar.update(sum(map(len, batch)))
    return BitsPerByte(each)


class Line(NamedTuple):
    """A sequence of tokens: what is given, and what is scored."""

    head: list[int]
    tail: list[int]


def _length(line: Line) -> int:
    return len(line.head) + len(line.tail)


def _passes(lines: Sequence[Line]) -> list[list[int]]:
    """The lines' numbers, in groups that one pass scores: the longest line, then beginnings of it.

    >>> _passes([Line([1], [2]), Line([1, 2], [3]), Line([1], [3])])
    [[2], [1, 0]]
    """
    tokens = [line.head + line.tail for line in lines]
    groups: list[list[int]] = []
    # In descending order, a beginning comes right after what it is the beginning of.
    for row in sorted(range(len(lines)), key=tokens.__getitem__, reverse=True):
        if groups and tokens[groups[-1][0]][: len(tokens[row])] == tokens[row]:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _bits(
    model: ChatModel, lines: Sequence[Line], batch: Sequence[Sequence[int]]
) -> dict[int, float]:
    """-log2 of the probability of each line's tail after its head, by the line's number."""
    longest = [lines[rows[0]] for rows in batch]
    tokens = nn.utils.rnn.pad_sequence(
        [torch.tensor((line.head + line.tail)[:-1]) for line in longest], batch_first=True
    ).to(model.device)

    def places(row: int) -> range:
        """Where the tail's tokens are predicted."""
        return range(len(lines[row].head) - 1, _length(lines[row]) - 1)

    # The head is the largest matrix of a small model; most positions do not need it.
    needed = sorted({place for rows in batch for row in rows for place in places(row)})
    kept = torch.tensor(needed, device=model.device)
    logits = model(input_ids=tokens, use_cache=False, logits_to_keep=kept).logits
    bits = {}
    for number, rows in enumerate(batch):
        for row in rows:
            start = needed.index(places(row)[0])
            tail = torch.tensor(lines[row].tail, device=model.device)
            predicted = logits[number, start : start + len(tail)].float()
            nats = F.cross_entropy(predicted, tail, reduction="none").double().sum()
            bits[row] = nats.item() / math.log(2)
    return bits


def _lines(
    tokenizer: Tokenizer,
    prompts: Sequence[Sequence[int]],
    beginnings: Sequence[str],
    solutions: Sequence[str],
) -> list[Line]:
    if not len(prompts) == len(beginnings) == len(solutions) or not prompts:
        raise ValueError(
            f"{len(beginnings)} beginnings, {len(prompts)} prompts, {len(solutions)} solutions: "
            "equal numbers are needed"
        )
    lines = []
    given = zip(prompts, beginnings, solutions, strict=True)
    for number, (prompt, beginning, solution) in enumerate(given):
        if not prompt or not solution:
            raise ValueError(f"{'solution' if prompt else 'prompt'} {number} is empty")
        require_known(tokenizer, solution, f"solution {number}")
        found = tokenizer(
            beginning + solution, add_special_tokens=False, return_offsets_mapping=True
        )
        before = sum(end <= len(beginning) for _, end in found.offset_mapping)
        tokens = found.input_ids
        lines.append(Line([*prompt, *tokens[:before]], tokens[before:]))
    return lines


def require_known(tokenizer: Tokenizer, text: str, what: str) -> None:
    """Check that a tokeniser has tokens for all of a text.

    Args:
        what: the name of the text in the error message.

    Raises:
        ValueError: it does not.
    """
    if tokenizer.unk_token_id in tokenizer(text, add_special_tokens=False).input_ids:
        raise ValueError(f"{what} has characters that the tokeniser does not know")
