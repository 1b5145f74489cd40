"""What the Markdown of a notebook means to the book.

JupyterLab, Colab and most other places that show a notebook know neither directives nor roles, and
would print them. So notebooks hold what is readable there too: a part that folds is HTML, and what
is cited is a link to its entry in the list of references. On the book's pages these become what
Sphinx makes more of: a fold that quizzes, print and editions know, and a link to the bibliography.
A paragraph that ends with a comment, ``<!-- _name.md -->``, says what the book has in its place:
that file, which is written when the pages are built.

A cell of parameters is open where it can be changed, and folded on a page, where the figure follows
the question.
"""

import re
from typing import Any

REFERENCES = "../book/references.bib"
"""Where a notebook's links to what it cites lead; the key follows after ``#``."""
SETTINGS = "The settings of this page's run"
"""What stands on a page for its cell of parameters until it is unfolded."""

_FOLDED = re.compile(r"(?sm)^<details( open)?>\n<summary>(.*?)</summary>\n\n(.*?)\n\n</details>$")
_WRITTEN = re.compile(r"(?m)^.+ <!-- (_[\w-]+\.md) -->$")
_CITED = re.compile(rf"\(\[[^\]]+\]\({re.escape(REFERENCES)}#(\w+)\)\)")


def as_myst(text: str) -> str:
    """A notebook's Markdown with the directives and roles of the book.

    >>> print(as_myst("<details>\\n<summary>Hints</summary>\\n\\n1. Count.\\n\\n</details>"))
    ```{dropdown} Hints
    1. Count.
    ```
    >>> as_myst("An interval ([Wilson, 1927](../book/references.bib#wilson1927)).")
    'An interval {cite:p}`wilson1927`.'
    >>> print(as_myst("In the book, a table says how long it took. <!-- _built.md -->"))
    ```{include} _built.md
    ```
    """
    text = _WRITTEN.sub(r"```{include} \1\n```", text)
    return _CITED.sub(r"{cite:p}`\1`", _FOLDED.sub(_dropdown, text))


def _dropdown(found: re.Match[str]) -> str:
    opened, title, content = found.groups()
    return f"```{{dropdown}} {title}\n" + (":open:\n\n" if opened else "") + f"{content}\n```"


def fold_settings(about: dict[str, Any]) -> None:
    """Fold a page's cell of parameters behind a line that says what it is.

    Args:
        about: the cell's metadata, which are changed.

    >>> cell = {"tags": ["parameters"]}
    >>> fold_settings(cell)
    >>> cell["tags"], cell["mystnb"]["code_prompt_show"]
    (['parameters', 'hide-input'], "The settings of this page's run")
    """
    about["tags"] = [*about["tags"], "hide-input"]
    about["mystnb"] = {"code_prompt_show": SETTINGS, "code_prompt_hide": SETTINGS}
