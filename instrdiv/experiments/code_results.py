"""What experiment 7's runs say: tables, gains held problem by problem, verdicts.

`code_generation` makes the runs; it carries this module's `AXES`, `gains_table` and `verdicts`,
which the book asks every experiment for.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.stats import binom

from instrdiv.programs.benchmarks import pass_at_k
from instrdiv.runs.record import Record
from instrdiv.stats import mean_with_interval
from instrdiv.verdicts import Verdict, decide, span

AXES = ("model", "general_share", "chain_share", "num_answer_tokens", "steps", "seed")
"""The settings that this experiment's figures vary."""
REAL = ("HumanEval", "MBPP")
"""Benchmarks that others made, and of which no family was learned."""
MIXTURE_COLUMNS = ("examples", "words", "median_words", "removed")


def samples(record: Record) -> dict[str, dict[str, str]]:
    """An answer of each kind: ``passed``, ``wrong`` results, and ``broken`` programs.

    A kind of which none was recorded is left out.
    """
    kinds = {
        "passed": lambda result: result == "passed",
        "wrong": lambda result: result == "tests: AssertionError",
        "broken": lambda result: result not in ("passed", "tests: AssertionError"),
    }
    given = [*record.answers, *record.errors]
    found = {
        kind: next((answer for answer in given if belongs(answer["result"])), None)
        for kind, belongs in kinds.items()
    }
    return {kind: answer for kind, answer in found.items() if answer}


def mixture_table(record: Record) -> pd.DataFrame:
    """What a run's mixture held, a row a collection; see `instrdiv.tasks.mixtures.statistics`."""
    return pd.DataFrame.from_dict(
        {
            name.removeprefix("mixture_"): values
            for name, values in record.measures.items()
            if name.startswith("mixture_")
        },
        orient="index",
        columns=list(MIXTURE_COLUMNS),
    ).astype(int)


def pass_at_k_table(record: Record) -> pd.DataFrame:
    """The chance that one of k drawn programs passes, without bias, mean over graded problems.

    Returns:
        A row for each k up to the run's ``num_samples``: ``k``, ``pass@k``, ``problems``.

    Raises:
        ValueError: the run drew no samples.
    """
    passed = record.measures.get("graded_samples_passed")
    if passed is None:
        raise ValueError("num_samples=1: this run wrote the likeliest program alone")
    n = record.config["num_samples"]
    rows = [
        {
            "k": k,
            "pass@k": float(np.mean([pass_at_k(n, int(right), k) for right in passed])),
            "problems": len(passed),
        }
        for k in range(1, n + 1)
    ]
    return pd.DataFrame(rows)


def bits_table(records: Iterable[Record]) -> pd.DataFrame:
    """Mean bits per byte of right programs, with 95 % bootstrap intervals over the problems.

    Returns:
        A row for each run and benchmark: ``key``, ``general_share``, ``chain_share``, ``seed``,
        ``benchmark``, ``bits``, ``low``, ``high``, ``problems``.
    """
    rows = []
    for record in records:
        for name, each in record.measures.items():
            if name.startswith("bits_"):
                mean, low, high = mean_with_interval(each)
                rows.append(
                    {
                        "key": record.key,
                        **{axis: record.config[axis] for axis in AXES},
                        "benchmark": benchmark_name(name),
                        "bits": mean,
                        "low": low,
                        "high": high,
                        "problems": len(each),
                    }
                )
    return pd.DataFrame(rows)


def gains_table(records: Iterable[Record]) -> pd.DataFrame:
    """How many bits per byte a run spares, against one tuned on code alone with the same seed.

    Both foretell the same problems, so each problem is held against itself: what differs between
    problems, which is much, drops out. Runs without such a partner are left out.

    Returns:
        A row for each other run and benchmark, the model that was not tuned among them: the axes,
        ``key``, ``benchmark``, ``gain`` (above 0: better than code alone), ``low`` and ``high``
        (95 % bootstrap interval over problems), ``problems``.
    """
    records = list(records)
    partners = {
        (record.config["model"], record.config["seed"]): record
        for record in records
        if record.config["steps"]
        and not record.config["general_share"]
        and not record.config["num_answer_tokens"]
    }
    rows = []
    for record in records:
        alone = partners.get((record.config["model"], record.config["seed"]))
        if alone is None or alone is record:
            continue
        for name in (name for name in record.measures if name.startswith("bits_")):
            spared = np.subtract(alone.measures[name], record.measures[name])
            gain, low, high = mean_with_interval(spared)
            rows.append(
                {
                    "key": record.key,
                    **{axis: record.config[axis] for axis in AXES},
                    "benchmark": benchmark_name(name),
                    "gain": gain,
                    "low": low,
                    "high": high,
                    "problems": len(spared),
                }
            )
    columns = ["key", *AXES, "benchmark", "gain", "low", "high", "problems"]
    return pd.DataFrame(rows, columns=columns)


