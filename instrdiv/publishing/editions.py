"""Two further editions of the book from one source: for students, without solutions, and for
teachers, with all solutions open.

Sphinx's own tags would choose on the pages alone: the downloads and the slides, which Sphinx does
not set, would keep their solutions. So the text is chosen before anything is made of it.
"""

import re

EDITIONS = ("published", "student", "instructor")
"""*published*: solutions are folded and open on a click."""

_IN_PAGES = re.compile(
    r"(?:^|\n)```\{dropdown\} (Solutions|Answers)\n(.*?)\n```(?=\n|$)", re.DOTALL
)
_IN_NOTEBOOKS = re.compile(
    r"(?:^|\n)<details>\n<summary>(Solutions|Answers)</summary>\n(.*?)\n</details>(?=\n|$)",
    re.DOTALL,
)


def for_edition(text: str, edition: str) -> str:
    """The Markdown of a page or a notebook in an edition.

    >>> page = "1. Why?\\n\\n```{dropdown} Solutions\\n1. Because.\\n```"
    >>> for_edition(page, "student")
    '1. Why?\\n'
    >>> ":open:" in for_edition(page, "instructor")
    True

    Raises:
        ValueError: there is no such edition.
    """
    if edition not in EDITIONS:
        raise ValueError(f"edition {edition!r}; allowed: {', '.join(EDITIONS)}")
    if edition == "student":
        return _IN_NOTEBOOKS.sub("", _IN_PAGES.sub("", text))
    if edition == "instructor":
        text = _IN_PAGES.sub(r"\n```{dropdown} \1\n:open:\n\n\2\n```", text)
        opened = r"\n<details open>\n<summary>\1</summary>\n\2\n</details>"
        return _IN_NOTEBOOKS.sub(opened, text)
    return text
