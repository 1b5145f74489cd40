"""Experiment 6: verdicts can go either way."""

import re

import pandas as pd
import pytest

from instrdiv.analysis import pretrained as pretrained_analysis
from instrdiv.statistics.scores import Score
from instrdiv.whole_numbers import THIN


def made_up_runs(share_of, seeds=3):
    """Runs of a grid like the published one, whose scores a function of their settings gives."""
    even = [dict(num_rules=n, alpha=None, num_examples=2_000) for n in (10, 100, 1_000)]
    tails = [dict(num_rules=n, alpha=0.5, num_examples=2_000) for n in (100, 1_000)]
    halves = [dict(num_rules=1_000, alpha=a, num_examples=1_000) for a in (None, 0.5)]
    learners = [(*even, *tails, *halves), even]
    shared = dict(steps=650, shots=0, batch_size=8, scale="laptop", recorded="2027-01-01",
                  core_seconds=90.0)  # fmt: skip
    rows = []
    for model, points in zip(("SmolLM2", "from-scratch"), learners, strict=True):
        for number, point in enumerate(points):
            for seed in range(seeds):
                setting = shared | point | dict(
                    model=model, seed=seed, key=f"{model} {number} {seed}"
                )  # fmt: skip
                for kind in ("unseen_has_op", "unseen_no_op", "training"):
                    share = 0.99 if kind == "training" else share_of(kind, **point)
                    score = Score(round(400 * share) + seed * (share < 0.96), 400)
                    low, high = score.interval()
                    rows.append(setting | dict(score=kind, share=score.share, low=low, high=high))
    untuned = dict(rows[0], steps=0, share=0.25, key="untuned")
    return pd.DataFrame([*rows, untuned, dict(untuned, shots=4, share=0.5)])


def as_in_the_paper(kind, num_rules, alpha, num_examples):
    if kind == "unseen_no_op":
        return 0.98
    lost = {None: 0.0, 0.5: 300 / num_rules if num_examples == 2_000 else 0.5}[alpha]
    return max(0.0, {10: 0.0, 100: 0.4, 1_000: 0.95}[num_rules] - min(lost, 0.38))


def test_runs_like_the_papers_reproduce_every_claim_about_a_pretrained_model():
    found = pretrained_analysis.verdicts(made_up_runs(as_in_the_paper), pd.DataFrame())
    assert [verdict.outcome for verdict in found] == ["reproduced"] * 4


def test_a_smaller_model_that_solves_everything_reproduces_no_claim_and_refutes_none():
    found = pretrained_analysis.verdicts(made_up_runs(lambda *_, **__: 0.97), pd.DataFrame())
    # No-ops are solved, the most instructions suffice, and even halves do no harm: a part each.
    assert [verdict.outcome for verdict in found] == ["cannot tell"] * 4
    assert all("the design differs from the paper's" in verdict.why for verdict in found)


def test_halves_are_also_told_on_all_inputs():
    table = made_up_runs(as_in_the_paper)
    both = table[table.score == "unseen_has_op"].assign(score="unseen", total=150)
    found = pretrained_analysis.halving_finding(pd.concat([table, both]), 2_000)
    assert "On all 150 test inputs" in found and "-38.0 percentage points" in found
    assert pretrained_analysis.halving_finding(table, 2_000) == ""


def test_a_difference_of_scores_is_said_to_be_at_most_100_points_in_either_direction():
    """Seeds that differ as much as scores can give intervals of Student's beyond all scores."""
    table = made_up_runs(as_in_the_paper)
    unseen = table.score != "training"
    right = table.alpha.notna().astype(int) + (table.num_rules > 10)  # the only seed that learns
    table.loc[unseen, "share"] = (table.seed == right)[unseen].astype(float)
    words = " ".join(v.ours for v in pretrained_analysis.verdicts(table, pd.DataFrame()))
    intervals = re.findall(r"([\w ]+): \S+ percentage points \((\S+) to (\S+);", words)
    assert len(intervals) >= 3
    for what, *ends in intervals:
        # A reduction is a difference of two such differences.
        largest = 200 if "reduction" in what else 100
        assert all(-largest <= float(end) <= largest for end in ends), what


@pytest.mark.parametrize("seeds", [1, 2])
def test_one_or_two_seeds_are_too_few_for_a_verdict_on_a_pretrained_model(seeds):
    found = pretrained_analysis.verdicts(made_up_runs(as_in_the_paper, seeds), pd.DataFrame())
    assert [verdict.outcome for verdict in found] == ["cannot tell"] * 4


def test_only_even_spreads_are_compared_with_a_model_from_scratch():
    shown = pretrained_analysis.against_scratch(made_up_runs(as_in_the_paper), 2_000)
    assert shown.alpha.isna().all() and (shown.steps > 0).all()
    assert set(shown.learner) == {
        f"pretrained, 2{THIN}000 examples",
        f"from scratch, 2{THIN}000 examples",
    }


def test_the_fewest_instructions_for_half_of_the_answers_are_named():
    rows = [
        dict(learner=learner, num_rules=number, score="unseen_has_op", share=share)
        for learner, shares in {"one": (0.1, 0.4, 0.9), "other": (0.0, 0.2, 0.3)}.items()
        for number, share in zip((10, 100, 1_000), shares, strict=True)
    ]
    rows.append(dict(rows[1], share=0.8))  # another seed; the mean is what counts
    assert pretrained_analysis.to_half(pd.DataFrame(rows)).splitlines() == [
        "- one: from 100 instructions on",
        "- other: for none of these numbers",
    ]


def test_what_was_not_tuned_has_a_row_for_each_number_of_examples_shown():
    before = pretrained_analysis.before_tuning(made_up_runs(as_in_the_paper))
    assert before.unseen_has_op.to_dict() == {0: 0.25, 4: 0.5}


def test_scores_with_a_new_key_stand_beside_those_with_a_trained_one():
    scores = ["unseen_has_op", "unseen_has_op", "unseen_key_has_op", "seen"]
    rows = [
        dict(num_rules=10, score=score, share=share)
        for score, share in zip(scores, [0.8, 1.0, 0.1, 1.0], strict=True)
    ]
    (means,) = pretrained_analysis.by_key(pd.DataFrame(rows)).to_dict("records")
    assert means == {"a key from training": pytest.approx(0.9), "a new key": 0.1}


def test_the_sentence_sets_few_instructions_beside_many_and_leaves_out_long_tails():
    table = pretrained_analysis.on_axis(made_up_runs(as_in_the_paper), 2_000)
    assert pretrained_analysis.more_finding(table) == (
        "Fine-tuned on as many examples of 10 instructions, the model answers 0% of the inputs "
        f"right to which an unseen rule applies (and 98% of the no-ops); of 1{THIN}000 "
        "instructions, 95%."
    )
    one = table[table.num_rules == 10]
    assert pretrained_analysis.more_finding(one).startswith("There are too few recorded runs")