def mixture_name(row: pd.Series) -> str:
    """A run's mixture in words.

    >>> mixture_name(pd.Series({"steps": 9, "general_share": 0.25, "chain_share": 0.5}))
    '25 % not code, half of it chains'
    """
    if not row.steps:
        return "not tuned"
    if (row.get("num_answer_tokens") or 0) > 0:
        return f"code alone, {row.num_answer_tokens:,.0f} tokens of answers"
    if not row.general_share:
        return "code alone"
    chains = {0.0: "", 0.5: ", half of it chains"}
    share = chains.get(row.chain_share, f", {row.chain_share:.0%} of it chains")
    return f"{row.general_share:.0%} not code{share}".replace("%", " %")


def benchmark_name(measure: str) -> str:
    """What a benchmark is called on the page.

    >>> benchmark_name("bits_human_eval")
    'HumanEval'
    """
    name = measure.removeprefix("bits_")
    named = {"human_eval": "HumanEval", "human_eval_mut": "HumanEval-mut", "mbpp": "MBPP"}
    return named.get(name, name)


def benchmarks_table(table: pd.DataFrame, bits: pd.DataFrame) -> pd.DataFrame:
    """Each mixture on each benchmark, means over seeds; give runs of one, which ask the same.

    Args:
        table: rows of `score_table`.
        bits: of `bits_table`.

    Returns:
        A row a mixture; columns for programs that passed, then for bits per byte of right ones.
    """
    passed = table[table.score.isin(["graded", "human_eval", "human_eval_mut"])]
    measures = {
        "passed": passed.assign(benchmark=passed.score.map(benchmark_name), value=passed.share),
        "bits per byte": bits.assign(value=bits.bits),
    }
    rows = pd.concat(measures, names=["measure"]).reset_index(level=0)
    rows["mixture"] = rows.apply(mixture_name, axis=1)
    order = ["steps", "num_answer_tokens", "general_share", "chain_share"]
    rows = rows.sort_values(order, na_position="first", kind="stable")
    return rows.pivot_table(
        index="mixture", columns=["measure", "benchmark"], values="value", sort=False
    ).sort_index(axis=1, ascending=False)


def paper_mixtures(paper: pd.DataFrame) -> pd.DataFrame:
    """The paper's mixtures with the mean pass@1 on HumanEval+ and MBPP+.

    Args:
        paper: of `instrdiv.paper.read_paper`, mixtures as thousands of "code/general/chains".

    Returns:
        A row a mixture: ``tuned``, ``general_share``, ``chain_share``, ``passed`` in percent.
    """
    rows = []
    plus = paper[paper.metric.str.contains("+", regex=False)]
    for (series, mixture), values in plus.groupby(["series", "x"], sort=False).value:
        code, general, chains = map(float, mixture.split("/"))
        total = code + general + chains
        rows.append(
            {
                "tuned": f"{series}, {'75,000' if total > 50 else '20,000'} examples",
                "general_share": (general + chains) / total,
                "chain_share": chains / (general + chains) if chains else 0.0,
                "passed": values.mean(),
            }
        )
    return pd.DataFrame(rows)


def spared(rows: pd.DataFrame) -> str:
    """The range of some gains in words.

    >>> spared(pd.DataFrame({"gain": [0.01, -0.02]}))
    '-0.020 to +0.010 bits per byte'
    """
    return (
        f"{rows.gain.min():+.3f} to {rows.gain.max():+.3f} bits per byte"
        if len(rows)
        else "no runs"
    )


def best_shares(gains: pd.DataFrame) -> str:
    """With each seed, which share of other data foretells HumanEval and MBPP best, as a sentence.

    >>> row = {"steps": 1, "chain_share": 0, "num_answer_tokens": None, "seed": 0, "gain": 0.02}
    >>> best_shares(pd.DataFrame([row | {"general_share": 0.1, "benchmark": "MBPP"}]))
    'Most was spared by 10 % other data with seed 0 (+0.020 bits per byte, of 1 share tried).'
    """
    tuned = gains[(gains.steps > 0) & gains.num_answer_tokens.isna() & (gains.chain_share == 0)]
    real = tuned[tuned.benchmark.isin(REAL)]
    found = []
    for seed, rows in real.groupby("seed"):
        means = rows.groupby("general_share").gain.mean()
        tried = f"{len(means)} share{'s' * (len(means) > 1)} tried"
        found.append(
            f"{means.idxmax():.0%} other data with seed {seed} ({means.max():+.3f} bits per byte, "
            f"of {tried})".replace("% ", " % ")
        )
    return f"Most was spared by {' and by '.join(found)}." if found else ""


