"""What the analysis of a chapter is to the rest of the project: one typed object a chapter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from instrdiv.runs.record import Record
from instrdiv.statistics.verdict import Verdict


@dataclass(frozen=True)
class Analysis:
    """How the records of one experiment are read.

    Attributes:
        experiment: its name, as in its records.
        axes: the settings that its figures vary; runs that differ from a scale's preset in any
            other setting belong in none of them.
        verdicts: holds the paper's claims against its runs: rows of
            `instrdiv.runs.store.score_table`, and the rows of what they are held against.
        held_against: what that is. ``equal rules``: experiment 1's runs with the same optimiser,
            number of examples and seeds, in which all rules apply once and are equally frequent.
            ``paper lengths``: experiment 1's runs at the paper's string lengths. Or a function that
            makes it of the experiment's own records.
    """

    experiment: str
    axes: tuple[str, ...]
    verdicts: Callable[[pd.DataFrame, pd.DataFrame], list[Verdict]]
    held_against: (
        Literal["equal rules", "paper lengths"] | Callable[[Sequence[Record]], pd.DataFrame]
    ) = "equal rules"
