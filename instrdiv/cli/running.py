"""The commands that make runs, one at a time: ``run`` and ``repeat``."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from instrdiv.cli.options import Parameter, folder, threads
from instrdiv.untrusted import visible

if TYPE_CHECKING:
    from instrdiv.experiments.points import GridPoint

RESULTS = "folder for records (default: runs/results)"
SCALE = "smoke, demo, laptop, desk or paper (default: laptop)"
ENDS_OF_A_RUN = (
    "Exit status: 0 if the run is recorded, 2 after an error that would come again, 71 if its "
    "kernel was killed, 74 after a fault of the machine such as a full disk, 75 if another process "
    "is making this run, 130 if it was stopped."
)


def run(options: argparse.Namespace) -> int:
    """Execute one notebook for one grid point."""
    from instrdiv.experiments.points import find_notebook, make_point
    from instrdiv.experiments.recording import require_writable
    from instrdiv.paths import beside, own_results
    from instrdiv.sweep.announce import outcome, plan
    from instrdiv.sweep.command import is_recorded, record_of
    from instrdiv.sweep.ending import status_of
    from instrdiv.sweep.execute import (
        NotebookFailed,
        execute,
        notebook_parameters,
        show_training_progress,
    )

    point = make_point(options.notebook, options.scale, options.parameter or {})
    results = Path(options.results or own_results()).resolve()
    if options.dry_run:
        require_writable(results, dry_run=True)
        return print_plan(point, results, options.threads)
    os.environ["OMP_NUM_THREADS"] = str(options.threads)  # the kernel's too
    notebook = find_notebook(point.notebook)
    parameters = parameters_of(point, notebook_parameters(notebook), results)
    output = beside(results, "notebooks") / point.notebook / point.scale
    try:
        require_writable(results)  # a sweep repeats what a full disk keeps from its start
        if is_recorded(point, results):
            print("recorded before, not made again; drawing its report", file=sys.stderr)
        else:
            print(computed_with(point.config.precision, options.threads), file=sys.stderr)
            print(plan(point, results), file=sys.stderr, flush=True)
        with show_training_progress():
            executed = execute(
                notebook,
                parameters,
                output / f"{point.key}.ipynb",
                progress_bar=sys.stderr.isatty(),  # in a log it hides what matters
            )
    except (NotebookFailed, OSError) as error:
        print(f"instrdiv: {visible(error, keep=chr(10))}", file=sys.stderr)
        return status_of(error)
    record = record_of(point, results)
    found = outcome(record.metrics, record.measures) if record else "not recorded by its notebook"
    print(f"run {point.key}: {found}; open {executed}")
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
    from instrdiv.sweep.announce import outcome, plan
    from instrdiv.sweep.command import record_of

    print(point)
    for name, value in asdict(point.config).items():
        print(f"  {name}: {value}")
    for line in experiment_of(point.notebook).estimate(point.config).lines:
        print(line)
    if record := record_of(point, results):
        print(f"run {point.key} is recorded: {outcome(record.metrics, record.measures)}")
    else:
        print(computed_with(point.config.precision, threads))
        print(plan(point, results))
        print(f"run {point.key} would be made")
    return 0


def repeat(options: argparse.Namespace) -> int:
    """Make published runs again and hold their scores against the published ones."""
    from instrdiv.experiments.recording import require_writable
    from instrdiv.experiments.repeating import find_published
    from instrdiv.experiments.repeating import repeat as make_again
    from instrdiv.paths import beside, own_results
    from instrdiv.sweep.announce import plan
    from instrdiv.sweep.execute import show_training_progress

    # A wrong key is told before any run.
    found = [find_published(key) for key in dict.fromkeys(options.key)]
    results = Path(options.results or beside(own_results(), "repeated")).resolve()
    if options.dry_run:
        for point, _ in found:
            print(point, plan(point, results), sep="\n  ")
        return 0
    require_writable(results)
    os.environ["OMP_NUM_THREADS"] = "1"
    astray = alone = 0
    for point, record in found:
        print(f"{point.key} {point}", flush=True)
        for line in (computed_with(point.config.precision, 1), plan(point, results)):
            print(line, file=sys.stderr, flush=True)
        with show_training_progress():
            scores = make_again(point, record, results)
        for score in scores:
            print(f"  {score}", flush=True)
        astray += any(score.within is False for score in scores)
        alone += all(score.within is None for score in scores)
    compared = len(found) - alone
    print(f"{astray} of {compared} runs have a score outside the range of the published seeds")
    if alone:
        print(f"{alone} more have no other published seed to be held against")
    return 0


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the parser."""
    one = commands.add_parser("run", help=run.__doc__, epilog=ENDS_OF_A_RUN)
    one.add_argument("notebook", help="e.g. 01_rule_diversity")
    one.add_argument("--scale", default="laptop", help=SCALE)
    one.add_argument(
        "-p", "--parameter", nargs=2, action=Parameter, metavar=("NAME", "VALUE"),
        help="override one setting of the scale's preset",
    )  # fmt: skip
    one.add_argument("--results", type=folder, help=RESULTS)
    one.add_argument(
        "--threads",
        type=threads,
        default=1,
        help="threads of the processor (default: 1, usually fastest)",
    )
    one.add_argument("--dry-run", action="store_true", help="show what would run and what it needs")
    one.set_defaults(command=run)

    again = commands.add_parser("repeat", help=repeat.__doc__)
    again.add_argument("key", nargs="+", help="of a published run, or the beginning of one")
    again.add_argument("--results", type=folder, help="folder for records (default: runs/repeated)")
    again.add_argument("--dry-run", action="store_true", help="show what would run")
    again.set_defaults(command=repeat)