def summary(gains: pd.DataFrame) -> str:
    """What each mixture spared against code alone, as a list: means over runs, and their range.

    Args:
        gains: of `gains_table`.

    >>> row = {"steps": 1, "general_share": 0.1, "chain_share": 0, "num_answer_tokens": None}
    >>> row |= {"seed": 0, "gain": 0.02, "key": "a", "benchmark": "MBPP"}
    >>> summary(pd.DataFrame([row]))
    '- **10 % not code:** MBPP +0.020 bits per byte (1 run)'
    """
    if gains.empty:
        return "*No run on code alone with an equal seed is recorded yet.*"
    order = ["steps", "num_answer_tokens", "general_share", "chain_share", "benchmark", "key"]
    ordered = gains.sort_values(order, na_position="first")
    named = ordered.assign(mixture=ordered.apply(mixture_name, axis=1))
    return "\n".join(
        f"- **{mixture}:** "
        + "; ".join(
            f"{benchmark} {_mean_of_runs(each.gain)}"
            for benchmark, each in rows.groupby("benchmark")
        )
        for mixture, rows in named.groupby("mixture", sort=False)
    )


def _mean_of_runs(gains: pd.Series) -> str:
    told = f"{gains.mean():+.3f} bits per byte"
    if len(gains) == 1:
        return f"{told} (1 run)"
    return f"{told} ({gains.min():+.3f} to {gains.max():+.3f} in {len(gains)} runs)"


def verdicts(table: pd.DataFrame, gains: pd.DataFrame) -> list[Verdict]:
    """The paper's claims about mixtures held against our runs.

    Args:
        table: rows of `score_table`; programs that pass are too few to decide, and told beside.
        gains: of `gains_table`.
    """
    mixed = gains[(gains.steps > 0) & gains.num_answer_tokens.isna()]
    real = mixed[mixed.benchmark.isin(REAL)]
    two_way = real[real.chain_share == 0]
    some = two_way[two_way.general_share.between(0.04, 0.26)]
    half = two_way[two_way.general_share >= 0.5]
    at = ["general_share", "seed", "benchmark"]
    pairs = real[real.chain_share > 0].merge(two_way, on=at, suffixes=("", "_two"))
    wins = int((pairs.gain > pairs.gain_two).sum())
    better = wins / len(pairs) if len(pairs) else 0.0
    best = some.groupby("general_share").gain.mean().max() if len(some) else float("nan")
    graded = table[(table.score == "graded") & (table.steps > 0) & (table.chain_share == 0)]
    graded = graded[graded.num_answer_tokens.isna()]
    passed = {
        name: span(rows)
        for name, rows in (
            ("none", graded[graded.general_share == 0]),
            ("some", graded[graded.general_share.between(0.04, 0.26)]),
            ("half", graded[graded.general_share >= 0.5]),
        )
    }
    return [
        Verdict(
            claim="Some general data helps a code model",
            paper="best near 10 % of general data",
            ours=f"5 to 25 %: {spared(some)} spared on right programs; graded problems solved: "
            f"{passed['some']}, on code alone {passed['none']}",
            outcome=decide(
                bool(len(some) and some.low.min() > 0),
                partly=bool(best > 0),
                able=some.seed.nunique() >= 2,
            ),
            rule="programs of HumanEval and MBPP foretold better than by code alone with every "
            "share of 5 to 25 %, intervals of the paired gains above 0; partly: with the best "
            "share, in the mean",
        ),
        Verdict(
            claim="Too much of it hurts",
            paper="half and more is worse than pure code",
            ours=f"half and more: {spared(half)} spared; graded problems solved: {passed['half']}",
            outcome=decide(
                bool(len(half) and half.high.max() < 0),
                partly=bool(len(half) and half.gain.mean() < 0),
                able=half.seed.nunique() >= 2,
            ),
            rule="foretold worse in every run with half or more, intervals of the paired gains "
            "below 0; partly: in the mean",
        ),
        Verdict(
            claim="Three-way mixtures often beat two-way ones",
            paper="often, not always",
            ours=f"better in {better:.0%} of {len(pairs)} pairs; a coin does as well in "
            f"{binom.sf(wins - 1, len(pairs), 0.5):.0%} of trials",
            outcome=decide(better > 0.5, partly=better > 0, able=len(pairs) >= 4),
            rule="foretold better in more than half of the pairs of the same share, seed and "
            "benchmark; partly: in some",
        ),
    ]
