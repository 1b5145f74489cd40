"""Figures of the pages as pictures on slides: the same charts, with letters for the back row.

A picture is drawn at half of its size on the slide, so that everything in it is twice as large: the
letters, the lines and the marks.
"""

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

import altair
import vl_convert

from instrdiv.charts.common import RING
from instrdiv.charts.line_names import place_again
from instrdiv.charts.room import LEGENDS, room_on_the_right
from instrdiv.untrusted import all_visible

ENLARGED = 2
LETTERS = 12
"""The least size of a letter in a figure before it is enlarged, in pixels."""
DARK = "#1c1c1c"
MARGIN = 0.05
"""Share of the width that stays free on each side, since letters differ between browsers."""
FIGURE = re.compile(r'<figure class="chart".*?</figure>', re.DOTALL)
_SPEC = "})("
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>')


def chart_of(html: str) -> dict[str, Any]:
    """The specification of the first chart in an executed notebook's output.

    Raises:
        ValueError: there is none.
    """
    start = html.find(_SPEC + "{")
    if start < 0:
        raise ValueError(f"no chart in an output that begins with {html[:60]!r}")
    spec: dict[str, Any]
    spec, _ = json.JSONDecoder().raw_decode(html[start + len(_SPEC) :])
    return spec


def picture(spec: dict[str, Any], width: int, height: int) -> str:
    """A chart as an SVG of that size on the slide, in pixels.

    Raises:
        ValueError: the chart's words leave no room for its plot.
    """
    spec = json.loads(json.dumps(all_visible(spec)))
    spec.pop("title", None)  # the slide's own heading says it
    if "layer" in spec:  # a slide has no page whose run could be ringed
        spec["layer"] = [layer for layer in spec["layer"] if layer.get("name") != RING]
    _for_the_back_row(spec)
    wanted = (width / ENLARGED * (1 - 2 * MARGIN), height / ENLARGED)
    plot = (wanted[0] * 0.6, wanted[1] * 0.7)
    drawn = ""
    for _ in range(3):  # the room that words take depends a little on the plot's size
        place_again(spec, plot[1])
        drawn, *found = _drawn(spec | {"width": plot[0], "height": plot[1]})
        plot = (plot[0] + wanted[0] - found[0], plot[1] + wanted[1] - found[1])
        if min(plot) < 60:
            raise ValueError(f"a plot of {plot} pixels is left: fewer or shorter words are needed")
    view = f"{-width / ENLARGED * MARGIN} 0 {width / ENLARGED} {height / ENLARGED}"
    said = escape(str(spec.get("description", "")), quote=True)
    opening = (
        f'<svg class="picture" role="img" aria-label="{said}" width="{width}" height="{height}" '
        f'viewBox="{view}">'
    )
    return opening + drawn


def _drawn(spec: dict[str, Any]) -> tuple[str, float, float]:
    """What is within the chart's SVG and its end, and the SVG's width and height."""
    version = ".".join(altair.VEGALITE_VERSION.split(".")[:2])
    svg = vl_convert.vegalite_to_svg(spec, vl_version=version)
    opening = _SIZE.match(svg)
    assert opening, svg[:200]
    return svg[opening.end() :], float(opening[1]), float(opening[2])


def _for_the_back_row(spec: dict[str, Any]) -> None:
    """Large and dark letters; legends beside the plot, since a slide is wide and not high."""
    config = spec.setdefault("config", {})
    for part in ("axis", "legend"):
        config.setdefault(part, {}).update(
            labelColor=DARK, titleColor=DARK, labelFontSize=LETTERS, titleFontSize=LETTERS
        )
    named = room_on_the_right(spec)  # where names of lines stand, no legend can
    config["legend"] |= (
        {"orient": "top", "direction": "horizontal"}
        if named
        else {"orient": "right", "direction": "vertical", "labelLimit": 180}
    )
    config["legend"].pop("layout", None)
    config["background"] = "white"
    for mark in _parts(spec, "mark"):
        if mark.get("type") == "text":
            mark["fontSize"] = max(LETTERS, mark.get("fontSize", LETTERS))
    for encoding in _parts(spec, "encoding"):
        for channel in LEGENDS:
            legend = encoding.get(channel, {}).get("legend")
            if isinstance(legend, dict):
                for name in ("columns", "orient", "direction"):
                    legend.pop(name, None)
        for channel in ("x", "y"):
            axis = encoding.get(channel, {}).get("axis")
            if isinstance(axis, dict):
                for name in ("labelFontSize", "titleFontSize"):
                    axis.pop(name, None)
                # A page breaks long labels; here there is room beside the plot, not below it.
                if channel == "y" and str(axis.get("labelExpr", "")).startswith("split("):
                    axis.pop("labelExpr")
                    axis |= {"labelLimit": 220, "titlePadding": 40}
                if axis.get("labelAngle"):
                    axis["titlePadding"] = 16


def _parts(spec: Any, name: str) -> Iterator[dict[str, Any]]:
    """Every object of that name in a specification, its data left out."""
    if isinstance(spec, dict):
        for key, value in spec.items():
            if key == name and isinstance(value, dict):
                yield value
            elif key not in ("datasets", "data"):
                yield from _parts(value, name)
    elif isinstance(spec, list):
        for each in spec:
            yield from _parts(each, name)
