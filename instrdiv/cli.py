"""The command line: ``python -m instrdiv run | sweep | status | rewrite | book | …``."""

import argparse
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from instrdiv.assets import CACHE_VARIABLE
from instrdiv.assets.instructions import VARIABLE

if TYPE_CHECKING:
    from instrdiv.experiments.catalog import Point

DESCRIPTION = "Run, sweep and publish the experiments of the book."


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a user's mistake is one line on stderr and exit status 2."""
    options = _parser().parse_args(arguments)
    for variable in (CACHE_VARIABLE, VARIABLE):  # a kernel stands in another folder than the user
        if folder := os.environ.get(variable):
            os.environ[variable] = str(Path(folder).expanduser().absolute())
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end as Ctrl-C does: in order
    try:
        return options.command(options)
    except KeyboardInterrupt:
        print("instrdiv: interrupted; what was recorded is kept", file=sys.stderr)
        return 130
    except (ValueError, OSError, RuntimeError) as error:
        print(f"instrdiv: {error}", file=sys.stderr)
        return 2


def run(options: argparse.Namespace) -> int:
    """Execute one notebook for one point."""
    from instrdiv.experiments.catalog import find_notebook, make_point
    from instrdiv.experiments.recording import require_writable
    from instrdiv.paths import beside, own_results
    from instrdiv.sweep.execute import execute, notebook_parameters, trainings_watched

    point = make_point(options.notebook, options.scale, dict(options.parameter or []))
    results = Path(options.results or own_results()).resolve()
    if options.dry_run:
        return say_what_would_run(point, results, options.threads)
    require_writable(results)
    os.environ["OMP_NUM_THREADS"] = str(options.threads)  # the kernel's too
    print(computed_with(point.config.precision, options.threads), file=sys.stderr)
    notebook = find_notebook(point.notebook)
    parameters = parameters_of(point, notebook_parameters(notebook), results)
    output = beside(results, "notebooks") / point.notebook / point.scale
    with trainings_watched():
        executed = execute(notebook, parameters, output / f"{point.key}.ipynb", progress_bar=True)
    print(f"recorded run {point.key}; executed notebook: {executed}")
    return 0


def parameters_of(point: "Point", named: list[str], results: Path) -> dict[str, Any]:
    """What a notebook is executed with for a point.

    Every setting that has a line in the parameter cell is given, the preset's value included: what
    stands in the cell belongs to the page's own point. Others that are changed go into `changes`.

    Args:
        named: the names in the parameter cell.
    """
    settings = json.loads(json.dumps(asdict(point.config)))
    return {
        "scale": point.scale,
        "results": str(results),
        **{name: settings[name] for name in named if name in settings},
        "changes": {name: v for name, v in point.changes.items() if name not in named},
    }


def computed_with(precision: str, threads: int) -> str:
    """How a run's arithmetic is done on this machine, in words."""
    from instrdiv.training.device import machine_for

    machine = machine_for(precision)
    return f"computed on {machine.device} in {machine.precision}, threads: {threads}"


def say_what_would_run(point: "Point", results: Path, threads: int) -> int:
    """Print a point's settings, whether it is recorded, and what making it would need."""
    from instrdiv.experiments.catalog import experiment_of
    from instrdiv.sweep.pool import is_recorded

    print(point)
    for name, value in asdict(point.config).items():
        print(f"  {name}: {value}")
    module = experiment_of(point.notebook)
    for line in getattr(module, "outlook", lambda config: [])(point.config):
        print(line)
    print(computed_with(point.config.precision, threads))
    print(f"run {point.key} " + ("is recorded" if is_recorded(point, results) else "would be made"))
    return 0


def sweep(options: argparse.Namespace) -> int:
    """Run what is missing of one grid or all."""
    from instrdiv.experiments.catalog import find_notebook
    from instrdiv.paths import own_results, published_results
    from instrdiv.sweep.grids import read_grids, select
    from instrdiv.sweep.pool import sweep as run_sweep

    grids = read_grids(options.grid)
    names = list(grids) if options.notebook == "all" else [find_notebook(options.notebook).stem]
    points = [p for name in names for p in grids.get(name, {}).get(options.scale, [])]
    if not points:
        scales = sorted({scale for name in names for scale in grids.get(name, {})})
        raise ValueError(
            f"no grid for {options.notebook!r} at scale {options.scale!r}; there are some at "
            f"{', '.join(scales) or 'none'}"
        )
    only = dict(options.only or [])
    if options.seeds:
        only["seed"] = options.seeds
    points = select(points, only)
    if not points:
        raise ValueError(f"no point of the grid has {only}")
    results = (
        options.results or (published_results() if options.publish else own_results())
    ).resolve()
    if options.dry_run:
        from instrdiv.sweep.pool import is_recorded

        missing = [point for point in points if not is_recorded(point, results)]
        for point in missing:
            print(point)
        print(f"{len(missing)} of {len(points)} points would run")
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
    """How complete each grid is."""
    from instrdiv.sweep.status import status_table

    table = status_table(options.grid)
    print(table.to_string(index=False))
    return 0


