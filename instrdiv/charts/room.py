"""Room for the words of a chart on a screen of any width.

A chart is as wide as its column, from a phone's to a desk's, and its letters keep their size. So a
legend takes as many columns as fit beside each other, and long labels and titles take more lines.
"""

import json
import textwrap
from collections.abc import Iterator
from typing import Any

LETTER = 7.5
"""Pixels per letter: the average of a wide font at the size of labels and titles."""
SYMBOL = 40
"""Pixels that a legend's entry takes besides its label."""
LEGEND_LINE = 30
"""Letters of a label in a legend before it is broken."""
LABEL_LINE = 18
"""Letters of a category's label beside the plot."""
TITLE_LINE = 40
"""Letters of the title below the plot."""
BESIDE = {"quantitative": 75, "categories": 165}
"""Pixels beside the plot, for the labels of its vertical axis."""
BESIDE_PLOT = "pixels beside the plot"
"""What a chart says in its metadata of names that stand on the right of its plot."""
LEGENDS = ("color", "fill", "stroke", "shape", "strokeDash")


def with_room(spec: dict[str, Any]) -> dict[str, Any]:
    """The specification of a chart, in which its words find room at any width.

    What the specification says itself, such as the number of a legend's columns, stays.

    >>> dots = {"mark": "point", "encoding": {"color": {"field": "model", "type": "nominal"}}}
    >>> with_room(dots | {"datasets": {"rows": [{"model": "small"}, {"model": "large"}]}})[
    ...     "encoding"
    ... ]["color"]["legend"]
    {'columns': {'expr': 'max(1, floor((containerSize()[0] - 75 + 0 * width) / 78))'}}
    >>> with_room(dots | {"width": 200, "datasets": {"rows": [{"model": "a"}, {"model": "b"}]}})[
    ...     "encoding"
    ... ]["color"]["legend"]
    {'columns': 4}
    """
    spec = json.loads(json.dumps(spec))
    plot = _plot_width(spec)
    for channel, definition in _encodings(spec):
        labels = _labels(spec, definition)
        if channel in LEGENDS and labels and definition.get("legend", {}) is not None:
            definition["legend"] = _legend(labels, plot) | definition.get("legend", {})
        if channel in ("x", "y") and definition.get("axis", {}) is not None:
            room = TITLE_LINE if channel == "x" else _letters_beside(spec)
            own = definition.get("axis", {})
            axis = _title(definition.get("title"), room)
            if channel == "y" and labels:
                axis |= _broken(labels, LABEL_LINE)
            if axis or own:
                definition["axis"] = axis | own
    return spec


def lines_of(letters: int) -> str:
    """An expression of Vega that breaks an axis's or a legend's label into lines."""
    return (
        f"split(trim(replace(datum.label, regexp('(.{{1,{letters}}})( |$)', 'g'), '$1\\n')), '\\n')"
    )


def _encodings(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in spec.get("layer", [spec]):
        for channel, definition in part.get("encoding", {}).items():
            if isinstance(definition, dict) and "field" in definition:
                yield channel, definition


def _labels(spec: dict[str, Any], definition: dict[str, Any]) -> set[str]:
    """The labels of a field of categories; none if it is a quantity or computed in the chart."""
    if definition.get("type") not in ("nominal", "ordinal"):
        return set()
    rows = [row for data in spec.get("datasets", {}).values() for row in data]
    return {str(row[definition["field"]]) for row in rows if definition["field"] in row}


def _plot_width(spec: dict[str, Any]) -> int | str:
    """Pixels, or an expression for them in a chart that is as wide as its column."""
    if isinstance(spec.get("width"), int):
        return int(spec["width"])
    rows = [each for channel, each in _encodings(spec) if channel == "y"]
    beside = BESIDE["categories" if any(_labels(spec, row) for row in rows) else "quantitative"]
    # The plot's own width is known too late, when the height of the whole is settled already; it is
    # named so that the columns are counted again when it changes.
    return f"(containerSize()[0] - {beside + room_on_the_right(spec)} + 0 * width)"


def room_on_the_right(spec: dict[str, Any]) -> int:
    """Pixels beside the plot on its right, where names of lines may stand."""
    return int(spec.get("usermeta", {}).get(BESIDE_PLOT, 0))


def _legend(labels: set[str], plot: int | str) -> dict[str, Any]:
    entry = round(min(max(map(len, labels)), LEGEND_LINE) * LETTER + SYMBOL)
    if isinstance(plot, int):
        return {"columns": max(1, plot // entry)} | _broken(labels, LEGEND_LINE)
    columns = {"expr": f"max(1, floor({plot} / {entry}))"}
    return {"columns": columns} | _broken(labels, LEGEND_LINE)


def _broken(labels: set[str], letters: int) -> dict[str, Any]:
    return {"labelExpr": lines_of(letters)} if max(map(len, labels)) > letters else {}


def _title(title: Any, letters: int) -> dict[str, Any]:
    if not isinstance(title, str) or len(title) <= letters:
        return {}
    even = len(title) // (len(title) // letters + 1) + 5  # rather than one word on the last line
    return {"title": textwrap.wrap(title, even)}


def _letters_beside(spec: dict[str, Any]) -> int:
    """How long a title beside the plot can be."""
    height = spec.get("height")
    return round(height / LETTER) if isinstance(height, int | float) else TITLE_LINE
