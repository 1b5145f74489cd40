"""Experiment 8: gains from other tasks, in pairs of runs."""

import pandas as pd
import pytest
from made_up import as_runs

from instrdiv.analysis import domains as analysis
from instrdiv.charts.domains import gains_chart


def test_gains_are_taken_in_pairs_of_equal_rules_and_seed():
    rows = [
        dict(score="unseen", num_rules=n, seed=s, other_share=share, share=value, key=f"{n}{s}")
        for n, s, share, value in [
            (300, 0, 0.0, 0.2), (300, 0, 0.1, 0.5), (300, 1, 0.1, 0.9), (700, 0, 0.75, 0.1),
            (700, 0, 0.0, 0.8),
        ]
    ]  # fmt: skip
    found = analysis.gains(pd.DataFrame(rows))
    assert found.gain.round(3).tolist() == [0.3, -0.7]


def table_of(gains, training=0.99, first_seed=0):
    """Runs at 0.5 without other tasks, and with the gains added, one per seed."""
    rows = {}
    for (rules, other_share), each in gains.items():
        for seed, gain in enumerate(each, first_seed):
            for mixed, share in ((0.0, 0.5), (other_share, 0.5 + gain)):
                rows[rules, mixed, seed] = dict(
                    score="unseen", num_rules=rules, seed=seed, other_share=mixed, share=share
                )
    return as_runs(list(rows.values()), training=training)


SURE, UNSURE, LOSS = (0.03, 0.02, 0.04), (0.2, -0.1, 0.03), (-0.1, -0.2, -0.15)
NOTHING = (0.001, -0.001, 0.0)


def outcomes_of(small, large, training=0.99):
    table = table_of({(300, 0.1): small}, training)
    longer = table_of({(1000, 0.75): large}, training, first_seed=3)
    return tuple(verdict.outcome for verdict in analysis.verdicts(table, longer))


@pytest.mark.parametrize(
    ("small", "large", "training", "outcomes"),
    [
        (SURE, LOSS, 0.99, ("reproduced", "reproduced")),
        (UNSURE, UNSURE, 0.99, ("cannot tell", "cannot tell")),
        (LOSS, SURE, 0.99, ("not reproduced", "not reproduced")),
        (NOTHING, NOTHING, 0.99, ("not reproduced", "not reproduced")),
        (SURE, LOSS, 0.5, ("reproduced", "cannot tell")),  # untrained models lose in any case
        (SURE[:2], LOSS[:2], 0.99, ("cannot tell", "cannot tell")),
    ],
)
def test_a_gain_counts_only_if_its_interval_over_seeds_leaves_out_zero(
    small, large, training, outcomes
):
    assert outcomes_of(small, large, training) == outcomes


def test_the_share_and_number_of_rules_of_the_claim_are_not_picked_by_their_gain():
    table = table_of({(300, 0.1): UNSURE, (300, 0.25): SURE, (700, 0.1): SURE})
    assert analysis.verdicts(table, table.iloc[:0])[0].outcome == "cannot tell"


def test_losses_of_small_shares_few_rules_and_other_seeds_say_nothing_of_large_shares():
    fresh = dict(first_seed=3)
    for beside in (
        table_of({(1000, 0.25): LOSS}, **fresh),
        table_of({(300, 0.75): LOSS}, **fresh),
        table_of({(1000, 0.75): LOSS}),
    ):
        assert analysis.verdicts(beside, beside)[1].outcome == "cannot tell"


def test_seeds_beyond_those_of_the_rule_are_not_judged():
    table = table_of({(300, 0.1): SURE * 4 + (-0.9,)})
    assert table.seed.max() == 12
    assert analysis.verdicts(table, table.iloc[:0])[0].outcome == "reproduced"


def test_the_mean_gain_is_over_seeds_and_its_interval_holds_it():
    (mean,) = analysis.mean_gains(analysis.gains(table_of({(300, 0.1): SURE}))).itertuples()
    assert mean.mean == pytest.approx(0.03) and mean.seeds == 3
    half = 4.3027 * 0.01 / 3**0.5  # Student's of two degrees of freedom
    assert (mean.low, mean.high) == pytest.approx((0.03 - half, 0.03 + half), abs=1e-6)


def test_the_figure_of_gains_shows_each_pair_and_each_mean():
    gains = analysis.gains(table_of({(300, 0.1): SURE, (700, 0.75): LOSS}))
    means = analysis.mean_gains(gains)
    shown = gains_chart(gains, means).to_dict()["datasets"].values()
    assert sorted(len(rows) for rows in shown) == [2, 6]


def test_the_sentence_is_about_the_share_and_the_number_of_rules_of_the_claim():
    rows = [
        dict(num_rules=n, other_share=share, seed=seed, gain=gain)
        for n, share, gain in ((300, 0.1, 0.04), (300, 0.5, -0.1), (700, 0.1, 0.5))
        for seed in (0, 1)
    ]
    found = analysis.small_finding(pd.DataFrame(rows))
    assert found == (
        "With 300 rules, 10 % of other tasks change the score on unseen rules by +4.0 percentage "
        "points (2 pairs of runs)."
    )
    few = analysis.small_finding(pd.DataFrame(rows)[2:])
    assert few.startswith("There are too few recorded runs")
