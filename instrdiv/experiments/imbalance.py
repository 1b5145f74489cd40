"""Experiment 3: rules that are not equally frequent.

A power law gives the first rules most of the examples and leaves a long tail of rare ones. How
many of the rules still count (arXiv 2405.19787, section 3.3, figures 5 and 6)?
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int

from instrdiv.checks import above
from instrdiv.experiments import symbolic
from instrdiv.experiments.presets import Settings, settings_of
from instrdiv.models.gpt2 import GPT2
from instrdiv.seeds import stream
from instrdiv.stats import mean_with_interval
from instrdiv.tasks.examples import sample_examples, spread_by_power_law, spread_evenly
from instrdiv.tasks.inputs import plant_once
from instrdiv.tasks.rules import Rules
from instrdiv.transition import Transition, fit_each
from instrdiv.verdicts import Verdict, decide, span

NAME = "imbalance"
PROTOCOL = 1
"""Raised when the same settings come to mean another result; records of another one don't count."""

PRESETS: dict[str, Settings] = {"smoke": {}, "laptop": dict(optimizer="muon"), "paper": {}}
"""By scale, what this experiment sets differently from the shared presets."""
AXES = ("num_rules", "alpha", "seed")
"""The settings that this experiment's figures vary."""
PEAKED = 0.2
"""The paper's curve for few rules collapses where α falls below this."""


@dataclass(frozen=True, kw_only=True)
class Config(symbolic.SymbolicConfig):
    """One point: `num_examples` spread over `num_rules` by a power law."""

    alpha: float | None = field(default=None, metadata=above(0))
    """P(rule i) = (i/I)^α − ((i−1)/I)^α; None spreads the examples evenly."""


def configure(scale: str, **changes: Any) -> Config:
    """A scale's preset with some settings changed; None leaves a setting as it is.

    >>> configure("laptop", alpha=0.1).alpha, configure("laptop").alpha
    (0.1, None)
    """
    return Config(**settings_of(scale, PRESETS, changes))


def spread(
    num_rules: int, num_examples: int, alpha: float | None, seed: int
) -> Int[np.ndarray, "examples"]:
    """The rule of each training example."""
    if alpha is None:
        return spread_evenly(num_rules, num_examples)
    return spread_by_power_law(stream(seed, "rule shares"), num_rules, num_examples, alpha)


def draw(config: Config) -> symbolic.Data:
    """Draw the rules and examples of a run.

    Unseen rules are those of experiment 1 with the same seed. Seen rules are tested evenly,
    however rare in training; those that the power law left without any example are not seen.
    """
    rules, held_out = symbolic.draw_rules(config)
    rule_of = spread(config.num_rules, config.num_examples, config.alpha, config.seed)
    occurring = np.unique(rule_of)
    plant = partial(plant_once, z_length=config.z_length)
    return symbolic.Data(
        rules=rules,
        held_out=held_out,
        training=sample_examples(stream(config.seed, "inputs"), rules, rule_of, plant),
        tests=symbolic.draw_tests(
            config, Rules(rules.x[occurring], rules.y[occurring]), held_out, {"": plant}
        ),
    )


def run(config: Config) -> tuple[GPT2, symbolic.Outcome]:
    """Train one model on rules of unequal frequency; test it as experiment 1 does."""
    return symbolic.train_and_score(config, draw(config))


MEASURES = {
    "listed": "rules in the list, I",
    "occurring": "rules that occur at all",
    "entropy": "effective rules, exp of the entropy",
    "above": "rules with at least 0.005 % of the examples",
}
"""Ways to count the rules of an unequal spread."""


def hill_number(counts: Int[np.ndarray, "rules"], order: float) -> float:
    """How many equally frequent rules are as diverse as these, at one order (Hill, 1973).

    Order 0 counts every rule that occurs, however rare; order 1, the exponential of the entropy,
    counts rules by their share; in between rare rules count less than frequent ones, but more
    than their share.

    >>> [round(hill_number(np.array([8, 1, 1, 0]), order), 2) for order in (0, 0.5, 1)]
    [3.0, 2.33, 1.89]
    """
    shares = counts[counts > 0] / counts.sum()
    if order == 1:
        return float(np.exp(-(shares * np.log(shares)).sum()))
    return float((shares**order).sum() ** (1 / (1 - order)))


def count_rules(counts: Int[np.ndarray, "rules"]) -> dict[str, float]:
    """How many rules a spread of examples amounts to, by each of `MEASURES`.

    >>> {name: round(n) for name, n in count_rules(np.array([50, 50, 0])).items()}
    {'listed': 3, 'occurring': 2, 'entropy': 2, 'above': 2}
    """
    return {
        "listed": float(len(counts)),
        "occurring": hill_number(counts, 0),
        "entropy": hill_number(counts, 1),
        "above": float((counts * 20_000 >= counts.sum()).sum()),
    }


def with_counts(
    table: pd.DataFrame, count: Callable[[np.ndarray], dict[str, float]] = count_rules
) -> pd.DataFrame:
    """Rows of `score_table` with a column for each way to count, from each run's own draw."""

    def counts(row: pd.Series) -> dict[str, float]:
        alpha = None if pd.isna(row.alpha) else row.alpha
        rule_of = spread(row.num_rules, row.num_examples, alpha, row.seed)
        return count(np.bincount(rule_of, minlength=row.num_rules))

    runs = table.drop_duplicates("key").set_index("key")
    found = pd.DataFrame.from_dict({key: counts(row) for key, row in runs.iterrows()}, "index")
    return table.join(found, on="key")


