"""How the desk preset was chosen: what its trials say, and which of them say nothing."""

from types import SimpleNamespace

import pytest

from instrdiv.analysis.desk_preset import TUNED, learning, tuning_table

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
