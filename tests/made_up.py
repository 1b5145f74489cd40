"""Tables of made-up runs, with what verdicts ask of any table; and published runs to copy."""

import json

import pandas as pd

from instrdiv.experiments.chapters import EXPERIMENTS
from instrdiv.paths import published_results
from instrdiv.statistics.verdict import Verdict


def as_runs(rows, training=0.99, **settings):
    """A row for each score, and for each run one of its training score.

    Args:
        rows: one for each run, or one for each of its scores with a ``key`` of its own.
        training: score on training examples, the same for all runs.
        settings: what all runs share, beside the paper's lengths and ten passes.
    """
    shared = dict(
        scale="desk", recorded="2027-01-01", core_seconds=90.0, x_length=20, z_length=50,
        steps=1_000, batch_size=1_000, num_examples=100_000,
    )  # fmt: skip
    table = pd.DataFrame([shared | settings | row for row in rows])
    if "key" not in table:
        table["key"] = [f"run {number}" for number in range(len(table))]
    trained = table.drop_duplicates("key").assign(score="training", share=training)
    table = pd.concat([table, trained], ignore_index=True)
    return table.assign(low=table.share, high=table.share)


def made_up_verdict(**changes):
    given = dict(claim="C", paper="P", ours="O", outcome="partly", rule="R", date="2026-11-26",
                 exploratory=False, scale="desk", runs=4, seeds=2, gate="met")  # fmt: skip
    return Verdict(**given | changes)


def by_the_preset(name, scale):
    """The published records of an experiment whose steps are the scale's preset, which one figure
    can show together."""
    experiment = next(each for each in EXPERIMENTS if each.name == name)
    steps = experiment.configure(scale).steps
    paths = sorted(published_results().glob(f"{name}/{scale}/*.json"))
    configs = {path: json.loads(path.read_text(encoding="utf-8"))["config"] for path in paths}
    return [path for path, config in configs.items() if config["steps"] == steps]
