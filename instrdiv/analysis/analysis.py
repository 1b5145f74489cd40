"""The interface of a chapter's analysis to the rest of the project: one typed object each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from instrdiv.runs.record import Record
from instrdiv.statistics.verdict import Verdict


@dataclass(frozen=True)
class GridGroup:
    """Runs of a published grid's group, which differ from the preset in more than the figures vary.

    Attributes:
        scale: that of the group.
        name: the group's, or its beginning.
    """

    scale: str
    name: str


@dataclass(frozen=True)
class Analysis:
    """How the records of one experiment are read.

    Attributes:
        experiment: its name, as in its records.
        axes: the settings that its figures vary; runs that differ from a scale's preset in any
            other setting are in none of the figures.
        verdicts: decides the paper's claims from rows of `instrdiv.runs.store.score_table` and from
            the rows that they are compared with.
        compared_with: what these are. ``equal rules``: experiment 1's runs with the same optimiser,
            number of examples and seeds, in which all rules apply once and are equally frequent. A
            `GridGroup`: the published runs of another design. A function that returns them for
            the experiment's own records. None: they are compared with nothing.
        at_paper_lengths: decides further claims from the experiment's runs at the paper's string
            lengths, which are those of the desk's scale; None where there are no such runs.
    """

    experiment: str
    axes: tuple[str, ...]
    verdicts: Callable[[pd.DataFrame, pd.DataFrame], list[Verdict]]
    compared_with: (
        Literal["equal rules"] | GridGroup | Callable[[Sequence[Record]], pd.DataFrame] | None
    ) = "equal rules"
    at_paper_lengths: Callable[[pd.DataFrame], list[Verdict]] | None = None
