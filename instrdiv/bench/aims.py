"""What the engine was meant to reach, beside what was measured, and what stands in the way."""

from typing import Any

import pandas as pd

PRODUCTS = ("aten::mm", "aten::addmm", "aten::bmm", "aten::baddbmm")
"""The operations of a profile that are matrix products."""
SHIPPED, TUNED, ADAPTERS = 4.0, 1.5, 2.0
"""Times as fast as transformers' training as shipped, as the same tuned in good faith, and as
fine-tuning with `Trainer` and peft."""
PEAK = {"laptop": 0.45, "paper": 0.6}
"""Share of the processor's peak, by model size."""
TO_90 = 5.0
"""Times as fast as `Trainer` to nine tenths of the unseen rules."""


def aims_table(report: dict[str, Any]) -> pd.DataFrame:
    """Each aim with its measurement, as a page shows them.

    Args:
        report: as ``bench`` writes it, see `instrdiv.bench`.

    Returns:
        One row for each aim and model: ``aim``, ``model``, ``aimed at``, ``measured``, and ``what
        stands in the way``, empty if the aim is reached.
    """
    products = {
        size: sum(
            row["share"]
            for row in report["profile"]
            if row["size"] == size and row["operation"] in PRODUCTS
        )
        for size in report["sizes"]
    }
    rows = []
    for size in report["sizes"]:
        passes = (
            f"Matrix products, which both do in the same library, take {products[size]:.0%} of our "
            "step; much of the rest is passes over memory that both need."
        )
        for aim, aimed, other in (
            ("training, against transformers as shipped", SHIPPED, "as shipped"),
            ("training, against transformers tuned", TUNED, "tuned"),
        ):
            found = _ratios(report["training"], size, other)
            rows.append(_row(aim, size, aimed, found, passes))
    for share in report["share_of_peak"]:
        size = share["size"]
        if size in PEAK:
            small = (
                f"The peak is that of large products; ours take {products[size]:.0%} of a step and "
                "are small."
            )
            of_peak = [share["share"]]
            rows.append(_row("share of the processor's peak", size, PEAK[size], of_peak, small))
    for size in dict.fromkeys(row["size"] for row in report["adapters"]):
        both = (
            "The frozen layers are computed once for each example; the tuned ones go forward and "
            "back each time, here as there."
        )
        found = _ratios(report["adapters"], size, "Trainer + peft")
        rows.append(_row("fine-tuning, against Trainer + peft", size, ADAPTERS, found, both))
    rows.append(
        _row(
            "to nine tenths of the unseen rules, against Trainer",
            "laptop",
            TO_90,
            _to_90(report["to_90"]),
            "The steps are fewer, but each of them does the same products.",
        )
    )
    return pd.DataFrame(rows)


def _ratios(timings: list[dict[str, Any]], size: str, other: str) -> list[float]:
    """Median ratios of the comparisons with systems whose name contains some words."""
    return [
        timing["ratio"]["median"]
        for timing in timings
        if timing["size"] == size and other in timing["other"] and "skipped" not in timing
    ]


def _to_90(rows: list[dict[str, Any]]) -> list[float]:
    """How many times the seconds of our faster optimiser `Trainer` took, at the least: it may have
    been stopped before the goal."""
    ours = [r["seconds"] for r in rows if r["system"].startswith("ours") and r["reached"]]
    others = [r["seconds"] for r in rows if not r["system"].startswith("ours")]
    return [others[0] / min(ours)] if ours and others else []


def _row(aim: str, model: str, aimed: float, found: list[float], obstacle: str) -> dict[str, str]:
    """The slowest of the ratios found, that is, the fastest opponent, decides."""
    measured = min(found, default=0.0)
    why = "" if measured >= aimed else obstacle if found else "It was not measured."
    return {
        "aim": aim,
        "model": model,
        "aimed at": _shown(aimed, aimed < 1),
        "measured": _shown(measured, aimed < 1) if found else "–",
        "what stands in the way": why.replace("%", " %"),
    }


def _shown(value: float, is_share: bool) -> str:
    return f"{value:.0%}".replace("%", " %") if is_share else f"{value:.2f} ×"
