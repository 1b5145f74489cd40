"""The program in a model's answer.

Blocks of code in an answer are found by CommonMark's rules. If there are none, or they contain no
complete program, the longest sequence of lines that is Python is taken, as EvalPlus's ``sanitize``
does (Liu et al., 2023). The result is appended to the beginning of a program that the problem
gives, as in HumanEval (Chen et al., 2021): a complete function replaces the one that was begun,
whose imports and helpers stay; a body alone continues it.
"""

import ast
import builtins
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from textwrap import dedent, indent

from instrdiv.codeexec.longest import Work, longest_program
from instrdiv.codeexec.markdown import Block, blocks_with_ends, code_blocks, until_last_fence
from instrdiv.codeexec.syntax import (
    DEFINITIONS,
    bound,
    defines,
    does_something,
    is_program,
    missing,
    names_bound,
    needed,
    statements_of,
    used,
    written,
)

SESSION = re.compile(r"^[ \t]*(?:>>>|\.\.\.)(?: (.*))?$", re.MULTILINE)
"""A line of input at Python's prompt."""
GIVES = re.compile(r"\b(return|yield)\b")
"""Words that a function body has, and that prose which happens to compile mostly lacks."""
MOST = 50_000
"""Characters of an answer that are looked at; those that models of chapter 7 write have some 2,000.
"""


def extract_program(answer: str, entry_point: str, start: str = "") -> str:
    """The program in an answer to a problem.

    Args:
        answer: as the model wrote it; a fence that is not closed extends to the end, and what
            comes after `MOST` characters is left out.
        entry_point: the name that the program must define.
        start: the beginning of a program, if the problem gives one.

    Returns:
        A complete program, including `start`. An answer without a program is returned unchanged.

    >>> print(extract_program("Here:\\n```python\\ndef one():\\n    return 1\\n```", "one"))
    def one():
        return 1
    <BLANKLINE>
    >>> print(extract_program("    return 1", "one", start="def one():\\n    '''1.'''\\n"))
    def one():
        '''1.'''
        return 1
    """
    answer = answer[:MOST].replace("\r\n", "\n").replace("\r", "\n")
    try:
        return _extracted(answer, entry_point, start)
    except RecursionError:  # nested too deeply to be taken apart: it is run as it is
        return _after(start, answer)


def _extracted(answer: str, entry_point: str, start: str) -> str:
    blocks, work = code_blocks(answer), Work(answer)
    programs = [_program_of(block, work) for block in blocks]
    whole = _whole_program(blocks, programs, entry_point) or _unfenced_program(
        answer, entry_point, work
    )
    if whole:
        return _after(start, whole)
    codes = [block.code for block in sorted(blocks, key=_rank)]
    continued = _continued(start, entry_point, [answer, *codes], work)
    if continued:
        return _with_helpers(continued, programs, defined_after=True)
    return _after(start, [*codes, answer][0])


def end_of_program(text: str, entry_point: str, start: str = "") -> int | None:
    """Where an answer can be cut because a closed block contains the program; None if there is
    none.

    A block that installs something or shows an example of use does not end an answer, nor does one
    that uses a function of which only a later block can say what it is.

    Args:
        text: the answer so far.
        entry_point, start: as `extract_program` takes them.

    >>> usage = "Use:\\n```\\none()\\n```\\n"
    >>> end_of_program(usage, "one")
    >>> end_of_program(usage + "```\\ndef one():\\n    return 1\\n```\\n", "one")
    46
    """
    closed = until_last_fence(text[:MOST])
    return _end_of_program(closed, entry_point, start) if closed else None


@lru_cache(maxsize=512)  # the same closed blocks come again with each token
def _end_of_program(text: str, entry_point: str, start: str) -> int | None:
    """Each block is read once, and all are put together only where one brings what was missing."""
    named = 0 if entry_point in start else text.find(entry_point)
    if named < 0:
        return None  # a program that defines it names it
    work, programs = Work(), list[str]()
    whole, continued = dict[int, str](), dict[int, str]()  # by rank
    awaited, bound_since = {"*", entry_point}, set[str]()
    try:
        for block, end in blocks_with_ends(text):
            work.allow_for(block.code)
            programs.append(_program_of(block, work))
            names = names_bound(programs[-1])
            bound_since |= names
            rank = _rank(block)
            if entry_point in names:
                whole[rank] = max(whole.get(rank, ""), programs[-1], key=_length)
            elif not whole and rank not in continued:
                goes_on = _continued(start, entry_point, [block.code], work)
                if goes_on:
                    continued[rank] = goes_on
                    bound_since.add(entry_point)
            if end is None or end <= named or not bound_since & awaited:
                continue
            work.left -= 4 * sum(map(len, programs))  # taken apart, written and compiled again
            if not work.is_left:
                return None
            best = whole or continued
            if best:
                program = best[min(best)]
                if whole:
                    program = _after(start, _with_helpers(program, programs))
                lacking = missing(_with_helpers(program, programs))
                if not lacking:
                    return end
                awaited = {"*", entry_point, *lacking}
            bound_since.clear()
    except RecursionError:  # nested too deeply to say: it goes on
        pass
    return None


