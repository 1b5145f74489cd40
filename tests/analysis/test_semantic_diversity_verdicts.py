"""Experiment 4: verdicts can go either way."""

import dataclasses

import pandas as pd
from made_up import as_runs

from instrdiv.analysis import semantic_diversity as semantic_diversity_analysis
from instrdiv.paths import published_results
from instrdiv.runs.store import read_records
from instrdiv.tasks.families import FAMILIES

FREE = dict(families=list(FAMILIES), ks=[3, 4, 6], num_rules=2400, seed=0, score="unseen_free",
            share=0.9)  # fmt: skip


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
    room = as_runs([dict(score="unseen_free", share=0.0, seed=0, num_rules=2_400)])
    return [v.outcome for v in semantic_diversity_analysis.verdicts(table, room)][:4]


def room_runs(long, training_long=0.9, training=0.9):
    """Scores of short inputs, which are all followed, and of long ones."""
    rows = [
        dict(z_length=z, seed=seed, key=f"{z} {seed}", score="unseen_free",
             share=share + 0.002 * seed, x_length=12, num_rules=2_400)
        for z, share in ((16, 0.8), (52, long))
        for seed in range(3)
    ]  # fmt: skip
    table = as_runs(rows, training=training)
    known = (table.score == "training") & (table.z_length == 52)
    return table.assign(share=table.share.mask(known, training_long))


def test_room_is_decided_without_the_gate_if_long_inputs_are_known_no_worse():
    def outcome(*given):
        table = room_runs(*given)
        return semantic_diversity_analysis.verdicts(as_runs([FREE]), table)[-1].in_words

    assert outcome(0.0) == "holds here"
    assert outcome(0.0, 0.8) == "cannot tell"  # a lack of training, for all we know
    for more in (0.8, 0.81, 0.9):  # no difference, but none had learned its examples
        assert outcome(more, 0.99) == "cannot tell"
        assert outcome(more, 0.99, 0.98) == "does not hold here"


def test_room_counts_the_items_of_like_tests_together():
    tests = ["training", "unseen_free", *(f"unseen_{f}_{k}" for f in FAMILIES for k in (2, 3))]
    rows = [dict(score=name, correct=30, total=100, key="k", seed=0) for name in tests]
    table = pd.DataFrame(rows).assign(z_length=16, x_length=12, share=0.3)
    found = semantic_diversity_analysis.by_room(table).set_index("tested")
    assert found.total.to_dict()["k = 3, new rules"] == 300 and set(found.places) == {5}
    said = semantic_diversity_analysis.room_finding(found.reset_index())
    assert said == "Free rules followed, model by model: at 5 places **30%**."


def test_letters_wrong_in_the_place_of_x_alone_are_told_from_others():
    (record, *_) = read_records([published_results()], "semantic_diversity", "laptop")[0]
    errors = [dict(prompt="ab>cd:xaby=", answer=answer) for answer in ("xefy", "xaby", "cdby")]
    found = semantic_diversity_analysis.place_finding([dataclasses.replace(record, errors=errors)])
    assert found.startswith("Of the 3 recorded wrong answers") and "**1** have" in found
    assert semantic_diversity_analysis.place_finding([]) == ""


def test_families_reproduce_the_paper_when_they_do():
    as_in_the_paper = made_up_families(lambda families, k, n: families == 3 and k < 12 and n > 500)
    assert as_in_the_paper == ["reproduced"] * 4
    always = made_up_families(lambda families, k, n: True)
    assert always == ["partly", "not reproduced", "not reproduced", "not reproduced"]


def test_short_strings_refute_nothing():
    short = made_up_families(lambda families, k, n: True, x_length=12, z_length=16)
    assert short == ["cannot tell"] * 4


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
    longer = semantic_diversity_analysis.transfer_finding(table, room_runs(0.1))
    assert longer.endswith(
        " All this is in short inputs, where a rule can apply at 5 places; where it can at 41, "
        "models trained on all three follow 10%."
    )
    alone = semantic_diversity_analysis.transfer_finding(table[table.num_families == 1])
    assert alone.startswith("There are too few recorded runs")
