"""What the runs of experiment 3 say: the effective number of rules of an uneven spread."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int

from instrdiv.analysis.analysis import Analysis, GridGroup
from instrdiv.analysis.design import epochs, has_paper_lengths
from instrdiv.analysis.paper_lengths import trained_enough
from instrdiv.statistics.dated_rules import Rule, read_rules
from instrdiv.statistics.intervals import (
    Estimate,
    by_unit,
    complete_seeds,
    mean_difference,
    mean_interval,
    paired,
)
from instrdiv.statistics.threshold import Threshold, fit_each
from instrdiv.statistics.verdict import (
    Verdict,
    decide,
    difference_in_words,
    gate_of,
    judge,
    mean_score,
    scores_in_words,
)
from instrdiv.tasks.examples import spread
from instrdiv.whole_numbers import count

AXES = ("num_rules", "alpha", "seed")
"""The settings that this experiment's figures vary."""

MEASURES = {
    "listed": "rules in the list, I",
    "occurring": "rules that occur at all",
    "entropy": "effective rules, exp of the entropy",
    "above": "rules with at least a tenth of an even share",
}
"""Ways to count the rules of an uneven spread."""


def hill_number(counts: Int[np.ndarray, "rules"], order: float) -> float:
    """The number of equally frequent rules with the same diversity, at one order (Hill, 1973).

    Order 0 counts every rule that occurs, however rare. Order 1, the exponential of the entropy,
    weights rules by their share. In between, rare rules count less than frequent ones, but more
    than their share.

    >>> [round(hill_number(np.array([8, 1, 1, 0]), order), 2) for order in (0, 0.5, 1)]
    [3.0, 2.33, 1.89]
    """
    shares = counts[counts > 0] / counts.sum()
    if order == 1:
        return float(np.exp(-(shares * np.log(shares)).sum()))
    return float((shares**order).sum() ** (1 / (1 - order)))


def effective_numbers(counts: Int[np.ndarray, "rules"]) -> dict[str, float]:
    """The effective number of rules of a spread of examples, by each of `MEASURES`.

    >>> {name: round(n) for name, n in effective_numbers(np.array([50, 50, 0])).items()}
    {'listed': 3, 'occurring': 2, 'entropy': 2, 'above': 2}
    """
    return {
        "listed": float(len(counts)),
        "occurring": hill_number(counts, 0),
        "entropy": hill_number(counts, 1),
        "above": float((counts * 10 * len(counts) >= counts.sum()).sum()),
    }


def with_counts(
    table: pd.DataFrame, count: Callable[[np.ndarray], dict[Any, float]] = effective_numbers
) -> pd.DataFrame:
    """Rows of `score_table` with a column for each way to count the rules of the run's own data."""

    def counts(row: pd.Series) -> dict[str, float]:
        alpha = None if pd.isna(row.alpha) else row.alpha
        rule_of = spread(row.num_rules, row.num_examples, alpha, row.seed)
        return count(np.bincount(rule_of, minlength=row.num_rules))

    runs = table.drop_duplicates("key").set_index("key")
    found = pd.DataFrame.from_dict({key: counts(row) for key, row in runs.iterrows()}, "index")
    return table.join(found, on="key")


def of_unevenly_spread(table: pd.DataFrame) -> pd.DataFrame:
    """The runs with numbers of rules that were spread unevenly too; all if none was.

    Args:
        table: rows of `score_table`.
    """
    uneven = table.num_rules[table.alpha.notna()]
    return table[table.num_rules.isin(uneven)] if len(uneven) else table


def occurring_finding(table: pd.DataFrame, *, paper: tuple[int, int]) -> str:
    """How many rules of the most peaked spread occur at all, in our runs with the most rules and in
    a design with the paper's numbers, as a sentence.

    Args:
        table: rows of `score_table`.
        paper: the paper's number of rules and number of examples.
    """
    uneven = table[table.alpha.notna()]
    if uneven.empty:
        return "No uneven runs are recorded yet."
    run = uneven.sort_values(["num_rules", "alpha"], ascending=[False, True]).iloc[0]

    def occurring(rules: int, examples: int) -> str:
        number = len(np.unique(spread(rules, examples, float(run.alpha), int(run.seed))))
        return f"**{count(number)}** of {count(rules)} rules"

    ours = occurring(int(run.num_rules), int(run.num_examples))
    return (
        f"With α = {run.alpha:g}, {ours} occur at all among our {count(run.num_examples)} "
        f"examples; among {count(paper[1])}, as in the paper, {occurring(*paper)} would."
    )


