"""A figure of any runs along any setting, and its file, for a page or a slide elsewhere."""

import json
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from instrdiv.charts.common import rules_x, runs_chart
from instrdiv.charts.score_names import SCORES
from instrdiv.charts.setting_words import in_words
from instrdiv.charts.theme import described
from instrdiv.untrusted import all_visible, as_html
from instrdiv.whole_files import replacing

FILES = (".svg", ".png", ".html")
WIDTH = 640
"""Pixels of a figure that no page gives a width to."""
LABELS = ("seed", "weight_seed")
"""Settings that are numbers in name only: between two seeds lies nothing."""
DECADES = 30
"""Values that differ by more than this factor are on a logarithmic axis."""


def own_chart(
    table: pd.DataFrame, *, x: str, color: str | None, scores: list[str], title: list[str]
) -> alt.TopLevelMixin:
    """Scores against a setting: a marker with its interval per run, and means over seeds, which
    lines join unless the setting is a category.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.
        x: the setting on the horizontal axis.
        color: the setting that distinguishes lines; None draws one.
        scores: the first has a marker per run, others have means only.
        title: lines above the figure, the first one larger.
    """
    plain = table.assign(everything="all runs")
    for name in {x, color} - {None}:
        if not _is_number(plain[name]):
            plain[name] = plain[name].map(_text)
    if color is None:
        by = alt.Color("everything:N", legend=None)
    elif _is_number(plain[color]) and plain[color].nunique() > 1:
        legend = alt.Legend(labelExpr="format(datum.value, ',~f')", columns=8)
        scale = alt.Scale(scheme="viridis")
        by = alt.Color(f"{color}:O", title=in_words(color), scale=scale, legend=legend)
    else:
        by = alt.Color(f"{color}:N", title=in_words(color))
    answers = "right answers" if len(scores) > 1 else f"right answers, {SCORES.get(*scores * 2)}"
    chart = runs_chart(
        plain,
        x=_x(plain[x], x),
        by=by,
        scores=scores,
        title=answers,
        joined=_is_number(plain[x]) and x not in LABELS,
    )
    head = alt.TitleParams(title[0], subtitle=title[1:], anchor="start", subtitleColor="#707070")
    by_color = f", a colour for each {in_words(color)}" if color else ""
    return described(chart.properties(title=head, width=WIDTH), ". ".join(title) + by_color)


def _x(values: "pd.Series[Any]", name: str) -> alt.X:
    if name == "num_rules":
        return rules_x()
    if name in LABELS or not _is_number(values):
        kind = "N" if not _is_number(values) else "O"  # numbers stay in their order
        return alt.X(f"{name}:{kind}", title=in_words(name), axis=alt.Axis(labelAngle=0))
    wide = values.min() > 0 and values.max() / values.min() >= DECADES
    scale = alt.Scale(type="log") if wide else alt.Scale(zero=False, nice=False, padding=20)
    few = sorted(set(values.tolist()))
    ticks = few if len(few) <= 8 and not wide else alt.Undefined
    # An axis rounds what its format is given to the distance of its ticks, 0.15 to 0.1.
    axis = alt.Axis(labelExpr="format(datum.value, ',~f')", values=ticks)
    return alt.X(f"{name}:Q", title=in_words(name), scale=scale, axis=axis)


def _is_number(values: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _text(value: Any) -> str:
    """A setting that is no number, as a category."""
    if value is None or value != value:
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def file_content(chart: alt.TopLevelMixin, suffix: str) -> bytes:
    """A chart as the content of a file that needs nothing else, no network either.

    Args:
        suffix: one of `FILES`.
    """
    import vl_convert  # which only those need who write files

    spec: dict[str, Any] = json.loads(json.dumps(all_visible(chart.to_dict())))
    spec["config"]["background"] = "white"  # a page of one's own has any colour
    version = ".".join(alt.VEGALITE_VERSION.split(".")[:2])
    if suffix == ".svg":
        return vl_convert.vegalite_to_svg(spec, vl_version=version).encode()
    if suffix == ".png":
        return vl_convert.vegalite_to_png(spec, vl_version=version, scale=2)
    spec |= {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
    # Not vl-convert's own page, in which a text can close the script that it stands in.
    libraries = vl_convert.javascript_bundle(vl_version=version)  # type: ignore[call-arg]
    return _PAGE.format(
        title=as_html(spec["title"]["text"]),
        libraries=Markup(libraries),
        spec=htmlsafe_json_dumps(spec),
    ).encode()


_PAGE = Markup("""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ background: white; margin: 1rem }}
#figure {{ margin: auto; max-width: 60rem; width: 100% }}
#figure.has-actions {{ padding-right: 0 }} /* the menu stands beside the title */
</style>
</head>
<body><div id="figure"></div>
<script>(function(){{{libraries}}})();</script>
<script>vegaEmbed("#figure", {spec}, {{renderer: "svg", actions: {{editor: false}}}});
</script>
</body>
</html>
""")


def require_figure_name(path: Path) -> None:
    """Check that a file's name says which kind of figure it is.

    Raises:
        ValueError: it does not end in one of `FILES`.
    """
    if path.suffix not in FILES:
        raise ValueError(f"{path}: a name that ends in {', '.join(FILES)} is needed")


def write_chart(chart: alt.TopLevelMixin, path: Path) -> None:
    """Write a chart to an SVG, PNG or HTML file, by the file's name, completely or not at all."""
    content = file_content(chart, path.suffix)
    with replacing(path) as unfinished:
        unfinished.write_bytes(content)
