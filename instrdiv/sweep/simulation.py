"""How long a sweep would take on more workers than there are, from recorded times of runs."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from instrdiv.runs.record import Record
from instrdiv.sweep.costs import makespan


def sample_seconds(records: Iterable[Record], number: int, seed: int = 0) -> list[float]:
    """Computing times of so many runs, drawn from recorded ones with replacement."""
    recorded = sorted(record.core_seconds for record in records)
    return [float(each) for each in np.random.default_rng(seed).choice(recorded, number)]


def simulate(
    seconds: Sequence[float], workers: Iterable[int], overhead: float = 0.0
) -> pd.DataFrame:
    """The makespan of a sweep for each number of workers.

    Args:
        seconds: computing time of each run.
        overhead: seconds of each run beside that, such as for starting its kernel.

    Returns:
        Columns: ``workers``; ``order`` (``longest first``, or ``as drawn``); ``hours``; ``ideal``,
        the hours if workers shared all computing evenly and nothing else took time; and
        ``efficiency``, their ratio.

    >>> simulate([1800.0, 1800.0, 3600.0], [2])["hours"].tolist()
    [1.0, 1.5]
    """
    longest_first = sorted(seconds, reverse=True)
    rows = []
    for number in workers:
        ideal = sum(seconds) / number / 3600
        for order, queue in (("longest first", longest_first), ("as drawn", seconds)):
            hours = makespan([each + overhead for each in queue], number) / 3600
            rows.append((number, order, hours, ideal, ideal / hours))
    return pd.DataFrame(rows, columns=["workers", "order", "hours", "ideal", "efficiency"])
