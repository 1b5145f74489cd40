"""Experiment 7: which runs count, gains per problem, and verdicts that hang on nothing else."""

import dataclasses
from dataclasses import asdict

import pytest
import torch

from instrdiv.analysis import code_generation as analysis
from instrdiv.analysis import code_generation as code_results
from instrdiv.analysis import likelihoods
from instrdiv.analysis.paper import read_paper
from instrdiv.experiments import code_generation as experiment
from instrdiv.experiments.points import key_of
from instrdiv.paths import published_results
from instrdiv.report.recorded import latest
from instrdiv.runs.record import Record
from instrdiv.runs.store import find_record, score_table

TODAY = experiment.EXTRACTION
FIRST = {"scored": "bare", "edition": 1, "num_foretold": 80, "extraction": 1, "programs": True}
"""What the first recorded runs had."""


def test_programs_are_found_by_todays_extraction_alone():
    """What was recorded by the first one keeps its key, and nothing new is made with it."""
    first = experiment.configure("laptop", **FIRST)
    now = experiment.configure("laptop", **FIRST | {"extraction": TODAY})
    assert experiment.configure("laptop").extraction == TODAY
    assert key_of(experiment.experiment, first) != key_of(experiment.experiment, now)
    assert find_record(
        [published_results()],
        experiment.experiment.name,
        "laptop",
        key_of(experiment.experiment, first),
        asdict(first),
    )
    with pytest.raises(ValueError, match="extraction=1: it lost programs"):
        experiment.run(experiment.configure("smoke", extraction=1))


def test_a_run_made_anew_stands_in_for_the_one_of_the_first_extraction():
    old = made_up(0.1, 0, 0.0)
    configs = [
        old.config | {"extraction": extraction, "chain_share": chain_share}
        for extraction, chain_share in ((1, 0), (2, 0), (TODAY, 0.0))
    ]
    other = old.config | {"extraction": 1, "seed": 1}
    runs = [
        dataclasses.replace(old, key=str(number), config=config)
        for number, config in enumerate([*configs, other])
    ]
    assert [run.key for run in latest(experiment.experiment, runs)] == ["2", "3"]


def test_scores_of_the_first_extraction_are_told_apart():
    records = [made_up(0.0, 0, 0.0), made_up(0.25, 0, 1.0)]
    records[0].config["extraction"] = 1
    scores = score_table(records)
    table = code_results.benchmarks_table(scores, likelihoods.bits_table(records))
    first, now = (
        table[code_results.passed_by(number)]["graded benchmark"] for number in (1, TODAY)
    )
    assert first.notna().tolist() == [True, False] and now.notna().tolist() == [False, True]
    assert table["bits per byte"].notna().all(axis=None)
    assert code_results.counted_by(scores).startswith("Programs of 1 of 2 runs")


def made_up(share, seed, gain, *, chains=0.0, tokens=None, steps=9, measure=likelihoods.INSIDE):
    """A run that spares `gain` bits on each of 40 very different problems."""
    config = dataclasses.asdict(
        experiment.configure("smoke", general_share=share, seed=seed, steps=steps)
    ) | {"chain_share": chains, "num_answer_tokens": tokens}
    each = [difficulty - gain + 0.001 * (-1) ** i for i, difficulty in enumerate(range(1, 41))]
    return Record(
        experiment="code_generation", scale="smoke", protocol=1, config=config, defaults=[],
        key=f"{share} {seed} {chains} {tokens} {steps}",
        metrics={"graded": {"correct": 1, "total": 10}},
        curve=[], answers=[], errors=[],
        provenance={"precision": "float32", "date": "2026-11-27T00:00:00"},
        measures={f"{measure}human_eval": each, f"{measure}mbpp": each},
    )  # fmt: skip


def test_pass_at_k_takes_all_samples_of_a_problem():
    record = made_up(0.0, 0, 0.0)
    with pytest.raises(ValueError, match="num_samples=1: this run wrote the likeliest"):
        code_results.pass_at_k_table(record)
    record.measures["graded_samples_passed"] = [2.0, 0.0]
    record.config["num_samples"] = 4
    found = code_results.pass_at_k_table(record)["pass@k"].tolist()
    assert found == pytest.approx([2 / 8, (1 - 1 / 6) / 2, 0.5, 0.5])


def test_a_gain_holds_each_problem_against_itself():
    """Problems differ a hundred times more than runs do, and still the interval is narrow."""
    alone = [made_up(0.0, seed, 0.0) for seed in (0, 1)]
    without_partner = made_up(0.1, 2, 9)
    gains = likelihoods.bits_reduction_table([*alone, without_partner, made_up(0.1, 1, 0.02)])
    assert gains.benchmark.tolist() == ["HumanEval", "MBPP"]
    assert gains.gain.tolist() == pytest.approx([0.02, 0.02])
    assert (gains.low > 0.019).all() and (gains.high < 0.021).all()


def mixtures(measure, *, some=0.02, half=-0.03, three=0.03):
    """Five seeds of what the claims speak of, and of other questions, which no claim hangs on."""
    return [
        record
        for seed in range(5)
        for record in (
            made_up(0.0, seed, 0.0, measure=measure),
            made_up(0.1, seed, some + 0.001 * seed, measure=measure),
            made_up(0.5, seed, half + 0.001 * seed, measure=measure),
            made_up(0.1, seed, three, chains=0.5, measure=measure),
            made_up(0.0, seed, 5.0, tokens=100, measure=measure),
            made_up(0.5, seed, -5.0, steps=0, measure=measure),
        )
    ]


