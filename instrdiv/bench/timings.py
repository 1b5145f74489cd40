"""The measurements as text."""

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from instrdiv.bench.to90 import GOAL


def as_text(report: dict[str, Any]) -> str:
    """The whole report, with one table per section."""
    return "\n\n".join(_sections(report))


def as_markdown(report: dict[str, Any]) -> str:
    """The README's section on speed: one table per comparison, one column per size."""
    machine, (peaks, *_) = report["machine"], report["peaks"]
    shares = {row["size"]: f"{row['share']:.0%}" for row in report["share_of_peak"]}
    peak = peaks[machine["precision"]] / 1e9
    training = _by_size("our training against", report["training"], report["sizes"])
    training += _line(f"share of the processor's peak ({peak:,.0f} GFLOP/s)", shares.values())
    lines = [
        f"Measured on {machine['processor']}, one thread, in {machine['precision']}; torch "
        f"{machine['torch']}, transformers {machine['transformers']}; {machine['date'][:10]}, "
        f"commit {machine['commit']}; medians of {report['repeats']} pairs with their range.",
        training.rstrip(),
        _by_size("our exact match against", report["evaluation"], report["sizes"]).rstrip(),
        _by_size(
            "a pretrained model, ours against",
            report["adapters"],
            {row["size"]: None for row in report["adapters"]},
        ).rstrip(),
        f"One run at the paper's own scale would take {report['whole_run']['days_here']:.0f} days "
        "on this core, hence the smaller scales.",
    ]
    return "\n\n".join(lines)


def _by_size(title: str, rows: list[dict[str, Any]], sizes: Iterable[str]) -> str:
    found = {(row["other"], row["size"]): row for row in rows if row["threads"] == 1}
    others = dict.fromkeys(other for other, _ in found)
    text = _line(title, sizes) + _line("---", ["---" for _ in sizes])
    for other in others:
        text += _line(other, [_ratio(found[other, size]["ratio"]) for size in sizes])
    return text


def _line(first: str, others: Iterable[str]) -> str:
    return f"| {' | '.join([first, *others])} |\n"


def _ratio(ratio: dict[str, float]) -> str:
    return f"{ratio['median']:.2f} × ({ratio['min']:.2f}–{ratio['max']:.2f})"


def _sections(report: dict[str, Any]) -> Iterator[str]:
    machine = report["machine"]
    yield "\n".join(
        [
            f"{machine['processor']}, {machine['cores']} cores; torch {machine['torch']}, "
            f"transformers {machine['transformers']}; {machine['date']}",
            f"Our products run in {machine['precision']}"
            + ("" if machine["precision"] == "bfloat16" else "; bfloat16 is not native here")
            + f". Ratios are medians over {report['repeats']} pairs in turns (min–max).",
            *(f"{name}: {_described(size)}" for name, size in report.get("sizes", {}).items()),
            *(["QUICK: too short to be quoted."] if report["quick"] else []),
        ]
    )
    pretrained = map(_compared, report["adapters"])
    yield _table("A pretrained model, tokens and answers a second", pretrained)
    if "sizes" not in report:
        return  # only the pretrained model was timed
    yield _table("Training, tokens a second", map(_compared, report["training"]))
    yield _table("Exact match, examples a second", map(_compared, report["evaluation"]))
    yield _table("Peak of a bare product, GFLOP a second", map(_peak, report["peaks"]))
    yield _table("Products of a training step", map(_share, report["share_of_peak"]))
    yield _table("What takes a training step's time", map(_operation, report["profile"]))
    run = report["whole_run"]
    yield (
        f"A run of the {run['scale']} preset, {run['steps']:,} steps of {run['batch_size']} lines, "
        f"has {run['flops']:.2g} FLOP of products: {run['days_here']:.1f} days here."
    )
    if report["variants"]:
        yield _table("Our step with one thing changed", map(_compared, report["variants"]))
    if report["to_90"]:
        yield _table(f"Training to {GOAL:.0%} on unseen rules", map(_to_goal, report["to_90"]))


def _described(size: dict[str, int]) -> str:
    return (
        f"{size['n_layer']} layers of width {size['n_embd']}, {size['n_head']} heads, batches of "
        f"{size['batch_size']} lines of {size['line_length']} tokens, {size['num_scored']} learned"
    )


def _table(title: str, rows: Any) -> str:
    return f"{title}\n{pd.DataFrame(list(rows)).to_string(index=False)}"


def _compared(row: dict[str, Any]) -> dict[str, str]:
    labels = {"size": row["size"], "threads": row["threads"], "against": row["other"]}
    if "skipped" in row:
        return {**labels, "ours": "", "other": "", "ours / other": f"skipped: {row['skipped']}"}
    ratio = row["ratio"]
    return {
        **labels,
        "ours": f"{row['ours_per_second']:,.0f}",
        "other": f"{row['other_per_second']:,.0f}",
        "ours / other": f"{ratio['median']:.2f} ({ratio['min']:.2f}–{ratio['max']:.2f})",
    }


def _peak(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "threads": row["threads"],
        "float32": f"{row['float32'] / 1e9:.0f}",
        "bfloat16": f"{row['bfloat16'] / 1e9:.0f}",
    }


def _share(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "size": row["size"],
        "threads": row["threads"],
        "precision": row["precision"],
        "GFLOP a step": f"{row['flops_per_step'] / 1e9:.2f}",
        "GFLOP a second": f"{row['flops_per_second'] / 1e9:.0f}",
        "share of peak": f"{row['share']:.0%}",
    }


def _operation(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "share": f"{row['share']:.0%}"}


def _to_goal(row: dict[str, Any]) -> dict[str, Any]:
    if row["reached"]:
        outcome = f"reached in {row['seconds']:.0f} s"
    else:
        outcome = f"not reached in {row['seconds']:.0f} s ({row['ended']})"
    return {
        "system": row["system"],
        "outcome": outcome,
        "steps": row["steps"],
        "best score": f"{row['best']:.3f}",
    }
