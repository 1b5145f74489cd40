"""What other pages of the book show of a notebook: a value kept under a name in its outputs."""

from typing import Any

from IPython.core.formatters import format_display_data
from IPython.display import display

PREFIX = "application/papermill.record/"
"""Before a media type: kept in the notebook, and shown by no front end."""


def glue(name: str, value: Any) -> None:
    """Keep how a value is displayed, for ``{glue}`` on another page.

    It writes what `myst_nb.glue` writes, without needing the book's tools where a notebook is
    only run.

    Args:
        name: by which the other page asks for it.
    """
    shown, about = format_display_data(value)
    display(
        {PREFIX + kind: data for kind, data in shown.items()},
        raw=True,
        metadata={**about, "scrapbook": {"name": name, "mime_prefix": PREFIX}},
    )
