"""Experiment 5: verdicts can go either way."""

from made_up import as_runs

from instrdiv.analysis import occurrences as occurrences_analysis
from instrdiv.charts.occurrences import mix_gains_chart
from instrdiv.whole_numbers import THIN


def made_up_occurrences(score, seeds=9):
    rows = [
        dict(occurrences=list(o), num_rules=n, seed=seed, score="unseen",
             share=score(o, n) + 0.003 * seed)
        for o in ((1,), (2,), (3,), (4,), (5,), (1, 3, 5))
        for n in (200, 1000, 2000)
        for seed in range(seeds)
    ]  # fmt: skip
    table = as_runs(rows, z_length=420)
    return [verdict.outcome for verdict in occurrences_analysis.verdicts(table, table)]


def test_occurrences_reproduce_the_paper_when_they_do():
    paper = {(1,): 0.4, (2,): 0.6, (3,): 0.7, (4,): 0.6, (5,): 0.3, (1, 3, 5): 0.94}
    as_in_the_paper = made_up_occurrences(lambda o, n: paper[o] if n > 200 else 0.0)
    assert as_in_the_paper == ["reproduced"] * 4
    upside_down = made_up_occurrences(lambda o, n: 1 - paper[o])
    assert upside_down == ["not reproduced"] * 4
    assert made_up_occurrences(lambda o, n: 1 - paper[o], seeds=2) == ["cannot tell"] * 4


def test_gains_of_the_mix_are_paired_by_seed_and_a_readers_own_runs_stay_in_figures():
    rows = [
        dict(occurrences=list(o), num_rules=1_000, seed=seed, score="unseen", share=share * seed)
        for o, share in (((2,), 0.01), ((1, 3), 0.03))
        for seed in (3, 4)
    ]
    table = occurrences_analysis.with_occurrence_labels(as_runs(rows))
    gains = occurrences_analysis.mix_gains(occurrences_analysis.of_mix_claims(table))
    assert gains.gain.round(3).tolist() == [0.06, 0.08] and set(gains.single) == {"2"}
    chart = mix_gains_chart(gains).to_dict()
    assert len(chart["datasets"]) and gains.single.nunique() == 1
    assert occurrences_analysis.first_seeds(table).empty
    assert len(occurrences_analysis.first_seeds(table.assign(outside=True))) == len(table)


def test_the_sentence_names_the_most_rules_that_every_training_was_run_with():
    rows = [
        dict(occurrences=list(o), num_rules=n, seed=0, score="unseen", share=share)
        for o, share in (((1,), 0.4), ((3,), 0.7), ((1, 3), 0.94))
        for n in (1_000, 2_000)
    ]
    rows.append(dict(occurrences=[1, 3], num_rules=9_000, seed=0, score="unseen", share=1.0))
    found = occurrences_analysis.mix_finding(
        occurrences_analysis.with_occurrence_labels(as_runs(rows, z_length=420))
    )
    assert found == (
        f"With 2{THIN}000 rules, a model trained on a mix of numbers answers 94% of inputs with "
        "unseen rules right; of models trained on one number alone, the best (3) answers 70% and "
        "the worst (1) 40%."
    )
    alone = occurrences_analysis.with_occurrence_labels(as_runs(rows[-1:], z_length=420))
    assert occurrences_analysis.mix_finding(alone).startswith("There are too few recorded runs")


def test_a_claim_about_single_numbers_does_not_depend_on_how_well_mixes_were_trained():
    score = {(1,): 0.4, (3,): 0.7, (5,): 0.3, (1, 3, 5): 0.94}
    rows = [
        dict(occurrences=list(o), num_rules=1000, seed=seed, score="unseen", share=s + 0.003 * seed)
        for o, s in score.items()
        for seed in range(9)
    ]
    table = as_runs(rows, z_length=420)
    mixes = table.occurrences.map(len) > 1
    table.loc[mixes & (table.score == "training"), "share"] = 0.9
    mix, *_, middle = occurrences_analysis.verdicts(table, table)
    assert "not met" in mix.gate and "not met" not in middle.gate
    assert middle.outcome == "reproduced"


def test_the_mix_is_judged_by_fresh_seeds_alone():
    def rows(seeds, mix):
        return [
            dict(occurrences=list(o), num_rules=1000, seed=seed, score="unseen",
                 share=share + 0.003 * seed)
            for o, share in (((1,), 0.4), ((3,), 0.7), ((5,), 0.3), ((1, 3, 5), mix))
            for seed in seeds
        ]  # fmt: skip

    table = as_runs(rows(range(3), 0.2) + rows(range(3, 9), 0.9), z_length=420)
    mix, *_, middle = occurrences_analysis.verdicts(table, table)
    assert mix.outcome == "reproduced" and mix.seeds == 6 and "+20.0" in mix.ours
    assert middle.seeds == 3  # later ones are for mixes
