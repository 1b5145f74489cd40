"""The speed of the engine against other engines on this processor; knows of no verdict.

Every comparison alternates, A B A B …, within one run, and is reported as the median of the pairs'
ratios with their range (`instrdiv.bench.pairs`). ``--output`` writes one JSON object:

``quick``, ``repeats``
    Whether this was the short trial run, which is not to be quoted; pairs per comparison.
``machine``
    ``processor``, ``cores``, ``precision`` (of our training), versions (``python``, ``torch``,
    ``transformers``, ``version`` and ``commit`` of this package), ``date`` (UTC, of the start).
``sizes``
    The models that are timed, under the names ``laptop``, ``desk`` and ``paper``: ``n_layer``,
    ``n_embd``, ``n_head``, ``batch_size``, ``line_length``, ``num_scored`` (tokens of a sequence in
    the loss), ``steps`` (training steps of one measurement), ``num_test`` (examples of one of
    evaluation).
``training``, ``evaluation``, ``variants``
    Comparisons: ``size``, ``threads``, ``other`` (what ours is compared with), ``unit``, ``work``
    (units done in each time), ``ours_per_second``, ``other_per_second`` (at median times),
    ``ratio`` (``median``, ``min``, ``max`` of other's time over ours; above 1 ours is faster),
    ``seconds`` (``ours`` and ``other``: every time, pair by pair). A variant that could not be run
    has ``skipped``, the reason, in place of what follows ``threads``. Tokens are those of whole
    sequences, also where a system skips some. ``variants`` is empty without ``--variants``, and has
    no rows of the paper's model, which would take an hour.
``adapters``
    The same for a pretrained model (``size`` is its name): tuning and decoding; ``skipped`` where
    the model was not fetched. With ``--pretrained`` they stand alone, beside ``quick``,
    ``repeats`` and ``machine``.
``peaks``
    ``threads``, ``float32``, ``bfloat16``: FLOP per second of the fastest single matrix product.
``share_of_peak``
    ``size``, ``threads``, ``precision``, ``flops_per_step`` (of the matrix products of one of our
    steps), ``flops_per_second``, ``peak``, ``share``.
``profile``
    ``size``, ``threads``, ``operation`` (PyTorch's name), ``share`` of the time of one of our
    steps: the ten operations that take most.
``whole_run``
    Cost of training at the paper preset: ``scale``, ``steps``, ``batch_size``, ``flops``,
    ``days_here`` (at the best rate measured above).
``to_90``
    Empty without ``--to-90``, else ``system``, ``reached``, ``ended`` (``goal``, ``time limit`` or
    ``all steps done``), ``seconds`` and ``steps`` of training until then, ``best`` score on unseen
    rules, ``curve`` (``seconds``, ``unseen``). One thread.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

COUNTED_THREADS = (1, 2)


def main(options: argparse.Namespace) -> int:
    """Measure, print the table, and write the JSON file if one is named."""
    threads = _threads(options.threads)
    if options.output:
        _require_writable(options.output)
    # This times the processor; torch would otherwise train on a GPU if there is one.
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    from instrdiv.bench.timings import as_text

    report = measure(
        threads=threads,
        repeats=options.repeats or (1 if options.quick else 7),
        quick=options.quick,
        pretrained=options.pretrained,
        variants=options.variants,
        to_90=options.to_90,
        time_limit=options.time_limit,
    )
    if options.output:
        options.output.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(as_text(report))
    return 0


def measure(
    *,
    threads: list[int],
    repeats: int,
    quick: bool,
    pretrained: bool = False,
    variants: bool = False,
    to_90: bool = False,
    time_limit: float = 480,
) -> dict[str, Any]:
    """All measurements; their names are explained at the top of this module."""
    import torch
    from transformers.utils import logging

    from instrdiv.bench import sizes
    from instrdiv.bench.adapters import compare_adapters
    from instrdiv.bench.to90 import time_to_goal
    from instrdiv.bench.variants import compare_variants
    from instrdiv.training.device import machine_for, prepare_process
    from instrdiv.training.progress import WATCHED_TERMINAL

    logging.set_verbosity_error()
    os.environ[WATCHED_TERMINAL] = ""  # no progress bar for training of a few steps
    say = _Progress()
    prepare_process()  # as for every run; the other systems have the same memory settings
    machine = machine_for()
    every = [sizes.laptop(quick), sizes.desk(quick), sizes.paper(quick)]
    report: dict[str, Any] = {
        "quick": quick,
        "repeats": repeats,
        "machine": _machine(machine),
        "adapters": [],
    }
    if not pretrained:
        report["sizes"] = {size.name: size.described() for size in every}
        report["whole_run"] = {}
        for name in ("training", "evaluation", "peaks", "share_of_peak", "profile"):
            report[name] = []
        for name in ("variants", "to_90"):
            report[name] = []
    before = torch.get_num_threads()
    try:
        for count in threads:
            torch.set_num_threads(count)
            if not pretrained:
                _measure_with(count, report, every, machine, say)
            say(f"adapters, threads: {count}")
            report["adapters"] += compare_adapters(machine, repeats, quick, threads=count)
        if pretrained:
            return report
        report["whole_run"] = _whole_run(every[-1], report)
        if variants:
            for count in threads:
                torch.set_num_threads(count)
                for size in every[:1] if quick else every[:2]:
                    say(f"variants, {size.name}, threads: {count}")
                    report["variants"] += compare_variants(
                        size, machine, repeats, quick, threads=count
                    )
        if to_90:
            torch.set_num_threads(1)
            report["to_90"] = time_to_goal(machine, time_limit, every=5 if quick else 50, say=say)
    finally:
        torch.set_num_threads(before)
    say("done")
    return report


def _measure_with(
    threads: int, report: dict[str, Any], every: list[Any], machine: Any, say: "_Progress"
) -> None:
    """Add the measurements with one number of threads."""
    from instrdiv.bench.decoding import DECODING, teacher_forced
    from instrdiv.bench.pairs import row, time_pairs
    from instrdiv.bench.peak import PRECISIONS, gemm_peak, profile, share_of_peak
    from instrdiv.bench.systems import TRAINING, ours

    repeats, quick = report["repeats"], report["quick"]
    say(f"peak, threads: {threads}")
    peaks = {precision: gemm_peak(precision, quick) for precision in PRECISIONS}
    report["peaks"].append({"threads": threads, **peaks})
    for size in every:
        labels = {"size": size.name, "threads": threads}
        seconds: list[float] = []
        for name, make in TRAINING.items():
            say(f"training, {size.name}, threads: {threads}: {name}")
            pairs = time_pairs(ours(size, machine), make(size, machine), repeats)
            seconds += pairs.ours
            report["training"].append(
                row(pairs, work=size.tokens, unit="token", other=name, **labels)
            )
        report["share_of_peak"].append(share_of_peak(size, machine, threads, seconds, peaks))
        report["profile"] += [labels | each for each in profile(size, machine)]
        for name, decoding in DECODING.items():
            say(f"evaluation, {size.name}, threads: {threads}: {name}")
            pairs = time_pairs(teacher_forced(size), decoding(size), repeats)
            report["evaluation"].append(
                row(pairs, work=len(size.test), unit="example", other=name, **labels)
            )


def _whole_run(size: Any, report: dict[str, Any]) -> dict[str, Any]:
    from instrdiv.bench.peak import whole_run
    from instrdiv.experiments.rule_diversity import experiment

    rates = [r["flops_per_second"] for r in report["share_of_peak"] if r["size"] == size.name]
    return whole_run(size, experiment.configure(size.name), max(rates))


def _machine(machine: Any) -> dict[str, Any]:
    import transformers

    from instrdiv.runs.provenance import Provenance

    found = Provenance(machine).of_run()
    kept = ("processor", "precision", "python", "torch", "version", "commit", "date")
    return {
        **{name: found[name] for name in kept},
        "transformers": transformers.__version__,
        "cores": os.cpu_count(),
    }


def _threads(given: list[int] | None) -> list[int]:
    """The numbers of threads to time with; by default one, and two if there are two cores.

    Raises:
        ValueError: there are more threads than cores, which would measure the scheduler.
    """
    cores = os.cpu_count() or 1
    if given is None:
        return [count for count in COUNTED_THREADS if count <= cores]
    for count in given:
        if count > cores:
            raise ValueError(f"--threads {count}: this machine has {cores} cores")
    return given


def _require_writable(path: Path) -> None:
    """Check before measuring that the file can be written."""
    if path.is_dir():
        raise ValueError(f"--output {path}: a file is needed, this is a folder")
    existed = path.exists()
    try:
        path.open("a", encoding="utf-8").close()
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise OSError(f"--output {path} cannot be written to: {reason}") from error
    if not existed:
        path.unlink()


class _Progress:
    """Print what is being measured to stderr, with the time since the start."""

    def __init__(self) -> None:
        self.start = time.monotonic()

    def __call__(self, text: str) -> None:
        seconds = round(time.monotonic() - self.start)
        print(f"{seconds // 60:3d}:{seconds % 60:02d}  {text}", file=sys.stderr, flush=True)
