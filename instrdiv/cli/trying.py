"""Commands to try things out: ``rewrite``, ``demo-models`` and ``bench``."""

import argparse
from pathlib import Path

from instrdiv.checks import shown
from instrdiv.cli.options import counts, positive


def rewrite(options: argparse.Namespace) -> int:
    """Apply a rule to an input, and prompt the demo models."""
    from instrdiv.charts.interactive import trace
    from instrdiv.demo.model_file import load_demo_models
    from instrdiv.demo.prompting import fits, split_rule, written
    from instrdiv.tasks.alphabet import LETTERS

    x, y = split_rule(options.rule)
    if not options.input:
        raise ValueError("input '': at least one letter is needed")
    if not set(options.input) <= set(LETTERS):
        raise ValueError(f"input {shown(options.input)}: letters a-z are allowed")
    for step in trace(x, y, options.input):
        print(step)
    for number, model in load_demo_models().items():
        name = f"a model trained on {number:,} rules"
        if fits(model, x, y, options.input):
            print(f"{name} writes {written(model, x, y, options.input)}")
        else:
            config = model.config
            print(
                f"{name} knows only |x| = {config['x_length']}, |y| = {config['y_length']} "
                f"and |z| = {config['z_length']}, and is not prompted"
            )
    return 0


def demo_models(options: argparse.Namespace) -> int:
    """Train the demo models again (minutes each)."""
    from instrdiv.demo.model_file import NUM_RULES, folder
    from instrdiv.experiments.demo_training import make_demo_model

    for number in NUM_RULES:
        print(make_demo_model(number, folder()))
    return 0


def bench(options: argparse.Namespace) -> int:
    """Time the engine."""
    from instrdiv.bench import main as run_bench

    return run_bench(options)


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the parser."""
    single = commands.add_parser("rewrite", help=rewrite.__doc__)
    single.add_argument("rule", help="e.g. 'ab>cde', in quotes")
    single.add_argument("input", help="e.g. xxabyy")
    single.set_defaults(command=rewrite)

    commands.add_parser("demo-models", help=demo_models.__doc__).set_defaults(command=demo_models)

    timing = commands.add_parser("bench", help=bench.__doc__)
    timing.add_argument("--quick", action="store_true", help="a trial run, too short to be quoted")
    timing.add_argument("--output", type=Path, help="write the measurements to this JSON file")
    timing.add_argument(
        "--threads",
        type=counts,
        metavar="N,...",
        help="numbers of threads (default: 1,2)",
    )
    timing.add_argument("--repeats", type=positive, help="pairs per comparison (default: 7)")
    timing.add_argument("--pretrained", action="store_true", help="time only the pretrained model")
    timing.add_argument(
        "--variants", action="store_true", help="also time variants of our training step"
    )
    timing.add_argument("--to-90", action="store_true", help="also time training to 90 %% (long)")
    timing.add_argument(
        "--time-limit",
        type=positive,
        default=480,
        help="seconds per training to 90 %% (480)",
    )
    timing.set_defaults(command=bench)
