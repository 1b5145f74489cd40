"""Commands about grids: ``sweep`` and ``status``."""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from instrdiv.checks import shown
from instrdiv.cli.options import READS, Listed, folder, positive, seeds
from instrdiv.cli.running import RESULTS, SCALE

if TYPE_CHECKING:
    from instrdiv.experiments.points import GridPoint
    from instrdiv.sweep.schedule import Report

ENDS_OF_A_SWEEP = (
    "Exit status: 0 if each run is recorded or left by --limit or --budget, 1 if one failed or was "
    "stopped, 2 if nothing was begun, 130 if the sweep was stopped."
)
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def sweep(options: argparse.Namespace) -> int:
    """Run the missing points of one grid, of all, or of axes of your own."""
    from instrdiv.paths import own_results, published_results
    from instrdiv.sweep.executors.choose import make_executor
    from instrdiv.sweep.schedule import sweep as run_sweep

    points = own_points(options) if options.set else chosen_points(options)
    results = (
        options.results or (published_results() if options.publish else own_results())
    ).resolve()
    check_executor_options(options)
    if options.dry_run:
        return print_what_would_run(points, results, options)
    with make_executor(
        options.executor,
        results,
        points,
        workers=options.workers,
        time_limit=options.time_limit,
        gpus=options.gpus,
        address=options.address,
        slurm=dict(options.slurm or []),
    ) as executor:
        report = run_sweep(
            points,
            results,
            executor,
            limit=options.limit,
            retry_failed=options.retry_failed,
            budget=options.budget,
        )
    return print_report(report)


def print_what_would_run(
    points: "list[GridPoint]", results: Path, options: argparse.Namespace
) -> int:
    """Print the grid points that the same command would start without ``--dry-run``."""
    from instrdiv.experiments.recording import require_writable
    from instrdiv.sweep.costs import Costs, sum_in_words
    from instrdiv.sweep.forecast import Forecast
    from instrdiv.sweep.schedule import sort_out

    require_writable(results, dry_run=True)
    waiting, report = sort_out(
        points, results, limit=options.limit, retry_failed=options.retry_failed
    )
    forecast = Forecast(Costs.recorded(points, results), options.budget)
    started = forecast.within_budget(waiting, options.workers or 1)
    for point in started:
        print(point)
    if started:
        print(f"expected time: {sum_in_words([forecast.seconds(point) for point in started])}")
    if report.failed:
        print(f"{len(report.failed)} failed before; --retry-failed repeats them")
    if left := len(report.left) + len(waiting) - len(started):
        print(f"{left} would be left by --limit or --budget")
    print(f"{len(started)} of {len(points)} grid points would run")
    return 0


def check_executor_options(options: argparse.Namespace) -> None:
    """Refuse an option that another executor has, before anything starts.

    Raises:
        ValueError: naming the option and the executors that have it.
    """
    allowed = {
        "address": ("ray",),
        "gpus": ("ray", "slurm"),
        "slurm": ("slurm",),
        "budget": ("local", "ray"),  # of Slurm nobody knows when it starts what is queued
    }
    for name, executors in allowed.items():
        if getattr(options, name) and options.executor not in executors:
            raise ValueError(
                f"--{name} with --executor {options.executor}: it goes with "
                f"{' or '.join(executors)}"
            )


def own_points(options: argparse.Namespace) -> "list[GridPoint]":
    """The grid points of axes that no grid has, each once.

    Raises:
        ValueError: another option says which points of a grid to run, or the values are not those
            of one experiment's settings.
    """
    from instrdiv.sweep.grids import combined

    for name in ("only", "grid", "publish"):
        if getattr(options, name):
            raise ValueError(f"--{name} with --set: it goes with the points of a grid")
    if options.notebook == "all":
        raise ValueError("all with --set: one notebook is needed")
    axes = dict(options.set)
    if options.seeds:
        if "seed" in axes:
            raise ValueError("--seeds and --set seed: one of them is enough")
        axes["seed"] = options.seeds
    return list(
        {point.key: point for point in combined(options.notebook, options.scale, axes)}.values()
    )


def chosen_points(options: argparse.Namespace) -> "list[GridPoint]":
    """The grid points that the options name.

    Raises:
        ValueError: there are none.
    """
    from instrdiv.experiments.points import find_notebook, require_scale
    from instrdiv.sweep.grids import read_grids, select

    require_scale(options.scale)
    only = options.only or {}
    if options.seeds:
        if "seed" in only:
            raise ValueError("--seeds and --only seed: one of them is enough")
        only = only | {"seed": options.seeds}
    grids = read_grids(options.grid)
    names = list(grids) if options.notebook == "all" else [find_notebook(options.notebook).stem]
    points = [p for name in names for p in grids.get(name, {}).get(options.scale, [])]
    if not points:
        scales = sorted({scale for name in names for scale in grids.get(name, {})})
        raise ValueError(
            f"no grid for {options.notebook!r} at scale {options.scale!r}; there are some at "
            f"{', '.join(scales) or 'none'}"
        )
    chosen = select(points, only)
    if not chosen:
        listed = "; ".join(f"{name}={shown(values)}" for name, values in only.items())
        there = "; ".join(f"{name}={_values(points, name)}" for name in only)
        raise ValueError(f"no grid point has {listed}; in the grid are {there}")
    return chosen


