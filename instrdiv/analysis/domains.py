"""What the runs of experiment 8 say: how other tasks change the score on unseen rules."""

from typing import Any

import numpy as np
import pandas as pd

from instrdiv.analysis.analysis import Analysis, GridGroup
from instrdiv.statistics.dated_rules import read_rules
from instrdiv.statistics.intervals import mean_difference
from instrdiv.statistics.verdict import (
    ABOVE_ZERO,
    BELOW_ZERO,
    Verdict,
    decide,
    difference_in_words,
    gate_of,
    judge,
)
from instrdiv.whole_numbers import count

AXES = ("num_rules", "other_share", "seed")
"""The settings that this experiment's figures vary."""


def gains(table: pd.DataFrame) -> pd.DataFrame:
    """What each share of other tasks adds to the score on unseen rules.

    Returns:
        A row for each number of rules, share above 0 and seed also run without other tasks:
        ``num_rules``, ``other_share``, ``seed``, ``gain``.
    """
    unseen = table[table.score == "unseen"]
    alone = unseen[unseen.other_share == 0].set_index(["num_rules", "seed"]).share
    mixed = unseen[unseen.other_share > 0]
    paired = mixed.join(alone.rename("alone"), on=["num_rules", "seed"]).dropna(subset="alone")
    return paired.assign(gain=paired.share - paired.alone)[
        ["num_rules", "other_share", "seed", "gain"]
    ]


def mean_gains(gains: pd.DataFrame) -> pd.DataFrame:
    """The mean gain over seeds, with its 95 % interval where there are three seeds or more.

    Args:
        gains: from `gains`.

    Returns:
        A row for each number of rules and share: ``num_rules``, ``other_share``, ``mean``, ``low``,
        ``high``, ``seeds``.

    >>> row = {"num_rules": 700, "other_share": 0.25, "seed": 0, "gain": 0.5}
    >>> mean_gains(pd.DataFrame([row])).values.tolist()
    [[700.0, 0.25, 0.5, nan, nan, 1.0]]
    """
    rows = [
        (*at, *mean_difference(seeds.gain))
        for at, seeds in gains.groupby(["num_rules", "other_share"])
    ]
    return pd.DataFrame(rows, columns=["num_rules", "other_share", "mean", "low", "high", "seeds"])


def of_claim(gains: pd.DataFrame) -> pd.DataFrame:
    """Those gains that the rule on small shares judges: of its share, number of rules and seeds.

    Args:
        gains: from `gains`.
    """
    rule = read_rules("domains")["small"]
    return gains[
        (gains.num_rules == rule["rules"])
        & np.isclose(gains.other_share, rule["share"])
        & gains.seed.between(rule["first_seed"], rule["last_seed"])
    ]


def small_finding(gains: pd.DataFrame) -> str:
    """The main result in a sentence: what a small share of other tasks adds where the claim says.

    Args:
        gains: from `gains`.
    """
    rule = read_rules("domains")["small"]
    small = mean_gains(of_claim(gains))
    if small.empty:
        return "There are too few recorded runs for a result."
    return (
        f"With {count(rule['rules'])} rules, {100 * rule['share']:.0f} % of other tasks change the "
        f"score on unseen rules by {_amount(next(small.itertuples()))}."
    )


def summary(gains: pd.DataFrame) -> str:
    """What each share of other tasks added, with a line for each number of rules.

    Args:
        gains: from `gains`.

    >>> row = {"num_rules": 700, "other_share": 0.25, "seed": 0, "gain": 0.5}
    >>> summary(pd.DataFrame([row]))
    '- **700 rules:** with 25 % other tasks +50.0 percentage points (1 pair of runs)'
    """
    if gains.empty:
        return (
            "*No two runs of equal rules and seed, with and without other tasks, are recorded yet.*"
        )
    return "\n".join(
        f"- **{count(number)} rules:** " + "; ".join(map(_added, rows.itertuples()))
        for number, rows in mean_gains(gains).groupby("num_rules")
    )


def _added(row: Any) -> str:
    return f"with {100 * row.other_share:.0f} % other tasks {_amount(row)}"


def _amount(row: Any) -> str:
    added = f"{100 * row.mean:+.1f} percentage points"
    if np.isnan(row.low):
        return f"{added} ({row.seeds} pair{'s' * (row.seeds > 1)} of runs)"
    return f"{added} ({100 * row.low:+.1f} to {100 * row.high:+.1f}, {row.seeds} seeds)"


def verdicts(table: pd.DataFrame, fresh: pd.DataFrame) -> list[Verdict]:
    """Verdicts on the paper's claims about mixtures, for rules mixed with other symbolic tasks.

    Args:
        table: rows of `score_table`, for the claim about small shares.
        fresh: those of the runs that were made for the claim about large ones.
    """
    rules = read_rules("domains")

    numbers = rules["small"]
    number, share = numbers["rules"], numbers["share"]
    pairs = of_claim(gains(table))
    gain = mean_difference(pairs.gain)
    unseen = table[table.score == "unseen"]
    shares = np.isclose(unseen.other_share, share) | (unseen.other_share == 0)
    small = unseen[(unseen.num_rules == number) & shares & unseen.seed.isin(pairs.seed)]
    small_gate = gate_of(table, small, AXES)
    helps = judge(
        gain,
        difference_in_words(gain, f"{number} rules, {100 * share:.0f} % other tasks"),
        within=ABOVE_ZERO,
        excluded_by=(numbers["least"], 1),
        gate=small_gate,
        success=True,
    )

    numbers = rules["large"]
    number, share = numbers["rules"], numbers["share"]
    judged = fresh[
        (fresh.num_rules == number)
        & fresh.seed.between(numbers["first_seed"], numbers["last_seed"])
        & ((fresh.other_share >= share) | (fresh.other_share == 0))
    ]
    lost = mean_difference(gains(judged).groupby("seed").gain.mean())
    large = judged[judged.score == "unseen"]
    large_gate = gate_of(fresh, large, AXES)
    hurts = judge(
        lost,
        difference_in_words(lost, f"{count(number)} rules, half and more other tasks"),
        within=BELOW_ZERO,
        excluded_by=(-1, -numbers["least"]),
        gate=large_gate,
    )
    return [
        decide(rules["small"], [helps], small, small_gate),
        decide(rules["large"], [hurts], large, large_gate),
    ]


analysis = Analysis(
    "domains", AXES, verdicts, compared_with=GridGroup("laptop", "large shares, fresh seeds")
)
