"""Rules and inputs: distinct, held out, reproducible, refused when impossible."""

import time
from functools import partial

import numpy as np
import pytest
from drawn import sides
from hypothesis import given, settings
from hypothesis import strategies as st

from instrdiv.seeds import stream
from instrdiv.tasks.alphabet import decode
from instrdiv.tasks.examples import sample_examples, spread_by_power_law, spread_evenly
from instrdiv.tasks.inputs import (
    count_occurrences,
    plant_no_ops,
    plant_occurrences,
    plant_once,
    random_no_ops,
)
from instrdiv.tasks.rules import sample_rules


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(2, 4), st.integers(0, 5))
def test_held_out_rules_share_no_side_with_training(seed, num_rules, x_length, y_length):
    rng = np.random.default_rng(seed)
    held_out = sample_rules(rng, 20, x_length, y_length)
    rules = sample_rules(rng, num_rules, x_length, y_length, held_out=held_out)
    assert not sides(rules) & sides(held_out)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 300))
def test_rules_are_distinct_and_change_something(seed, num_rules):
    rules = sample_rules(np.random.default_rng(seed), num_rules, 2, 2)
    pairs = {(decode(x), decode(y)) for x, y in zip(rules.x, rules.y, strict=True)}
    assert len(pairs) == len(rules) == num_rules
    assert all(x != y for x, y in pairs)


def test_every_rule_that_exists_can_be_drawn():
    rules = sample_rules(np.random.default_rng(0), 6, 1, 1, num_letters=3)
    pairs = {(decode(x), decode(y)) for x, y in zip(rules.x, rules.y, strict=True)}
    assert pairs == {(x, y) for x in "abc" for y in "abc" if x != y}


def test_more_rules_than_exist_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"num_rules=7, but only 6 distinct rules exist"):
        sample_rules(rng, 7, 1, 1, num_letters=3)
    held_out = sample_rules(rng, 1, 1, 1, num_letters=4)
    with pytest.raises(ValueError, match=r"num_rules=3, but only 2 distinct .* beside 1 held-out"):
        sample_rules(rng, 3, 1, 1, num_letters=4, held_out=held_out)


def test_rules_come_out_uniform():
    rng = np.random.default_rng(0)
    firsts = np.concatenate([sample_rules(rng, 100, 2, 2).x[:, 0] for _ in range(200)])
    counts = np.bincount(firsts, minlength=26)
    expected = len(firsts) / 26
    assert (((counts - expected) ** 2 / expected).sum()) < 60  # chi², 25 degrees: p < 1e-4


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(4, 8))
def test_every_input_holds_its_left_hand_side(seed, x_length, z_length):
    rng = np.random.default_rng(seed)
    x = rng.integers(26, size=(50, x_length), dtype=np.uint8)
    z = plant_once(rng, x, z_length)
    assert all(decode(pattern) in decode(line) for pattern, line in zip(x, z, strict=True))


def test_places_of_matches_are_uniform():
    rng = np.random.default_rng(0)
    x = np.tile(np.arange(4, dtype=np.uint8), (6000, 1))
    z = plant_once(rng, x, 8)
    starts = np.array([decode(line).find("abcd") for line in z])
    counts = np.bincount(starts, minlength=5)
    assert counts.sum() == 6000 and (abs(counts - 1200) < 150).all()


def test_a_pattern_longer_than_the_input_is_refused():
    with pytest.raises(ValueError, match=r"\|x\|=5 does not fit into inputs of \|z\|=4"):
        plant_once(np.random.default_rng(0), np.zeros((1, 5), dtype=np.uint8), 4)


@given(st.integers(1, 50), st.integers(0, 500))
def test_examples_are_spread_evenly(num_rules, more):
    counts = np.bincount(spread_evenly(num_rules, num_rules + more), minlength=num_rules)
    assert counts.sum() == num_rules + more and counts.max() - counts.min() <= 1


def test_more_rules_than_examples_are_refused():
    with pytest.raises(ValueError, match="num_rules=11 is more than num_examples=10"):
        spread_evenly(11, 10)


def test_streams_are_reproducible_and_apart():
    draw = lambda seed, name: stream(seed, name).integers(2**62)  # noqa: E731
    assert draw(3, "rules") == draw(3, "rules")
    assert len({draw(seed, name) for seed in (0, 1) for name in ("rules", "inputs")}) == 4
    with pytest.raises(ValueError, match="unknown stream 'rule'"):
        stream(0, "rule")
    with pytest.raises(ValueError, match="seed=-1"):
        stream(-1, "rules")


