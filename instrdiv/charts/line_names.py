"""Names of lines at their right ends, where a reader's eye is, in place of a legend."""

import textwrap
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from instrdiv.charts.theme import GREY

MOST_NAMES = 6
"""More would stand too far from their lines."""
MOST_LETTERS = 13
"""Letters of a name before it is broken into lines: what a phone's screen has room for."""
MOST_LINES = 2
LETTER = 7.5
"""Pixels of a letter, at most."""
LINE = 14
"""Pixels from one line of letters to the next."""
BETWEEN = 4
"""Pixels between two names."""
AWAY = 10
"""Pixels from the end of a line to its name, past the marker there."""


def said_by(channel: alt.X | alt.Color) -> dict[str, Any]:
    """What a channel specifies: its field, title, scale and so on."""
    specified: Any = channel.to_dict()
    return dict(specified)


def fit_beside(names: Sequence[str], title: str = "") -> bool:
    """Whether lines can have their names beside them; otherwise they need a legend.

    >>> fit_beside(["AdamW (the paper's)", "Muon"], "optimiser"), fit_beside(["all runs"])
    (True, False)
    >>> fit_beside(["the paper: AdamW, 6 layers of width 256", "ours"])
    False
    """
    short = all(
        len(lines) <= MOST_LINES and max(map(len, lines)) <= MOST_LETTERS
        for lines in map(in_lines, [*names, title])
    )
    return 1 < len(names) <= MOST_NAMES and short


def in_lines(name: str) -> list[str]:
    """A name in lines that are short enough.

    >>> in_lines("AdamW (the paper's)")
    ['AdamW (the', "paper's)"]
    """
    return textwrap.wrap(name, MOST_LETTERS, break_long_words=False) or [""]


def names_beside(
    ends: pd.DataFrame, *, color: alt.Color, title: str, height: int
) -> tuple[list[alt.Chart], int]:
    """The names of lines at the plot's right edge, with what they are names of above them.

    Args:
        ends: a row for each line: its name in the column of `color`, and as ``top`` where the line
            ends, in pixels below the plot's upper edge.
        color: what gives lines their colours.
        title: what the names are names of; may be empty.
        height: of the plot, in pixels.

    Returns:
        The layers, and the pixels that they take beside the plot.
    """
    name = said_by(color)["field"]
    ordered = ends.sort_values("top", kind="stable")
    words = [in_lines(str(each)) for each in ordered[name]]
    rows = [
        {name: each, "words": lines, "end": top / height}
        for each, lines, top in zip(
            ordered[name].tolist(), words, ordered.top.tolist(), strict=True
        )
    ]
    above = in_lines(title) if title else []
    head = [{"words": above}] if above else []
    _place(rows, head, height)
    layers = [_texts(rows, "names").encode(color=color)]
    layers += [_texts(head, "head")] if head else []
    widest = max(len(line) for each in [*words, above] for line in each)
    return layers, round(AWAY + LETTER * widest)


def room_above(title: str) -> dict[str, int]:
    """The padding of a chart whose names have this title: names widen a chart by themselves, but
    what stands above it is cut."""
    return {"left": 5, "top": 5 + LINE * len(in_lines(title)), "right": 5, "bottom": 5}


def place_again(spec: dict[str, Any], height: float) -> None:
    """Move the names in a chart's specification to where they belong at another height."""
    layers = spec.get("layer", [])
    named = {
        layer.get("data", {}).get("name"): layer["data"] for layer in layers if "data" in layer
    }
    if "names" in named:
        head = named["head"]["values"] if "head" in named else []
        _place(named["names"]["values"], head, height)


def _place(rows: list[dict[str, Any]], head: list[dict[str, Any]], height: float) -> None:
    heights = [float(LINE * len(row["words"])) for row in rows]
    middles = spaced([row["end"] * height for row in rows], heights, height)
    for row, middle in zip(rows, middles, strict=True):
        # The first line of a text stands where the text does, the others below it.
        row["top"] = middle - LINE * (len(row["words"]) - 1) / 2
    for row in head:
        row["top"] = rows[0]["top"] - LINE * len(row["words"]) - BETWEEN


def _texts(rows: list[dict[str, Any]], name: str) -> alt.Chart:
    """Texts at the right edge. Under a name of their own, they are no data of the figure."""
    texts = alt.Chart(alt.InlineData(values=rows, name=name), name=f"line_{name}").mark_text(
        align="left", baseline="middle", dx=AWAY, fontSize=13, lineHeight=LINE, color=GREY
    )
    return texts.encode(
        x=alt.value("width"),
        # Pixels already, whatever the scale of the lines.
        y=alt.Y("top:Q", scale=None, axis=None),
        text="words:N",
    )


def spaced(wanted: Sequence[float], heights: Sequence[float], room: float) -> list[float]:
    """Where names stand so that none touches the next: each as near to its line as can be.

    Args:
        wanted: where the middle of each should be, from the top.
        heights: of the names.
        room: the last name's middle is not below this.

    >>> spaced([2, 3, 100], [14, 14, 14], 340)
    [0.0, 18.0, 100.0]
    >>> spaced([50, 50, 51], [14, 14, 28], 340)
    [30.0, 48.0, 73.0]
    """
    least = np.add(heights[:-1], heights[1:]) / 2 + BETWEEN
    offsets = np.concatenate([[0.0], np.cumsum(least)])
    free = np.subtract(wanted, offsets)
    # Least squares under an order: of every run of neighbours that collide, the mean.
    count = len(free)
    placed = [
        max(min(free[a : b + 1].mean() for b in range(i, count)) for a in range(i + 1))
        for i in range(count)
    ]
    within = np.clip(placed, 0, max(0.0, room - offsets[-1]))
    return [float(each) for each in within + offsets]
