"""How well a model foretells a text that is given: bits per byte.

Per byte of the text, not per token, so that models with other tokenisers can be compared.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from instrdiv.models.chat_model import ChatModel, Tokenizer
from instrdiv.training.device import Machine
from instrdiv.training.evaluation_mode import asking
from instrdiv.training.progress import progress_bar


@dataclass(frozen=True)
class BitsPerByte:
    """Bits per byte of some solutions.

    Attributes:
        each: of every solution, in their order.
    """

    each: list[float]

    @property
    def mean(self) -> float:
        """Over the solutions, however long they are."""
        return sum(self.each) / len(self.each)


def bits_per_byte(
    model: ChatModel,
    tokenizer: Tokenizer,
    prompts: Sequence[Sequence[int]],
    solutions: Sequence[str],
    *,
    machine: Machine,
    batch_size: int = 8,
) -> BitsPerByte:
    """-log2 P(solution | prompt) under a model, over the solution's bytes in UTF-8.

    The probability is that of the solution's tokens alone; no end token is counted.

    Args:
        model: a causal language model of transformers, with or without adapters of peft.
        prompts: their tokens; at least one each, which the solution's first is foretold from.

    Raises:
        ValueError: not as many prompts as solutions, or none; an empty one; one that the tokeniser
            lacks a token for.
    """
    lines = _lines(tokenizer, prompts, solutions)
    # Lines of like length together; they are padded on the right, where a causal model never
    # looks back from, so no mask is needed.
    order = sorted(range(len(lines)), key=lambda row: -sum(map(len, lines[row])))
    each = [math.nan] * len(lines)
    with progress_bar(total=len(lines), unit="solution") as bar, asking(model, machine):
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            for row, bits in zip(rows, _bits(model, [lines[row] for row in rows]), strict=True):
                each[row] = bits / len(solutions[row].encode())
            bar.update(len(rows))
    return BitsPerByte(each)


def _bits(model: ChatModel, lines: list[tuple[list[int], list[int]]]) -> list[float]:
    """-log2 of the probability of each line's second part after its first."""
    tokens = nn.utils.rnn.pad_sequence(
        [torch.tensor((head + tail)[:-1]) for head, tail in lines], batch_first=True
    ).to(model.device)
    # The head is the largest matrix of a small model; no prompt's inside needs it.
    first = min(len(head) for head, _ in lines) - 1
    logits = model(input_ids=tokens, use_cache=False, logits_to_keep=tokens.shape[1] - first).logits
    bits = []
    for row, (head, tail) in enumerate(lines):
        start = len(head) - 1 - first
        foretold = logits[row, start : start + len(tail)].float()
        targets = torch.tensor(tail, device=foretold.device)
        nats = F.cross_entropy(foretold, targets, reduction="none").double().sum()
        bits.append(nats.item() / math.log(2))
    return bits


def _lines(
    tokenizer: Tokenizer, prompts: Sequence[Sequence[int]], solutions: Sequence[str]
) -> list[tuple[list[int], list[int]]]:
    if len(prompts) != len(solutions) or not prompts:
        raise ValueError(f"{len(prompts)} prompts, {len(solutions)} solutions: as many are needed")
    lines = []
    for number, (prompt, solution) in enumerate(zip(prompts, solutions, strict=True)):
        tokens = tokenizer(solution, add_special_tokens=False).input_ids
        if not prompt or not tokens:
            raise ValueError(f"{'solution' if prompt else 'prompt'} {number} is empty")
        require_known(tokenizer, solution, f"solution {number}")
        lines.append((list(prompt), tokens))
    return lines


def require_known(tokenizer: Tokenizer, text: str, what: str) -> None:
    """Make sure that a tokeniser knows all of a text.

    Args:
        what: the text is called in the message.

    Raises:
        ValueError: it does not.
    """
    if tokenizer.unk_token_id in tokenizer(text, add_special_tokens=False).input_ids:
        raise ValueError(f"{what} has characters that the tokeniser does not know")
