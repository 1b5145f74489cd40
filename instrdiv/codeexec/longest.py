"""The longest part of a text that is Python, in time that grows about as fast as the text."""

from itertools import accumulate

from instrdiv.codeexec.syntax import error_line

FIXED, FOR_EACH = 400_000, 40
"""Characters that may be compiled for one text: so many, and so many for each of its own."""


class Work:
    """How much may still be compiled: texts can be made up so that finding a program in them takes
    hours, and a model that repeats itself makes them.

    >>> work = Work("x = 1")
    >>> work.is_left, work.error_line("x = "), work.left < FIXED + 5 * FOR_EACH
    (True, 1, True)
    """

    def __init__(self, text: str = "") -> None:
        self.left = FIXED
        self.allow_for(text)

    def allow_for(self, text: str) -> None:
        """Allow what another text may take."""
        self.left += FOR_EACH * len(text)

    @property
    def is_left(self) -> bool:
        """Whether another text may be compiled."""
        return self.left > 0

    def error_line(self, program: str) -> int | None:
        """`instrdiv.codeexec.syntax.error_line`, counted."""
        found = error_line(program)
        # Python reads no further than that, but the text has to be copied.
        read = len(program) if not found else sum(map(len, program.split("\n", found)[:found]))
        self.left -= 100 + read + len(program) // 20
        return found


def longest_program(text: str, work: Work | None = None) -> str:
    """The longest sequence of lines that is Python, counting non-blank lines; the first of several.

    Args:
        work: what may be spent on it; where nothing is left, the longest so far is taken.

    >>> longest_program("So it is:\\nx = 1\\ny = x\\nThat is all.")
    'x = 1\\ny = x'
    """
    work = work or Work(text)
    lines = text.split("\n")
    filled = [bool(line.strip()) for line in lines]
    before = [0, *accumulate(filled)]  # how many are filled before each line
    best, longest = "", 0
    for first, line in enumerate(lines):
        indented = line[:1] in (" ", "\t") and not line.lstrip().startswith("#")
        if indented or not filled[first]:
            continue  # no program begins so
        end = len(lines)
        while before[end] - before[first] > longest and work.is_left:
            if not filled[end - 1]:
                end -= 1
                continue
            program = "\n".join(lines[first:end])
            wrong = work.error_line(program)
            if wrong is None:
                best, longest = program, before[end] - before[first]
                break
            # Whatever goes on beyond the line of the error has it too.
            end = min(end - 1, first + wrong - 1) if wrong else end - 1
    return best
