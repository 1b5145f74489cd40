"""Blocks of code in a Markdown text, by CommonMark's rules."""

import re
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt

PYTHON = re.compile(r"\W*i?py", re.IGNORECASE)
"""Names of Python as a language: ``python``, ``py``, ``python3``, ``pycon``, ``{.py}``."""
CLOSING = re.compile(r"^[ \t>]*(`{3,}|~{3,})[ \t]*$")
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


@dataclass(frozen=True)
class Block:
    """One block of code.

    Attributes:
        language: the first word after its opening fence; empty if there is none.
        code: its content, without the indentation of a surrounding list or quotation.
        fenced: whether it has a fence; otherwise it is only indented.
        closed_at: position in the text where the line of its closing fence begins; None if it has
            none.
    """

    language: str
    code: str
    fenced: bool
    closed_at: int | None

    @property
    def may_be_python(self) -> bool:
        """Whether it is marked as Python or has no language."""
        return not self.language or self.is_python

    @property
    def is_python(self) -> bool:
        """Whether it is marked as Python."""
        return bool(PYTHON.match(self.language))


def code_blocks(text: str) -> list[Block]:
    """Every block of code of a text, in order.

    A fence that is never closed, as in an answer that was cut off, extends to the end.

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


def blocks_with_ends(text: str) -> list[tuple[Block, int | None]]:
    """Every block, with the position at which the text could be cut because the block is closed.

    The position is None for a block that is not Python or empty, and for one that is not closed: an
    opening fence ends nothing, and a closing fence counts only once its line has ended, since an
    unfinished line can still change.

    >>> [end for _, end in blocks_with_ends("Here:\\n\\n```python\\nx = 1\\n```")]
    [None]
    >>> [end for _, end in blocks_with_ends("Here:\\n\\n```python\\nx = 1\\n```\\n")]
    [22]
    """
    return [(block, _end(block, text)) for block in code_blocks(text)]


def _end(block: Block, text: str) -> int | None:
    if block.closed_at is None or not block.may_be_python or not block.code.strip():
        return None
    line = LINE.match(text, block.closed_at)
    return block.closed_at - 1 if line and line.group().endswith(("\n", "\r")) else None


def until_last_fence(text: str) -> str:
    """The text up to the last line that may close a block; empty if there is none.

    It says as much of closed blocks as the whole text, and is found without parsing it.

    >>> until_last_fence("```\\nx = 1\\n```\\nThat is")
    '```\\nx = 1\\n```\\n'
    """
    ends = [
        line.end()
        for line in LINE.finditer(text)
        if line.group().endswith(("\n", "\r")) and CLOSING.match(line.group().rstrip("\r\n"))
    ]
    return text[: ends[-1]] if ends else ""


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark")
    parser.core.ruler.disable("inline")  # what a paragraph holds is not code, and can take hours
    return parser
