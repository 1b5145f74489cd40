"""Sweeps: every point once and none lost, whatever is killed; bad input refused before a start."""

import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from instrdiv.cli import main
from instrdiv.cli.running import parameters_of
from instrdiv.experiments.points import configure, experiment_of, make_point, notebook_paths
from instrdiv.paths import project_root, published_results
from instrdiv.runs.store import read_records
from instrdiv.sweep.costs import Costs, multiplications
from instrdiv.sweep.execute import LocalKernelManager, notebook_parameters
from instrdiv.sweep.executors.local import LocalExecutor
from instrdiv.sweep.failures import failure_log
from instrdiv.sweep.grids import read_grids, select
from instrdiv.sweep.schedule import sweep

TINY = """
08_domains:
  smoke:
    - name: tiny
      num_rules: [10, 20]
      steps: 10
"""


@pytest.fixture
def grid(tmp_path):
    path = tmp_path / "grids.yaml"
    path.write_text(TINY, encoding="utf-8")
    return path


def command(grid, results, *more):
    return [
        *(sys.executable, "-m", "instrdiv", "sweep", "08_domains", "--scale", "smoke"),
        *("--grid", str(grid), "--results", str(results), *more),
    ]


def recorded(results):
    return sorted(path.stem for path in Path(results).glob("domains/smoke/*.json"))


def keys(grid):
    return sorted(point.key for point in read_grids(grid)["08_domains"]["smoke"])


# Of runs that cost nothing, test_faults.py shows the same on every commit.
@pytest.mark.soak
def test_killed_in_mid_sweep_then_repeated_has_every_point_once(grid, tmp_path):
    results = tmp_path / "results"
    first = subprocess.Popen(
        command(grid, results),
        cwd=project_root(),
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not recorded(results) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert recorded(results), "no first record within two minutes"
    os.killpg(first.pid, signal.SIGKILL)  # the sweep; the run under way is a group of its own
    first.wait()
    before = {key: (results / f"domains/smoke/{key}.json").stat().st_mtime_ns
              for key in recorded(results)}  # fmt: skip
    assert len(before) < 2, "killed too late to prove anything"

    again = subprocess.run(
        command(grid, results, "--workers", "2"),
        cwd=project_root(), capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert recorded(results) == keys(grid)
    for key, written in before.items():
        assert (results / f"domains/smoke/{key}.json").stat().st_mtime_ns == written
    leftovers = [p.name for p in (results / "domains/smoke").iterdir() if p.suffix != ".json"]
    assert not leftovers


@pytest.mark.soak
def test_two_sweeps_at_once_share_the_points(grid, tmp_path):
    results = tmp_path / "results"
    both = [
        subprocess.Popen(
            command(grid, results), cwd=project_root(), stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    printed = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert recorded(results) == keys(grid)
    # A point that both started before either claimed it may be counted by both; it is made once.
    assert sum(int(line.split(" run now")[0]) for line in printed) >= 2
    assert all("0 failed, 0 left" in line for line in printed)


def test_a_run_that_fails_is_listed_with_its_error_and_not_made_again(tmp_path):
    """That it is made again when asked for, test_schedule.py shows."""
    point = make_point("08", "smoke", {"learning_rate": 1e18, "max_grad_norm": 1e18})
    report = sweep([point], tmp_path, LocalExecutor(tmp_path, 1, 300))
    assert [failed for failed, _ in report.failed] == [point]
    assert "08_domains failed: FloatingPointError" in report.failed[0][1]
    again = sweep([point], tmp_path, LocalExecutor(tmp_path, 1, 300))
    assert not again.done and "FloatingPointError" in again.failed[0][1]
    assert "FloatingPointError" in failure_log(point, tmp_path).read_text(encoding="utf-8")


def test_every_point_of_the_published_grids_loads():
    grids = read_grids()
    assert set(grids["01_rule_diversity"]) == {"smoke", "demo", "laptop", "desk", "paper"}
    for scales in grids.values():
        for points in scales.values():
            assert len({point.key for point in points}) == len(points) > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("01_rule_diversity: {laptop: [{num_ruls: [1]}]}", "did you mean 'num_rules'"),
        ("01_rule_diversity: {labtop: [{num_rules: [1]}]}", "did you mean 'laptop'"),
        ("01_rule_divercity: {laptop: [{num_rules: [1]}]}", "did you mean '01_rule_diversity'"),
        ("01_rule_diversity: {laptop: [{num_rules: [ten]}]}", "num_rules='ten': a whole number"),
        ("01_rule_diversity: {laptop: [{num_rules: [0]}]}", "num_rules=0: at least 1"),
        ("01_rule_diversity: {laptop: {num_rules: [1]}}", "a list of groups is needed"),
        ("01_rule_diversity: [", "not YAML"),
        ("", "notebooks and their scales are needed"),
    ],
)
def test_a_typo_in_a_grid_file_is_named_with_the_file(tmp_path, capsys, text, message):
    path = tmp_path / "grid.yaml"
    path.write_text(text, encoding="utf-8")
    assert main(["sweep", "01", "--grid", str(path), "--dry-run"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and str(path) in error and message in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "01_rule_divresity"], "did you mean '01_rule_diversity'"),
        (["run", "01", "--scale", "labtop"], "did you mean 'laptop'"),
        (["run", "01", "-p", "num_ruls", "3"], "did you mean 'num_rules'"),
        (["run", "01", "-p", "num_rules", "-3"], "num_rules=-3: at least 1"),
        (["run", "01", "-p", "num_rules", "0"], "num_rules=0: at least 1"),
        (["run", "01", "-p", "num_rules", "1e99"], "num_rules=1e+99: a whole number"),
        (["run", "01", "-p", "num_rules", "9" * 30], "at most 100000000"),
        (["run", "01", "-p", "num_rules", "many"], "num_rules='many': a whole number"),
        (["run", "01", "-p", "learning_rate", "NaN"], "learning_rate=nan: a finite number"),
        (["run", "01", "-p", "optimizer", "adam"], "allowed are adamw, muon"),
        (["run", "01", "-p", "num_rules", "200000"], "num_examples=100000"),
        (["run", "01", "-p", "x_length", "9"], "x_length=9 is more than z_length=8"),
        (["run", "01", "-p", "n_head", "5"], "not a multiple of n_head=5"),
        (
            ["sweep", "01", "--only", "num_rules=17"],
            "has num_rules=[17]; in the grid are num_rules=10,",
        ),
        (["sweep", "01", "--only", "rules=17"], "unknown parameter 'rules'"),
    ],
)
def test_bad_input_is_one_clear_line_before_anything_starts(capsys, arguments, message):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("instrdiv: ") and error.count("\n") == 1 and message in error