def by_spread(table: pd.DataFrame) -> pd.DataFrame:
    """Mean unseen, seen and training score of each spread, and its number of runs."""
    spread_as = table.alpha.map(lambda alpha: "evenly" if pd.isna(alpha) else f"α = {alpha:g}")
    rows = table.assign(spread=spread_as)[table.score.isin(["unseen", "seen", "training"])]
    means = rows.pivot_table(index="spread", columns="score", values="share", sort=False)
    return means.assign(runs=rows.groupby("spread").key.nunique()).rename_axis(columns=None)


def explained(
    table: pd.DataFrame,
    curve: Threshold,
    measures: Sequence[Hashable] = tuple(MEASURES),
) -> pd.DataFrame:
    """Distance of uneven runs from the curve of even ones, for each way to count their rules.

    Args:
        table: from `with_counts`; runs with an even spread, which make the curve, are left out.
        curve: from `equal_frequencies`.
        measures: the columns of the table that count rules.

    Returns:
        A row for each measure: ``distance``, the mean absolute difference in exact match on
        unseen rules, and ``low`` and ``high``, its 95 % interval over ``seeds`` (each that has all
        settings contributes its mean; NaN with fewer than three).
    """
    runs = complete_seeds(table[(table.score == "unseen") & table.alpha.notna()])
    found = {}
    for measure in measures:
        distances = np.abs(curve.share(runs[measure].to_numpy()) - runs.share.to_numpy())
        mean = mean_score(by_unit(runs.assign(distance=distances), "distance"))
        found[measure] = {
            "distance": mean.mean,
            "low": mean.low,
            "high": mean.high,
            "seeds": mean.n,
        }
    return pd.DataFrame.from_dict(found, "index")


ORDERS = tuple(round(0.05 * i, 2) for i in range(21))
"""Orders of Hill numbers, from the number of rules that occur to the exponential of the entropy."""


def explained_by_order(table: pd.DataFrame, curve: Threshold) -> pd.DataFrame:
    """`explained` for the Hill numbers of all `ORDERS`, with column ``order``."""

    def count(counts: np.ndarray) -> dict[float, float]:
        return {order: hill_number(counts, order) for order in ORDERS}

    unseen = table[table.score == "unseen"]
    return explained(with_counts(unseen, count), curve, ORDERS).rename_axis("order").reset_index()


def equal_frequencies(table: pd.DataFrame) -> Threshold | None:
    """The curve of those runs in which all rules are equally frequent; None if these have no
    threshold.

    Args:
        table: rows of `score_table`; uneven runs are left out, and so are seeds that lack some of
            the numbers of rules.
    """
    even = complete_seeds(table[(table.score == "unseen") & table.alpha.isna()])
    return next(iter(fit_each(even, "optimizer").values()), None)


def counting_finding(table: pd.DataFrame, curve: Threshold | None) -> str:
    """Distance of uneven runs from the curve of even ones for some ways to count, as a phrase.

    Args:
        table: from `with_counts`.
        curve: from `equal_frequencies`.
    """
    if curve is None:
        return "evenly spread rules show no threshold to compare with"

    def phrase(row: Any, way: str) -> str:
        return distance_in_words(row) + " " + way

    distances, orders = explained(table, curve), explained_by_order(table, curve)
    closest = orders.iloc[orders.distance.argmin()]
    ways = [
        phrase(distances.loc[name], f"counting {MEASURES[name]}") for name in ("entropy", "listed")
    ]
    ways.append(phrase(closest, f"by the Hill number of order {closest.order:g}, the closest"))
    return "mean distance from the curve of evenly spread rules: " + ", ".join(ways)


def distance_in_words(row: pd.Series) -> str:
    """A row of `explained` in words.

    >>> distance_in_words(pd.Series({"distance": 0.1, "low": 0.05, "high": 0.2, "seeds": 3}))
    '0.10 (0.05 to 0.20; 3 seeds)'
    """
    if pd.isna(row.low):
        return f"{row.distance:.2f} (no interval: {row.seeds:.0f} seeds)"
    return f"{row.distance:.2f} ({row.low:.2f} to {row.high:.2f}; {row.seeds:.0f} seeds)"


