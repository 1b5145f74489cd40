"""What the runs of experiment 7 say: pass rates, and the reduction in bits per byte."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from instrdiv.analysis.analysis import Analysis
from instrdiv.analysis.likelihoods import (
    AXES,
    OPENING,
    benchmark_name,
    bits_reduction_table,
    bits_table,
    reduction_in_words,
)
from instrdiv.runs.record import Record
from instrdiv.runs.vocabulary import MIXTURE_COLUMNS
from instrdiv.statistics.dated_rules import read_rules
from instrdiv.statistics.intervals import Estimate, by_unit, mean_interval, paired
from instrdiv.statistics.scores import pass_at_k
from instrdiv.statistics.verdict import ABOVE_ZERO, BELOW_ZERO, Gate, Verdict, decide, judge
from instrdiv.whole_numbers import count

REAL = ("HumanEval", "MBPP")
"""Published benchmarks, of which no family is in the training data."""
MIXTURE_ORDER = ["steps", "num_answer_tokens", "general_share", "chain_share"]


def passed_by(extraction: int) -> str:
    """The heading of pass rates, by how the programs were extracted from the answers.

    >>> passed_by(2), passed_by(1)
    ('passed', 'passed, by the first extraction')
    """
    return "passed" if extraction > 1 else "passed, by the first extraction"


def counted_by(table: pd.DataFrame) -> str:
    """A sentence on runs whose extraction lost some programs; empty if there are none.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.

    >>> counted_by(pd.DataFrame({"key": ["a", "a", "b"], "extraction": [1, 1, 2]}))
    'Programs of 1 of 2 runs were counted by the first extraction, which lost those after prose.'
    >>> counted_by(pd.DataFrame({"key": ["b"], "extraction": [2]}))
    ''
    """
    first = table[table.extraction == 1].key.nunique()
    if not first:
        return ""
    return (
        f"Programs of {first} of {table.key.nunique()} runs were counted by the first "
        "extraction, which lost those after prose."
    )


def answers_by_result(record: Record) -> dict[str, dict[str, str]]:
    """One answer of each kind: ``passed``, ``wrong`` results, and ``broken`` programs.

    A kind without a recorded answer is left out.
    """
    kinds: dict[str, Callable[[str], bool]] = {
        "passed": lambda result: result == "passed",
        "wrong": lambda result: result == "tests: AssertionError",
        "broken": lambda result: result not in ("passed", "tests: AssertionError"),
    }
    recorded = [each for each in [*record.answers, *record.errors] if "result" in each]
    found = {
        kind: next((answer for answer in recorded if belongs(answer["result"])), None)
        for kind, belongs in kinds.items()
    }
    return {kind: answer for kind, answer in found.items() if answer}


def mixture_table(record: Record) -> pd.DataFrame:
    """A run's mixture, one row per collection; see `instrdiv.data.mixtures.statistics`."""
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
    """Unbiased pass@k, the mean over graded problems.

    Returns:
        A row for each k up to the run's ``num_samples``: ``k``, ``pass@k``, ``problems``.

    Raises:
        ValueError: the run has no samples.
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


def mixture_name(row: pd.Series) -> str:
    """A name for a run's mixture, in words.

    >>> mixture_name(pd.Series({"steps": 9, "general_share": 0.25, "chain_share": 0.5}))
    '25 % not code, half of it chains'
    """
    if not row.steps:
        return "not tuned"
    if (row.get("num_answer_tokens") or 0) > 0:
        return f"code alone, {count(row.num_answer_tokens)} tokens of answers"
    if not row.general_share:
        return "code alone"
    chains = {0.0: "", 0.5: ", half of it chains"}
    share = chains.get(row.chain_share, f", {row.chain_share:.0%} of it chains")
    return f"{row.general_share:.0%} not code{share}".replace("%", " %")


def benchmarks_table(table: pd.DataFrame, bits: pd.DataFrame) -> pd.DataFrame:
    """Each mixture on each benchmark. Pass runs of one seed only: they have the same problems.

    Args:
        table: rows of `score_table`.
        bits: from `bits_table`.

    Returns:
        One row per mixture; columns for pass rates, separate for each way of extracting programs
        (see `passed_by`), then for bits per byte of correct programs.
    """
    passed = table[table.score.isin(["graded", "human_eval", "human_eval_mut"])]
    passed = passed.assign(
        measure=passed.extraction.map(passed_by),
        benchmark=passed.score.map(benchmark_name),
        value=passed.share,
    )
    rows = pd.concat([passed, bits.assign(measure="bits per byte", value=bits.bits)])
    rows["mixture"] = rows.apply(mixture_name, axis=1)
    rows = rows.sort_values(MIXTURE_ORDER, na_position="first", kind="stable")
    return rows.pivot_table(
        index="mixture", columns=["measure", "benchmark"], values="value", sort=False
    ).sort_index(axis=1, ascending=False)


def paper_mixtures(paper: pd.DataFrame) -> pd.DataFrame:
    """The paper's mixtures with the mean pass@1 on HumanEval+ and MBPP+.

    Args:
        paper: from `instrdiv.analysis.paper.read_paper`, with mixtures as thousands of
            "code/general/chains".

    Returns:
        One row per mixture: ``tuned``, ``general_share``, ``chain_share``, ``passed`` in percent.
    """
    rows = []
    plus = paper[paper.metric.str.contains("+", regex=False)]
    for (series, mixture), values in plus.groupby(["series", "x"], sort=False).value:
        code, general, chains = map(float, str(mixture).split("/"))
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


def paper_table(paper: pd.DataFrame) -> pd.DataFrame:
    """The paper's tables in full: pass@1 in percent on each benchmark.

    Args:
        paper: from `instrdiv.analysis.paper.read_paper`.

    Returns:
        One row per fine-tuned model and mixture (thousands of code, general instructions, chains of
        thought), in the paper's order; one column per benchmark.
    """
    named = paper.assign(
        benchmark=paper.metric.str.removesuffix(" pass@1 (%)"),
        mixture=paper.x.str.replace("/", " / "),
    )
    rows = ["series", "mixture"]
    table = named.pivot_table(index=rows, columns="benchmark", values="value", sort=False)
    return table.rename_axis(index=["fine-tuned model", "thousands"], columns=None)


WHAT = {"some": "10 % not code", "half": "half and more", "three": "three-way against two-way"}


def claimed(gains: pd.DataFrame) -> dict[str, Estimate]:
    """What the paper's claims speak of: reductions in bits per byte, means over seeds.

    Args:
        gains: from `instrdiv.analysis.likelihoods.bits_reduction_table`.

    Returns:
        ``some``: by a tenth of other data; ``half``: by half and more; ``three``: by three-way
        mixtures against two-way ones.
    """
    rules, at = read_rules("code_generation"), ["general_share", "seed"]
    real = _mixtures(gains)
    real = real[real.benchmark.isin(REAL)]
    two_way, three_way = real[real.chain_share == 0], real[real.chain_share > 0]
    some = two_way[np.isclose(two_way.general_share, rules["some"]["share"])]
    half = two_way[two_way.general_share >= 0.5]
    pairs = paired(by_unit(three_way, "gain", at), by_unit(two_way, "gain", at))
    by_seed = pairs.groupby("seed").mean()  # mixtures of one seed share their code and its order
    return {
        "some": mean_interval(by_unit(some, "gain")),
        "half": mean_interval(by_unit(half, "gain")),
        "three": mean_interval(by_seed),
    }


def _mixtures(gains: pd.DataFrame) -> pd.DataFrame:
    """The rows of tuned models that were trained on all of their examples."""
    return gains[(gains.steps > 0) & gains.num_answer_tokens.isna()]


def mixtures_finding(gains: pd.DataFrame) -> str:
    """The main result in a sentence.

    Args:
        gains: from `instrdiv.analysis.likelihoods.bits_reduction_table`.
    """
    found = claimed(gains)
    if not found["some"].n or not found["half"].n:
        return "There are too few recorded runs for a result."
    some, half = (
        f"{abs(found[name].mean):.3f} bits per byte {'less' if found[name].mean > 0 else 'more'}"
        for name in ("some", "half")
    )
    told = [found[name].known and found[name].low * found[name].high > 0 for name in found]
    return (
        f"If a tenth of the examples is not code, a correct program of HumanEval and MBPP costs "
        f"the model {some} than after code alone; if half of them and more are not, {half}. "
        f"{_told(told[0], told[1])}"
    )


def _told(some: bool, half: bool) -> str:
    """Which of two differences the seeds tell from none, as a sentence."""
    if some and half:
        return "Both are more than seeds differ by."
    if some or half:
        return f"Only the {'first' if some else 'second'} is more than seeds differ by."
    return "Neither is more than seeds differ by."


def bits_by_mixture(records: Iterable[Record]) -> pd.DataFrame:
    """Bits of correct programs by mixture, means over seeds.

    Returns:
        One row for each mixture. Columns: the bits per byte of programs inside the fence, by
        benchmark; then ``the fence itself``, the bits of an answer's opening fence, the mean over
        problems of all benchmarks.
    """
    records = list(records)
    inside = bits_table(records).assign(measure="bits per byte")
    opening = bits_table(records, OPENING).assign(measure="bits", benchmark="the fence itself")
    rows = pd.concat([inside, opening])
    if rows.empty:
        return rows
    rows["mixture"] = rows.apply(mixture_name, axis=1)
    rows = rows.sort_values(MIXTURE_ORDER, na_position="first", kind="stable")
    return rows.pivot_table(
        index="mixture", columns=["measure", "benchmark"], values="bits", sort=False
    )


def verdicts(table: pd.DataFrame, gains: pd.DataFrame) -> list[Verdict]:
    """Verdicts on the paper's claims about mixtures.

    No training score is recorded, and each example is seen once where the paper makes several
    passes; so a claim can be reproduced here, but nothing here counts against it.

    Args:
        table: rows of `score_table`; they decide nothing, since these claims rest on likelihoods.
        gains: from `instrdiv.analysis.likelihoods.bits_reduction_table`, programs inside the fence.
            Bare programs, straight after the prompt, decide nothing: a model tuned on code alone
            expects a fence there, and pays for its absence and not for the program.
    """
    rules = read_rules("code_generation")
    excluded_by = {
        "some": (rules["some"]["least"], np.inf),
        "half": (-np.inf, -rules["half"]["least"]),
        "three": (rules["three"]["least"], np.inf),
    }
    mixed = _mixtures(gains)
    runs = pd.concat([mixed, mixed.assign(key=mixed.against)])
    return [
        decide(
            rules[name],
            [
                judge(
                    estimate,
                    reduction_in_words(estimate, WHAT[name]),
                    within=BELOW_ZERO if name == "half" else ABOVE_ZERO,
                    excluded_by=excluded_by[name],
                    gate=Gate(None),
                    like_paper=False,
                    success=True,
                )
            ],
            runs,
            Gate(None),
        )
        for name, estimate in claimed(gains).items()
    ]


analysis = Analysis("code_generation", AXES, verdicts, compared_with=bits_reduction_table)
