"""Values of a notebook that other pages show: stored under a name in its outputs."""

from typing import Any

from IPython.core.formatters import format_display_data
from IPython.display import display

PREFIX = "application/papermill.record/"
"""Prefix of a media type that is stored in the notebook but not displayed."""


def glue(name: str, value: Any) -> None:
    """Store the display of a value for ``{glue}`` on another page.

    The output is that of `myst_nb.glue`, but running a notebook does not need the book's tools.

    Args:
        name: the name by which the other page refers to it.
    """
    shown, about = format_display_data(value)
    display(
        {PREFIX + kind: data for kind, data in shown.items()},
        raw=True,
        metadata={**about, "scrapbook": {"name": name, "mime_prefix": PREFIX}},
    )
