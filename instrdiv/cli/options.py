"""How values on the command line are read."""

import argparse
import json
from pathlib import Path
from typing import Any


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
        given = getattr(namespace, self.dest) or []
        setattr(namespace, self.dest, [*given, (name, read_value(value))])


class Only(argparse.Action):
    """Collects ``--only name=value,value`` pairs."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        name, equals, listed = values.partition("=")
        if not equals:
            parser.error(f"--only {values}: NAME=VALUE,... is needed")
        given = getattr(namespace, self.dest) or []
        setattr(namespace, self.dest, [*given, (name, listed_values(listed))])


def listed_values(listed: str) -> list[Any]:
    return [read_value(value) for value in listed.split(",")]


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


def counts(listed: str) -> list[int]:
    return [positive(text) for text in listed.split(",")]


def positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number from 1 is needed")
    return int(text)
