"""What the verdicts of several experiments need to know about the design of runs."""

import pandas as pd


def has_paper_lengths(table: pd.DataFrame, *, x_length: int = 20, z_length: int = 50) -> bool:
    """Whether runs have the paper's string lengths.

    A threshold depends on them, so a claim that names a number of rules can only be refuted at the
    same lengths.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.
        x_length, z_length: the paper's; experiments with other lengths pass their own.
    """
    return bool((table.x_length == x_length).all() and (table.z_length == z_length).all())


def epochs(table: pd.DataFrame) -> float:
    """The smallest number of epochs of any run.

    >>> epochs(pd.DataFrame({"steps": [10, 20], "batch_size": 5, "num_examples": 50}))
    1.0
    """
    return float((table.steps * table.batch_size / table.num_examples).min())
