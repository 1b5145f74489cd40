"""The question of a path of training is answered by its rules, each way."""

import numpy as np
import pandas as pd
import pytest

from instrdiv.analysis.training_path import (
    WORDS,
    answers,
    answers_page,
    change_each,
    in_short,
    order_of,
)
from instrdiv.statistics.two_way import two_way

PRESET = {
    "warmup_share": 0.05, "steps": 1_000, "muon_learning_rate": 0.004, "num_examples": 100_000
}  # fmt: skip
CHANGES = [
    {}, {"warmup_share": 0.02}, {"warmup_share": 0.3}, {"steps": 3_000},
    {"muon_learning_rate": 0.002}, {"muon_learning_rate": 0.008}, {"num_examples": 20_000},
]  # fmt: skip


def scores(settings, unseen, training=0.99):
    """Rows of a score table for one made-up run."""
    key = repr(sorted(settings.items()))
    both = {"unseen": unseen, "training": training}
    return [settings | {"key": key, "score": name, "share": share} for name, share in both.items()]


def near(effect, training=0.99):
    """Runs near the threshold; `effect` says what each change adds to its seed's score."""
    rows = []
    for change in CHANGES:
        for rules in (300, 500):
            for seed in range(5):
                at = PRESET | change | {"num_rules": rules, "seed": seed}
                unseen = 0.4 + 0.02 * seed + effect(change) + 0.001 * rules / 500
                rows += scores(at, unseen, training)
    return change_each([pd.DataFrame(rows)], PRESET)


def crossed(between_rules, between_weights):
    rng = np.random.default_rng(0)
    rules, weights = rng.normal(size=5), rng.normal(size=5)
    return pd.DataFrame(
        [
            row
            for seed in range(5)
            for weight_seed in range(5)
            for row in scores(
                {"num_rules": 300, "seed": seed, "weight_seed": weight_seed},
                0.5 + between_rules * rules[seed] + between_weights * weights[weight_seed],
            )
        ]
    )


def few(unseen, training=0.99):
    runs = [{"num_rules": n, "seed": s} for n in (30, 100) for s in range(5)]
    return pd.DataFrame([row for run in runs for row in scores(run, unseen, training)])


def said(changed, crossing=None, few_rules=None):
    crossing = crossed(0.2, 0.01) if crossing is None else crossing
    return [each.answer for each in answers(
        changed, crossing, few(0.0) if few_rules is None else few_rules, PRESET)]  # fmt: skip


def test_an_effect_on_every_seed_holds_and_none_does_not():
    assert said(near(lambda change: 0.3 if change == {"warmup_share": 0.3} else 0.0))[:4] == [
        "holds", "does not hold", "does not hold", "does not hold",
    ]  # fmt: skip
    assert said(near(lambda change: 0.3 * ("steps" in change)))[1] == "holds"
    assert said(near(lambda change: -0.3 * ("num_examples" in change)))[3] == "holds"


def test_nothing_is_told_of_models_that_have_not_learned():
    assert said(near(lambda change: 0.3, training=0.9))[:4] == ["cannot tell"] * 4
    assert said(near(lambda change: 0), few_rules=few(0.0, training=0.9))[5] == "cannot tell"


def test_a_seed_without_all_numbers_of_rules_does_not_count():
    changed = near(lambda change: 0.3 * (change == {"warmup_share": 0.3}))
    lacking = (changed.num_rules == 500) & (changed.warmup_share == 0.3) & (changed.seed > 1)
    assert said(changed[~lacking])[0] == "cannot tell"


@pytest.mark.parametrize(
    "between, answer",
    [((0.2, 0.01), "holds"), ((0.01, 0.2), "does not hold"), ((0.1, 0.1), "cannot tell")],
)
def test_rules_and_weights_are_told_apart(between, answer):
    assert said(near(lambda change: 0), crossing=crossed(*between))[4] == answer


def test_a_crossing_with_a_gap_is_not_judged():
    whole = crossed(0.2, 0.01)
    assert said(near(lambda change: 0), crossing=whole.iloc[2:])[4] == "cannot tell"


def test_one_followed_rule_too_many_counts_against_the_last_claim():
    assert said(near(lambda change: 0), few_rules=few(0.0))[5] == "holds"
    assert said(near(lambda change: 0), few_rules=few(0.3))[5] == "does not hold"


def test_the_interval_of_the_ratio_covers_what_it_claims():
    rng, covered, trials = np.random.default_rng(1), 0, 2_000
    for _ in range(trials):
        rules, weights, noise = rng.normal(size=(5, 1)), rng.normal(size=(1, 5)), 0.5
        found = two_way(pd.DataFrame(rules + weights + noise * rng.normal(size=(5, 5))))
        covered += found.ratio.low <= 1 <= found.ratio.high
    assert 0.935 < covered / trials < 0.965


def test_the_page_names_every_claim_with_its_rule():
    changed = near(lambda change: 0.3 * (change == {"warmup_share": 0.3}))
    found = answers(changed, crossed(0.2, 0.01), few(0.0), PRESET)
    page = answers_page(found)
    assert len(found) == 6 and all(each.claim in page and each.rule in page for each in found)
    assert "**Shown**" in in_short(found) and "**Shown not to hold**" in in_short(found)


def test_changes_are_ordered_by_setting_and_value():
    order = order_of(near(lambda change: 0), PRESET)
    assert order[0] == "the preset" and len(order) == len(CHANGES) and set(PRESET) == set(WORDS)
    assert order.index("warm-up over 2 % of the steps") < order.index("peak rate 0.002")
