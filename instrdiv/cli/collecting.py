"""The command of a lecturer: ``collect``."""

import argparse
import sys
from collections import Counter
from pathlib import Path

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
    if options.figure:
        draw(options.results, options.figure)
        print(f"figure: {options.figure}")
    return 1 if kinds["refused"] else 0


def draw(results: Path, figure: Path) -> None:
    """Draw all records that were collected in a folder as one figure, in a page that needs no
    network."""
    import pandas as pd

    from instrdiv.charts import theme  # noqa: F401, as it registers itself
    from instrdiv.charts.collected import collected_chart
    from instrdiv.runs.collect import listed
    from instrdiv.runs.store import read_records, score_table

    tables = []
    for place in sorted(results.glob("*/*/")):
        records, _ = read_records([results], place.parent.name, place.name)
        tables.append(score_table(records).assign(experiment=place.parent.name))
    if not tables:
        raise ValueError(f"{results}: no records to draw")
    owners = {line.key: line.owner for line in listed(results) if line.outcome == "collected"}
    chart = collected_chart(pd.concat(tables, ignore_index=True), owners)
    figure.parent.mkdir(parents=True, exist_ok=True)
    chart.save(figure, format="html", inline=True)


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the parser."""
    one = commands.add_parser("collect", help=collect.__doc__)
    one.add_argument("folder", nargs="+", type=folder, help="a results folder")
    one.add_argument("--results", type=folder, required=True, help="where they are collected")
    one.add_argument("--figure", type=folder, metavar="FILE", help="draw them all into this page")
    one.set_defaults(command=collect)
