"""The executor that a command line names."""

import contextlib
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

from instrdiv.experiments.points import GridPoint
from instrdiv.sweep.executors.executor import Executor
from instrdiv.sweep.executors.local import LocalExecutor


@contextlib.contextmanager
def make_executor(
    results: Path, points: Sequence[GridPoint], options: Namespace
) -> Iterator[Executor]:
    yield LocalExecutor(results, options.workers or 1, options.time_limit)
