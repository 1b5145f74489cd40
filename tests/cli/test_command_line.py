"""The command line: help in any encoding, and one line for each slip."""

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
