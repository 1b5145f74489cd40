"""Muon (Jordan et al., 2024) for all matrices of one shape at once, in a chosen precision."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor


class Muon(torch.optim.Muon):
    """``torch.optim.Muon`` with ``adjust_lr_fn="match_rms_adamw"``, fast on any processor.

    The update is the same, but orthogonalised in the precision of the training. PyTorch always uses
    bfloat16, which a processor without such instructions emulates: for our models that took longer
    than the forward and backward pass together. Matrices of one shape are orthogonalised as one
    batch.

    Args:
        dtype: precision of the products in the orthogonalisation.
        settings: those of ``torch.optim.Muon``.
    """

    def __init__(
        self, parameters: Iterable[Tensor], dtype: torch.dtype = torch.float32, **settings: Any
    ) -> None:
        super().__init__(parameters, **settings)
        self.dtype = dtype

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]  # nothing here computes the loss anew
        """Update every matrix by its orthogonalised momentum."""
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[Tensor]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape.setdefault(parameter.shape, []).append(parameter)
            for shape, parameters in by_shape.items():
                momenta = [self._momentum(p, group["momentum"]) for p in parameters]
                updates = orthogonalise(
                    torch.stack(momenta).to(self.dtype),
                    group["ns_coefficients"],
                    group["ns_steps"],
                    group["eps"],
                )
                rate = group["lr"] * 0.2 * math.sqrt(max(shape))
                for parameter, update in zip(parameters, updates, strict=True):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    parameter.add_(update, alpha=-rate)

    def _momentum(self, parameter: Tensor, momentum: float) -> Tensor:
        state, gradient = self.state[parameter], parameter.grad
        assert gradient is not None  # `step` moves no other
        if not state:
            state["momentum_buffer"] = torch.zeros_like(gradient)
        state["momentum_buffer"].lerp_(gradient, 1 - momentum)
        return gradient.lerp(state["momentum_buffer"], momentum)


def orthogonalise(
    matrices: Float[Tensor, "n rows columns"],
    coefficients: tuple[float, float, float],
    steps: int,
    eps: float,
) -> Float[Tensor, "n rows columns"]:
    """Bring the singular values of each matrix near 1, by the Newton–Schulz iteration."""
    a, b, c = coefficients
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x
