"""Experiment 2: verdicts can go either way."""

import dataclasses

import numpy as np
import pandas as pd
from made_up import as_runs

from instrdiv.analysis import no_op as no_op_analysis
from instrdiv.analysis.no_op import AXES
from instrdiv.analysis.until_learned import until_learned
from instrdiv.paths import published_results
from instrdiv.runs.store import read_records


def made_up_no_ops(middle_of, *, seeds=5, **settings):
    """Runs whose threshold `middle_of` gives for each share of no-ops."""
    rng = np.random.default_rng(0)
    luck = np.exp(rng.normal(0, 0.3, seeds))
    rows = [
        dict(num_rules=n, no_op_share=share, seed=seed, score=score, key=f"{n} {share} {seed}",
             share=0.99 / (1 + (luck[seed] * middle_of(share) / n) ** 8) + 0.001 * seed)
        for share in (0, 0.1, 0.3, 0.5)
        for seed in range(seeds)
        for n in (50, 100, 200, 300, 500, 700, 1000, 2000, 10_000)
        for score in ("unseen", "unseen_no_op")
    ]  # fmt: skip
    table = as_runs(rows, **settings)
    return [verdict.outcome for verdict in no_op_analysis.verdicts(table, table)]


def test_no_ops_reproduce_the_paper_when_they_do():
    as_in_the_paper = made_up_no_ops(lambda share: 400 if share else 500)
    assert as_in_the_paper == ["reproduced"] * 3
    against = made_up_no_ops(lambda share: 300 + 1200 * share)
    assert against[:2] == ["not reproduced", "not reproduced"]
    assert made_up_no_ops(lambda share: 400 if share else 500, seeds=2) == ["cannot tell"] * 3


def test_no_ops_that_are_harder_than_the_papers_refute_nothing():
    short = made_up_no_ops(lambda share: 300 + 1200 * share, x_length=4, z_length=8)
    assert short[0] == "cannot tell"


def test_a_run_that_missed_the_gate_is_judged_by_a_longer_one_if_there_is_one():
    one = dict(num_rules=500, no_op_share=0.5, seed=0)
    runs = as_runs([one | dict(score="unseen", share=0.1, key="short")], training=0.8)
    longer = as_runs([one | dict(score="unseen", share=0.9, key="long")])
    assert set(until_learned(runs, longer, AXES).key) == {"long"}
    assert set(until_learned(runs, longer.assign(seed=1), AXES).key) == {"short"}
    learned = as_runs([one | dict(score="unseen", share=0.1, key="short")])
    assert set(until_learned(learned, longer, AXES).key) == {"short"}


def test_what_a_verdict_would_come_to_without_longer_runs_is_told():
    rows = [
        dict(num_rules=1_000, no_op_share=share, seed=seed, score=score, key=f"{share} {seed}",
             share=0.1 if not share else 0.5 if score == "unseen" else 0.9)
        for share in (0, 0.3)
        for seed in range(3)
        for score in ("unseen", "unseen_no_op")
    ]  # fmt: skip
    found = no_op_analysis.without_longer_runs(as_runs(rows))
    assert "has-op: 50.0 % (50.0 to 50.0; 3 seeds); no-op: 90.0 %" in found
    assert no_op_analysis.copies_on("ab>ad:xaby=", "xaby")  # where the sides differ, not before
    assert not no_op_analysis.copies_on("ab>ad:xady=", "xaby")  # no *x* there


def test_models_that_have_not_learned_are_told_apart_from_those_that_have():
    def of(key, share):
        return [dict(num_rules=10_000, no_op_share=0.3, seed=0, score=score, key=key, share=share)
                for score in ("unseen", "unseen_no_op", "unseen_near_miss")]  # fmt: skip

    runs = pd.concat([as_runs(of("a", 0.9)), as_runs(of("b", 0.4), training=0.5)])
    learned, others = no_op_analysis.kinds_finding(runs).split("near misses **90.0%**. ")
    assert learned.startswith("**1** of 2 models have learned") and "**90.0%**" in learned
    assert "have not" in others and "**40.0%**" in others and "90" not in others


def test_a_missed_start_is_told_only_of_models_that_have_not_learned():
    (record, *_) = read_records([published_results()], "no_op", "desk")[0]
    errors = [
        dict(prompt="ab>cd:xaby=", target="xcdy", answer=answer)
        for answer in ("xaby", "xady", "xcey")
    ]

    def said(correct):
        training = {"training": {"correct": correct, "total": 100}}
        made = dataclasses.replace(record, errors=errors, metrics=training)
        return no_op_analysis.missed_finding([made])

    assert said(46).startswith("Of the 3 recorded wrong answers") and "**2** go on" in said(46)
    assert said(98) == "" == no_op_analysis.missed_finding([])


def test_the_sentence_on_hard_no_ops_is_about_the_most_rules():
    rows = [
        dict(num_rules=n, no_op_share=0.3, seed=0, score=score, key=str(n),
             share=share * (n == 1000))
        for n in (100, 1000)
        for score, share in (("unseen", 0.9), ("unseen_near_miss", 0.25))
    ]  # fmt: skip
    found = no_op_analysis.hard_finding(as_runs(rows))
    assert found.startswith("With 1") and "answer 90% of the inputs" in found and "25% of" in found
    assert "too few" in no_op_analysis.hard_finding(as_runs(rows[:1]))


def long_runs(has_op, no_op, **settings):
    rows = [
        dict(num_rules=10_000, no_op_share=0.3, seed=seed, score=score, key=str(seed),
             share=share + 0.002 * seed)
        for seed in range(3)
        for score, share in (("unseen", has_op), ("unseen_no_op", no_op))
    ]  # fmt: skip
    (verdict,) = no_op_analysis.verdicts_at_paper_lengths(as_runs(rows, **settings))
    return verdict.outcome


def test_the_paper_s_lengths_reproduce_or_refute_that_both_kinds_are_answered():
    assert long_runs(0.93, 0.99) == "reproduced"
    assert long_runs(0.4, 0.99) == "partly"
    assert long_runs(0.4, 0.5) == "not reproduced"
    assert long_runs(0.4, 0.5, training=0.9) == "cannot tell"
    assert long_runs(0.93, 0.99, training=0.9) == "reproduced"
