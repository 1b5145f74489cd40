"""What is going to be run, what came out, and what is recorded: each said in numbers."""

import json
import re
from dataclasses import asdict

from cheap import record_of

from instrdiv.cli import main
from instrdiv.experiments.points import left_out, make_point
from instrdiv.paths import published_results
from instrdiv.runs.record import Record, write_record
from instrdiv.sweep.announce import outcome, plan
from instrdiv.sweep.status import status_table


def test_before_a_run_it_says_how_much_that_is_and_how_long_like_runs_took(tmp_path):
    said = plan(make_point("08", "laptop", {"num_rules": 321}), tmp_path)
    pattern = (
        r"[\d,]+ steps of \d+ sequences; like runs took .* min on one core, [\d.]+ steps a second"
    )
    assert re.fullmatch(pattern, said)
    in_class = plan(make_point("01", "demo", {"seed": 97}), tmp_path)
    assert "like runs took" in in_class, "the book has a sample class with runs at this scale"
    untuned = plan(make_point("06", "laptop", {"steps": 0}), tmp_path)
    assert untuned.startswith("0 steps of ")


def test_a_run_that_is_recorded_is_said_not_to_be_made_again(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("instrdiv.sweep.execute.execute", lambda *given, **options: given[2])
    point = make_point("08", "smoke", {"seed": 97})
    write_record(record_of(point), tmp_path)
    given = ["run", "08", "--scale", "smoke", "-p", "seed", "97", "--results", str(tmp_path)]
    assert main(given) == 0
    said = capsys.readouterr()
    assert said.err == "recorded before, not made again; drawing its report\n"
    assert said.out.startswith(f"run {point.key}: unseen 1/2 ")


def test_the_scores_of_an_experiment_without_unseen_rules_are_its_first_ones():
    counts = {"graded": {"correct": 5, "total": 10}, "human_eval": {"correct": 1, "total": 4}}
    assert outcome(counts, {}) == "graded 5/10 (23.7-76.3 %), human_eval 1/4"
    assert outcome({}, {}) == outcome({}, {"tokens": [3.0]}) == "no scores"


def test_a_run_that_wrote_no_program_is_told_by_the_bits_that_it_measured():
    paths = published_results().glob("code_generation/laptop/*.json")
    contents = (json.loads(path.read_text(encoding="utf-8")) for path in paths)
    content = next(each for each in contents if not each["metrics"])
    said = outcome(content["metrics"], content["measures"])
    assert re.fullmatch(r"bits per byte: human_eval [\d.]+, mbpp [\d.]+, graded [\d.]+", said)


def test_status_counts_ones_own_runs_in_the_grid_and_beside_it(tmp_path, monkeypatch):
    monkeypatch.setenv("INSTRDIV_RESULTS", str(tmp_path))
    grid = tmp_path / "grids.yaml"
    grid.write_text("08: {smoke: [{num_rules: [10, 20]}]}", encoding="utf-8")
    content = json.loads(
        min(published_results().glob("domains/laptop/*.json")).read_text(encoding="utf-8")
    )
    for overrides in ({"num_rules": 10}, {"num_rules": 20, "seed": 99}):
        point = make_point("08", "smoke", overrides)
        settings = {"config": asdict(point.config), "defaults": left_out(point.config)}
        write_record(Record(**content | settings | {"scale": "smoke", "key": point.key}), tmp_path)
    (row,) = status_table(grid).to_dict("records")
    counted = {name: row[name] for name in ("points", "published", "own", "beside", "missing")}
    assert counted == {"points": 2, "published": 0, "own": 1, "beside": 1, "missing": 1}


def test_a_size_of_which_no_run_is_recorded_is_estimated_from_others(tmp_path):
    point = make_point("01", "paper", {})
    said = plan(point, tmp_path)
    assert "; by runs of other sizes, " in said and " h " in said
    assert said.endswith("on one core")
    assert "nobody knows" in plan(make_point("06", "smoke", {}), tmp_path)


def test_status_calls_unknown_what_nobody_knows(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("INSTRDIV_RESULTS", str(tmp_path))
    grid = tmp_path / "grids.yaml"
    grid.write_text("06: {smoke: [{seed: 0}]}\n01: {demo: [{seed: 97}]}", encoding="utf-8")
    assert main(["status", "--grid", str(grid)]) == 0
    head, smoke, demo = capsys.readouterr().out.splitlines()
    assert head.endswith("hours_left") and smoke.endswith(" unknown")
    assert 0 < float(demo.split()[-1]) < 0.1 and len(head) == len(smoke) == len(demo)
