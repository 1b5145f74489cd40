"""Experiment 1 at the paper's lengths: which runs count, and what they decide."""

import pandas as pd
import pytest
from made_up import as_runs

from instrdiv.analysis.paper import read_paper
from instrdiv.analysis.paper_lengths import (
    OURS,
    beside_the_paper,
    each_until_learned,
    few_rules_finding,
    followers_finding,
    longer_finding,
    trained_enough,
    verdicts_with_muon,
)
from instrdiv.whole_numbers import THIN


def runs(few, many=0.99, training=0.99, seeds=(0, 1, 2, 3)):
    """Scores on unseen rules by seed at 300 rules, and at 1 000."""
    rows = [
        dict(num_rules=rules, seed=seed, score="unseen", share=share + seed / 1_000)
        for rules, share in ((300, few), (1_000, many))
        for seed in seeds
    ]
    return as_runs(rows, training=training, optimizer="muon")


def outcomes(*given, **named):
    return [verdict.outcome for verdict in verdicts_with_muon(runs(*given, **named))]


def test_high_scores_on_few_rules_count_against_the_claim_and_low_ones_for_it():
    fresh = range(12)
    assert outcomes(0.8, seeds=fresh) == ["not reproduced"] * 3 + ["reproduced"]
    assert outcomes(0.0, 0.5, seeds=fresh) == ["reproduced"] * 3 + ["not reproduced"]


def test_seeds_that_came_when_the_planned_ones_had_been_seen_decide_a_verdict_of_their_own():
    table = runs(0.0, seeds=range(9))
    later = (table.seed > 3) & (table.num_rules == 300) & (table.score == "unseen")
    planned, fresh, *_ = verdicts_with_muon(table.assign(share=table.share.mask(later, 0.9)))
    assert (planned.outcome, planned.seeds) == ("reproduced", 3)
    assert (fresh.outcome, fresh.seeds) == ("not reproduced", 5)


def test_nothing_can_be_told_of_models_that_had_not_learned_what_they_were_given():
    assert outcomes(0.8, 0.5, training=0.9) == ["cannot tell"] * 4


def test_the_seed_that_had_been_seen_does_not_count():
    table = runs(0.8)
    table.loc[(table.seed == 0) & (table.score == "unseen"), "share"] = 0.0
    few, _, _, many = verdicts_with_muon(table)
    assert (few.outcome, few.seeds, many.seeds) == ("not reproduced", 3, 3)
    assert outcomes(0.8, seeds=(0, 1, 2)) == ["cannot tell"] * 4


def test_the_first_seeds_training_scores_say_how_long_all_are_trained():
    twice = [runs(0.8, training=0.9), runs(0.9, training=0.98).assign(steps=2_000)]
    table = pd.concat(each.assign(key=each.key + str(n)) for n, each in enumerate(twice))
    assert trained_enough(table).steps.unique().tolist() == [2_000]
    assert verdicts_with_muon(table)[0].ours.startswith("300 rules: 90.2 %")
    lucky = table.assign(share=table.share.where((table.seed == 0) | (table.steps > 1_000), 0.99))
    assert trained_enough(lucky).steps.unique().tolist() == [2_000]


def test_a_seed_that_was_trained_twice_is_told_with_both_of_its_trainings():
    short, longer = runs(0.8, training=0.9, seeds=[5]), runs(0.1, seeds=[5]).assign(steps=2_000)
    longer = longer.assign(key=longer.key + " longer")
    said = longer_finding(pd.concat([short, longer]))
    assert said.startswith(
        f"Seed 5 on 300 rules was trained more than once: 1{THIN}000 steps, **80.5%**"
    )
    assert f"2{THIN}000 steps, **10.5%** of the unseen rules (99.0% of its training" in said
    assert not longer_finding(short)


def test_a_seed_that_had_not_learned_is_replaced_by_its_own_longer_run():
    short = runs(0.0, training=0.99, seeds=range(8))
    short.loc[(short.seed == 5) & (short.score == "training"), "share"] = 0.5
    longer = runs(0.9, training=0.99, seeds=[5]).assign(steps=2_000)
    longer = longer.assign(key=longer.key + " longer")
    chosen = each_until_learned(pd.concat([short, longer]))
    assert set(zip(chosen.seed, chosen.steps, strict=True)) == {
        (seed, 2_000 if seed == 5 else short.steps.iloc[0]) for seed in range(8)
    }


@pytest.mark.parametrize(("training", "gate"), [(0.98, "met"), (0.96, "not met")])
def test_runs_stand_beside_the_papers_curve_with_their_gate(training, gate):
    paper = read_paper("rule_diversity")
    beside = beside_the_paper(runs(0.8, training=training), paper)
    assert (beside.whose != OURS).sum() == len(paper)
    assert set(beside[beside.whose == OURS].gate) == {gate}
    found = few_rules_finding(beside)
    assert ("ours follow **80%** on average" in found) == (gate == "met")
    assert ("No run" in found) == (gate == "not met")


def test_seeds_that_had_not_learned_their_examples_are_counted_but_not_averaged():
    learned = runs(0.9, training=0.99, seeds=[0, 1])
    missed = runs(0.0, training=0.5, seeds=[2]).assign(key=lambda t: t.key + " missed")
    beside = beside_the_paper(pd.concat([learned, missed]), read_paper("rule_diversity"))
    found = few_rules_finding(beside)
    assert "**90%** on average" in found and "2 seeds" in found
    assert "(1 more had not, and say nothing)" in found


def test_all_learned_models_are_counted_with_the_means_that_rules_gave_as_first_worded():
    table = runs(0.0, seeds=range(12))
    some = (table.num_rules == 300) & (table.score == "unseen") & table.seed.isin([1, 5])
    missed = (table.num_rules == 300) & (table.score == "training") & (table.seed == 5)
    table["share"] = table.share.mask(some, 0.5).mask(missed, 0.9)
    found = followers_finding(table)
    assert found.startswith("Of all 11 models on 300 rules")
    assert f"**1** follow more than 2{THIN}%" in found
    assert "(0.2 to 41.3" in found  # Clopper and Pearson's, 1 of 11
    means = (
        "on: 9.6 % (0.0 to 23.0; 11 seeds) and for seeds from 4 on: 6.9 % (0.0 to 21.5; 8 seeds)."
    )
    assert found.endswith(means)
    followed = followers_finding(runs(0.8, seeds=range(12)))
    assert followed.endswith("by which neither claim would hold here.")
    assert followers_finding(table.assign(share=0.5)) == ""


def test_models_that_follow_are_counted_and_three_of_three_speak_against_none():
    table = runs(0.0, seeds=range(12))
    some = (table.num_rules == 300) & (table.score == "unseen")
    for follow, outcome in ((3, "not reproduced"), (1, "cannot tell"), (0, "reproduced")):
        these = some & table.seed.isin(range(9, 9 + follow))
        verdict = verdicts_with_muon(table.assign(share=table.share.mask(these, 0.5)))[2]
        assert (verdict.outcome, verdict.seeds) == (outcome, 3)
        assert f"{follow} of 3 models follow more than 2 % of the unseen rules" in verdict.ours
    few = verdicts_with_muon(table[table.seed < 11])[2]
    assert few.outcome == "cannot tell" and few.ours == "2 models so far"
