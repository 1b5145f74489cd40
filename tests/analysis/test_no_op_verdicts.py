"""Experiment 2: verdicts can go either way."""

import numpy as np
from made_up import as_runs

from instrdiv.analysis import no_op as no_op_analysis


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