def test_a_missing_kernel_is_one_clear_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel.kernelspec", None)  # as if it were not installed
    monkeypatch.setattr("jupyter_client.kernelspec.KernelSpecManager.kernel_dirs", [str(tmp_path)])
    assert main(["run", "01", "--scale", "smoke", "--results", str(tmp_path)]) == 2
    assert "no Jupyter kernel 'python3'" in capsys.readouterr().err


def test_only_keeps_the_points_asked_for(grid):
    points = read_grids(grid)["08_domains"]["smoke"]
    assert [p.config.num_rules for p in select(points, {"num_rules": [20, 30]})] == [20]


def test_one_run_by_command_line_is_recorded_and_keeps_its_notebook(tmp_path, capsys):
    arguments = ["run", "08_domains", "--scale", "smoke", "-p", "num_rules", "150"]
    arguments += ["-p", "seed", "7", "-p", "n_embd", "16", "--results", str(tmp_path)]
    assert main(arguments) == 0
    (key,) = recorded(tmp_path)
    config = json.loads((tmp_path / f"domains/smoke/{key}.json").read_text(encoding="utf-8"))[
        "config"
    ]
    assert (config["num_rules"], config["seed"], config["n_embd"]) == (150, 7, 16)
    said = capsys.readouterr()
    assert re.search(r"unseen \d+/100 \([\d.]+-[\d.]+ %\), seen \d+/100; open ", said.out)
    assert Path(said.out.split("; open ")[1].strip()).is_file()
    assert "30 steps of 32 sequences; " in said.err
    assert main([*arguments, "--dry-run"]) == 0
    assert f"run {key} is recorded: unseen " in capsys.readouterr().out


def test_kernels_that_start_at_once_do_not_meet(tmp_path):
    ips = {LocalKernelManager().ip for _ in range(3)}
    assert len(ips) == 3 and all(Path(ip).is_absolute() for ip in ips)


def test_the_time_left_goes_by_what_like_points_took():
    record = read_records([published_results()], "domains", "laptop")[0][0]
    config = record.config
    once = make_point("08", "laptop", {"num_rules": 321, "steps": config["steps"]})
    twice = make_point("08", "laptop", {"num_rules": 321, "steps": 2 * config["steps"]})
    costs = Costs([record])
    assert costs.seconds(once) == pytest.approx(record.core_seconds)
    assert costs.seconds(twice) == pytest.approx(2 * record.core_seconds)
    assert math.isnan(costs.seconds(make_point("06", "laptop", {})))


def test_a_model_of_another_size_takes_as_long_for_a_multiplication():
    record = read_records([published_results()], "domains", "laptop")[0][0]
    costs = Costs([record])
    wider = make_point("08", "laptop", {"n_embd": 192})
    assert not costs.knows_like(wider)
    more = multiplications(vars(wider.config)) / multiplications(record.config)
    assert 2 < more < 4 and costs.seconds(wider) == pytest.approx(
        more * record.core_seconds * wider.config.steps / record.config["steps"]
    )


SCALED = [(path, scale) for path in notebook_paths() for scale in experiment_of(path.stem).presets]


@pytest.mark.parametrize(("path", "scale"), SCALED, ids=lambda part: getattr(part, "stem", part))
def test_a_notebook_is_executed_for_the_very_point_that_is_asked_for(path, scale, tmp_path):
    """What its parameter cell says is its own page's point, and must not reach another one."""
    module = experiment_of(path.stem)
    point = make_point(path.stem, scale, {"seed": 5})
    given = parameters_of(point, notebook_parameters(path), tmp_path)
    changes = given.pop("changes")
    assert given.pop("scale") == scale and given.pop("results") == str(tmp_path)
    assert configure(module, scale, given | changes) == point.config
