"""One way to write numbers on all pages and slides: a Sphinx extension that `_config.yml` names.

Texts are typed, computed and read from records, each with its own habits. What a reader sees has
thousands apart by a thin space that does not break, the same space before a percent sign, and a
minus as wide as a plus. Code, scripts and pictures stay as they are, and so does what a program
reads, such as a CSV file; charts follow the same rule by their theme.
"""

import re
from typing import Any

from sphinx.application import Sphinx

from instrdiv.whole_numbers import THIN

_THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:[, \u00a0]\d{3})+(?!\w)")
_PERCENT = re.compile(r"(?<=\d)[ \u00a0]?%")
_MINUS = re.compile(r"(?<![^\s(\[=<>≤≥±])-(?=\d)")
"""A hyphen before a number, unless it joins the number to what stands before it."""
MINUS = "\N{MINUS SIGN}"
_AS_IT_IS = re.compile(
    r"(<(?P<name>script|style|svg|pre|code|textarea)\b.*?</(?P=name)>|<[^>]*>)", re.DOTALL
)


def tidy(text: str) -> str:
    """A text with its numbers in the one format.

    >>> tidy("10,000 rules, 96.7% of 1 000; seeds 1, 234").replace(THIN, "_")
    '10_000 rules, 96.7_% of 1_000; seeds 1, 234'
    >>> tidy("-5.0 points (-9.0 to -1.0), GPT-2, pages 3-4")
    '−5.0 points (−9.0 to −1.0), GPT-2, pages 3-4'
    """
    apart = _THOUSANDS.sub(lambda number: re.sub(r"[, \u00a0]", THIN, number[0]), text)
    return _MINUS.sub(MINUS, _PERCENT.sub(f"{THIN}%", apart))


def tidy_page(html: str) -> str:
    """HTML with the numbers of its text in the one format.

    >>> tidy_page('<p title="5%">5% <code>x % 2, 5%</code></p>').replace(THIN, "_")
    '<p title="5%">5_% <code>x % 2, 5%</code></p>'
    >>> tidy_page("<td>-2</td><p><em>GPT</em>-2</p>")
    '<td>−2</td><p><em>GPT</em>-2</p>'
    """
    parts, end, before = [], 0, ""
    for kept in _AS_IT_IS.finditer(html):
        parts += [_tidy_after(before, html[end : kept.start()]), kept[0]]
        end, before = kept.end(), kept[0]
    return "".join([*parts, _tidy_after(before, html[end:])])


def _tidy_after(before: str, text: str) -> str:
    """A text in the one format, less a hyphen that joins it to a word which ends before it."""
    if text.startswith("-") and "</" in before:
        return "-" + tidy(text[1:])
    return tidy(text)


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this when it loads the extension."""
    app.connect("html-page-context", _tidy)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _tidy(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if "body" in context:  # not the page of search results
        context["body"] = tidy_page(context["body"])
