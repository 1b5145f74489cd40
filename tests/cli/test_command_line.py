"""The command line: help in any encoding, and one line for each slip."""

import os
import signal
import subprocess
import sys

import pytest

from instrdiv.cli import main
from instrdiv.paths import project_root

COMMANDS = (
    "run", "sweep", "status", "export", "plot", "collect", "new", "book", "pdf", "slides", "bench",
    "exercises", "grade",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_help_can_be_printed_in_any_encoding(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert capsys.readouterr().out.isascii()


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0 and capsys.readouterr().out.startswith("instrdiv ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sweep", "all", "--only", "num_rules=100"], "num_rules"),
        (["run", "01", "-p", "seed", "9" * 5_000], "seed"),
        (["run", "01", "-p", "seed", "[" * 100_000], "seed"),
        (["sweep", "04", "--scale", "desk"], "there are some at laptop, paper, smoke"),
    ],
)
def test_a_slip_on_the_command_line_is_one_line(arguments, said, capsys):
    assert main([*arguments, "--dry-run"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("instrdiv: ") and error.count("\n") == 1 and said in error


def test_the_pdf_lies_where_the_makefile_says(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("instrdiv.publishing.pdf.make_pdf", lambda pages, target: target)
    assert main(["pdf", "--output", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"pdf: {tmp_path / '_build' / 'instrdiv.pdf'}\n"
    for page in ("Makefile", "book/rerun.md"):
        assert "_build/instrdiv.pdf" in (project_root() / page).read_text(encoding="utf-8")


def test_no_folder_is_no_folder(capsys):
    with pytest.raises(SystemExit):
        main(["run", "01", "--results", ""])
    assert "'': a folder is needed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sweep", "01", "--seeds", "0,x"], "--seeds: 'x': a whole number from 0 is needed; "),
        (["sweep"], "the following arguments are required: notebook; "),
        (["swep"], "invalid choice: 'swep'"),
        (["run", "01", "--sedes", "0"], "unrecognized arguments: --sedes 0; "),
        (["run", "01", "--results", "a", "-p", "seed"], "expected 2 arguments; "),
        (["plot", "01", "\n\x1b[31m"], r"\n\x1b[31m; "),
    ],
)
def test_what_cannot_be_parsed_is_one_line_that_names_the_help(arguments, said, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    error = capsys.readouterr().err
    assert caught.value.code == 2 and error.count("\n") == 1
    assert error.startswith("instrdiv: ") and said in error and error.endswith(" says more\n")


INTERRUPTED_AGAIN = """
import atexit, os, signal, sys
from instrdiv import cli

def interrupted(options):
    raise KeyboardInterrupt

atexit.register(os.kill, os.getpid(), signal.SIGINT)
cli.running.run = interrupted
sys.exit(cli.main(["run", "01"]))
"""


def test_ctrl_c_again_while_the_interpreter_closes_down_shows_no_traceback():
    command = [sys.executable, "-c", INTERRUPTED_AGAIN]
    environment = os.environ | {"PYTHONPATH": str(project_root())}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert ended.stderr == "instrdiv: interrupted; finished records are kept\n"
    assert ended.returncode == -signal.SIGINT
