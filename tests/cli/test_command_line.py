"""The command line: help in any encoding, and one line for each slip."""

import pytest

from instrdiv.cli import main


@pytest.mark.parametrize("command", ["run", "sweep", "status", "book", "pdf", "slides", "bench"])
def test_help_can_be_printed_in_any_encoding(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert capsys.readouterr().out.isascii()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sweep", "all", "--only", "num_rules=100"], "num_rules"),
        (["run", "01", "-p", "seed", "9" * 5_000], "seed"),
        (["run", "01", "-p", "seed", "[" * 100_000], "seed"),
        (["sweep", "02", "--scale", "desk"], "there are some at laptop, paper, smoke"),
    ],
)
def test_a_slip_on_the_command_line_is_one_line(arguments, said, capsys):
    assert main([*arguments, "--dry-run"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("instrdiv: ") and error.count("\n") == 1 and said in error


def test_no_folder_is_no_folder(capsys):
    with pytest.raises(SystemExit):
        main(["run", "01", "--results", ""])
    assert "'': a folder is needed" in capsys.readouterr().err
