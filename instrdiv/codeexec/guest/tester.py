"""The process of the tests: they run here, call the program in its own process, and decide."""

import ast
import builtins
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from instrdiv.codeexec.guest.crossing import PLAIN
from instrdiv.codeexec.guest.errors import described
from instrdiv.codeexec.guest.frames import Gone
from instrdiv.codeexec.guest.remote import Remote
from instrdiv.codeexec.guest.wire import Link

Report = tuple[str, str, str]
"""A verdict, one of `instrdiv.codeexec.process.Verdict`; the error of Python's own behind it; and
the name that an error of the program's gives itself."""
LIBRARIES = {"numpy": "numpy", "np": "numpy", "pandas": "pandas", "pd": "pandas"}
"""Beside Python's own, the libraries that tests may use although the program imports them, by the
names that everybody gives them."""


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
        tree = ast.parse(tests, "<tests>")
        checked = compile(tree, "<tests>", "exec")
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
        names |= given_by(other, names_in(tree))
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


def names_in(tests: ast.Module) -> dict[str, set[str] | None]:
    """The names that tests use: each with the attributes that they look up of it, or None if they
    use it in any other way.

    >>> names_in(ast.parse("assert np.all(f(1))"))
    {'np': {'all'}, 'f': None}
    """
    found: dict[str, set[str] | None] = {}
    looked_into = set()
    for node in ast.walk(tests):  # a name comes after the attribute that is looked up of it
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            looked_into.add(node.value)
            attributes = found.setdefault(node.value.id, set())
            if attributes is not None:
                attributes.add(node.attr)
        elif isinstance(node, ast.Name) and node not in looked_into:
            found[node.id] = None
    return found


def given_by(program: Remote, names: dict[str, set[str] | None]) -> dict[str, Any]:
    """What a program defines of the names that its tests use.

    A name of Python's own, such as ``sum``, is the program's only if the tests use no other of
    its: they may ask for a function of that name, but a program does not decide what ``len`` is,
    neither by a function of its own nor by another class of Python's.
    Nor does it decide what ``np`` is: a name that libraries have, and of which tests look up what
    the library has, is the library, if the program defines it at all.
    """
    values, modules, plain = program.named(sorted(names))
    own: dict[str, Any] = {name: value for name, value in values.items() if name in names}
    for name, (module, kind) in plain.items():
        if name in names and module != "builtins" and kind in PLAIN.get(module, ()):
            own[name] = getattr(import_module(module), kind)
    # A class that is called what it is called is no function that the tests ask for.
    if any(not hasattr(builtins, name) and plain.get(name, ("",))[-1] != name for name in own):
        own = {name: value for name, value in own.items() if not hasattr(builtins, name)}
    for name, module in modules.items():
        usable = name in names and not hasattr(builtins, name)
        if usable and module.split(".")[0] in {*sys.stdlib_module_names, *LIBRARIES}:
            own[name] = import_module(module)
    for name in {*values, *modules, *plain} & names.keys():
        attributes, library = names[name], _library(name)
        if attributes and library and all(hasattr(library, each) for each in attributes):
            own[name] = library
    return own


def _library(name: str) -> ModuleType | None:
    if name not in LIBRARIES and name not in sys.stdlib_module_names:
        return None
    try:
        return import_module(LIBRARIES.get(name, name))
    except ImportError:
        return None


def _report(where: str, error: BaseException) -> Report:
    name, own = described(error)
    return where, name, own if own != name else ""
