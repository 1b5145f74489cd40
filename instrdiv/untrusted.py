"""Text that nobody of us has written: models' answers, names from another machine.

Such a text is shown and never obeyed. One of these functions stands wherever one enters a page, a
figure, a slide or a terminal, so that no markup, directive or script can be reached from data. What
is already markup has the type `markupsafe.Markup`; every plain string is text.
"""

import re
import string
import unicodedata
from typing import Any

from markupsafe import Markup, escape

MOST = 20_000
"""Characters of a text that are shown."""


def visible(text: object, most: int = MOST, keep: str = "") -> str:
    """A text in one line, every character of which can be seen.

    What has no picture of its own is written as an escape: line breaks, control characters and the
    terminal's sequences that begin with them, marks that reverse the direction of writing, spaces
    of no width. A text that is too long is cut, with a note.

    Args:
        most: characters that are shown.
        keep: characters that stay what they are, such as line breaks where a block is shown.

    >>> visible("\\x1b[31mred\\u202egpj.exe")
    '\\\\x1b[31mred\\\\u202egpj.exe'
    >>> visible("x" * 30, most=3)
    'xxx … (27 characters more)'
    """
    whole = str(text)
    shown = "".join(
        character if character in keep or _has_a_picture(character) else _escaped(character)
        for character in whole[:most]
    )
    return shown + cut(len(whole) - most)


def cut(left: int) -> str:
    """The note at the end of a text of which so many characters are left."""
    return f" … ({left:,} characters more)" if left > 0 else ""


def as_html(value: object, most: int = MOST) -> Markup:
    """A text as HTML for a paragraph, a cell or an attribute; markup stays as it is.

    >>> as_html("<script>"), as_html(Markup("<i>x</i>"))
    (Markup('&lt;script&gt;'), Markup('<i>x</i>'))
    """
    return value if isinstance(value, Markup) else escape(visible(value, most))


def as_block(text: str) -> Markup:
    """A text of several lines as a literal block, which looks like those of Sphinx.

    >>> as_block("x < 1\\n</pre>")
    Markup('<div class="highlight-text notranslate"><div class="highlight"><pre>x &lt; 1\\n&lt;/pre&gt;\\n</pre></div></div>')
    """  # noqa: E501
    return Markup(_BLOCK).format(visible(text, keep="\n\t"))


def as_markdown(text: object) -> str:
    """A text as one line of Markdown that renders as the same text, in any dialect.

    CommonMark lets every punctuation mark be escaped, and without punctuation there is neither
    markup, nor HTML, nor a directive or role of MyST.

    >>> as_markdown("a {raw}`b` <i>")
    'a \\\\{raw\\\\}\\\\`b\\\\` \\\\<i\\\\>'
    """
    return _PUNCTUATION.sub(r"\\\g<0>", visible(text).strip())  # else it may be a block of code


def as_cell(text: object) -> str:
    """A text as a cell of a CSV file, which no spreadsheet takes for a formula.

    Those begin with one of ``=+-@``, also after spaces, tabs and quotes. A quote before them is
    what spreadsheets write themselves to have a text stay a text.

    >>> as_cell("=HYPERLINK(0)"), as_cell("-"), as_cell("ab>cd")
    ("'=HYPERLINK(0)", "'-", 'ab>cd')
    """
    shown = visible(text)
    # The second row is how the first is written with characters of another width.
    begins = shown.lstrip(" \"'").startswith(
        ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
    )
    return f"'{shown}" if begins else shown


def all_visible(value: Any) -> Any:
    """A structure of lists and dictionaries in which every string is `visible`."""
    if isinstance(value, dict):
        return {name: all_visible(each) for name, each in value.items()}
    if isinstance(value, list):
        return [all_visible(each) for each in value]
    return visible(value) if isinstance(value, str) else value


_BLOCK = (
    '<div class="highlight-text notranslate"><div class="highlight"><pre>{}\n</pre></div></div>'
)
_PUNCTUATION = re.compile(f"[{re.escape(string.punctuation)}]")


_UNSEEN = frozenset(
    chr(code)
    for codes in ("34f", "115f-1160", "17b4-17b5", "180b-180f", "3164", "fe00-fe0f", "ffa0",
                  "e0100-e01ef")
    for first, _, last in [codes.partition("-")]
    for code in range(int(first, 16), int(last or first, 16) + 1)
)  # fmt: skip
"""What Python calls printable and Unicode ignorable: letters that fill a place, marks that join or
vary the letter before them. A text of any length can be hidden in these."""


def _has_a_picture(character: str) -> bool:
    # Spaces of other widths are not printable by Python's book, but they are typography.
    printable = character.isprintable() or unicodedata.category(character) == "Zs"
    return printable and character not in _UNSEEN


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
