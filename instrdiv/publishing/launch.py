"""Ways to take a chapter along: its notebook without outputs, and buttons that open it elsewhere.

Binder opens a page in an environment made from the repository. Colab has its own environment and
opens the notebooks without outputs, which first fetch and install the project; the publishing
workflow puts them on the branch `COLAB`. The theme's own button serves Binder; its button for Colab
knows one branch for everything, so that link is written here.
"""

from urllib.parse import urlparse

import nbformat
import yaml
from nbformat.v4 import new_code_cell

COLAB = "colab"
BEFORE = "**Time and hardware:**"
"""A chapter says how to take it along after the line that begins with this text."""


def launch_settings(repository: str | None) -> str:
    """Settings for buttons that open a page in Binder; none without a public repository.

    >>> "mybinder" in launch_settings("https://github.com/someone/book")
    True
    >>> launch_settings(None)
    ''
    """
    if not repository:
        return ""
    added = {
        "repository": {"url": repository, "branch": "main", "path_to_book": ""},
        "launch_buttons": {
            "notebook_interface": "jupyterlab",
            "binderhub_url": "https://mybinder.org",
        },
    }
    return "\n" + yaml.safe_dump(added)


def take_along(text: str, name: str, repository: str | None) -> str:
    """A chapter's first text with a line on how to take the chapter along.

    It follows the lines that say what readers need, each of which the book shows on its own line.

    Args:
        name: of the notebook, whose copy without outputs is in the folder ``plain`` beside it.

    >>> print(take_along("# A title\\n\\n**Time and hardware:** a minute.\\n\\nText", "01", None))
    # A title
    <BLANKLINE>
    **Time and hardware:** a minute.\\
    **Take it along:** {download}`the notebook without outputs <plain/01.ipynb>`.
    <BLANKLINE>
    Text
    """
    line = f"**Take it along:** {{download}}`the notebook without outputs <plain/{name}.ipynb>`"
    if repository:
        place = urlparse(repository).path.strip("/")
        address = f"https://colab.research.google.com/github/{place}/blob/{COLAB}/{name}.ipynb"
        line += f", or [open it in Colab]({address})"
    lines = text.split("\n")
    number = next(i for i, before in enumerate(lines) if before.startswith(BEFORE))
    lines.insert(number + 1, line + ".")
    return "\n".join(
        this.rstrip("\\") + "\\" * (this.startswith("**") and after.startswith("**"))
        for this, after in zip(lines, [*lines[1:], ""], strict=True)
    )


def without_outputs(
    notebook: nbformat.NotebookNode, repository: str | None
) -> nbformat.NotebookNode:
    """The notebook without outputs; if there is a public repository, its first cell fetches the
    project where it is not installed."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if repository:
        setup = new_code_cell(SETUP.format(repository=repository))
        setup.id = "setup"
        notebook.cells.insert(0, setup)
    return notebook


SETUP = """\
# Where the project is not installed, such as in Colab, it is fetched and installed first.
import importlib.util

if importlib.util.find_spec("instrdiv") is None:
    !git clone --quiet --depth 1 {repository} book-of-experiments
    %cd book-of-experiments
    %pip install --quiet --editable '.[models,code]'"""
