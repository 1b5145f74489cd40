"""Blocks of code in a Markdown text, as CommonMark reads it."""

import re
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt

PYTHON = re.compile(r"\W*i?py", re.IGNORECASE)
"""How a language is named that is Python: ``python``, ``py``, ``python3``, ``pycon``, ``{.py}``."""
CLOSING = re.compile(r"^[ \t>]*(`{3,}|~{3,})[ \t]*$")
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


@dataclass(frozen=True)
class Block:
    """One block of code.

    Attributes:
        language: the first word after its opening fence; empty if there is none.
        code: what is inside, without the indentation of a list or a quotation around it.
        fenced: it has a fence, and is not only indented.
        closed_at: where in the text the line of its closing fence begins; None if it has none.
    """

    language: str
    code: str
    fenced: bool
    closed_at: int | None

    @property
    def may_be_python(self) -> bool:
        """It says that it is Python, or does not say what it is."""
        return not self.language or self.is_python

    @property
    def is_python(self) -> bool:
        """It says that it is Python."""
        return bool(PYTHON.match(self.language))


def code_blocks(text: str) -> list[Block]:
    """Every block of code of a text, in order.

    A fence that is never closed, as when an answer was cut off, goes on to the end.

    >>> [(block.language, block.code) for block in code_blocks("Run:\\n~~~py\\nprint(1)\\n~~~\\n")]
    [('py', 'print(1)\\n')]
    >>> [block.code for block in code_blocks("1. So:\\n\\n   ```\\n   x = 1\\n   ```\\n")]
    ['x = 1\\n']
    """
    lines = [found.group() for found in LINE.finditer(text)]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    blocks = []
    for token in _parser().parse(text):
        if token.type not in ("fence", "code_block") or token.map is None:
            continue
        first, end = token.map
        closed = (
            token.type == "fence"
            and end - first >= 2
            and token.content.count("\n") == end - first - 2
            and CLOSING.match(lines[end - 1].rstrip("\r\n"))
        )
        language, *_ = [*token.info.split(), ""]
        blocks.append(
            Block(
                language, token.content, token.type == "fence", starts[end - 1] if closed else None
            )
        )
    return blocks


def ends_of_blocks(text: str) -> list[int]:
    """Where a text could be cut, since a block that may be Python is closed there.

    An opening fence ends nothing, wherever it stands, and neither does a line that may still
    become another: the closing fence counts once its line has ended.

    >>> ends_of_blocks("Here:\\n\\n```python\\nx = 1\\n```")
    []
    >>> ends_of_blocks("Here:\\n\\n```python\\nx = 1\\n```\\n")
    [22]
    """
    if not any(CLOSING.match(line) for line in text.splitlines()):
        return []  # cheap: this is asked after every token
    return [
        block.closed_at - 1
        for block in code_blocks(text)
        if block.closed_at is not None
        and block.may_be_python
        and block.code.strip()
        and (line := LINE.match(text, block.closed_at))
        and line.group().endswith(("\n", "\r"))
    ]


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark")
