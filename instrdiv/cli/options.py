"""How values on the command line are read."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from instrdiv.checks import shown
from instrdiv.untrusted import visible

READS = (
    "A damaged record is left out and named on stderr. Exit status: 0 if this was made of all "
    "others, 2 if nothing was made."
)
"""What the help of each command says that reads many records."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where to read more."""

    def error(self, message: str) -> NoReturn:
        said = visible(message.removeprefix("argument "))
        self.exit(2, f"instrdiv: {said}; `{self.prog} --help` says more\n")


class Parameter(argparse.Action):
    """Collects ``-p name value`` pairs."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        name, value = values
        add(parser, namespace, self, name, read_value(value))


class Listed(argparse.Action):
    """Collects the ``name=value,value`` pairs of an option such as ``--only``."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        name, equals, listed = values.partition("=")
        if not equals:
            parser.error(f"{option_string} {shown(values)}: NAME=VALUE,... is needed")
        if not listed:
            parser.error(f"{option_string} {shown(values)}: at least one value is needed")
        add(parser, namespace, self, name, listed_values(listed))


def add(
    parser: argparse.ArgumentParser,
    namespace: argparse.Namespace,
    action: argparse.Action,
    name: str,
    value: Any,
) -> None:
    """Add a pair to the dictionary of an option, which has no name twice."""
    given = getattr(namespace, action.dest) or {}
    if name in given:
        parser.error(f"{action.option_strings[-1]} {shown(name)}: given twice")
    setattr(namespace, action.dest, given | {name: value})


def listed_values(listed: str) -> list[Any]:
    """The values of a list such as ``1,2`` or ``["a","b"],["c"]``.

    >>> listed_values("1,x"), listed_values('["a","b"],["c"]')
    ([1, 'x'], [['a', 'b'], ['c']])
    """
    whole = read_value(f"[{listed}]")
    return whole if isinstance(whole, list) else [read_value(text) for text in listed.split(",")]


def seeds(listed: str) -> list[int]:
    """Seeds with commas between."""
    for text in listed.split(","):
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            raise argparse.ArgumentTypeError(f"{shown(text)}: a whole number from 0 is needed")
    return [int(text) for text in listed.split(",")]


def read_value(text: str) -> Any:
    """The value of a JSON text; any other text unchanged."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # such as too many digits or nested brackets
        return text


def folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("'': a folder is needed")
    return Path(text)


def file(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("'': the name of a file is needed")
    return Path(text)


def counts(listed: str) -> list[int]:
    return [positive(text) for text in listed.split(",")]


def is_folder(given: Path) -> bool:
    """Whether a path is a folder; if not, a line on stderr says so, and the others are used."""
    if given.is_dir():
        return True
    problem = "a file, and a folder is needed" if given.exists() else "there is no such folder"
    print(f"{visible(given)}: {problem}", file=sys.stderr)
    return False


def threads(text: str) -> int:
    """A number of threads that the processor has."""
    number, most = positive(text), os.cpu_count() or 1
    if number > most:
        raise argparse.ArgumentTypeError(f"{number}: this processor runs 1 to {most} at once")
    return number


def positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(
            f"{shown(text)}: a whole number from 1 to 999999999 is needed"
        )
    return int(text)
