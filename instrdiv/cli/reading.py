"""Commands that take records elsewhere: ``export`` and ``plot``."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from instrdiv.cli.options import READS, Listed, Parameter, file, folder
from instrdiv.cli.running import RESULTS, SCALE

if TYPE_CHECKING:
    from instrdiv.experiments.experiment import Experiment
    from instrdiv.report.own_figure import Selection
    from instrdiv.runs.record import Record


def export(options: argparse.Namespace) -> int:
    """Write all records, published and your own, as one table with a row for each score."""
    from instrdiv.experiments.chapters import EXPERIMENTS
    from instrdiv.experiments.points import SCALES, experiment_of, find_notebook, require_scale
    from instrdiv.runs.export import FORMATS, export_table, write_table
    from instrdiv.whole_files import require_file

    kind = options.format or options.out.suffix.removeprefix(".")
    if kind not in FORMATS:
        raise ValueError(f"{options.out}: a name ending in .csv or .parquet is needed, or --format")
    require_file(options.out)
    if options.scale:
        require_scale(options.scale)
    chosen = options.experiment
    experiments = [experiment_of(find_notebook(chosen).stem)] if chosen else EXPERIMENTS
    scales = [options.scale] if options.scale else SCALES
    runs, left_out = named_runs(experiments, scales, options.results)
    if not runs:
        raise ValueError("no run of these is recorded, and nothing was written")
    table = export_table(runs)
    write_table(table, options.out, kind)
    whose = Counter(source for source, _ in runs)
    listed = ", ".join(f"{number:,} {source}" for source, number in sorted(whose.items()))
    print(f"{len(table):,} scores of {len(runs):,} runs ({listed}){left_out}: {options.out}")
    return 0


def plot(options: argparse.Namespace) -> int:
    """Draw your own runs, and published ones beside them, along any setting."""
    from instrdiv.experiments.points import experiment_of, find_notebook
    from instrdiv.paths import beside, own_results
    from instrdiv.report.own_figure import default_axis
    from instrdiv.whole_files import require_file

    experiment = experiment_of(find_notebook(options.notebook).stem)
    if options.out:
        require_file(options.out)
    x = default_axis(experiment) if options.x is None else options.x
    results = options.results or own_results()
    out = (
        options.out or beside(results, "figures") / f"{experiment.notebook}-{options.scale}-{x}.svg"
    )
    runs, left_out = named_runs([experiment], [options.scale], results, published=not options.own)
    drawn = write_figure(
        experiment, options.scale, runs, out,
        x=x, color=options.color, score=options.score, fixed=options.parameter or {},
        only=options.only or {},
    )  # fmt: skip
    print(f"{drawn}, {drawn.own:,} of them your own{left_out}: {out}")
    return 0


def named_runs(
    experiments: "Sequence[Experiment[Any]]",
    scales: Sequence[str],
    results: Path | None,
    *,
    published: bool = True,
) -> "tuple[list[tuple[str, Record]], str]":
    """As `instrdiv.report.all_runs.all_runs`, with a line for each record that cannot be read.

    Returns:
        The runs, and words on how many records were left out, which are empty if none was.
    """
    from instrdiv.report.all_runs import all_runs

    runs, problems = all_runs(experiments, scales, results, published=published)
    for problem in problems:
        print(f"instrdiv: left out: {problem}", file=sys.stderr)
    return runs, f", {len(problems):,} damaged left out" if problems else ""


def write_figure(
    experiment: "Experiment[Any]",
    scale: str,
    runs: "list[tuple[str, Record]]",
    out: Path,
    *,
    x: str,
    color: str | None = None,
    score: str | None = None,
    fixed: dict[str, Any] | None = None,
    only: dict[str, list[Any]] | None = None,
    title: str = "",
) -> "Selection":
    """Write the figure of some runs to a file, and say which of them it leaves out and why.

    Returns:
        The runs that are in it.

    Raises:
        ValueError: no run belongs in it, or the file has another ending than a figure's.
        OSError: the file cannot be written.
    """
    from instrdiv.charts.own import write_chart
    from instrdiv.report.own_figure import draw, select_runs

    require_figure_file(out)
    axes = [x] if color is None else [x, color]
    selection = select_runs(experiment, scale, runs, axes=axes, fixed=fixed or {}, only=only or {})
    left_out = [f"left out: {line}" for line in selection.left_out]
    if not selection.number:
        for line in left_out:
            print(line, file=sys.stderr)
        raise ValueError(
            f"no run of {experiment.notebook} at {scale} scale belongs in this figure, and nothing "
            "was written"
        )
    chart = draw(
        experiment, scale, selection, x=x, color=color, score=score, fixed=fixed or {}, title=title
    )
    for line in left_out:
        print(line, file=sys.stderr)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_chart(chart, out)
    return selection


def require_figure_file(out: Path) -> None:
    """Check that a figure can be written to a file, before anything is done for it.

    Raises:
        ValueError: the file has another ending than a figure's.
        OSError: the file cannot be written.
    """
    from instrdiv.charts.own import require_figure_name
    from instrdiv.whole_files import require_place

    require_figure_name(out)
    require_place(out)


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the parser."""
    table = commands.add_parser("export", help=export.__doc__, epilog=READS)
    table.add_argument("out", type=file, help="the file to write, such as runs.csv")
    table.add_argument(
        "--format", choices=("csv", "parquet"), help="by default what the file's name ends in"
    )
    table.add_argument("--experiment", help="only this one, e.g. 01_rule_diversity (default: all)")
    table.add_argument("--scale", help="only this one, e.g. laptop (default: all)")
    table.add_argument("--results", type=folder, help=RESULTS)
    table.set_defaults(command=export)

    figure = commands.add_parser("plot", help=plot.__doc__, epilog=READS)
    figure.add_argument("notebook", help="e.g. 01_rule_diversity")
    figure.add_argument("--x", metavar="NAME", help="setting on the horizontal axis, e.g. z_length")
    figure.add_argument(
        "--colour", "--color", dest="color", metavar="NAME", help="setting that lines differ in"
    )
    figure.add_argument("--scale", default="laptop", help=SCALE)
    figure.add_argument(
        "-p", "--parameter", nargs=2, action=Parameter, metavar=("NAME", "VALUE"),
        help="draw runs with this value in place of the preset's",
    )  # fmt: skip
    figure.add_argument(
        "--only", action=Listed, metavar="NAME=VALUE,...", help="only runs with these values"
    )
    figure.add_argument("--score", help="e.g. seen (default: unseen, with seen beside it)")
    figure.add_argument("--own", action="store_true", help="without the published runs")
    figure.add_argument("--out", type=file, help=".svg, .png or .html (default: in runs/figures)")
    figure.add_argument("--results", type=folder, help=RESULTS)
    figure.set_defaults(command=plot)