def imbalance_finding(table: pd.DataFrame, as_in_the_paper: pd.DataFrame | None = None) -> str:
    """The main result in a sentence: exact match with an even spread and with the most peaked one,
    for the fewest rules that were spread unevenly and for the most.

    Args:
        table: rows of `score_table`.
        as_in_the_paper: runs with as many examples of each rule as in the paper, which say whether
            many rules suffer from the spread or from occurring too rarely.
    """
    unseen = table[table.score == "unseen"]
    numbers = sorted(unseen[unseen.alpha.notna()].num_rules.unique())
    if len(numbers) < 2:
        return "There are too few recorded runs for a result."
    fewest, most = (unseen[unseen.num_rules == number] for number in (numbers[0], numbers[-1]))
    even, peaked, alpha = _even_and_peaked(fewest)
    found = (
        f"With {count(numbers[0])} rules, models answer {even:.0%} of inputs with unseen rules "
        f"right where examples are spread evenly and {peaked:.0%} at α = {alpha:g}; "
    )
    even, peaked, _ = _even_and_peaked(most)
    found += f"with {count(numbers[-1])} rules, it is {even:.0%} and {peaked:.0%}."
    if as_in_the_paper is None or as_in_the_paper.empty:
        return found
    paper = as_in_the_paper[as_in_the_paper.score == "unseen"]
    ours, theirs = (count((rows.num_examples / rows.num_rules).max()) for rows in (most, paper))
    even, peaked, _ = _even_and_peaked(paper)
    return (
        f"{found} As many examples of each rule as in the paper, {theirs} in place of {ours}, make "
        f"this {even:.0%} and {peaked:.0%}."
    )


def long_finding(uneven: pd.DataFrame, even: pd.DataFrame) -> str:
    """What an uneven spread does at the paper's string lengths, in sentences.

    Args:
        uneven, even: rows of `score_table`.
    """
    scores = [
        table[table.score == score].share.mean()
        for score in ("unseen", "seen")
        for table in (uneven, even)
    ]
    unseen, unseen_even, seen, seen_even = (f"**{score:.1%}**" for score in scores)
    unseen_each = (by_unit(table[table.score == "unseen"], "share") for table in (uneven, even))
    paired_words = difference_in_words(
        mean_difference(paired(*unseen_each)), "in pairs of equal seed"
    )
    run = uneven.iloc[0]
    most = np.bincount(spread(int(run.num_rules), int(run.num_examples), run.alpha, int(run.seed)))
    return (
        f"The most frequent rule alone takes {most.max() / most.sum():.0%} of the examples. Models "
        f"follow {unseen} of the unseen rules, against {unseen_even} with an even spread; "
        f"{paired_words}. Of new inputs of seen rules, rare and frequent ones alike, they answer "
        f"{seen} against "
        f"{seen_even}."
    )


def _even_and_peaked(unseen: pd.DataFrame) -> tuple[float, float, float]:
    """Mean score of evenly spread rules, and of the most peaked spread, with its α."""
    alpha = unseen.alpha.min()
    even, peaked = unseen[unseen.alpha.isna()], unseen[unseen.alpha == alpha]
    return even.share.mean(), peaked.share.mean(), alpha