def book(options: argparse.Namespace) -> int:
    """Build the book."""
    from instrdiv.book import build_book

    print(f"book: {build_book(options.output, edition=options.edition)}")
    return 0


def pdf(options: argparse.Namespace) -> int:
    """Print the built book as one PDF (needs Chromium)."""
    from instrdiv.paths import project_root
    from instrdiv.pdf import make_pdf

    build = (options.output or project_root()) / "_build"
    print(f"pdf: {make_pdf(build / 'html', build / 'instrdiv.pdf')}")
    return 0


def slides(options: argparse.Namespace) -> int:
    """Make slides of the experiments out of the executed notebooks."""
    from instrdiv.paths import project_root
    from instrdiv.slides import make_slides

    build = (options.output or project_root()) / "_build"
    for deck in make_slides(build / "executed" / "notebooks", build / "slides"):
        print(f"slides: {deck}")
    return 0


def assets(options: argparse.Namespace) -> int:
    """Fetch models, benchmarks and data that packages do not bring, once."""
    from instrdiv.assets import AssetError, fetch
    from instrdiv.assets.catalog import ASSETS

    unknown = [name for name in options.name if name not in ASSETS]
    if unknown:
        raise ValueError(f"no asset {unknown[0]!r}; there are {', '.join(ASSETS)}")
    failed = False
    for name in options.name or ASSETS:  # one that cannot be had keeps no other back
        try:
            print(f"{name}: {fetch(ASSETS[name])}", flush=True)
        except AssetError as error:
            failed = True
            print(f"instrdiv: {error}", file=sys.stderr)
    return 2 if failed else 0


def rewrite(options: argparse.Namespace) -> int:
    """Apply a rule to an input, and ask the two models that the book ships."""
    from instrdiv.charts.interactive import trace
    from instrdiv.exhibits import NUM_RULES, fits, load_exhibit, split_rule, written
    from instrdiv.tasks.alphabet import encode

    x, y = split_rule(options.rule)
    encode(options.input)  # refuses what is no letter
    for step in trace(x, y, options.input):
        print(step)
    for number in NUM_RULES:
        exhibit = load_exhibit(number)
        who = f"a model trained on {number:,} rules"
        if fits(exhibit, x, y, options.input):
            print(f"{who} writes {written(exhibit, x, y, options.input)}")
        else:
            config = exhibit.config
            print(
                f"{who} knows nothing but |x| = {config.x_length}, |y| = {config.y_length} and "
                f"|z| = {config.z_length}, and is not asked"
            )
    return 0


def exhibits(options: argparse.Namespace) -> int:
    """Train the two models anew that the book ships (minutes)."""
    from instrdiv.exhibits import NUM_RULES, folder, make_exhibit

    for number in NUM_RULES:
        print(make_exhibit(number, folder()))
    return 0


def bench(options: argparse.Namespace) -> int:
    """Time the engine."""
    from instrdiv.bench import main as run_bench

    return run_bench(options)


