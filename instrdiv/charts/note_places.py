"""Where notes stand in a figure: beside what they are about, and where nothing is drawn.

A note without such a place is left out. In a plot that is smaller than those it was placed for,
such as on a phone, it is not shown.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from instrdiv.charts.line_names import said_by
from instrdiv.charts.notes import Note
from instrdiv.charts.theme import GREY

LEAST_WIDTH, LEAST_HEIGHT = 440, 260
"""Pixels of the smallest plot that has notes."""
WIDTHS = (LEAST_WIDTH, 2 * LEAST_WIDTH)
"""Pixels of the plots in all of which a note must find room, from a narrow page to a wide one."""
LETTER, LINE = 7.0, 16.0
"""Pixels of a letter, and from one line of letters to the next."""
AWAY = 10
"""Pixels between a note and what it is about."""
CLEAR = 5
"""Pixels around a note in which nothing is drawn."""
STEP = 4
"""Pixels between the places that are tried, and between the points that stand for a line."""

Place = dict[str, Any]
"""How a note's words stand to the place that they are about: ``align``, ``dx`` and ``dy``."""
Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels."""


def as_lines(rows: pd.DataFrame, *, x: alt.X, color: alt.Color) -> pd.DataFrame:
    """The lines of a figure, as notes and their places need them.

    Args:
        rows: a row per run and score, with the columns of x and of the colour.

    Returns:
        Columns: ``at``, where on the horizontal axis, ``across``, the same from 0 to 1, ``line``,
        ``score``, ``share``, ``low``, ``high``.
    """
    at, line = rows[said_by(x)["field"]], rows[said_by(color)["field"]]
    shown = rows[["score", "share", "low", "high"]]
    return shown.assign(at=at, across=at.map(_axis(x, at)), line=line)


def with_notes(
    layers: Sequence[alt.Chart],
    notes: Sequence[Note],
    *,
    x: alt.X,
    y: alt.Y,
    lines: pd.DataFrame,
    height: int,
) -> list[alt.Chart]:
    """The layers of a chart, and with them the notes that find a place.

    Args:
        x, y: the axes of the layers; y from 0 to 1.
        lines: from `as_lines`, with all that is drawn.
        height: of the plot, in pixels.
    """
    field = said_by(x)["field"]
    placed = _placed(notes, _axis(x, lines["at"]), lines, height) if notes else []
    rows = [
        {field: note.at, "share": note.share, "words": list(note.words)} | place
        for note, place in placed
    ]
    ends = [
        {field: note.at, "share": note.bar[0], "to": note.bar[1]} for note, _ in placed if note.bar
    ]
    # In the smaller plot of a phone or a slide they would stand on lines.
    shown = alt.ExprRef(f"width < {LEAST_WIDTH} || height < {LEAST_HEIGHT} ? 0 : 1")
    bars = alt.Chart(alt.InlineData(values=ends, name="bars")).mark_rule(
        strokeDash=[2, 3], color=GREY, opacity=shown
    )
    # Under names of their own, they are no data of the figure; charts.css knows the layer's.
    words = alt.Chart(alt.InlineData(values=rows, name="notes"), name="notes").mark_text(
        align=alt.ExprRef("datum.align"),
        baseline="middle",
        dx=alt.ExprRef("datum.dx"),
        dy=alt.ExprRef("datum.dy"),
        fontSize=13,
        lineHeight=LINE,
        color=GREY,
        opacity=shown,
    )
    below = [bars.encode(x=x, y=y, y2="to:Q")] if ends else []
    above = [words.encode(x=x, y=y, text="words:N")] if rows else []
    return [*below, *layers, *above]


def _axis(x: alt.X, values: pd.Series) -> Callable[[Any], float]:
    """How far to the right a value is on an axis, from 0 to 1.

    Args:
        values: all that are drawn.
    """
    said = said_by(x)
    if order := said.get("sort"):
        return lambda value: (order.index(value) + 0.5) / len(order)
    if said.get("scale", {}).get("type") == "log":
        low, high = np.log(said["scale"].get("domain", [values.min(), values.max()]))
        return lambda value: float(np.log(value) - low) / ((high - low) or 1.0)
    return lambda value: float(value / (values.max() or 1.0))


def _placed(
    notes: Sequence[Note], axis: Callable[[Any], float], lines: pd.DataFrame, height: int
) -> list[tuple[Note, Place]]:
    taken = {width: _points(lines, width, height) for width in WIDTHS}
    boxes: dict[int, list[Box]] = {width: [] for width in WIDTHS}
    placed = []
    for note in notes:
        for place in _places(note, height):
            at = {
                width: _box(note, place, axis(note.at) * width, (1 - note.share) * height)
                for width in WIDTHS
            }
            if all(
                _free(box, taken[width], boxes[width], width, height) for width, box in at.items()
            ):
                placed.append((note, place))
                for width, box in at.items():
                    boxes[width].append(box)
                break
    return placed


def _places(note: Note, height: int) -> Iterator[Place]:
    """Places for a note, the nearest first."""
    reach = note.reach * height
    for dy in sorted(np.arange(-reach // STEP, reach // STEP + 1) * STEP, key=abs):
        # The first line of a text stands where the text does, the others below it.
        first = float(dy) - LINE * (len(note.words) - 1) / 2
        for side in note.sides:
            yield {
                "left": {"align": "right", "dx": -AWAY, "dy": first},
                "right": {"align": "left", "dx": AWAY, "dy": first},
                "center": {"align": "center", "dx": 0, "dy": first},
            }[side]


def _box(note: Note, place: Place, left: float, top: float) -> Box:
    wide = LETTER * max(map(len, note.words))
    left += place["dx"] - {"left": 0, "center": wide / 2, "right": wide}[place["align"]]
    top += place["dy"] - LINE / 2
    return left, top, left + wide, top + LINE * len(note.words)


def _free(box: Box, taken: np.ndarray, boxes: list[Box], width: float, height: float) -> bool:
    left, top, right, bottom = box
    inside = min(left, top) >= 0 and right <= width and bottom <= height
    x, y = taken.T
    near = (left - CLEAR < x) & (x < right + CLEAR) & (top - CLEAR < y) & (y < bottom + CLEAR)
    touching = [
        other
        for other in boxes
        if left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
    ]
    return inside and not near.any() and not touching


def _points(lines: pd.DataFrame, width: float, height: float) -> np.ndarray:
    """Points of all that is drawn, in pixels: intervals of runs, and lines through the means."""
    runs = lines[["across", "low", "across", "high"]].to_numpy(float)
    means = lines.groupby(["line", "score", "across"], as_index=False).share.mean()
    joined = [
        np.column_stack([line[:-1], line[1:]])
        for _, rows in means.groupby(["line", "score"])
        for line in [rows[["across", "share"]].to_numpy(float)]
    ]
    ends = np.concatenate([runs, *joined]) * [width, height, width, height]
    along = [
        np.linspace(end[:2], end[2:], 2 + int(np.hypot(*(end[2:] - end[:2])) // STEP))
        for end in ends[np.isfinite(ends).all(axis=1)]
    ]
    x, upwards = np.concatenate(along).T
    return np.column_stack([x, height - upwards])
