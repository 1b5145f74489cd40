"""Share of the machine's peak: the matrix products of a step against a single product."""

import statistics
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from instrdiv.bench.pairs import timed
from instrdiv.bench.sizes import Size
from instrdiv.bench.systems import ours
from instrdiv.training.device import Machine

PRODUCTS = [(n, n, n) for n in (256, 512, 1024, 2048)] + [(2048, 256, 1024), (2048, 1024, 256)]
"""Products tried for the peak: rows, inner dimension, columns. The last two are the paper's MLP."""
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def gemm_peak(precision: str, quick: bool) -> float:
    """FLOP per second of the fastest of several products, each at its best of several attempts."""
    shapes, tries, seconds = (PRODUCTS[:1], 2, 0.002) if quick else (PRODUCTS, 7, 0.05)
    dtype = PRECISIONS[precision]
    return max(_rate(dtype, *shape, tries=tries, seconds=seconds) for shape in shapes)


def _rate(dtype: torch.dtype, m: int, k: int, n: int, *, tries: int, seconds: float) -> float:
    a, b, out = (torch.randn(*shape).to(dtype) for shape in ((m, k), (k, n), (m, n)))
    once = timed(lambda: torch.mm(a, b, out=out))
    once()
    # Small products are repeated within an attempt, or the overhead of the call would count.
    inner = max(1, round(seconds / once()))
    run = timed(lambda: [torch.mm(a, b, out=out) for _ in range(inner)])
    return inner * 2 * m * k * n / min(run() for _ in range(tries))


def step_flops(size: Size, model: nn.Module | None = None) -> int:
    """FLOP of the matrix products of one training step of ours, forward and backward.

    They are counted as torch executes them, not by formula. Optimiser, norms, softmax and GELU are
    left out; they keep a step from reaching the peak.
    """
    model = size.model() if model is None else model
    lines = size.batch()
    # On a processor, the counter knows only the products of plain attention.
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        logits = model(lines[:, :-1], last=size.num_scored)
        F.cross_entropy(logits.flatten(0, 1), lines[:, -size.num_scored :].flatten()).backward()
    return counter.get_total_flops()


def share_of_peak(
    size: Size, machine: Machine, threads: int, seconds: list[float], peaks: dict[str, float]
) -> dict[str, Any]:
    """A row of the report.

    Args:
        seconds: times of measurements of our training, `size.steps` steps each.
    """
    flops = step_flops(size)
    rate = flops * size.steps / statistics.median(seconds)
    return {
        "size": size.name,
        "threads": threads,
        "precision": machine.precision,
        "flops_per_step": flops,
        "flops_per_second": rate,
        "peak": peaks[machine.precision],
        "share": rate / peaks[machine.precision],
    }


def profile(size: Size, machine: Machine, operations: int = 10) -> list[dict[str, Any]]:
    """How our training step spends its time: rows of the report.

    The profiler slows each operation down a little, so small ones appear larger than they are.
    """
    step = ours(size, machine)
    step()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as found:
        step()
    events = found.key_averages()
    total = sum(event.self_cpu_time_total for event in events)
    events = sorted(events, key=lambda event: event.self_cpu_time_total, reverse=True)
    return [
        {"operation": event.key, "share": event.self_cpu_time_total / total}
        for event in events[:operations]
    ]


def whole_run(size: Size, preset: Any, flops_per_second: float) -> dict[str, Any]:
    """The products of a whole training run of a preset, and their time at a measured rate.

    Args:
        preset: gives steps and batch size; model and sequences are those of the size.
    """
    flops = step_flops(size) / size.config.batch_size * preset.batch_size * preset.steps
    return {
        "scale": size.name,
        "steps": preset.steps,
        "batch_size": preset.batch_size,
        "flops": flops,
        "days_here": flops / flops_per_second / 86_400,
    }