@pytest.mark.parametrize("number", [100_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_a_million_examples_of_the_papers_sizes_take_under_a_minute(number):
    """A tenth of them may take a tenth of that."""
    started = time.process_time()
    rules = sample_rules(stream(0, "rules"), number // 10, 20, 20)
    rule_of = spread_evenly(number // 10, number)
    examples = sample_examples(
        stream(0, "inputs"), rules, rule_of, partial(plant_once, z_length=50)
    )
    assert examples.tokens.shape == (number, 20 + 1 + 20 + 1 + 50 + 1 + 51)
    assert time.process_time() - started < 60 * number / 1_000_000


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(4, 9), st.data())
def test_no_ops_hold_x_with_so_many_letters_changed_and_never_x(seed, x_length, z_length, data):
    rng = np.random.default_rng(seed)
    changed = data.draw(st.integers(1, x_length))
    x = rng.integers(26, size=(30, x_length), dtype=np.uint8)
    z = plant_no_ops(rng, x, z_length, changed)
    for pattern, line in zip(x, z, strict=True):
        assert decode(pattern) not in decode(line)
        windows = np.lib.stride_tricks.sliding_window_view(line, x_length)
        assert ((windows != pattern).sum(axis=1) == changed).any()


def test_no_ops_of_every_likeness_to_x_are_equally_frequent():
    rng = np.random.default_rng(0)
    x = rng.integers(26, size=(20_000, 4), dtype=np.uint8)
    z = plant_no_ops(rng, x, 4)
    counts = np.bincount((z != x).sum(axis=1), minlength=5)
    assert counts[0] == 0 and counts[1:] == pytest.approx(5_000, rel=0.05)


def test_random_no_ops_hold_no_more_of_x_than_chance_puts_there():
    rng = np.random.default_rng(0)
    x = rng.integers(26, size=(20_000, 4), dtype=np.uint8)
    z = random_no_ops(rng, x, 8)
    windows = np.lib.stride_tricks.sliding_window_view(z, 4, axis=1)
    alike = (windows == x[:, None]).sum(axis=2)
    assert not (alike == 4).any()
    assert alike.mean() == pytest.approx(4 / 26, rel=0.03)
    assert (alike.max(axis=1) == 3).mean() < 0.003  # 5 × 4 × 25 / 26⁴ is 0.001


def test_no_random_no_op_exists_where_every_input_holds_its_x():
    with pytest.raises(ValueError, match=r"no input of \|z\|=3000 without \|x\|=1"):
        random_no_ops(np.random.default_rng(0), np.zeros((1, 1), dtype=np.uint8), 3_000)


@pytest.mark.parametrize("changed", [0, 5])
def test_a_number_of_changed_letters_that_x_does_not_have_is_refused(changed):
    with pytest.raises(ValueError, match=rf"changed={changed}: between 1 and \|x\|=4"):
        plant_no_ops(np.random.default_rng(0), np.zeros((2, 4), dtype=np.uint8), 8, changed)


def test_only_the_rule_tells_a_no_op_from_a_match():
    # Without the rule the two kinds of inputs are both uniform: same letters at every position.
    rng = np.random.default_rng(0)
    x = rng.integers(26, size=(40_000, 4), dtype=np.uint8)
    for z in (plant_once(rng, x, 8), plant_no_ops(rng, x, 8)):
        for position in range(8):
            counts = np.bincount(z[:, position], minlength=26)
            chi2 = ((counts - len(z) / 26) ** 2 / (len(z) / 26)).sum()
            assert chi2 < 70  # 25 degrees: p < 1e-5


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(6, 12), st.data())
def test_occurrences_are_exact_and_do_not_overlap(seed, x_length, z_length, data):
    rng = np.random.default_rng(seed)
    # The last place is left free: a self-overlapping x, such as aaa, may not fit otherwise.
    most = (z_length - 1) // (x_length + 1)
    occurrences = np.array(data.draw(st.lists(st.integers(0, most), min_size=1, max_size=20)))
    x = rng.integers(26, size=(len(occurrences), x_length), dtype=np.uint8)
    z = plant_occurrences(rng, x, z_length, occurrences)
    for pattern, line, count in zip(x, z, occurrences, strict=True):
        assert decode(line).count(decode(pattern)) == count  # str.count skips overlaps
    assert (count_occurrences(x, z) == occurrences).all()


def test_impossible_occurrences_are_refused_with_the_numbers():
    rng, x = np.random.default_rng(0), np.zeros((2, 3), dtype=np.uint8)
    with pytest.raises(ValueError, match=r"from 1 to 4: between 0 and 3 of \|x\|=3 fit into"):
        plant_occurrences(rng, x, 10, np.array([1, 4]))
    with pytest.raises(ValueError, match=r"2 of 2 inputs .* cannot hold their x exactly"):
        plant_occurrences(rng, x, 6, np.array([2, 2]))  # aaaaaa holds aaa four times


@pytest.mark.parametrize("alpha", [2.0, 1.0, 0.5, 0.1, 0.03])
def test_the_power_law_gives_each_rule_its_share(alpha):
    rule_of = spread_by_power_law(np.random.default_rng(0), 20, 200_000, alpha)
    edges = (np.arange(21) / 20) ** alpha
    shares = np.bincount(rule_of, minlength=20) / len(rule_of)
    assert shares == pytest.approx(np.diff(edges), abs=0.005)


@pytest.mark.parametrize("alpha", [0.0, -1.0, float("nan")])
def test_an_alpha_that_is_not_positive_is_refused(alpha):
    with pytest.raises(ValueError, match=f"alpha={alpha} must be above 0"):
        spread_by_power_law(np.random.default_rng(0), 10, 10, alpha)
