"""``sweep --set``: every combination of the values given, each point checked before any starts."""

import pytest

from instrdiv.cli import main

SMOKE = ["--scale", "smoke", "--dry-run"]


def test_each_combination_is_a_point_and_each_point_is_there_once(capsys):
    command = ["sweep", "01", "--set", "z_length=6,8,8", "--set", "num_rules=20,30"]
    assert main([*command, "--seeds", "3", *SMOKE]) == 0
    *points, time, total = capsys.readouterr().out.splitlines()
    assert points == [
        f"01_rule_diversity smoke z_length={z}, num_rules={rules}, seed=3"
        for z in (8, 6)  # the longest first
        for rules in (20, 30)
    ]
    assert time == "expected time: under 1 min on one worker"
    assert total == "4 of 4 grid points would run"


def test_a_point_that_is_published_is_not_run_again(capsys):
    assert main(["sweep", "01", "--set", "num_rules=10,11", "--dry-run"]) == 0
    assert capsys.readouterr().out.endswith("1 of 2 grid points would run\n")


def test_lists_and_texts_are_values_as_those_of_run(capsys):
    command = ["sweep", "04", "--set", 'families=["repeated"],["periodic","mirrored"]', *SMOKE]
    assert main(command) == 0
    assert "families=['periodic', 'mirrored']" in capsys.readouterr().out
    assert main(["sweep", "01", "--set", "optimizer=adamw,muon", *SMOKE]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "z_lenght=6"], "did you mean 'z_length'?"),
        (["--set", "z_length=6,,8"], "z_length='': a whole number is needed"),
        (["--set", "z_length=1"], "x_length=2 is more than z_length=1"),
        (["--set", "seed=1", "--seeds", "2"], "one of them is enough"),
        (["--set", "seed=1", "--only", "seed=1"], "--only with --set"),
        (["--set", "seed=1", "--publish"], "--publish with --set"),
        (["--set", "seed=1", "--grid", "mine.yaml"], "--grid with --set"),
    ],
)
def test_a_slip_is_one_line_before_anything_runs(arguments, said, capsys):
    assert main(["sweep", "01", *arguments, *SMOKE]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "seed=1", "--set", "seed=2"], "--set 'seed': given twice"),
        (["--set", "z_length="], "--set 'z_length=': at least one value is needed"),
        (["--set", "z_length"], "--set 'z_length': NAME=VALUE,... is needed"),
        (["--only", "z_length="], "--only 'z_length=': at least one value is needed"),
    ],
)
def test_an_option_that_says_nothing_is_refused(arguments, said, capsys):
    with pytest.raises(SystemExit):
        main(["sweep", "01", *arguments, *SMOKE])
    assert said in capsys.readouterr().err


def test_one_notebook_is_needed(capsys):
    assert main(["sweep", "all", "--set", "seed=1", *SMOKE]) == 2
    assert "one notebook is needed" in capsys.readouterr().err