def _values(points: "list[GridPoint]", name: str) -> str:
    """The values of a setting in a grid, as ``--only`` takes them."""
    values = {json.dumps(getattr(point.config, name, None)) for point in points}
    return ",".join(sorted(values, key=lambda value: (len(value), value)))


def print_report(report: "Report") -> int:
    """Print what became of a sweep's grid points, and return the exit status."""
    from instrdiv.sweep.costs import in_words, sum_in_words

    for point, reason in report.failed:
        print(f"\nFAILED {point}\n{reason}", file=sys.stderr)
    for point, reason in report.stopped:
        print(f"\nSTOPPED, to be repeated by the next sweep: {point}\n{reason}", file=sys.stderr)
    if report.problem:
        print(f"instrdiv: {report.problem}", file=sys.stderr)
    for point, seconds in zip(report.left, report.times, strict=True):
        print(f"left: {point}, {in_words(seconds)}")
    counts = [
        f"{len(report.done)} run now",
        f"{len(report.recorded)} recorded before",
        f"{len(report.failed)} failed",
        f"{len(report.left)} left",
    ]
    if report.stopped:
        counts.append(f"{len(report.stopped)} stopped")
    print(", ".join(counts))
    if report.failed:
        print("what has failed is repeated with --retry-failed alone")
    if report.left:
        print(f"expected time of what is left: {sum_in_words(report.times)}")
    return 1 if report.failed or report.stopped or report.problem else 0


def status(options: argparse.Namespace) -> int:
    """Show how complete each grid is."""
    from instrdiv.sweep.status import status_table

    table = status_table(options.grid)
    print(table.to_string(index=False, na_rep="unknown"))
    return 0


def duration(text: str) -> float:
    """Seconds of a time such as ``90``, ``170m`` or ``1.5h``.

    >>> duration("170m")
    10200.0
    """
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smhd]?)", text)
    if not found or not float(found[1]):
        raise argparse.ArgumentTypeError(
            f"{shown(text)}: a time such as 90s, 170m, 3h or 1.5d is needed"
        )
    return float(found[1]) * SECONDS[found[2]]


def gpus(text: str) -> float:
    """
    >>> gpus("0.5")
    0.5
    """
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3})?", text):
        raise argparse.ArgumentTypeError(f"{text!r}: a number of GPUs such as 1 or 0.5 is needed")
    return float(text)


def option(text: str) -> tuple[str, str]:
    """
    >>> option("partition=gpu")
    ('partition', 'gpu')
    """
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r}: NAME=VALUE is needed")
    return name.replace("-", "_"), value


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the parser."""
    many = commands.add_parser("sweep", help=sweep.__doc__, epilog=ENDS_OF_A_SWEEP)
    many.add_argument("notebook", help="e.g. 01_rule_diversity, or all")
    many.add_argument("--scale", default="laptop", help=SCALE)
    many.add_argument(
        "--only",
        action=Listed,
        metavar="NAME=VALUE,...",
        help="only grid points with these values",
    )
    many.add_argument(
        "--set",
        action=Listed,
        metavar="NAME=VALUE,...",
        help="in place of a grid: each of these values, combined with those of every other --set",
    )
    many.add_argument("--seeds", type=seeds, metavar="SEED,...", help="only these seeds")
    many.add_argument("--dry-run", action="store_true", help="show what would run")
    many.add_argument("--limit", type=positive, help="start at most this many")
    many.add_argument(
        "--budget",
        type=duration,
        metavar="TIME",
        help="such as 170m: start nothing that would end later than this from now",
    )
    many.add_argument("--retry-failed", action="store_true", help="repeat failed grid points")
    many.add_argument(
        "--time-limit",
        type=duration,
        default=14_400,
        metavar="TIME",
        help="for each run, such as 4h (the default); a number without a unit is in seconds",
    )
    many.add_argument("--grid", type=Path, help="another file than notebooks/grids.yaml")
    many.add_argument("--results", type=folder, help=RESULTS)
    many.add_argument("--publish", action="store_true", help="records go to book/results")
    many.add_argument(
        "--workers", type=positive, help="runs at once (local: 1; else all there are)"
    )
    many.add_argument(
        "--executor",
        choices=("local", "ray", "slurm"),
        default="local",
        help="where runs are made: on this machine (the default), a Ray cluster, or by Slurm",
    )
    many.add_argument("--address", help="of the Ray cluster (default: the one of this machine)")
    many.add_argument("--gpus", type=gpus, default=0.0, help="for each run, on a cluster")
    many.add_argument(
        "--slurm",
        type=option,
        action="append",
        metavar="NAME=VALUE",
        help="an option of sbatch, such as partition=gpu",
    )
    many.set_defaults(command=sweep)

    overview = commands.add_parser("status", help=status.__doc__, epilog=READS)
    overview.add_argument("--grid", type=Path, help="another file than notebooks/grids.yaml")
    overview.set_defaults(command=status)