def explained(
    table: pd.DataFrame,
    curve: Transition,
    measures: Sequence[Hashable] = tuple(MEASURES),
    draws: int = 1000,
) -> pd.DataFrame:
    """How far runs lie from experiment 1's curve when their rules are counted in each way.

    Args:
        table: what `with_counts` returns.
        curve: experiment 1's fit, where all rules are equally frequent.
        measures: its columns that count rules.

    Returns:
        A row for each measure: ``distance``, the mean absolute difference in exact match on
        unseen rules, with its 95 % bootstrap interval over runs, ``low`` and ``high``.
    """
    runs = table[table.score == "unseen"]
    found = {}
    for measure in measures:
        distances = np.abs(curve.share(runs[measure].to_numpy()) - runs.share.to_numpy())
        distance, low, high = mean_with_interval(distances, draws)
        found[measure] = {"distance": distance, "low": low, "high": high}
    return pd.DataFrame.from_dict(found, "index")


ORDERS = tuple(round(0.05 * i, 2) for i in range(21))
"""Orders of Hill numbers, from the number that occurs to the exponential of the entropy."""


def explained_by_order(table: pd.DataFrame, curve: Transition) -> pd.DataFrame:
    """`explained` for Hill numbers of each of `ORDERS`, as column ``order``."""

    def count(counts: np.ndarray) -> dict[float, float]:
        return {order: hill_number(counts, order) for order in ORDERS}

    unseen = table[table.score == "unseen"]
    return explained(with_counts(unseen, count), curve, ORDERS).rename_axis("order").reset_index()


def equal_frequencies(equal: pd.DataFrame) -> Transition | None:
    """Experiment 1's curve, where all rules are equally frequent; None if it shows none.

    Args:
        equal: its runs with the same optimiser, examples and seeds.
    """
    return next(iter(fit_each(equal, "optimizer").values()), None)


def counting_finding(table: pd.DataFrame, curve: Transition | None) -> str:
    """How far from experiment 1's curve runs lie by some ways to count, as a phrase.

    Args:
        table: what `with_counts` returns.
        curve: experiment 1's fit; None if there is none.
    """
    if curve is None:
        return "experiment 1 shows no transition to compare with"

    def told(row: pd.Series, way: str) -> str:
        return f"{row.distance:.2f} ({row.low:.2f} to {row.high:.2f}) {way}"

    distances, orders = explained(table, curve), explained_by_order(table, curve)
    closest = orders.loc[orders.distance.idxmin()]
    ways = [
        told(distances.loc[name], f"counting {MEASURES[name]}") for name in ("entropy", "listed")
    ]
    ways.append(told(closest, f"by the Hill number of order {closest.order:g}, the closest"))
    return "mean distance from experiment 1's curve: " + ", ".join(ways)


def verdicts(table: pd.DataFrame, equal: pd.DataFrame) -> list[Verdict]:
    """The paper's claims about imbalance held against our runs."""
    table, curve = with_counts(table), equal_frequencies(equal)
    unseen = table[table.score == "unseen"]
    fewest, most = unseen.num_rules.min(), unseen.num_rules.max()
    few, many = unseen[unseen.num_rules == fewest], unseen[unseen.num_rules == most]
    even, peaked = few[few.alpha.isna() | (few.alpha >= 0.5)], few[few.alpha < PEAKED]
    able = unseen.seed.nunique() >= 2 and fewest < most and len(even) > 0 and len(peaked) > 0
    fits = explained(table, curve).distance if curve else None
    return [
        Verdict(
            claim="With rules far above the transition, imbalance does no harm",
            paper="10 000 rules and more: robust for every α",
            ours=f"{most:,} rules, all α: {span(many)}",
            outcome=decide(
                bool((many.share >= 0.9).all()),
                partly=bool((many[many.alpha.isna() | (many.alpha >= PEAKED)].share >= 0.9).all()),
                able=able,
            ),
            rule="every run at least 90 %; partly: every run with α ≥ 0.2",
        ),
        Verdict(
            claim="With rules near the transition, generalisation collapses once α falls below 0.2",
            paper="1 000 rules: high down to α = 0.2, then it collapses",
            ours=f"{fewest:,} rules: uniform and α ≥ 0.5 {span(even)}; α < 0.2 {span(peaked)}",
            outcome=decide(
                bool((peaked.share <= 0.1).all() and (even.share >= 0.5).all()),
                partly=bool(len(peaked) and peaked.share.mean() <= even.share.mean() / 2),
                able=able,
            ),
            rule="α ≥ 0.5: every run at least 50 %, α < 0.2: every run at most 10 %; partly: the "
            "mean at least halved",
        ),
        Verdict(
            claim="What counts is the effective number of rules: those too rare hardly occur",
            paper="stated, not measured",
            ours=counting_finding(table, curve),
            outcome=decide(
                fits is not None and fits.entropy <= 0.1,
                partly=fits is not None and fits.entropy <= fits.listed / 2,
                able=able and fits is not None,
            ),
            rule="counted by the entropy, runs lie within 0.1 of experiment 1's curve in the "
            "mean; partly: at most half as far as counted by the list",
        ),
    ]
