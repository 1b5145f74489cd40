"""The process of the tests: they run here, call the program in its own process, and decide."""

import builtins
import sys
import types
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from instrdiv.codeexec.guest.errors import described
from instrdiv.codeexec.guest.frames import Gone
from instrdiv.codeexec.guest.wire import Link, Remote

Report = tuple[str, str, str]
"""A verdict, one of `instrdiv.codeexec.process.Verdict`; the error of Python's own behind it; and
the name that an error of the program's gives itself."""


def judge(program: str, tests: str, link: Link) -> Report:
    """Load a program on the other side of a link and run its tests here.

    A program that fails after defining what the tests need, for example in an example of use that
    reads input, is judged by the tests.

    Raises:
        Gone: the program has ended its process.
    """
    names: dict[str, Any] = {"__name__": "tests"}
    failed: Report | None = None
    try:
        checked = compile(tests, "<tests>", "exec")
    except Exception as error:
        return _report("tests", error)
    other = link.first()
    try:
        other.load(program)
    except Gone:
        raise
    except BaseException as error:
        failed = _report("program", error)
    try:
        names |= given_by(other, set(_names(checked)))
        exec(checked, names)
    except Gone:
        raise
    except BaseException as error:
        return failed or _report("tests", error)
    return "passed", "", ""


def callable_only(value: Any) -> Any:
    """A test's function as a program may name it: what is received can call it, but not change it.

    >>> callable_only(abs)(-1)
    1

    Raises:
        TypeError: it is no function, and no plain value either.
    """
    if not callable(value):
        kind = type(value).__name__
        raise TypeError(f"a program can be given plain values and functions, but not a {kind}")
    return type(value).__call__.__get__(value)


def given_by(program: Remote, names: set[str]) -> dict[str, Any]:
    """What a program defines of the names that its tests use.

    A name of Python's own, such as ``sum``, is the program's only if the tests use no other of
    its: they may ask for a function of that name, but a program does not decide what ``len`` is.
    Modules that it has imported are imported anew.
    """
    values, modules = program.named(sorted(names))
    own = {name: value for name, value in values.items() if name in names}
    if any(not hasattr(builtins, name) for name in own):
        own = {name: value for name, value in own.items() if not hasattr(builtins, name)}
    for name, module in modules.items():
        if name in names and module.split(".")[0] in sys.stdlib_module_names:
            own[name] = import_module(module)
    return own


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _report(where: str, error: BaseException) -> Report:
    name, own, _ = described(error)
    own = getattr(error, "own_name", own)
    return where, name, own if own != name else ""
