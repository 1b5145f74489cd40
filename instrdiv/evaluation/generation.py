"""Generate continuations of many prompts at once, token by token.

Prompts of similar length share a batch, padded on the left, with a key-value cache. A row that has
ended leaves its batch, so that short answers do not wait for a long one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import repeat

import torch
from jaxtyping import Float, Int
from torch import Tensor

from instrdiv.models.chat_model import ChatModel, Tokenizer
from instrdiv.seeds import numbered_seed
from instrdiv.training.device import Machine
from instrdiv.training.evaluation_mode import evaluation_mode
from instrdiv.training.progress import Bar, progress_bar


@dataclass(frozen=True)
class Continuation:
    """What was written after a prompt.

    Attributes:
        tokens: all of them, including the end token.
        text: without the end token, and cut where ``ends_of`` said, see `generate`.
        ended: ``end`` by an end token, ``stop`` by ``ends_of``, ``length`` at the token limit.
    """

    tokens: list[int]
    text: str
    ended: str


def generate(
    model: ChatModel,
    tokenizer: Tokenizer,
    prompts: Sequence[Sequence[int]],
    *,
    max_new_tokens: int,
    machine: Machine,
    ends_of: Sequence[Callable[[str], int | None]] | None = None,
    batch_size: int = 32,
    temperature: float = 0.0,
    seed: int = 0,
) -> list[Continuation]:
    """Continue each prompt until an end token, an end found in its text, or the token limit.

    At temperature 0 every row equals what transformers' ``generate(do_sample=False)`` writes.

    Args:
        model: a causal language model of transformers, with or without adapters of peft.
        prompts: their tokens; repeat a prompt to get several samples.
        ends_of: for each prompt, a function that returns where the text of its answer ends, such as
            at a closing fence, or None if it does not end yet. It is called after every token.
        temperature: 0 takes the likeliest token, else tokens are sampled from softmax(logits / t).
        seed: of the samples. Those of a row depend on it and on the row's number, not on the batch.

    Returns:
        Continuations, in the order of the prompts.

    Raises:
        ValueError: a prompt without tokens or too long for the model, or a number out of range.
    """
    _check(model, prompts, max_new_tokens, batch_size, temperature)
    ends = end_tokens(model, tokenizer)
    rows = [
        _Row(list(prompt), tokenizer, ends, end_of, max_new_tokens)
        for prompt, end_of in zip(prompts, ends_of or repeat(never), strict=ends_of is not None)
    ]
    if temperature:
        for number, row in enumerate(rows):
            row.draws.manual_seed(numbered_seed(seed, "decoding", number))
    # The longest come first, so that a lack of memory shows at once.
    order = sorted(rows, key=lambda row: -len(row.prompt))
    with progress_bar(total=len(rows), unit="answer") as bar, evaluation_mode(model, machine):
        for start in range(0, len(order), batch_size):
            _continue_batch(model, order[start : start + batch_size], temperature, bar)
    return [Continuation(row.tokens, row.text(), row.ended) for row in rows]


def never(text: str) -> int | None:
    """The default for ``ends_of``: no text ends before its end token."""
    return None


def end_tokens(model: ChatModel, tokenizer: Tokenizer) -> frozenset[int]:
    """The tokens that end an answer; the model's settings may name more than the tokeniser does."""
    named = model.generation_config.eos_token_id
    several = named if isinstance(named, list) else [named]
    return frozenset({*several, tokenizer.eos_token_id} - {None})


@dataclass
class _Row:
    """A prompt and what has been written after it so far."""

    prompt: list[int]
    tokenizer: Tokenizer
    ends: frozenset[int]
    end_of: Callable[[str], int | None]
    most: int
    tokens: list[int] = field(default_factory=list)
    ended: str = ""
    draws: torch.Generator = field(default_factory=torch.Generator)

    def add(self, token: int) -> None:
        self.tokens.append(token)
        if token in self.ends:
            self.ended = "end"
        elif self.end_of(self._decoded()) is not None:
            self.ended = "stop"
        elif len(self.tokens) == self.most:
            self.ended = "length"

    def text(self) -> str:
        written = self._decoded()
        return written[: self.end_of(written)]

    def _decoded(self) -> str:
        # All of it each time: one character, or a fence, can be several tokens.
        kept = self.tokens[:-1] if self.ended == "end" else self.tokens
        return self.tokenizer.decode(
            kept, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )


def _continue_batch(model: ChatModel, rows: list[_Row], temperature: float, bar: Bar) -> None:
    width = max(len(row.prompt) for row in rows)
    # The value of the padding does not matter, since it is masked.
    padded = [[0] * (width - len(row.prompt)) + row.prompt for row in rows]
    real = [[0] * (width - len(row.prompt)) + [1] * len(row.prompt) for row in rows]
    tokens = torch.tensor(padded, device=model.device)
    mask = torch.tensor(real, device=model.device)
    positions = (mask.cumsum(dim=1) - 1).clamp(min=0)
    cache = None
    while True:
        found = model(
            input_ids=tokens,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        cache, new = found.past_key_values, choose(found.logits[:, -1], rows, temperature)
        for row, token in zip(rows, new.tolist(), strict=True):
            row.add(token)
        going = [i for i, row in enumerate(rows) if not row.ended]
        bar.update(len(rows) - len(going))
        if not going:
            return
        if len(going) < len(rows):
            kept = torch.tensor(going, device=model.device)
            cache.batch_select_indices(kept)
            rows = [rows[i] for i in going]
            new, mask, positions = new[kept], mask[kept], positions[kept]
        tokens = new[:, None]
        mask = torch.cat([mask, torch.ones_like(mask[:, :1])], dim=1)
        positions = positions[:, -1:] + 1


def choose(
    logits: Float[Tensor, "batch vocab"], rows: Sequence[_Row], temperature: float
) -> Int[Tensor, "batch"]:
    """The next token of each row."""
    if not temperature:
        return logits.argmax(dim=-1)
    # On the CPU, where each row can have its own random generator.
    shares = (logits.float() / temperature).softmax(dim=-1).cpu()
    drawn = [
        torch.multinomial(share, 1, generator=row.draws)
        for share, row in zip(shares, rows, strict=True)
    ]
    return torch.cat(drawn).to(logits.device)


def _check(
    model: ChatModel,
    prompts: Sequence[Sequence[int]],
    max_new_tokens: int,
    batch_size: int,
    temperature: float,
) -> None:
    for name, value in (("max_new_tokens", max_new_tokens), ("batch_size", batch_size)):
        if value < 1:
            raise ValueError(f"{name}={value}: at least 1 is needed")
    if not 0 <= temperature < float("inf"):
        raise ValueError(f"temperature={temperature}: a finite number from 0 is needed")
    room = getattr(model.config, "max_position_embeddings", None)
    for number, prompt in enumerate(prompts):
        if not prompt:
            raise ValueError(f"prompt {number} has no tokens")
        if room and len(prompt) + max_new_tokens > room:
            raise ValueError(
                f"prompt {number} has {len(prompt)} tokens and may get {max_new_tokens} more; the "
                f"model has room for {room}"
            )
