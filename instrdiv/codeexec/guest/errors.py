"""A program's errors as its tests see them: the nearest of Python's own."""

import builtins
from typing import Any

ERRORS = {name: value for name, value in vars(builtins).items()
          if isinstance(value, type) and issubclass(value, BaseException)}  # fmt: skip
"""Python's own, as they are before a program can change them."""
SHORT = 1000
"""Longest text of an error's that is told."""


def described(error: BaseException) -> tuple[str, str, list[Any]]:
    """The nearest of Python's own errors, the name that it has itself, and its plain arguments;
    read safely even if its class redefines how it is read.

    >>> class Wrong(ValueError): pass
    >>> described(Wrong("no"))
    ('ValueError', 'Wrong', ['no'])
    """
    kind = type(error)
    own = str.__str__(type.__getattribute__(kind, "__name__"))[:80]
    name = next(name for each in type.__getattribute__(kind, "__mro__")
                for name, known in ERRORS.items() if each is known)  # fmt: skip
    given = BaseException.args.__get__(error)  # type: ignore[attr-defined]
    short = [
        each for each in given
        if type(each) in (int, float, bool, type(None)) or (type(each) is str and len(each) < SHORT)
    ]  # fmt: skip
    return name, own, short


def error_of(name: str, own: str, given: list[Any]) -> BaseException:
    """The error that `described` describes; its ``own_name`` is what it is called where it was
    raised.

    >>> error_of("KeyError", "Missing", [1])
    KeyError(1)

    Raises:
        KeyError: Python has no error of that name.
    """
    kind = ERRORS[name]
    try:
        error = kind(*given)
    except Exception:  # some need more than is told
        error = kind.__new__(kind)
    error.own_name = str(own)[:80]  # type: ignore[attr-defined]
    return error