def verdicts_of(records):
    return code_results.verdicts(score_table(records), likelihoods.bits_reduction_table(records))


def test_no_verdict_hangs_on_programs_without_the_fence_that_answers_begin_with():
    """However clear the gains, they are the fence's."""
    records = mixtures(likelihoods.BARE)
    for record in records:
        record.config["scored"] = "bare"
    found = verdicts_of(records)
    assert [verdict.outcome for verdict in found] == ["cannot tell"] * 3
    assert all(verdict.ours == "no runs to compare" for verdict in found)


def test_claims_are_decided_by_programs_inside_the_fence_with_seeds_as_the_unit():
    some, half, three = found = verdicts_of(mixtures(likelihoods.INSIDE))
    assert [verdict.outcome for verdict in found] == ["reproduced"] * 3
    assert some.ours.startswith("10 % not code: bits per byte reduced by +0.022 (+0.020 to +0.024;")
    assert some.ours.endswith("5 seeds)") and half.ours.startswith("half and more: bits")
    assert three.seeds == 5 and three.runs == 20 and not some.exploratory


def test_the_sentence_says_whether_seeds_differ_by_as_much():
    def said(**gains):
        records = mixtures(likelihoods.INSIDE, **gains)
        return code_results.mixtures_finding(likelihoods.bits_reduction_table(records))

    assert said() == (
        "If a tenth of the examples is not code, a correct program of HumanEval and MBPP costs the "
        "model 0.022 bits per byte less than after code alone; if half of them and more are "
        "not, 0.028 bits per byte more. Both are more than seeds differ by."
    )
    assert said(some=-0.002).endswith("Only the second is more than seeds differ by.")
    assert said(some=-0.002, half=-0.002).endswith("Neither is more than seeds differ by.")
    too_few = likelihoods.bits_reduction_table(mixtures(likelihoods.INSIDE)[:1])
    assert code_results.mixtures_finding(too_few).startswith("There are too few recorded runs")


def test_with_one_pass_over_the_examples_nothing_counts_against_the_paper():
    found = verdicts_of(mixtures(likelihoods.INSIDE, some=-0.1, half=0.1, three=-0.2))
    assert [verdict.outcome for verdict in found] == ["cannot tell"] * 3
    assert all("the design differs from the paper's" in verdict.why for verdict in found)


def test_runs_that_scored_programs_elsewhere_are_no_partners():
    alone, other = made_up(0.0, 0, 0.0), made_up(0.1, 0, 0.02)
    other.config["edition"] = 1
    assert likelihoods.bits_reduction_table([alone, other]).empty


def test_every_mixture_has_one_row_with_means_over_seeds():
    records = [made_up(0.0, 0, 0.0), made_up(0.25, 0, 1.0), made_up(0.25, 1, 2.0, chains=0.0),
               made_up(0.25, 0, 0.0, chains=0.5), made_up(0.0, 0, 0.0, tokens=100, steps=5),
               made_up(0.0, 0, 0.0, steps=0)]  # fmt: skip
    table = code_results.benchmarks_table(score_table(records), likelihoods.bits_table(records))
    assert set(table.index) == {
        "not tuned", "code alone", "code alone, 100 tokens of answers", "25 % not code",
        "25 % not code, half of it chains",
    }  # fmt: skip
    bits = table["bits per byte"].HumanEval
    assert bits["code alone"] - bits["25 % not code"] == pytest.approx(1.5)
    assert (table["passed"]["graded benchmark"] == 0.1).all()


def test_the_papers_mixtures_are_read_as_shares():
    found = code_results.paper_mixtures(read_paper("code_generation"))
    three = found[(found.chain_share == 0.5) & found.tuned.str.startswith("CodeQwen")]
    assert three.general_share.tolist() == pytest.approx([0.1, 0.2])
    assert three.passed.iloc[0] == pytest.approx((63.4 + 64.2) / 2)
    assert len(found) == 21


def test_every_value_of_the_papers_tables_is_shown():
    paper = read_paper("code_generation")
    table = code_results.paper_table(paper)
    assert list(table) == ["HumanEval", "HumanEval+", "MBPP", "MBPP+"]
    assert table.size == len(paper) and table.notna().all(axis=None)
    assert table.loc[("CodeQwen-7B-Base", "18 / 1 / 1"), "MBPP+"] == 64.2


def test_bits_per_byte_have_an_interval_over_problems():
    config = dict.fromkeys(analysis.AXES, 0)
    each = torch.linspace(1, 2, 50).tolist()
    record = Record(
        experiment="code_generation", scale="smoke", key="k", protocol=1, config=config,
        defaults=[], metrics={}, curve=[], answers=[], errors=[],
        provenance={"precision": "float32"}, measures={"inside_mbpp": each},
    )  # fmt: skip
    (row,) = likelihoods.bits_table([record]).itertuples()
    assert row.bits == pytest.approx(1.5) and row.problems == 50
    assert row.low < row.bits < row.high
