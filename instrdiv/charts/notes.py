"""Words inside a figure at what a reader should see there, computed from what it shows.

All take the lines of a figure as `instrdiv.charts.note_places.as_lines` gives them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from instrdiv.charts.line_names import in_lines

LEAST_GAP = 0.1
"""A smaller difference is nothing that a reader should see first."""

Side = Literal["left", "right", "center"]


@dataclass(frozen=True)
class Note:
    """Words about one place of a plot whose vertical axis is a share.

    Attributes:
        at: the place on the horizontal axis.
        share: the place on the vertical axis, from 0 to 1.
        words: line by line.
        sides: where the words may stand, seen from the place.
        reach: how far above and below it they may stand, as a share of the height.
        bar: from which share to which a bar marks what they are about, if any.
    """

    at: Any
    share: float
    words: tuple[str, ...]
    sides: tuple[Side, ...]
    reach: float = 0.09
    bar: tuple[float, float] | None = None


Notes = Callable[[pd.DataFrame], Sequence[Note]]
"""What a figure's lines give to note."""


def widest_gap(same: str) -> Notes:
    """How far apart lines are where they are farthest apart.

    Args:
        same: what is the same there, such as "same number of rules".
    """

    def noted(lines: pd.DataFrame) -> list[Note]:
        means = lines.groupby(["at", "line"]).share.mean().groupby("at").agg(["min", "max"])
        gaps = means["max"] - means["min"]
        if gaps.empty or gaps.max() < LEAST_GAP:
            return []
        widest = means.iloc[int(gaps.argmax())]
        low, high = float(widest["min"]), float(widest["max"])
        words = tuple(in_lines(f"{same}, {100 * (high - low):.0f} points apart"))
        sides: tuple[Side, ...] = ("right", "left")
        reach = 0.4 * (high - low)
        return [Note(widest.name, (low + high) / 2, words, sides, reach, bar=(low, high))]

    return noted


def changes(lines: pd.DataFrame) -> list[Note]:
    """How much each line has risen or fallen where it ends."""
    found = []
    for _, line in lines.sort_values("across").groupby("line"):
        means = line.groupby("at", sort=False).share.mean()
        if len(means) > 1:
            words = (_moved(round(100 * (means.iloc[-1] - means.iloc[0]))),)
            found.append(Note(means.index[-1], float(means.iloc[-1]), words, ("left",)))
    return found


def _moved(points: int) -> str:
    """
    >>> _moved(-18), _moved(1), _moved(0)
    ('falls 18 points', 'rises 1 point', 'ends as it begins')
    """
    if not points:
        return "ends as it begins"
    return f"{'rises' if points > 0 else 'falls'} {abs(points)} point{'s' * (abs(points) != 1)}"
