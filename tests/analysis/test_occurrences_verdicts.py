"""Experiment 5: verdicts can go either way."""

from made_up import as_runs

from instrdiv.analysis import occurrences as occurrences_analysis


def made_up_occurrences(score, seeds=3):
    rows = [
        dict(occurrences=list(o), num_rules=n, seed=seed, score="unseen",
             share=score(o, n) + 0.003 * seed)
        for o in ((1,), (3,), (5,), (1, 3, 5))
        for n in (200, 1000, 2000)
        for seed in range(seeds)
    ]  # fmt: skip
    table = as_runs(rows, z_length=420)
    return [verdict.outcome for verdict in occurrences_analysis.verdicts(table, table)]


def test_occurrences_reproduce_the_paper_when_they_do():
    paper = {(1,): 0.4, (3,): 0.7, (5,): 0.3, (1, 3, 5): 0.94}
    as_in_the_paper = made_up_occurrences(lambda o, n: paper[o] if n > 200 else 0.0)
    assert as_in_the_paper == ["reproduced"] * 3
    upside_down = made_up_occurrences(lambda o, n: 1 - paper[o])
    assert upside_down == ["not reproduced"] * 3
    assert made_up_occurrences(lambda o, n: 1 - paper[o], seeds=2) == ["cannot tell"] * 3
