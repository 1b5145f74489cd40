"""What the verdicts of several experiments ask of their tables."""

import pandas as pd


def has_paper_lengths(table: pd.DataFrame, *, x_length: int = 20, z_length: int = 50) -> bool:
    """Whether runs have the paper's string lengths.

    Where a threshold lies depends on them, so a claim that names a number of rules is only ever
    refuted at like lengths.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.
        x_length, z_length: the paper's, which an experiment of its own lengths names.
    """
    return bool((table.x_length == x_length).all() and (table.z_length == z_length).all())


def epochs(table: pd.DataFrame) -> float:
    """How often runs at least went through their examples.

    >>> epochs(pd.DataFrame({"steps": [10, 20], "batch_size": 5, "num_examples": 50}))
    1.0
    """
    return float((table.steps * table.batch_size / table.num_examples).min())
