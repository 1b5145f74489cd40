"""A lean GPT-2: learned positions, pre-norm blocks, tied head (Radford et al., 2019).

It computes the same function as ``transformers.GPT2LMHeadModel`` without dropout, with equal logits
and gradients (tested at 1e-5), and converts both ways. Its only purpose is speed on a CPU, where
sequences are short:

- attention is two products and a softmax, with mask and scale inside the first product; at such
  lengths a fused kernel saves nothing;
- the last block and the head compute only the positions whose predictions are needed. Loss and
  score need those of the output, about a third of a sequence.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

ACTIVATIONS = {"gelu": "none", "gelu_new": "tanh"}
"""The exact GELU, and GPT-2's approximation of it by tanh, under transformers' names. They differ
by less than 0.001; on a CPU the approximation takes several times as long."""


@dataclass(frozen=True)
class GPT2Config:
    """Sizes, under GPT-2's own names."""

    vocab_size: int
    block_size: int
    """Length of the longest sequence, in tokens."""
    n_layer: int
    n_head: int
    n_embd: int
    activation: str = "gelu"
    """One of `ACTIVATIONS`."""

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation={self.activation!r}; allowed: {', '.join(ACTIVATIONS)}")
        for name in ("vocab_size", "block_size", "n_layer", "n_head", "n_embd"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)} must be at least 1")
        if self.n_embd % self.n_head:
            raise ValueError(f"n_embd={self.n_embd} is not a multiple of n_head={self.n_head}")


class Attention(nn.Module):
    def __init__(self, config: GPT2Config) -> None:
        super().__init__()
        self.n_head = config.n_head
        self.qkv = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.proj = nn.Linear(config.n_embd, config.n_embd)

    def forward(
        self, x: Float[Tensor, "batch time embd"], last: int
    ) -> Float[Tensor, "batch last embd"]:
        batch, time, embd = x.shape
        heads = (self.n_head, embd // self.n_head)
        if last == time:
            q, k, v = self.qkv(x).view(batch, time, 3, *heads).permute(2, 0, 3, 1, 4)
        else:
            weight_q, weight_kv = self.qkv.weight.split([embd, 2 * embd])
            bias_q, bias_kv = self.qkv.bias.split([embd, 2 * embd])
            q = F.linear(x[:, -last:], weight_q, bias_q).view(batch, last, *heads).transpose(1, 2)
            k, v = (
                F.linear(x, weight_kv, bias_kv).view(batch, time, 2, *heads).permute(2, 0, 3, 1, 4)
            )
        # Mask and scale are part of the product, which saves another pass over the scores.
        n, width = batch * self.n_head, heads[1]
        q, k, v = q.reshape(n, last, width), k.reshape(n, time, width), v.reshape(n, time, width)
        future = torch.full((time, time), -math.inf, dtype=q.dtype, device=x.device).triu(1)
        scores = torch.baddbmm(future[-last:], q, k.transpose(1, 2), alpha=1 / math.sqrt(width))
        mixed = (scores.softmax(dim=-1) @ v).view(batch, self.n_head, last, width)
        return self.proj(mixed.transpose(1, 2).reshape(batch, last, embd))


class Block(nn.Module):
    def __init__(self, config: GPT2Config) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(config.n_embd)
        self.attention = Attention(config)
        self.norm_2 = nn.LayerNorm(config.n_embd)
        self.up = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.down = nn.Linear(4 * config.n_embd, config.n_embd)
        self.approximate = ACTIVATIONS[config.activation]

    def forward(
        self, x: Float[Tensor, "batch time embd"], last: int
    ) -> Float[Tensor, "batch last embd"]:
        x = x[:, -last:] + self.attention(self.norm_1(x), last)
        return x + self.down(F.gelu(self.up(self.norm_2(x)), approximate=self.approximate))


class GPT2(nn.Module):
    """A decoder that predicts the next token.

    >>> model = GPT2(GPT2Config(vocab_size=31, block_size=8, n_layer=2, n_head=2, n_embd=16))
    >>> tokens = torch.tensor([[0, 1, 26, 2]])
    >>> model(tokens).shape, model(tokens, last=1).shape
    (torch.Size([1, 4, 31]), torch.Size([1, 1, 31]))
    """

    def __init__(self, config: GPT2Config) -> None:
        super().__init__()
        self.config = config
        self.token_embedding = nn.Embedding(config.vocab_size, config.n_embd)
        self.position_embedding = nn.Embedding(config.block_size, config.n_embd)
        blocks = [Block(config) for _ in range(config.n_layer)]
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(config.n_embd)
        self.apply(self._initialise)
        # GPT-2 scales what is added to the residual stream down by the number of additions.
        for block in blocks:
            for linear in (block.attention.proj, block.down):
                nn.init.normal_(linear.weight, std=0.02 / math.sqrt(2 * config.n_layer))

    @staticmethod
    def _initialise(module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)

    def forward(
        self, tokens: Int[Tensor, "batch time"], last: int | None = None
    ) -> Float[Tensor, "batch last vocab"]:
        """Logits for the token after each of the `last` positions (default: all positions)."""
        time = tokens.shape[1]
        x = self.token_embedding(tokens) + self.position_embedding.weight[:time]
        for block in self.blocks[:-1]:
            x = block(x, time)
        x = self.blocks[-1](x, last or time)
        return F.linear(self.norm(x), self.token_embedding.weight)
