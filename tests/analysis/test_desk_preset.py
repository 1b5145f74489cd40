"""How the desk preset was chosen: what its trials say, and which of them say nothing."""

from types import SimpleNamespace

import pytest

from instrdiv.analysis.desk_preset import (
    TUNED,
    adamw_finding,
    learning,
    preset_finding,
    tuning_table,
)

PILOT = dict.fromkeys(TUNED, 1) | {"optimizer": "muon"}


def trial(steps, right, **changed):
    checkpoints = [
        {"step": step, "loss": 1 / step, "scores": {"training": {"correct": right, "total": 10}}}
        for step in (1, steps)
    ]
    record = dict(
        config=PILOT | {"steps": steps, "seed": 0},
        metrics={"training": {"correct": right, "total": 10}},
        curve=checkpoints,
        provenance={"cpu_seconds": 60.0},
    )
    return SimpleNamespace(**record | changed)


UNSCORED = {"step": 5, "loss": 0.5, "scores": {}}


@pytest.mark.parametrize("lacking", [{"curve": []}, {"metrics": {}}, {"curve": [UNSCORED]}])
def test_a_trial_that_does_not_tell_how_well_it_learned_is_left_out(lacking):
    trials = [trial(2, right=5), trial(4, right=9), trial(8, right=10, **lacking)]
    assert tuning_table(trials).steps.tolist() == [4, 2]
    assert learning(trials, PILOT).sequences.tolist() == [1, 2, 1, 4]
    assert tuning_table(trials[2:]).empty and learning(trials[2:], PILOT).empty
    assert {"training", "minutes"} <= set(tuning_table(trials[2:]))


def scored(right, **settings):
    config = PILOT | {"seed": 0} | settings
    return trial(1, right, config=config)


@pytest.mark.parametrize(
    ("rights", "said"),
    [
        ((10, 10, 10), "the rule is met."),
        ((10, 9, 10), "it is missed with seed 1."),
        ((10,), "the rule is met, as far as 1 of the three seeds that it asks for can tell."),
    ],
)
def test_the_preset_is_held_against_the_rule_that_chose_it_with_each_seed(rights, said):
    other = scored(0, learning_rate=2, seed=5)
    trials = tuning_table([other, *(scored(right, seed=n) for n, right in enumerate(rights))])
    found = preset_finding(trials, PILOT | {"n_layer": 4})
    assert found.endswith(said) and "(seed 5)" not in found
    assert "No run with the preset" in preset_finding(trials, PILOT | {"steps": 7})


def test_adamw_is_set_beside_muon_with_as_many_lines_and_the_same_warmup():
    adamw = [scored(right, optimizer="adamw", learning_rate=r) for r, right in ((1, 2), (2, 4))]
    longer = scored(9, optimizer="adamw", steps=3)  # with one rate alone, which is no search
    muon = [scored(7), scored(8, warmup_share=2), scored(10, steps=3)]
    found = adamw_finding(tuning_table([*adamw, longer, *muon]))
    assert "40.0% of its training examples at best (rate 2," in found and "to 70.0%." in found
    assert adamw_finding(tuning_table([longer, *muon])) == "AdamW has not been tuned."
