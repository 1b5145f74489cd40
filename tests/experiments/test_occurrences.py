"""Experiment 5: inputs that hold a rule's left-hand side more than once."""

import numpy as np
from drawn import prompts

from instrdiv.experiments import (
    occurrences,
)


def test_inputs_hold_x_as_often_as_asked():
    config = occurrences.experiment.configure("smoke", occurrences=[1, 3])
    data = occurrences.make_data(config)

    def found(examples):
        counts = [sum(z.startswith(x, at) for at in range(len(z))) for x, _, z in prompts(examples)]
        return dict(zip(*np.unique(counts, return_counts=True), strict=True))

    assert found(data.training) == {1: 1000, 3: 1000}
    assert set(found(data.tests["unseen"])) == {1, 2, 3}
    assert all(found(data.further[f"unseen_{n}"]) == {n: 100} for n in (1, 2, 3))
