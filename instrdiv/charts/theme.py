"""One theme for all figures, and one way into a page."""

import json
from typing import Any

import altair as alt
from altair.vegalite.v6.display import html_renderer
from jinja2.utils import htmlsafe_json_dumps

from instrdiv.charts.room import room_on_the_right, with_room
from instrdiv.untrusted import all_visible
from instrdiv.whole_numbers import THIN

# Okabe and Ito's colours, which colour-blind readers can distinguish, in mid-tones that are visible
# on light and on dark pages.
COLORS = ["#0a7abf", "#d55e00", "#1b9e77", "#b8860b", "#b05a94", "#767676"]
GREY = "#707070"
"""Of words and axes where no page gives them its own colour."""


@alt.theme.register("instrdiv", enable=True)
def _theme() -> alt.theme.ThemeConfig:
    text = {"labelColor": GREY, "titleColor": GREY, "labelFontSize": 12, "titleFontSize": 13}
    return {
        "config": {
            "locale": {
                "number": {
                    "decimal": ".",
                    "thousands": THIN,
                    "grouping": [3],
                    "currency": ["", ""],
                    "percent": f"{THIN}%",
                }
            },
            # The page's background shows; book/_static/charts.css gives text the page's own colour.
            "background": "transparent",
            "view": {"stroke": None},
            "mark": {"color": COLORS[0]},
            # Vega's own black cannot be seen on a dark page.
            "rule": {"color": GREY},
            "text": {"color": GREY},
            "range": {"category": COLORS},
            "axis": {
                **text,  # type: ignore[typeddict-item]  # axes and legends share these
                "titleFontWeight": "normal",
                "gridColor": GREY,
                "gridOpacity": 0.2,
                "domainColor": GREY,
                "tickColor": GREY,
                "labelSeparation": 6,
            },
            # Legends are right above the plot, which leaves it the whole width of a narrow screen:
            # below it, the axis and its title would stand between a line and its name.
            "legend": {
                **text,  # type: ignore[typeddict-item]  # axes and legends share these
                "titleFontWeight": "normal",
                "orient": "top",
                "symbolDirection": "vertical",
                "gradientDirection": "horizontal",
                # Below one another: side by side, the second would not fit on a narrow screen.
                "layout": {"top": {"anchor": "start", "direction": "vertical"}},
                "labelLimit": 400,
                # Vega's default for symbols without a colour is black, invisible on a dark page.
                "symbolBaseFillColor": "transparent",
                "symbolBaseStrokeColor": GREY,
            },
            "title": {"color": GREY},
        }
    }


class _InsideScript(json.JSONEncoder):
    """Altair writes a chart's data into a script, which a text in them must not close."""

    def encode(self, o: Any) -> str:
        return str(htmlsafe_json_dumps(o))


def _rendered(spec: dict[str, Any], **options: Any) -> dict[str, str]:
    """Altair's own HTML of a chart, in which every text is shown and none is obeyed."""
    shown = with_room(all_visible(spec))
    return html_renderer(shown, json_kwds={"cls": _InsideScript}, **options)


EMBED = {"renderer": "svg", "actions": {"source": False, "editor": False}}
"""How vega-embed draws: as shapes that a reader can select, with a menu to save them."""

alt.renderers.register("instrdiv", _rendered)
alt.renderers.enable("instrdiv", embed_options=EMBED)

JUPYTER = "application/vnd.vegalite.v5+json"
"""What JupyterLab, up to 4.6, draws by itself: without another host, and without trust in the
notebook. Altair writes Vega-Lite 6, of which our charts use what 5 has too."""
WIDTH = 700
"""Pixels of a plot in JupyterLab, whose page no longer answers once it draws one whose width is
that of its container (seen in 4.6)."""


def jupyter_bundle(chart: alt.TopLevelMixin) -> tuple[dict[str, Any], dict[str, Any]]:
    """A chart as an output that JupyterLab draws, and the output's metadata.

    Where nothing draws it, the chart's text alternative is shown.

    >>> import altair, pandas
    >>> dots = altair.Chart(pandas.DataFrame({"x": [1, 2]})).mark_point().encode(x="x:Q")
    >>> output, about = jupyter_bundle(described(dots.properties(width="container"), "Two dots."))
    >>> output["text/plain"], output[JUPYTER]["width"]
    ('Two dots.', 700)
    """
    spec = all_visible(chart.to_dict())
    if spec.get("width") == "container":
        spec["width"] = WIDTH - room_on_the_right(spec)
    spec = with_room(spec) | {"$schema": "https://vega.github.io/schema/vega-lite/v5.json"}
    text = spec.get("description", "A chart.")
    return {JUPYTER: spec, "text/plain": text}, {JUPYTER: {"embed_options": EMBED}}


def described(chart: alt.TopLevelMixin, alt_text: str) -> alt.TopLevelMixin:
    """The chart with its text alternative, which becomes its accessible name.

    >>> import altair, pandas
    >>> bars = altair.Chart(pandas.DataFrame({"x": [1, 2]})).mark_bar().encode(x="x:Q")
    >>> described(bars, "Two bars, the second twice as long.").description
    'Two bars, the second twice as long.'

    Raises:
        ValueError: the text is empty.
    """
    if not alt_text.strip():
        raise ValueError("a figure needs a text alternative that says what it shows")
    return chart.properties(description=" ".join(alt_text.split()))
