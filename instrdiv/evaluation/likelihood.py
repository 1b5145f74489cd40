"""The log-likelihood of a given text under a model, in bits per byte.

It is counted per byte, not per token, so that models with different tokenisers can be compared.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
    batch_size: int = 8,
) -> BitsPerByte:
    """-log2 P(solution | prompt, beginning) under a model, over the solution's bytes in UTF-8.

    Only the solution's tokens count, without an end token.

    Args:
        model: a causal language model of transformers, with or without adapters of peft.
        prompts: their tokens, at least one each, from which the first of the solution is predicted.
        beginnings: for each solution, the text of the answer before it, such as a code fence; none
            if not given. It is tokenised together with the solution, as in training, and a token
            that reaches across counts for the solution.

    Raises:
        ValueError: the numbers of prompts and solutions differ or are 0, one is empty, or the
            tokeniser lacks a token for one.
    """
    lines = _lines(tokenizer, prompts, beginnings or [""] * len(solutions), solutions)
    # Sequences of similar length share a batch. They are padded on the right; a causal model never
    # attends to what comes later, so no mask is needed.
    order = sorted(range(len(lines)), key=lambda row: -sum(map(len, lines[row])))
    each = [math.nan] * len(lines)
    with progress_bar(total=len(lines), unit="solution") as bar, evaluation_mode(model, machine):
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            for row, bits in zip(rows, _bits(model, [lines[row] for row in rows]), strict=True):
                each[row] = bits / len(solutions[row].encode())
            bar.update(len(rows))
    return BitsPerByte(each)


def _bits(model: ChatModel, lines: list[tuple[list[int], list[int]]]) -> list[float]:
    """-log2 of the probability of each sequence's second part after its first."""
    tokens = nn.utils.rnn.pad_sequence(
        [torch.tensor((head + tail)[:-1]) for head, tail in lines], batch_first=True
    ).to(model.device)
    # The head is the largest matrix of a small model; positions within the prompt do not need it.
    first = min(len(head) for head, _ in lines) - 1
    logits = model(input_ids=tokens, use_cache=False, logits_to_keep=tokens.shape[1] - first).logits
    bits = []
    for row, (head, tail) in enumerate(lines):
        start = len(head) - 1 - first
        predicted = logits[row, start : start + len(tail)].float()
        targets = torch.tensor(tail, device=predicted.device)
        nats = F.cross_entropy(predicted, targets, reduction="none").double().sum()
        bits.append(nats.item() / math.log(2))
    return bits


def _lines(
    tokenizer: Tokenizer,
    prompts: Sequence[Sequence[int]],
    beginnings: Sequence[str],
    solutions: Sequence[str],
) -> list[tuple[list[int], list[int]]]:
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
        lines.append(([*prompt, *tokens[:before]], tokens[before:]))
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
