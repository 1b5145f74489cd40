"""Other instructions than rules: what they do, how they are written, and how they are mixed in."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import as_runs

from instrdiv.analysis import domains as analysis
from instrdiv.charts.domains import gains_chart
from instrdiv.experiments import domains as experiment
from instrdiv.experiments import rule_diversity
from instrdiv.tasks.alphabet import CHARACTERS, LETTERS, decode
from instrdiv.tasks.other_tasks import (
    BETWEEN_POSITIONS,
    OTHER_TASKS,
    instruction,
    perform,
    sample_other_tasks,
)

pytestmark = pytest.mark.arithmetic

KNOWN = {
    "reverse": "bcdaab",
    "sort": "bacdab",
    "turn": "bdcaab",
    "put": "dadcad",
    "exchange": "dabcad",
    "leave out": "aca",
    "number": "cb",
}


@pytest.mark.parametrize("domain", OTHER_TASKS)
def test_each_kind_does_what_a_reader_would_do_by_hand(domain):
    assert perform(domain, "b", "d", "badcab") == KNOWN[domain]


def test_kinds_begin_with_different_letters_since_that_is_how_they_are_written():
    assert len({domain[0] for domain in OTHER_TASKS}) == len(OTHER_TASKS)


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(4, 12), st.integers(2, 12))
def test_lines_hold_an_instruction_its_input_and_what_it_makes_of_it(seed, number, width, length):
    examples = sample_other_tasks(np.random.default_rng(seed), number, width, length)
    names = {domain[0]: domain for domain in OTHER_TASKS}
    assert examples.tokens.shape == (number, width + 2 * length + 3)
    for line in examples.tokens:
        text = decode(line)
        asked, _, rest = text.partition(":")
        z, _, output = rest.partition("=")
        domain, p, q = names[asked[1]], asked[2], asked[3]
        assert asked == instruction(domain, p, q, width) and len(asked) == width
        assert output == perform(domain, p, q, z) + "." and len(output) <= length + 1
        assert len(z) == length and set(z) <= set(LETTERS)
        if domain not in BETWEEN_POSITIONS:
            assert p in z and q in z
    assert examples.prompt_length == width + length + 2


def test_domains_are_equally_frequent():
    examples = sample_other_tasks(np.random.default_rng(0), 70, 9, 8)
    kinds = [CHARACTERS[line[1]] for line in examples.tokens]
    assert {kinds.count(domain[0]) for domain in OTHER_TASKS} == {10}


def test_no_rule_can_be_taken_for_another_instruction():
    data = experiment.make_data(experiment.configure("smoke", other_share=0.5))
    lines = [decode(line) for line in data.training.tokens]
    assert sum(line.startswith(">") for line in lines) == len(lines) // 2
    assert all(line[0] in LETTERS + ">" for line in lines)


def test_the_tests_are_those_of_experiment_1_and_without_others_so_is_the_training():
    first = rule_diversity.make_data(rule_diversity.configure("smoke"))
    alone = experiment.make_data(experiment.configure("smoke", other_share=0))
    mixed = experiment.make_data(experiment.configure("smoke", other_share=0.5))
    assert (alone.training.tokens == first.training.tokens).all()
    for name in ("unseen", "seen"):
        assert (mixed.tests[name].tokens == first.tests[name].tokens).all()
    assert len(mixed.training) == len(first.training) and "others" in mixed.tests


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"other_share": 1}, "other_share=1: at most 0.99"),
        ({"other_share": 0.9, "num_rules": 300}, "leaves 200 examples for num_rules=300"),
    ],
)
def test_bad_settings_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        experiment.configure("smoke", **changes)


def test_a_rule_that_is_too_short_for_an_instruction_is_refused():
    with pytest.raises(ValueError, match="a width of 3 is too small"):
        instruction("sort", "a", "b", 3)


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


def table_of(gains, training=0.99):
    """Runs at 0.5 without other tasks, and with the gains added, one per seed."""
    rows = {}
    for (rules, other_share), each in gains.items():
        for seed, gain in enumerate(each):
            for mixed, share in ((0.0, 0.5), (other_share, 0.5 + gain)):
                rows[rules, mixed, seed] = dict(
                    score="unseen", num_rules=rules, seed=seed, other_share=mixed, share=share
                )
    return as_runs(list(rows.values()), training=training)


SURE, UNSURE, LOSS = (0.03, 0.02, 0.04), (0.2, -0.1, 0.03), (-0.1, -0.2, -0.15)
NOTHING = (0.001, -0.001, 0.0)


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
    table = table_of({(700, 0.1): small, (700, 0.75): large}, training)
    assert tuple(verdict.outcome for verdict in analysis.verdicts(table, None)) == outcomes


def test_the_share_and_number_of_rules_of_the_claim_are_not_picked_by_their_gain():
    table = table_of({(700, 0.1): UNSURE, (700, 0.25): SURE, (300, 0.1): SURE})
    assert analysis.verdicts(table, None)[0].outcome == "cannot tell"


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
