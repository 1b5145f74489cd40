"""The command of a lecturer: ``collect``."""

import argparse
import sys
from collections import Counter

from instrdiv.cli.options import folder


def collect(options: argparse.Namespace) -> int:
    """Collect the records of many people into one folder."""
    from instrdiv.runs.collect import LIST
    from instrdiv.runs.collect import collect as collect_records

    found = collect_records(options.folder, options.results)
    kinds = Counter(line.outcome.split(":")[0].split(" from ")[0] for line in found)
    for line in found:
        if line.outcome != "collected":
            print(f"{line.owner}: {line.key}: {line.outcome}", file=sys.stderr)
    for given in options.folder:
        if not any(line.folder == str(given.resolve()) for line in found):
            print(f"{given}: no records there", file=sys.stderr)
    print(
        f"{kinds['collected']} collected, {kinds['there already']} there already, "
        f"{kinds['refused']} refused; who made which: {options.results / LIST}"
    )
    return 1 if kinds["refused"] else 0


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the parser."""
    one = commands.add_parser("collect", help=collect.__doc__)
    one.add_argument("folder", nargs="+", type=folder, help="a results folder")
    one.add_argument("--results", type=folder, required=True, help="where they are collected")
    one.set_defaults(command=collect)