RESULTS = "folder for records (default: runs/results)"
SCALE = "smoke, laptop, desk or paper (default: laptop)"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m instrdiv", description=DESCRIPTION)
    commands = parser.add_subparsers(required=True, metavar="command")

    one = commands.add_parser("run", help=run.__doc__)
    one.add_argument("notebook", help="e.g. 01_rule_diversity")
    one.add_argument("--scale", default="laptop", help=SCALE)
    one.add_argument(
        "-p", "--parameter", nargs=2, action=_Parameter, metavar=("NAME", "VALUE"),
        help="change one setting of the scale's preset",
    )  # fmt: skip
    one.add_argument("--results", type=_folder, help=RESULTS)
    one.add_argument(
        "--threads", type=_positive, default=1, help="of the processor (default: 1, mostly fastest)"
    )
    one.add_argument("--dry-run", action="store_true", help="say what would run and what it needs")
    one.set_defaults(command=run)

    many = commands.add_parser("sweep", help=sweep.__doc__)
    many.add_argument("notebook", help="e.g. 01_rule_diversity, or all")
    many.add_argument("--scale", default="laptop", help=SCALE)
    many.add_argument("--workers", type=_positive, default=1, help="processes (default: 1)")
    many.add_argument(
        "--only", action=_Only, metavar="NAME=VALUE,...", help="just the points with these values"
    )
    many.add_argument("--seeds", type=_values, metavar="SEED,...", help="just these seeds")
    many.add_argument("--dry-run", action="store_true", help="say what would run")
    many.add_argument("--limit", type=_positive, help="start at most so many")
    many.add_argument("--retry-failed", action="store_true", help="start failed points again")
    many.add_argument("--time-limit", type=_positive, default=14_400, help="seconds a run (14400)")
    many.add_argument("--grid", type=Path, help="another file than notebooks/grids.yaml")
    many.add_argument("--results", type=_folder, help=RESULTS)
    many.add_argument("--publish", action="store_true", help="records go to book/results")
    many.set_defaults(command=sweep)

    overview = commands.add_parser("status", help=status.__doc__)
    overview.add_argument("--grid", type=Path, help="another file than notebooks/grids.yaml")
    overview.set_defaults(command=status)

    pages = commands.add_parser("book", help=book.__doc__)
    pages.add_argument(
        "--edition",
        default="published",
        help="student (no solutions), instructor (all open) or published (the default)",
    )
    pages.set_defaults(command=book)

    printed = commands.add_parser("pdf", help=pdf.__doc__)
    printed.set_defaults(command=pdf)

    decks = commands.add_parser("slides", help=slides.__doc__)
    decks.set_defaults(command=slides)

    for made in (pages, printed, decks):
        made.add_argument("--output", type=_folder, help="folder of _build (default: the checkout)")

    fetching = commands.add_parser("assets", help=assets.__doc__)
    fetching.add_argument("name", nargs="*", help="just these (default: all)")
    fetching.set_defaults(command=assets)

    single = commands.add_parser("rewrite", help=rewrite.__doc__)
    single.add_argument("rule", help="e.g. 'ab>cde', in quotes")
    single.add_argument("input", help="e.g. xxabyy")
    single.set_defaults(command=rewrite)

    commands.add_parser("exhibits", help=exhibits.__doc__).set_defaults(command=exhibits)

    timing = commands.add_parser("bench", help=bench.__doc__)
    timing.add_argument("--quick", action="store_true", help="a trial run; its numbers say little")
    timing.add_argument("--output", type=Path, help="write the measurements to this JSON file")
    timing.add_argument(
        "--threads", type=_counts, metavar="N,...", help="numbers of threads (default: 1,2)"
    )
    timing.add_argument("--repeats", type=_positive, help="pairs per comparison (default: 7)")
    timing.add_argument("--pretrained", action="store_true", help="time the pretrained model alone")
    timing.add_argument("--variants", action="store_true", help="also our step, changed")
    timing.add_argument("--to-90", action="store_true", help="also train to 90 %% (long)")
    timing.add_argument(
        "--time-limit", type=_positive, default=480, help="seconds a training to 90 %% (480)"
    )
    timing.set_defaults(command=bench)
    return parser


class _Parameter(argparse.Action):
    """Collects ``-p name value`` pairs."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        name, value = values
        given = getattr(namespace, self.dest) or []
        setattr(namespace, self.dest, [*given, (name, _value(value))])


class _Only(argparse.Action):
    """Collects ``--only name=value,value`` pairs."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        name, equals, listed = values.partition("=")
        if not equals:
            parser.error(f"--only {values}: NAME=VALUE,... is needed")
        given = getattr(namespace, self.dest) or []
        setattr(namespace, self.dest, [*given, (name, _values(listed))])


def _values(listed: str) -> list[Any]:
    return [_value(value) for value in listed.split(",")]


def _value(text: str) -> Any:
    """JSON where it is JSON, else the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # too many digits, or brackets, are no JSON either
        return text


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("'': a folder is needed")
    return Path(text)


def _counts(listed: str) -> list[int]:
    return [_positive(text) for text in listed.split(",")]


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number from 1 is needed")
    return int(text)
