"""Experiment 4: verdicts can go either way."""

from made_up import as_runs

from instrdiv.analysis import semantic_diversity as semantic_diversity_analysis
from instrdiv.tasks.families import FAMILIES


def made_up_families(good, **settings):
    """Runs that score 0.9 where `good` says so and 0.02 elsewhere."""
    trained = [(families, (3, 4, 6), 2400) for families in (["repeated"], ["repeated", "periodic"])]
    trained += [
        (list(FAMILIES), ks, n) for ks in ((3,), (3, 4, 6), (3, 4, 6, 12)) for n in (500, 2400)
    ]
    rows = [
        dict(families=f, ks=list(ks), num_rules=n, seed=seed, score="unseen_free",
             share=(0.9 if good(len(f), max(ks), n) else 0.02) + 0.003 * seed)
        for f, ks, n in trained
        for seed in (0, 1, 2)
    ]  # fmt: skip
    table = as_runs(rows, **{"x_length": 60, "z_length": 500} | settings)
    return [v.outcome for v in semantic_diversity_analysis.verdicts(table, table)]


def test_families_reproduce_the_paper_when_they_do():
    as_in_the_paper = made_up_families(lambda families, k, n: families == 3 and k < 12 and n > 500)
    assert as_in_the_paper == ["reproduced"] * 4
    always = made_up_families(lambda families, k, n: True)
    assert always == ["partly", "not reproduced", "not reproduced", "not reproduced"]


def test_short_strings_cannot_refute_that_two_families_do_not_transfer():
    short = made_up_families(lambda families, k, n: True, x_length=12, z_length=16)
    assert short == ["cannot tell", "not reproduced", "cannot tell", "not reproduced"]


def test_the_sentence_sets_the_best_set_of_each_size_beside_the_others():
    share = {1: 0.01, 2: 0.3, 3: 0.9}
    sets = [["repeated"], ["periodic"], ["repeated", "periodic"], list(FAMILIES)]
    rows = [
        dict(families=f, ks=[3], num_rules=2_400, seed=0, score="unseen_free",
             share=share[len(f)] * (f != ["periodic"]))
        for f in sets
    ]  # fmt: skip
    table = semantic_diversity_analysis.with_family_labels(as_runs(rows))
    assert semantic_diversity_analysis.transfer_finding(table) == (
        "Models trained on rules of one family follow at most 1% of free rules, those trained on "
        "two at most 30% (repeated + periodic), and those trained on all three 90%."
    )
    alone = semantic_diversity_analysis.transfer_finding(table[table.num_families == 1])
    assert alone.startswith("There are too few recorded runs")
