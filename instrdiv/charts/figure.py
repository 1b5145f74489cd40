"""A figure as readers see it: number, chart, caption, source and data."""

import base64
import os
import sys
from contextlib import AbstractContextManager
from typing import Any

import altair as alt
import pandas as pd
from IPython.display import HTML, display

from instrdiv.charts.theme import described, jupyter_bundle
from instrdiv.environment import environment_variable
from instrdiv.untrusted import as_cell, as_html, visible

FOR_PAGES = "INSTRDIV_FIGURES_FOR_PAGES"
"""Environment variable of a kernel whose figures go onto a page that has the chart libraries."""
MAX_ROWS = 400
"""Longer data are only in the file, since their table would fill the page."""


def figure_html(
    chart: alt.TopLevelMixin, *, number: str, alt_text: str, caption: str, source: str
) -> str:
    """A numbered figure, with its data as a table and as a file.

    Args:
        number: e.g. ``1.2``; links to the figure are ``#figure-1-2``.
        alt_text: the text alternative, for readers who cannot see it.
        caption: what it shows and how to read it, as text, or as markup of type `Markup`.
        source: where its data come from, in small print, likewise.

    Raises:
        ValueError: the text alternative or the caption is empty.
    """
    drawn = described(chart, alt_text)
    shown: Any = drawn._repr_mimebundle_()
    return (
        f'<figure class="chart" id="{_anchor(number)}">{shown["text/html"]}<figcaption>'
        f"{caption_html(drawn, number=number, caption=caption, source=source)}"
        "</figcaption></figure>"
    )


def caption_html(chart: alt.TopLevelMixin, *, number: str, caption: str, source: str) -> str:
    """What stands below a chart: number, caption, source and data; see `figure_html`.

    Raises:
        ValueError: the caption is empty.
    """
    if not caption.strip():
        raise ValueError(f"figure {number} needs a caption")
    anchor = _anchor(number)
    tables = drawn_data(chart)
    data = "".join(
        data_html(
            rows,
            title=f"Data of figure {number}" + (f", part {i}" if len(tables) > 1 else ""),
            file=f"{anchor}-{i}.csv" if len(tables) > 1 else f"{anchor}.csv",
        )
        for i, rows in enumerate(tables, start=1)
    )
    return (
        f"<p><strong>Figure {number}.</strong> {as_html(caption)}</p>"
        f'<p class="source">{as_html(source)}</p>{data}'
    )


def _anchor(number: str) -> str:
    return f"figure-{number.replace('.', '-')}"


def drawn_data(chart: alt.TopLevelMixin) -> list[pd.DataFrame]:
    """The data sets inside a chart.

    >>> bars = alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_bar().encode(x="x:Q")
    >>> [rows.x.tolist() for rows in drawn_data(bars)]
    [[1, 2]]
    """
    return [pd.DataFrame(rows) for rows in chart.to_dict().get("datasets", {}).values()]


def data_html(rows: pd.DataFrame, *, title: str, file: str) -> str:
    """A table that opens on request, and the same data as CSV inside the page, so that downloading
    needs no server."""
    cells = rows.map(lambda cell: as_cell(cell) if isinstance(cell, str) else cell)
    cells.columns = pd.Index([as_cell(name) for name in rows.columns])
    encoded = base64.b64encode(cells.to_csv(index=False).encode()).decode()
    link = f'<a download="{file}" href="data:text/csv;base64,{encoded}">CSV</a>'
    title = as_html(title)
    rows = rows.map(lambda cell: visible(cell) if isinstance(cell, str) else cell)
    if len(rows) > MAX_ROWS:
        return f'<p class="data">{title}: {len(rows):,} rows as {link}</p>'
    table = rows.to_html(
        index=False, border=0, justify="left", na_rep="", float_format="{:.4g}".format
    )
    table = table.replace("<th>", '<th scope="col">').replace(' class="dataframe"', "")
    # The region scrolls, so it must be reachable by keyboard; Jupyter has no style sheet of ours.
    style = "max-height: 16rem; overflow: auto"
    region = f'<div style="{style}" tabindex="0" role="region" aria-label="{title}">'
    number = f"{len(rows):,} row{'s' * (len(rows) != 1)}"
    return (
        f'<details class="data"><summary>{title}: {number}</summary>'
        f"<p>{link}</p>"
        f"{region}{table}</div></details>"
    )


class Figures:
    """Shows the figures of one page, numbered in the order in which they are first shown.

    A figure is identified by its text alternative, which must be unique on the page: if its cell is
    run again in a notebook, it keeps its number.

    Args:
        chapter: prefix of each number, such as ``2`` for figures 2.1, 2.2, …; none if empty.

    >>> figures = Figures("2")
    >>> [figures.number(alt) for alt in ("A curve.", "Bars.", "A curve.")]
    ['2.1', '2.2', '2.1']
    """

    def __init__(self, chapter: str = "") -> None:
        self.chapter = chapter
        self.shown: list[str] = []
        """Text alternatives, in the order in which figures were first shown."""

    def number(self, alt: str) -> str:
        """The number of the figure with this text alternative; the next one if it is new."""
        if alt not in self.shown:
            self.shown.append(alt)
        count = self.shown.index(alt) + 1
        return f"{self.chapter}.{count}" if self.chapter else str(count)

    def show(self, chart: alt.TopLevelMixin, *, alt: str, caption: str, source: str) -> None:
        """Show a figure; see `figure_html`.

        On a page it is one piece of HTML. In a notebook it is two outputs, since JupyterLab draws
        the chart itself, see `instrdiv.charts.theme.jupyter_bundle`, and HTML stands beside it.
        """
        number = self.number(alt)
        # Colab draws only what brings its libraries along, and has a network to fetch them.
        if os.environ.get(FOR_PAGES) or "google.colab" in sys.modules:
            shown = figure_html(chart, number=number, alt_text=alt, caption=caption, source=source)
            display(HTML(shown))
            return
        drawn = described(chart, alt)
        below = caption_html(drawn, number=number, caption=caption, source=source)
        output, about = jupyter_bundle(drawn)
        display(output, raw=True, metadata=about)
        display(HTML(below))


def figures_for_pages() -> AbstractContextManager[None]:
    """Within this context, kernels that start make figures for pages rather than for Jupyter."""
    return environment_variable(FOR_PAGES, "1")
