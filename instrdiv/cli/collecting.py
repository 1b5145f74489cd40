"""The command of a lecturer: ``collect``."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from instrdiv.cli.options import READS, folder, is_folder
from instrdiv.untrusted import visible


def collect(options: argparse.Namespace) -> int:
    """Collect the records of many people into one folder, and draw them in one figure."""
    from instrdiv.experiments.recording import require_writable
    from instrdiv.runs.collect import LIST, misplaced
    from instrdiv.runs.collect import collect as collect_records

    if options.figure:
        from instrdiv.cli.reading import require_figure_file
        from instrdiv.experiments.points import find_notebook, require_scale

        require_figure_file(options.figure)
        find_notebook(options.notebook)
        require_scale(options.scale)
    folders = [given for given in options.folder if _can_be_collected(given, options.results)]
    with_records = [given for given in folders if any(given.glob("*/*/*.json"))]
    for given in folders:
        if given not in with_records:
            meant = misplaced(given, options.results)
            hint = f"; did you mean {visible(meant)}?" if meant else ""
            print(f"{visible(given)}: no records there{hint}", file=sys.stderr)
    if not with_records:
        raise ValueError("none of these is a folder of records, and nothing was collected")
    require_writable(options.results)
    found = collect_records(with_records, options.results)
    kinds = Counter(line.outcome.split(":")[0].split(" from ")[0] for line in found)
    named = {visible(given.resolve()): visible(given) for given in with_records}
    for line in found:
        if line.outcome != "collected":
            print(f"{named[line.folder]}: {line.key}: {line.outcome}", file=sys.stderr)
    print(
        f"{kinds['collected']} collected, {kinds['there already']} there already, "
        f"{kinds['refused']} refused; who made which: {options.results / LIST}"
    )
    if options.figure:
        draw_class(options, len(with_records))
    return 0


def _can_be_collected(given: Path, results: Path) -> bool:
    """Whether a folder is one; if not, a line says why.

    Raises:
        ValueError: records would be collected in a folder that somebody handed in.
    """
    if not is_folder(given) or given.resolve() != results.resolve():
        return given.is_dir()
    from instrdiv.runs.collect import LIST

    if not (given / LIST).exists() and any(given.iterdir()):
        raise ValueError(
            f"--results {visible(given)}: this is one of the folders to collect from, and another "
            "is needed"
        )
    print(f"{visible(given)}: records are collected in this folder", file=sys.stderr)
    return False


def draw_class(options: argparse.Namespace, number: int) -> None:
    """Draw all that is collected, of one chapter and scale.

    Args:
        number: of the folders that had records.
    """
    from instrdiv.cli.reading import named_runs, write_figure
    from instrdiv.experiments.points import experiment_of, find_notebook
    from instrdiv.report.own_figure import default_axis

    experiment = experiment_of(find_notebook(options.notebook).stem)
    runs, left_out = named_runs([experiment], [options.scale], options.results, published=False)
    x = options.x or default_axis(experiment)
    drawn = write_figure(
        experiment, options.scale, runs, options.figure,
        x=x, title=f"What {number} of us found" if number > 1 else "",
    )  # fmt: skip
    print(f"{drawn} drawn{left_out}: {options.figure}")


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the parser."""
    one = commands.add_parser("collect", help=collect.__doc__, epilog=READS)
    one.add_argument("folder", nargs="+", type=folder, help="a results folder")
    one.add_argument("--results", type=folder, required=True, help="where they are collected")
    one.add_argument("--figure", type=Path, help="also draw them: a name.svg, .png or .html")
    one.add_argument("--notebook", default="01", help="whose runs are drawn (default: 01)")
    one.add_argument("--scale", default="demo", help="whose runs are drawn (default: demo)")
    one.add_argument("--x", metavar="NAME", help="setting on the horizontal axis of the figure")
    one.set_defaults(command=collect)
