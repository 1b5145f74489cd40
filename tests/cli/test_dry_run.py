"""A dry run refuses what a run refuses, lists what it would start, and writes nothing."""

import os

import pytest

from instrdiv.cli import main
from instrdiv.experiments.points import make_point
from instrdiv.sweep.failures import keep_failure

SWEEP = ["sweep", "08", "--scale", "laptop", "--set", "num_rules=21,22", "--set", "steps=700,900"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["sweep", "08", "--scale", "smoke", "--gpus", "1"],
        ["sweep", "08", "--scale", "smoke", "--slurm", "partition=gpu"],
        ["sweep", "08", "--scale", "smoke", "--executor", "slurm", "--budget", "3h"],
        ["sweep", "08", "--scale", "smoke", "--results", "FILE"],
        ["run", "08", "--scale", "smoke", "--results", "FILE"],
    ],
    ids=" ".join,
)
def test_a_dry_run_refuses_what_a_run_refuses(arguments, tmp_path, capsys):
    file = tmp_path / "file"
    file.touch()
    given = [str(file) if each == "FILE" else each for each in arguments]
    # A sweep repeats by itself what ends with this status: a folder may be writable again.
    status = os.EX_IOERR if given[0] == "run" else 2
    assert main(given) == status
    refused = capsys.readouterr().err
    assert main([*given, "--dry-run"]) in (2, status)
    assert capsys.readouterr().err == refused and refused.count("\n") == 1


def test_it_lists_what_a_limit_a_budget_and_earlier_failures_leave(tmp_path, capsys):
    results = tmp_path / "results"
    failed = make_point("08", "laptop", {"num_rules": 21, "steps": 700})
    keep_failure(failed, results, "its last words")
    before = sorted(tmp_path.rglob("*"))

    def listed(*options):
        assert main([*SWEEP, "--results", str(results), "--dry-run", *options]) == 0
        *lines, total = capsys.readouterr().out.splitlines()
        points = [line for line in lines if line.startswith("08_domains ")]
        assert total == f"{len(points)} of 4 grid points would run"
        return points, "\n".join(lines)

    points, said = listed()
    assert len(points) == 3 and str(failed) not in points and "1 failed before" in said
    assert "expected time: " in said and "left" not in said
    assert len(listed("--retry-failed")[0]) == 4
    points, said = listed("--limit", "1")
    assert len(points) == 1 and "2 would be left" in said
    assert listed("--budget", "30d")[0] == sorted(listed()[0], key=lambda each: "900" not in each)
    points, said = listed("--budget", "1s")
    assert points == [] and "3 would be left" in said
    assert sorted(tmp_path.rglob("*")) == before


def test_the_time_of_runs_that_nobody_has_made_is_unknown(tmp_path, capsys):
    command = ["sweep", "06", "--scale", "smoke", "--results", str(tmp_path)]
    assert main([*command, "--dry-run"]) == 0
    assert "unknown, since no like run is recorded" in capsys.readouterr().out
    assert main([*command, "--budget", "1m"]) == 0
    assert "what is left: unknown, since no like run" in capsys.readouterr().out
