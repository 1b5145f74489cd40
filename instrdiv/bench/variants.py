"""Our training step with one thing changed: what was tried, and its effect.

Each variant is the training step of the experiments with one part replaced, so that a page can
report what helps and what does not. The variants are not used in training.
"""

import dataclasses
import math
import shutil
from collections.abc import Callable
from typing import Any, cast
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from instrdiv.bench.pairs import Pairs, Timed, row, time_pairs
from instrdiv.bench.sizes import Size
from instrdiv.bench.systems import ours
from instrdiv.checks import first_line
from instrdiv.models.gpt2 import GPT2, Attention
from instrdiv.training.device import Machine
from instrdiv.training.optimizers import Optimizers

BATCH_SIZES = (32, 64, 128, 256)


class Unavailable(Exception):
    """This machine cannot run the variant; the message gives the reason."""


class _Parted(Attention):
    """Attention up to queries, keys and values; a variant defines the rest."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, x: Tensor, last: int) -> Tensor:
        batch, time, embd = x.shape
        heads = (self.n_head, embd // self.n_head)
        if last == time:
            q, k, v = self.qkv(x).view(batch, time, 3, *heads).permute(2, 0, 3, 1, 4)
        else:
            w_q, w_kv = self.qkv.weight.split([embd, 2 * embd])
            b_q, b_kv = self.qkv.bias.split([embd, 2 * embd])
            q = F.linear(x[:, -last:], w_q, b_q).view(batch, last, *heads).transpose(1, 2)
            k, v = F.linear(x, w_kv, b_kv).view(batch, time, 2, *heads).permute(2, 0, 3, 1, 4)
        return self.proj(self.attend(q, k, v).transpose(1, 2).reshape(batch, last, embd))


class FusedAttention(_Parted):
    """torch's fused kernel."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        last, time = q.shape[-2], k.shape[-2]
        if last == time:
            return F.scaled_dot_product_attention(q, k, v, is_causal=True)
        # Its own causal mask aligns the first positions; ours must align the last.
        seen = torch.ones(time, time, dtype=torch.bool).tril()[-last:]
        return F.scaled_dot_product_attention(q, k, v, attn_mask=seen)


class PlainAttention(_Parted):
    """Two products with a softmax between them; the mask is filled in."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        last, time = q.shape[-2], k.shape[-2]
        future = torch.ones(time, time, dtype=torch.bool).triu(1)[-last:]
        scores = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(q.shape[-1]))
        return scores.masked_fill(future, -math.inf).softmax(dim=-1) @ v


class AddedMaskAttention(_Parted):
    """The same, with scale and mask inside the first product."""

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        batch, head, last, width = q.shape
        q, k, v = (part.reshape(batch * head, -1, width) for part in (q, k, v))
        future = torch.full((k.shape[1], k.shape[1]), -math.inf, dtype=q.dtype).triu(1)[-last:]
        scores = torch.baddbmm(future, q, k.transpose(1, 2), alpha=1 / math.sqrt(width))
        return (scores.softmax(dim=-1) @ v).view(batch, head, last, width)


class FullHead(GPT2):
    """Compute all positions, then select the needed ones."""

    def forward(self, tokens: Tensor, last: int | None = None) -> Tensor:
        return super().forward(tokens)[:, -(last or tokens.shape[1]) :]


class LoopedOptimizers(Optimizers):
    """AdamW for one tensor after the other, torch's default on a processor."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        for group in self.optimizers[0].param_groups:
            group["fused"] = False


def _with_attention(kind: type[Attention]) -> Callable[[Size, Machine], Timed]:
    def make(size: Size, machine: Machine) -> Timed:
        model = size.model()
        for block in model.blocks:
            block.attention.__class__ = kind
        return ours(size, machine, model)

    return make


def _tanh(size: Size, machine: Machine) -> Timed:
    config = dataclasses.replace(size.config, activation="gelu_new")
    return ours(dataclasses.replace(size, config=config), machine)


def _full_head(size: Size, machine: Machine) -> Timed:
    model = size.model()
    model.__class__ = FullHead
    return ours(size, machine, model)


def _looped(size: Size, machine: Machine) -> Timed:
    run = ours(size, machine)

    def looped() -> float:
        with patch("instrdiv.training.loop.Optimizers", LoopedOptimizers):
            return run()

    return looped


def _compiled(size: Size, machine: Machine) -> Timed:
    if not any(shutil.which(name) for name in ("g++", "clang++")):
        raise Unavailable("no C++ compiler")
    run = ours(size, machine, cast(nn.Module, torch.compile(size.model())))
    try:
        run()  # compiles; not measured
    except Exception as error:  # such as a missing header or an unsupported platform
        raise Unavailable(f"torch.compile failed: {first_line(error)}") from error
    return run


def _same(size: Size, machine: Machine) -> Timed:
    return ours(size, machine)


VARIANTS: dict[str, Callable[[Size, Machine], Timed]] = {
    "nothing changed: what noise does": _same,
    "plain attention: product, mask filled in, softmax, product": _with_attention(PlainAttention),
    "plain attention: mask and scale within the product": _with_attention(AddedMaskAttention),
    "fused attention: F.scaled_dot_product_attention": _with_attention(FusedAttention),
    "last block and head at all positions": _full_head,
    "GELU's tanh approximation": _tanh,
    "AdamW not fused": _looped,
    "torch.compile": _compiled,
}


def compare_variants(
    size: Size, machine: Machine, repeats: int, quick: bool, **labels: Any
) -> list[dict[str, Any]]:
    """Each variant and each batch size against our step, as rows of the report."""
    rows = []
    for name, make in VARIANTS.items():
        given = {"size": size.name, "other": name, **labels}
        if quick and make is _compiled:
            rows.append({**given, "skipped": "compiling takes minutes"})
            continue
        try:
            pairs = time_pairs(ours(size, machine), make(size, machine), repeats)
        except Unavailable as reason:
            rows.append({**given, "skipped": str(reason)})
            continue
        rows.append(row(pairs, work=size.tokens, unit="token", **given))
    for batch_size in BATCH_SIZES[:1] if quick else BATCH_SIZES:
        rows.append(_with_batch(size, machine, repeats, batch_size, labels))
    return rows


def _with_batch(
    size: Size, machine: Machine, repeats: int, batch_size: int, labels: dict[str, Any]
) -> dict[str, Any]:
    """Another batch size, with the number of steps that makes the work (nearly) equal."""
    config = size.config
    steps = max(1, round(size.steps * config.batch_size / batch_size))
    other = dataclasses.replace(
        size, config=dataclasses.replace(config, batch_size=batch_size), steps=steps
    )
    pairs = time_pairs(ours(size, machine), ours(other, machine), repeats)
    # Both sides' seconds for the same number of tokens.
    scale = size.tokens / other.tokens
    pairs = Pairs(pairs.ours, [seconds * scale for seconds in pairs.other])
    name = f"batches of {batch_size}"
    return row(pairs, work=size.tokens, unit="token", size=size.name, other=name, **labels)
