"""Commands that make runs: ``run``, ``sweep`` and ``status``."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from instrdiv.checks import shown
from instrdiv.cli.options import Only, Parameter, folder, positive, seeds

if TYPE_CHECKING:
    from instrdiv.experiments.points import GridPoint

RESULTS = "folder for records (default: runs/results)"
SCALE = "smoke, laptop, desk or paper (default: laptop)"


def run(options: argparse.Namespace) -> int:
    """Execute one notebook for one grid point."""
    from instrdiv.experiments.points import find_notebook, make_point
    from instrdiv.experiments.recording import require_writable
    from instrdiv.paths import beside, own_results
    from instrdiv.sweep.execute import execute, notebook_parameters, show_training_progress
    from instrdiv.sweep.pool import is_recorded

    point = make_point(options.notebook, options.scale, options.parameter or {})
    results = Path(options.results or own_results()).resolve()
    if options.dry_run:
        return print_plan(point, results, options.threads)
    require_writable(results)
    os.environ["OMP_NUM_THREADS"] = str(options.threads)  # the kernel's too
    if not is_recorded(point, results):
        print(computed_with(point.config.precision, options.threads), file=sys.stderr)
    notebook = find_notebook(point.notebook)
    parameters = parameters_of(point, notebook_parameters(notebook), results)
    output = beside(results, "notebooks") / point.notebook / point.scale
    with show_training_progress():
        executed = execute(notebook, parameters, output / f"{point.key}.ipynb", progress_bar=True)
    print(f"recorded run {point.key}; executed notebook: {executed}")
    return 0


def parameters_of(point: "GridPoint", named: list[str], results: Path) -> dict[str, Any]:
    """The parameters with which a notebook is executed for a grid point.

    Every setting with a line in the parameter cell is passed, even at the preset's value, since the
    cell's own values belong to the page's grid point. Other overrides go into `changes`.

    Args:
        named: the names in the parameter cell.
    """
    settings = json.loads(json.dumps(asdict(point.config)))
    return {
        "scale": point.scale,
        "results": str(results),
        **{name: settings[name] for name in named if name in settings},
        "changes": {name: v for name, v in point.overrides.items() if name not in named},
    }


def computed_with(precision: str, threads: int) -> str:
    """Device, precision and threads of a run on this machine, in words."""
    from instrdiv.experiments.recording import require_libraries

    require_libraries()
    from instrdiv.training.device import machine_for

    machine = machine_for(precision)
    return f"computed on {machine.device} in {machine.precision}, threads: {threads}"


def print_plan(point: "GridPoint", results: Path, threads: int) -> int:
    """Print a grid point's settings, whether it is recorded, and what making it would need."""
    from instrdiv.experiments.points import experiment_of
    from instrdiv.sweep.pool import is_recorded

    print(point)
    for name, value in asdict(point.config).items():
        print(f"  {name}: {value}")
    for line in experiment_of(point.notebook).estimate(point.config):
        print(line)
    if is_recorded(point, results):
        print(f"run {point.key} is recorded")
    else:
        print(computed_with(point.config.precision, threads))
        print(f"run {point.key} would be made")
    return 0


def sweep(options: argparse.Namespace) -> int:
    """Run the missing grid points of one grid or all."""
    from instrdiv.experiments.points import find_notebook, require_scale
    from instrdiv.paths import own_results, published_results
    from instrdiv.sweep.grids import read_grids, select
    from instrdiv.sweep.pool import sweep as run_sweep

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
    points = select(points, only)
    if not points:
        listed = "; ".join(f"{name}={shown(values)}" for name, values in only.items())
        raise ValueError(f"no grid point has {listed}")
    results = (
        options.results or (published_results() if options.publish else own_results())
    ).resolve()
    if options.dry_run:
        from instrdiv.sweep.pool import is_recorded

        missing = [point for point in points if not is_recorded(point, results)]
        for point in missing:
            print(point)
        print(f"{len(missing)} of {len(points)} grid points would run")
        return 0
    report = run_sweep(
        points,
        results,
        workers=options.workers,
        limit=options.limit,
        retry_failed=options.retry_failed,
        time_limit=options.time_limit,
    )
    for point, tail in report.failed:
        print(f"\nFAILED {point}\n{tail}", file=sys.stderr)
    print(
        f"{len(report.done)} run now, {len(report.recorded)} recorded before, "
        f"{len(report.failed)} failed, {len(report.left)} left"
    )
    return 1 if report.failed else 0


def status(options: argparse.Namespace) -> int:
    """Show how complete each grid is."""
    from instrdiv.sweep.status import status_table

    table = status_table(options.grid)
    print(table.to_string(index=False))
    return 0


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the parser."""
    one = commands.add_parser("run", help=run.__doc__)
    one.add_argument("notebook", help="e.g. 01_rule_diversity")
    one.add_argument("--scale", default="laptop", help=SCALE)
    one.add_argument(
        "-p", "--parameter", nargs=2, action=Parameter, metavar=("NAME", "VALUE"),
        help="override one setting of the scale's preset",
    )  # fmt: skip
    one.add_argument("--results", type=folder, help=RESULTS)
    one.add_argument(
        "--threads",
        type=positive,
        default=1,
        help="threads of the processor (default: 1, usually fastest)",
    )
    one.add_argument("--dry-run", action="store_true", help="show what would run and what it needs")
    one.set_defaults(command=run)

    many = commands.add_parser("sweep", help=sweep.__doc__)
    many.add_argument("notebook", help="e.g. 01_rule_diversity, or all")
    many.add_argument("--scale", default="laptop", help=SCALE)
    many.add_argument("--workers", type=positive, default=1, help="processes (default: 1)")
    many.add_argument(
        "--only",
        action=Only,
        metavar="NAME=VALUE,...",
        help="only grid points with these values",
    )
    many.add_argument("--seeds", type=seeds, metavar="SEED,...", help="only these seeds")
    many.add_argument("--dry-run", action="store_true", help="show what would run")
    many.add_argument("--limit", type=positive, help="start at most this many")
    many.add_argument("--retry-failed", action="store_true", help="repeat failed grid points")
    many.add_argument("--time-limit", type=positive, default=14_400, help="seconds per run (14400)")
    many.add_argument("--grid", type=Path, help="another file than notebooks/grids.yaml")
    many.add_argument("--results", type=folder, help=RESULTS)
    many.add_argument("--publish", action="store_true", help="records go to book/results")
    many.set_defaults(command=sweep)

    overview = commands.add_parser("status", help=status.__doc__)
    overview.add_argument("--grid", type=Path, help="another file than notebooks/grids.yaml")
    overview.set_defaults(command=status)
