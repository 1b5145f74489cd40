"""The command line, ``python -m instrdiv``; knows nothing that another package needs."""

import argparse
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

from instrdiv.cli import collecting, making, reading, running, sweeping, teaching, trying
from instrdiv.cli.options import Parser
from instrdiv.data.fetch import CACHE_VARIABLE
from instrdiv.data.instruction_files import VARIABLE
from instrdiv.paths import RESULTS
from instrdiv.untrusted import visible
from instrdiv.versions import own_version

DESCRIPTION = "Run, sweep and publish the experiments of the book."


def main(given: list[str] | None = None) -> int:
    """Run one command; an error of the user is one line on stderr and exit status 2."""
    options = _parser().parse_args(given)
    for variable in (CACHE_VARIABLE, VARIABLE, RESULTS):  # a kernel has another working directory
        if folder := os.environ.get(variable):
            os.environ[variable] = str(Path(folder).expanduser().absolute())
    for each in (signal.SIGTERM, signal.SIGHUP):  # exit cleanly, as with Ctrl-C
        if signal.getsignal(each) is not signal.SIG_IGN:  # as under nohup
            signal.signal(each, signal.default_int_handler)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _one_line
            status: int = options.command(options)
        return status
    except KeyboardInterrupt:
        # Once more while the interpreter closes down: end at once, without a traceback.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        print("instrdiv: interrupted; finished records are kept", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("instrdiv"):
            raise  # a mistake of ours, not of the installation
        _say(f"{error}: pip install 'instrdiv[models,code,book,class]'")
        return 2
    except (ValueError, OSError, RuntimeError) as error:
        _say(_reason(error))
        return 2


def _reason(error: Exception) -> str:
    """What an error says; the system's, which begin with a number, name what they are about first.

    >>> _reason(FileNotFoundError(2, "No such file or directory", "runs.csv"))
    'runs.csv: No such file or directory'
    """
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _one_line(message: Warning | str, *_: Any, **__: Any) -> None:
    """A warning is for the user, who need not know which line of ours gave it."""
    _say(message)


def _say(message: object) -> None:
    # What the user typed may hold characters that no terminal can show.
    print(f"instrdiv: {visible(message, keep=chr(10))}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m instrdiv", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"instrdiv {own_version()}")
    commands = parser.add_subparsers(required=True, metavar="command")
    for group in (running, sweeping, reading, collecting, teaching, making, trying):
        group.add_commands(commands)
    return parser
