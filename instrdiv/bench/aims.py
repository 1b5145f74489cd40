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

NAMES = {"adamw": "AdamW", "muon": "Muon"}


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
    rows.append(_to_90(report["to_90"]))
    return pd.DataFrame(rows)


def _ratios(timings: list[dict[str, Any]], size: str, other: str) -> list[float]:
    """Median ratios of the comparisons with systems whose name contains some words."""
    return [
        timing["ratio"]["median"]
        for timing in timings
        if timing["size"] == size and other in timing["other"] and "skipped" not in timing
    ]


def _to_90(systems: list[dict[str, Any]]) -> dict[str, str]:
    """How many times our seconds `Trainer` took, for each of our optimisers; the faster decides.

    `Trainer` may have ended before the goal, so that it would have taken longer.
    """
    ours = [each for each in systems if each["system"].startswith("ours") and each["reached"]]
    others = [each for each in systems if not each["system"].startswith("ours")]
    ratios = {
        each["system"].removeprefix("ours, "): others[0]["seconds"] / each["seconds"]
        for each in sorted(ours, key=lambda each: each["seconds"])
        if others
    }
    row = _row(
        "to nine tenths of the unseen rules, against Trainer",
        "laptop",
        TO_90,
        [max(ratios.values())] if ratios else [],
        "The steps are fewer, but each of them does the same products.",
    )
    if ratios:
        told = ", ".join(
            f"{_shown(ratio, False)} by {NAMES.get(name, name)}" for name, ratio in ratios.items()
        )
        row["measured"] = told if others[0]["reached"] else f"at least {told}: it never got there"
    return row


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
