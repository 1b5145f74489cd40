"""Records: written whole or not at all, read back as they were, named when they are broken."""

import dataclasses
import json
import multiprocessing
import os
import signal
import time

import pytest

from instrdiv.analysis import rule_diversity as rule_diversity_analysis
from instrdiv.experiments import rule_diversity
from instrdiv.experiments.points import configure, key_of, left_out
from instrdiv.experiments.recording import recorded_or_run, require_writable
from instrdiv.report.recorded import comparable_records, grid_keys
from instrdiv.runs import record as record_module
from instrdiv.runs.locks import AlreadyLocked, is_locked, run_lock
from instrdiv.runs.record import RecordError, read_record, write_record
from instrdiv.runs.store import find_record, read_records, score_table


@pytest.fixture
def recorded(tmp_path):
    config = configure(rule_diversity.experiment, "smoke", {"steps": 2, "num_evaluations": 1})
    return recorded_or_run(rule_diversity.experiment, "smoke", config, tmp_path), tmp_path


def path_of(record, folder):
    return folder / "rule_diversity" / "smoke" / f"{record.key}.json"


def test_a_record_reads_back_as_written(recorded):
    record, folder = recorded
    again = read_record(path_of(record, folder))
    assert again.config == record.config and again.metrics == json.loads(json.dumps(record.metrics))
    assert again.provenance["threads"] >= 1 and again.config["num_rules"] == 50


def test_a_recorded_run_is_not_made_again(recorded):
    record, folder = recorded

    def refuse(config, checkpoint=None):
        raise AssertionError(f"trained for {config}")

    frozen = dataclasses.replace(rule_diversity.experiment, run=refuse)
    config = configure(frozen, "smoke", {"steps": 2, "num_evaluations": 1})
    assert recorded_or_run(frozen, "smoke", config, folder).key == record.key
    with pytest.raises(AssertionError, match="trained for"):  # a run that is not recorded is made
        recorded_or_run(frozen, "smoke", dataclasses.replace(config, seed=1), folder)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda text: text[: len(text) // 2], "not a record"),
        (lambda text: "", "not a record"),
        (lambda text: "[1, 2]", "not a record"),
        (lambda text: text.replace('"num_rules": 50', '"num_rules": 51'), "moved or edited"),
        (lambda text: text.replace('"smoke"', '"laptop"'), "moved or edited"),
    ],
)
def test_a_damaged_record_is_named_with_its_path_and_reason(recorded, damage, reason):
    record, folder = recorded
    path = path_of(record, folder)
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(RecordError, match=reason) as caught:
        read_record(path)
    assert str(path) in str(caught.value)
    records, problems = read_records([folder], "rule_diversity", "smoke")
    assert not records and [str(problem) for problem in problems] == [str(caught.value)]
    with pytest.warns(UserWarning, match=reason):
        assert find_record([folder], "rule_diversity", "smoke", record.key, {}) is None