def _whole_program(
    blocks: Sequence[Block], programs: Sequence[str], entry_point: str
) -> str | None:
    """The block that defines the entry point, with what it needs from other blocks."""
    ranked = sorted(zip(map(_rank, blocks), programs, strict=True), key=lambda each: each[0])
    for _, group in groupby(ranked, key=lambda each: each[0]):
        defining = [program for _, program in group if defines(program, entry_point)]
        if defining:
            chosen = max(defining, key=_length)  # EvalPlus's choice among several
            return _with_helpers(chosen, programs)
    return None


def _rank(block: Block) -> int:
    """Blocks marked as Python come first, then those without a language."""
    if not block.fenced:
        return 3
    return 0 if block.is_python else 1 if block.may_be_python else 2


def _program_of(block: Block, work: Work) -> str:
    """A block's code, or the longest part of it that is Python if it was cut off."""
    code = dedent(_session_input(block.code))
    return code if is_program(code) else longest_program(code, work)


def _session_input(text: str) -> str:
    """The input lines of a copied session; any other text unchanged."""
    return "\n".join(SESSION.findall(text)) if text.lstrip().startswith(">>>") else text


def _continued(start: str, entry_point: str, texts: Sequence[str], work: Work) -> str | None:
    """The problem's own function with the body from an answer."""
    if not start:
        return None
    begun = _size_of(start, entry_point)
    for text in texts:
        lines = text.strip("\n").split("\n")
        for end in range(len(lines), 0, -1):
            kept = "\n".join(lines[:end])
            if not work.is_left or not GIVES.search(kept):
                break
            # Unchanged; with new indentation; or with the first line indented anew.
            for body in (kept, indent(dedent(kept), "    "), f"    {kept.lstrip()}"):
                program = f"{start.rstrip()}\n{body}"
                if work.error_line(program) is None and _size_of(program, entry_point) > begun:
                    return program
    return None


def _size_of(program: str, entry_point: str) -> int:
    """Number of statements of the entry point; 0 if it is not defined."""
    if not defines(program, entry_point):
        return 0
    bodies = [
        len(statement.body)
        for statement in statements_of(program)
        if isinstance(statement, DEFINITIONS) and statement.name == entry_point
    ]
    return bodies[-1] if bodies else 0


def _unfenced_program(answer: str, entry_point: str, work: Work) -> str | None:
    """The longest part of a text that is Python, if it defines the entry point.

    Words of the surrounding text can be Python too, such as ``Sure``; they are left out.
    """
    for text in (answer, "\n".join(SESSION.findall(answer))):
        found = longest_program(text, work)
        if defines(found, entry_point):
            return written([s for s in statements_of(found) if does_something(s)])
    return None


def _with_helpers(chosen: str, programs: Sequence[str], *, defined_after: bool = False) -> str:
    """A program with what it uses but does not define, if other programs define it.

    Args:
        defined_after: whether that follows, since the program begins with what a problem gives.
    """
    defined = set().union(*map(bound, statements_of(chosen)))
    others = [
        statement
        for program in programs
        if program != chosen
        for statement in statements_of(program)
        if not bound(statement) & defined
    ]
    helpers = needed(others, used(chosen) - defined - set(dir(builtins)))
    if not helpers:
        return chosen
    return "\n\n".join([chosen, written(helpers)] if defined_after else [written(helpers), chosen])


def _after(start: str, program: str) -> str:
    """A program appended to the beginning that the problem gives, whose function it replaces."""
    if not start:
        return program
    future = [
        statement
        for statement in statements_of(program)
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
    ]
    lines = program.split("\n")
    for statement in future:  # Python requires these first
        first, last = statement.lineno - 1, (statement.end_lineno or statement.lineno) - 1
        kept = lines[first][: statement.col_offset], lines[last][statement.end_col_offset :]
        lines[first : last + 1] = ["pass".join(kept), *[""] * (last - first)]
    imports = f"{written(future)}\n" if future else ""
    return f"{imports}{start.rstrip()}\n\n\n" + "\n".join(lines)


def _length(program: str) -> int:
    return sum(bool(line.strip()) for line in program.split("\n"))
