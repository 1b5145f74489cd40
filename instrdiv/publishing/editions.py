"""Two editions of the book out of one source: for students without solutions, for teachers with
all of them open.

Sphinx's own tags would choose on the pages alone: the downloads and the slides, which Sphinx does
not set, would keep their solutions. So the text is chosen before anything is made of it.
"""

import re

EDITIONS = ("published", "student", "instructor")
"""*published*: solutions are there, to be opened by a click."""

_SOLUTIONS = re.compile(
    r"(?:^|\n)```\{dropdown\} (Solutions|Answers)\n(.*?)\n```(?=\n|$)", re.DOTALL
)


def for_edition(text: str, edition: str) -> str:
    """A page's Markdown as an edition shows it.

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
        return _SOLUTIONS.sub("", text)
    if edition == "instructor":
        return _SOLUTIONS.sub(r"\n```{dropdown} \1\n:open:\n\n\2\n```", text)
    return text
