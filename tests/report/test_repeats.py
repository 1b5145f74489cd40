"""Published runs that were made again: what the page says of them."""

from dataclasses import replace

import pytest

from instrdiv.experiments.rule_diversity import experiment
from instrdiv.paths import published_repeats, published_results
from instrdiv.report import repeats
from instrdiv.runs.record import read_record
from instrdiv.runs.store import read_records


@pytest.fixture
def again(tmp_path, monkeypatch):
    """Make a published run with other seeds again: the same record, with another score."""

    def made(correct, processor="another"):
        published, _ = read_records([published_results()], experiment.name, "desk")
        record = next(each for each in published if each.config["num_rules"] == 300)
        metrics = record.metrics | {"unseen": {"correct": correct, "total": 2000}}
        provenance = record.provenance | {"processor": processor}
        later = replace(record, metrics=metrics, provenance=provenance)
        pairs = {repeats.published_repeats(): [later]}

        def read(folders, name, scale):
            return pairs.get(folders[0], published), []

        monkeypatch.setattr(repeats, "read_records", read)
        return record, repeats.made_again(experiment, "desk")

    return made


def test_scores_of_both_runs_stand_beside_the_range_of_the_other_seeds(again):
    record, pairs = again(correct=1000)
    (row,) = repeats.repeats_table(pairs).to_dict("records")
    unseen = record.metrics["unseen"]
    assert row["published"] == f"{unseen['correct'] / unseen['total']:.1%}"
    assert row["made again"] == "50.0%"
    assert "to" in row["other seeds"]


def test_how_far_apart_and_how_many_outside_are_counted(again):
    _, pairs = again(correct=record_correct(again) + 20)
    said = repeats.repeats_finding(pairs)
    assert "one run again" in said and "all on another processor" in said
    assert (
        "up to 1.0 percentage points" in said
        and "other seeds were published too: 1; of these" in said
    )


def record_correct(again):
    return again(correct=0)[0].metrics["unseen"]["correct"]


def test_every_run_that_was_made_again_is_a_published_one_with_its_settings():
    published, _ = read_records([published_results()], experiment.name, "desk")
    originals = {record.key: record.config for record in published}
    paths = sorted(published_repeats().glob("*/*/*.json"))
    assert paths
    for path in paths:
        record = read_record(path)
        assert originals[record.key] == record.config, path.name
