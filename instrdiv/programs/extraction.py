"""The program in a model's answer."""

import re

OPENING = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+#.-]*)[^\n`]*$", re.MULTILINE)
PYTHON = ("python", "py", "python3")


def extract_program(answer: str) -> str:
    """The first fenced block that is marked as Python, else the first block, else all of it.

    A block that was never closed, as when an answer was cut off or its closing fence was the stop
    string, goes on to the end.

    >>> extract_program("Here you are:\\n```python\\nprint(1)\\n```\\nIt prints 1.")
    'print(1)\\n'
    >>> extract_program("print(1)")
    'print(1)'
    """
    blocks = fenced_blocks(answer)
    marked = [program for language, program in blocks if language.lower() in PYTHON]
    return next(iter(marked or [program for _, program in blocks]), answer)


def fenced_blocks(text: str) -> list[tuple[str, str]]:
    """Every fenced block of a text: its language, empty if none is named, and what is inside.

    A fence is a line of three or more backticks or tildes; it is closed by a line of as many or
    more of the same (CommonMark, section 4.5).

    >>> fenced_blocks("```\\n1\\n```\\n~~~py\\n2\\n~~~\\n")
    [('', '1\\n'), ('py', '2\\n')]
    """
    blocks, position = [], 0
    while opening := OPENING.search(text, position):
        fence, language = opening.groups()
        start = min(opening.end() + 1, len(text))
        closing = re.compile(rf"^[ \t]*{re.escape(fence)}{fence[0]}*[ \t]*$", re.MULTILINE).search(
            text, start
        )
        blocks.append((language, text[start : closing.start() if closing else len(text)]))
        if not closing:
            break
        position = closing.end()
    return blocks