def verdicts(table: pd.DataFrame, as_in_the_paper: pd.DataFrame) -> list[Verdict]:
    """Verdicts on the paper's claims about imbalance.

    Few rules are the fewest that were spread unevenly too. The other numbers of rules, evenly
    spread, are there for the curve.

    Args:
        table: runs with few examples of each rule, met again and again.
        as_in_the_paper: runs with as many examples of each rule as the paper's; they decide what
            imbalance does to many rules.
    """
    rules = read_rules("imbalance")
    table, curve = with_counts(table), equal_frequencies(table)
    unseen = table[table.score == "unseen"]
    few = unseen[unseen.num_rules == unseen.num_rules[unseen.alpha.notna()].min()]
    fewest = few.num_rules.min()

    numbers, few_gate = rules["few"], gate_of(table, few, AXES)
    even = by_unit(few[few.alpha.isna() | (few.alpha >= numbers["even_from"])], "share")
    peaked = by_unit(few[few.alpha < numbers["peaked_below"]], "share")
    high, left = mean_score(even), mean_interval((peaked / even).dropna())
    before = judge(
        high,
        scores_in_words(
            high, f"{count(fewest)} rules, evenly spread and α ≥ {numbers['even_from']:g}"
        ),
        within=(numbers["high"], 1),
        gate=few_gate,
        success=True,
    )
    after = judge(
        left,
        scores_in_words(left, f"share of this that is left for α < {numbers['peaked_below']:g}"),
        within=(0, numbers["collapsed"]),
        gate=few_gate,
        like_paper=len(few) > 0 and epochs(few) >= numbers["epochs"] and has_paper_lengths(few),
    )

    is_even = unseen.alpha.isna()
    counted = pd.concat([complete_seeds(unseen[is_even]), complete_seeds(unseen[~is_even])])
    all_gate = gate_of(table, counted, AXES)
    distance = mean_interval([])
    if curve:
        row: Any = explained(table, curve).loc["entropy"]
        distance = Estimate(float(row.distance), float(row.low), float(row.high), int(row.seeds))
    effective = judge(
        distance,
        counting_finding(table, curve),
        within=(0, rules["effective"]["distance"]),
        gate=all_gate,
    )
    return [
        _harmless(rules["many"], as_in_the_paper),
        decide(rules["few"], [before, after], few, few_gate),
        decide(rules["effective"], [effective], counted, all_gate),
    ]


def earlier_finding(runs: pd.DataFrame) -> str:
    """What an earlier rule on many rules came to, and why there is another, in sentences.

    Args:
        runs: the rows of `score_table` that it judged, with few examples of each rule.
    """
    if runs.empty:
        return ""
    harm, words = _harm(runs[runs.score == "unseen"])
    against = harm.high < -read_rules("imbalance")["many"]["margin"]
    return (
        "The claim that imbalance does no harm to many rules was first to be judged by fresh seeds "
        "of the runs above, by a rule dated before these. They "
        f"{'spoke against it' if against else 'left it open'}: {words}. Only then did we count how "
        "many rules occur in them at all."
    )


def _harm(unseen: pd.DataFrame) -> tuple[Estimate, str]:
    """What the most peaked spread changes, in pairs of equal seed, and that in words.

    Args:
        unseen: scores on unseen rules with one number of rules.
    """
    peaked, even = unseen[unseen.alpha == unseen.alpha.min()], unseen[unseen.alpha.isna()]
    harm = mean_difference(paired(by_unit(peaked, "share"), by_unit(even, "share")))
    rules = count(unseen.num_rules.max())
    return harm, difference_in_words(
        harm, f"{rules} rules, α = {unseen.alpha.min():g} against evenly spread"
    )


def _harmless(rule: Rule, runs: pd.DataFrame) -> Verdict:
    """The verdict on the claim that imbalance does no harm to many rules."""
    if runs.empty:
        return decide(rule, [], runs, gate_of(runs, runs, AXES))
    unseen = runs[runs.score == "unseen"]
    gate = gate_of(runs, unseen, AXES)
    harm, words = _harm(unseen)
    part = judge(
        harm,
        words,
        within=(-rule["margin"], 1),
        gate=gate,
        like_paper=has_paper_lengths(unseen),
        success=True,
    )
    return decide(rule, [part], unseen, gate)


def verdicts_at_paper_lengths(table: pd.DataFrame) -> list[Verdict]:
    """The verdict on the claim that imbalance does no harm to many rules, from runs at the paper's
    string lengths.

    Args:
        table: rows of `score_table` at the paper's lengths.
    """
    rule = read_rules("imbalance")["many_at_paper_lengths"]
    uneven = (table.num_rules == rule["rules"]) & (table.alpha == rule["alpha"])
    table = trained_enough(table[uneven])
    runs = table[table.score == "unseen"]
    gate, mean = gate_of(table, runs, AXES), mean_score(by_unit(runs, "share"))
    part = judge(
        mean,
        scores_in_words(mean, f"{count(int(rule['rules']))} rules, α = {rule['alpha']:g}"),
        within=(rule["at_least"], 1.0),
        gate=gate,
        like_paper=False,  # each rule has a fifth of the paper's examples
        success=True,
    )
    return [decide(rule, [part], runs, gate)]


analysis = Analysis(
    "imbalance",
    AXES,
    verdicts,
    compared_with=GridGroup("laptop", "as many examples of each rule as in the paper"),
    at_paper_lengths=verdicts_at_paper_lengths,
)
