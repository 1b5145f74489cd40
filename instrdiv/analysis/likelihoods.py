"""Bits per byte of correct programs: tables from experiment 7's records, and differences between
mixtures.

A measure's name says where the program stood when it was scored: ``inside_…`` the code fence with
which tuned answers begin, or ``bits_…``, bare and straight after the prompt. ``opening_…`` are the
bits of the opening fence itself.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from instrdiv.runs.record import Record
from instrdiv.statistics.intervals import Estimate, mean_interval

AXES = (
    "model",
    "general_share",
    "chain_share",
    "num_answer_tokens",
    "steps",
    "extraction",
    "seed",
)
"""The settings that this experiment's figures vary."""
INSIDE, OPENING, BARE = "inside_", "opening_", "bits_"
NAMES = {
    "human_eval": "HumanEval",
    "human_eval_mut": "HumanEval-mut",
    "mbpp": "MBPP",
    "graded": "graded benchmark",
}


def bits_table(records: Iterable[Record], measure: str = INSIDE) -> pd.DataFrame:
    """Mean bits of correct programs, with 95 % intervals over problems.

    Args:
        measure: which bits; runs that did not measure these are left out.

    Returns:
        A row for each run and benchmark: ``key``, the axes, ``benchmark``, ``bits`` (for each byte
        of a program; for `OPENING` those of the whole fence), ``low``, ``high``, ``problems``.
    """
    columns = ["key", *AXES, "benchmark", "bits", "low", "high", "problems"]
    rows = [
        _named(record, name, measure) | _over_problems(each, "bits")
        for record in records
        for name, each in record.measures.items()
        if name.startswith(measure)
    ]
    return pd.DataFrame(rows, columns=columns)


def bits_reduction_table(records: Iterable[Record], measure: str = INSIDE) -> pd.DataFrame:
    """Reduction in bits against the run tuned on code alone with the same seed.

    Both runs score the same solutions, so each problem is compared with itself: the differences
    between problems, which are large, cancel. Runs without such a partner are left out, and so are
    benchmarks of which the two did not score the same number of problems.

    Args:
        measure: which bits; runs that did not measure these are left out.

    Returns:
        A row for each other run and benchmark, including the model that was not tuned: ``key``,
        ``against`` (the key of the run on code alone), ``scale``, ``recorded`` (the day of the
        earlier of both), the axes, ``benchmark``, ``gain`` (the reduction; above 0: better than
        code alone), ``low`` and ``high`` (95 % interval over problems), ``problems``.
    """
    records = list(records)
    partners = {
        _partner(record): record
        for record in records
        if record.config["steps"]
        and not record.config["general_share"]
        and not record.config["num_answer_tokens"]
    }
    rows = []
    for record in records:
        alone = partners.get(_partner(record))
        if alone is None or alone is record:
            continue
        pair = {
            "against": alone.key,
            "scale": record.scale,
            "core_seconds": record.core_seconds,
            "recorded": min(each.provenance.get("date", "")[:10] for each in (record, alone)),
        }
        for name in (name for name in record.measures if name.startswith(measure)):
            if len(alone.measures.get(name, [])) != len(record.measures[name]):
                continue
            reduction = np.subtract(alone.measures[name], record.measures[name])
            over_problems = _over_problems(reduction, "gain")
            rows.append(pair | _named(record, name, measure) | over_problems)
    columns = [
        "key",
        "against",
        "scale",
        "core_seconds",
        "recorded",
        *AXES,
        "benchmark",
        "gain",
        "low",
        "high",
    ]
    columns += ["problems"]
    return pd.DataFrame(rows, columns=columns)


def _partner(record: Record) -> tuple[object, ...]:
    """What two runs must share for a comparison of each problem with itself."""
    return tuple(
        record.config[name] for name in ("model", "seed", "scored", "edition", "num_foretold")
    )


def _named(record: Record, name: str, measure: str) -> dict[str, object]:
    axes = {axis: record.config[axis] for axis in AXES}
    return {"key": record.key, **axes, "benchmark": benchmark_name(name.removeprefix(measure))}


def _over_problems(each: Iterable[float], called: str) -> dict[str, object]:
    mean, low, high, number = mean_interval(list(each))
    return {called: mean, "low": low, "high": high, "problems": number}


def benchmark_name(name: str) -> str:
    """The name of a benchmark on the page.

    >>> benchmark_name("human_eval")
    'HumanEval'
    """
    return NAMES.get(name, name)


def reduction_in_words(found: Estimate, of: str) -> str:
    """A mean reduction in bits per byte with its interval, in words.

    >>> reduction_in_words(Estimate(0.02, -0.01, 0.05, 5), "half")
    'half: bits per byte reduced by +0.020 (-0.010 to +0.050; 5 seeds)'
    >>> reduction_in_words(Estimate(0.02, float("nan"), float("nan"), 2), "half")
    'half: bits per byte reduced by +0.020 (no interval: 2 seeds)'
    """
    if not found.n:
        return ""
    seeds = f"{found.n} seed{'s' * (found.n != 1)}"
    spread = f"{found.low:+.3f} to {found.high:+.3f}; " if found.known else "no interval: "
    return f"{of}: bits per byte reduced by {found.mean:+.3f} ({spread}{seeds})"
