"""A page speaks of the published grid, and rings its own run, whatever else lies in a folder."""

import dataclasses
import json

import pytest

from instrdiv.analysis import rule_diversity as analysis
from instrdiv.charts.rule_diversity import diversity_chart
from instrdiv.experiments import code_generation, rule_diversity
from instrdiv.experiments.points import key_of, left_out
from instrdiv.paths import published_results
from instrdiv.report import recorded as module
from instrdiv.report.chapter import ChapterReport
from instrdiv.runs.record import write_record
from instrdiv.sweep.grids import read_group

OFF_GRID = [
    {"num_rules": 150, "seed": 0},  # between two numbers of the grid
    {"num_rules": 500, "seed": 33},  # one more seed
    {"num_rules": 500, "seed": 0, "steps": 4_501},  # trained otherwise
]


def faked(folder, changes):
    """A record of a run that is not in the grid, as good as no other."""
    (some, *_) = module.comparable_records(rule_diversity.experiment, "laptop", analysis.AXES)
    config = rule_diversity.experiment.configure("laptop", **changes)
    record = dataclasses.replace(
        some,
        config=json.loads(json.dumps(dataclasses.asdict(config))),
        key=key_of(rule_diversity.experiment, config),
        defaults=left_out(config),
        metrics={name: {"correct": 2_000, "total": 2_000} for name in some.metrics},
    )
    write_record(record, folder)
    return record.key


def page(changes, folder):
    return ChapterReport(rule_diversity.experiment, "laptop", changes, {}, str(folder))


@pytest.mark.parametrize("changes", OFF_GRID, ids=str)
def test_a_run_outside_the_grid_changes_no_number_of_the_page(tmp_path, changes):
    key = faked(tmp_path, changes)
    inside = page({"num_rules": 500, "seed": 0}, tmp_path / "empty")
    for other in (page({"num_rules": 500, "seed": 0}, tmp_path), page(changes, tmp_path)):
        assert other.table.equals(inside.table)
        assert other.verdicts().data == inside.verdicts().data
        assert other.cost().data == inside.cost().data
        assert other.made_from(other.table) == inside.made_from(inside.table)
        assert key not in {record.key for record in other.records}


def test_a_run_outside_the_grid_is_ringed_and_is_in_no_line_or_point(tmp_path):
    key = faked(tmp_path, OFF_GRID[0])
    lab = page(OFF_GRID[0], tmp_path)
    assert "It is not a point of that grid" in lab.heading().data
    shown = analysis.one_budget(lab.shown)
    drawn = diversity_chart(shown, 100_000, marked=key).to_dict()["datasets"].values()
    with_key = [rows for rows in drawn if key in {row["key"] for row in rows}]
    assert [len(rows) for rows in with_key] == [1]


@pytest.mark.parametrize(("changes", "ringed"), list(zip(OFF_GRID, (1, 1, 0), strict=True)))
def test_the_chapter_rings_a_readers_other_runs_unless_they_were_trained_otherwise(
    tmp_path, changes, ringed
):
    key = faked(tmp_path, changes)
    lab = page({"num_rules": 500, "seed": 0}, tmp_path)
    chart = diversity_chart(analysis.one_budget(lab.shown), 100_000, marked=lab.record.key)
    drawn = chart.to_dict()["datasets"].values()
    assert sum(key in {row["key"] for row in rows} for rows in drawn) == ringed
    said = "Also ringed: 1 more of your own, outside the grid."
    assert lab.made_from(lab.shown).endswith(said) == bool(ringed)


def test_a_run_of_the_grid_is_ringed_among_the_others(tmp_path):
    lab = page({"num_rules": 500, "seed": 0}, tmp_path)
    assert "not a point of that grid" not in lab.heading().data and not lab.shown.outside.any()
    chart = diversity_chart(analysis.one_budget(lab.shown), 100_000, marked=lab.record.key)
    assert 1 in [len(rows) for rows in chart.to_dict()["datasets"].values()]


def test_a_run_where_no_grid_is_recorded_has_its_own_report(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "result_folders", lambda into=None: [tmp_path])
    key = faked_from_published(tmp_path, OFF_GRID[0])
    lab = page(OFF_GRID[0], tmp_path)
    assert [record.key for record in lab.records] == [key]
    assert all("cannot tell" in row for row in lab.verdicts().data.splitlines()[2:6])


def faked_from_published(folder, changes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "result_folders", lambda into=None: [published_results()])
        return faked(folder, changes)


def test_records_and_verdicts_do_not_depend_on_the_order_of_files(monkeypatch):
    records = module.comparable_records(rule_diversity.experiment, "laptop", analysis.AXES)
    found = module.read_records([published_results()], rule_diversity.experiment.name, "laptop")
    backwards = (found[0][::-1], found[1])
    monkeypatch.setattr(module, "read_records", lambda *_: backwards)
    assert module.comparable_records(rule_diversity.experiment, "laptop", analysis.AXES) == records
    table = module.score_table(records)
    shuffled = table.sample(frac=1, random_state=1)
    assert analysis.verdicts(shuffled, table) == analysis.verdicts(table, table)


def test_a_run_that_a_later_one_replaces_is_not_called_missing(monkeypatch):
    first = {"edition": 1, "scored": "bare", "num_foretold": 80, "programs": True}
    preset = code_generation.PRESETS["laptop"] | first  # of the runs that were read anew
    monkeypatch.setitem(code_generation.PRESETS, "laptop", preset)
    lab = ChapterReport(code_generation.experiment, "laptop", {}, {}, None)
    assert len(lab.recorded) < len(lab.made)  # answers were read anew by a better extraction
    keys = module.grid_keys(lab.experiment, "laptop", lab.analysis.axes)
    missing = keys - {record.key for record in lab.made}
    assert ("recorded yet" in lab.heading().data) == bool(missing)


def test_records_of_a_group_have_the_settings_that_were_added_later():
    group = read_group("07_code_generation", "laptop", "programs, two-way")
    records = module.records_of(group)
    assert records and {record.config["scored"] for record in records} == {"bare"}