def test_a_write_that_fails_leaves_nothing_behind(recorded, tmp_path, monkeypatch):
    record, folder = recorded
    before = path_of(record, folder).read_text(encoding="utf-8")

    def no_room(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(record_module.os, "fsync", no_room)
    with pytest.raises(OSError, match="No space"):
        write_record(record, folder)
    assert path_of(record, folder).read_text(encoding="utf-8") == before
    assert [p.name for p in path_of(record, folder).parent.iterdir()] == [f"{record.key}.json"]


def test_a_record_that_cannot_be_written_is_named_by_its_own_path(recorded):
    record, folder = recorded
    path = path_of(record, folder)
    path.unlink()
    path.mkdir()
    with pytest.raises(IsADirectoryError) as raised:
        write_record(record, folder)
    assert raised.value.filename == str(path) and "unfinished" not in str(raised.value)


def test_a_results_folder_that_cannot_be_written_is_refused_before_training(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    for folder in ("file", "file/results"):
        for dry_run in (False, True):
            with pytest.raises(OSError, match="cannot be written to: it is a file, or lies in one"):
                require_writable(tmp_path / folder, dry_run=dry_run)
    require_writable(tmp_path / "new" / "results", dry_run=True)
    assert not (tmp_path / "new").exists()
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr("instrdiv.experiments.recording.shutil.disk_usage", lambda _: usage)
    with pytest.raises(OSError, match="10 bytes free"):
        require_writable(tmp_path)
    with pytest.raises(OSError, match="10 bytes free"):
        require_writable(tmp_path / "new", dry_run=True)


def test_a_key_changes_with_every_setting_but_not_with_one_left_at_its_default():
    preset = configure(rule_diversity.experiment, "laptop", {})
    keys = {
        key_of(rule_diversity.experiment, configure(rule_diversity.experiment, "laptop", changes))
        for changes in ({}, {"num_rules": 7}, {"seed": 1}, {"weight_decay": 0.5}, {"steps": 9})
    }
    assert len(keys) == 5
    assert "weight_decay" in left_out(preset)
    assert "num_rules" not in left_out(preset)


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A grid of its own: two points along the axes, and one that answers another question."""
    path = tmp_path / "grids.yaml"
    path.write_text(
        "01_rule_diversity: {smoke: [{num_rules: [60, 70], seed: 9}, "
        "{num_rules: 60, learning_rate: 0.01}]}",
        encoding="utf-8",
    )
    monkeypatch.setattr("instrdiv.sweep.grids.grid_file", lambda: path)
    return path


def run_each(changes, folder):
    configs = [configure(rule_diversity.experiment, "smoke", change) for change in changes]
    return [
        recorded_or_run(rule_diversity.experiment, "smoke", config, folder) for config in configs
    ]


def test_figures_take_the_grids_runs_along_their_axes_and_no_others(tmp_path, grid):
    inside = {"num_rules": 60, "seed": 9}
    others = [{"num_rules": 60, "learning_rate": 0.01}, {"num_rules": 80, "seed": 9}]
    one, *_ = run_each([inside, *others], tmp_path)
    found = comparable_records(
        rule_diversity.experiment, "smoke", rule_diversity_analysis.AXES, tmp_path
    )
    assert [record.key for record in found] == [one.key]
    assert len(grid_keys(rule_diversity.experiment, "smoke", rule_diversity_analysis.AXES)) == 2


def test_a_record_made_before_a_setting_existed_still_counts(tmp_path, grid):
    (record,) = run_each([{"num_rules": 70, "seed": 9}], tmp_path)
    path = path_of(record, tmp_path)
    content = json.loads(path.read_text(encoding="utf-8"))
    del content["config"]["activation"]
    content["defaults"].remove("activation")
    path.write_text(json.dumps(content), encoding="utf-8")
    (found,) = comparable_records(
        rule_diversity.experiment, "smoke", rule_diversity_analysis.AXES, tmp_path
    )
    assert found.key == record.key and found.config["activation"] == "gelu"


def test_the_table_has_a_row_a_score_with_its_interval(recorded):
    record, _ = recorded
    table = score_table([record])
    assert set(table.score) == {"unseen", "seen", "training"}
    assert ((table.low <= table.share) & (table.share <= table.high)).all()
    assert (table.num_rules == 50).all() and (table.key == record.key).all()


def hold_lock(folder, ready):
    with run_lock(folder, "rule_diversity", "abc"):
        ready.set()
        time.sleep(60)


def test_a_claim_is_exclusive_and_freed_by_sigkill(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=hold_lock, args=(tmp_path, ready))
    holder.start()
    try:
        assert ready.wait(60)
        assert is_locked(tmp_path, "rule_diversity", "abc")
        with pytest.raises(AlreadyLocked), run_lock(tmp_path, "rule_diversity", "abc"):
            pass
        assert not is_locked(tmp_path, "rule_diversity", "another")
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.join()
    assert not is_locked(tmp_path, "rule_diversity", "abc")


def test_a_run_without_scores_is_a_table_without_rows_whose_columns_are_those_of_others(recorded):
    record, _ = recorded
    table = score_table([record])
    without = score_table([dataclasses.replace(record, metrics={})])
    assert without.empty and list(without) == list(table)
    assert score_table([]).empty
