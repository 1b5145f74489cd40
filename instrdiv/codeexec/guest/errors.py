"""A program's errors as its tests see them: of a class like its own."""

import builtins
from typing import Any

ERRORS = {name: value for name, value in vars(builtins).items()
          if isinstance(value, type) and issubclass(value, BaseException)}  # fmt: skip
"""Python's own, as they are before a program can change them."""
SHORT = 1000
"""Longest text and longest list that is told of an error."""


def described(error: BaseException) -> tuple[str, str]:
    """The nearest of Python's own errors, and the name that it has itself; read safely even if its
    class redefines how it is read.

    >>> class Wrong(ValueError): pass
    >>> described(Wrong("no"))
    ('ValueError', 'Wrong')
    """
    kind = type(error)
    name = next(name for each in type.__getattribute__(kind, "__mro__")
                for name, known in ERRORS.items() if each is known)  # fmt: skip
    return name, own_name(kind)


def own_name(kind: type) -> str:
    """What a class is called, in characters that any class may be called by.

    >>> own_name(type("a\\nb", (), {}))
    'a\\nb'
    """
    name = str.__str__(type.__getattribute__(kind, "__name__"))[:80]
    return name.encode(errors="replace").decode().replace("\0", "?")


def bases_of(kind: type) -> tuple[type, ...]:
    """The classes of errors from which one derives.

    >>> bases_of(type("Wrong", (ValueError, type("Mixin", (), {})), {}))
    (<class 'ValueError'>,)
    """
    bases = type.__dict__["__bases__"].__get__(kind)
    return tuple(each for each in bases if BaseException in type.__getattribute__(each, "__mro__"))


def content_of_error(error: BaseException) -> tuple[list[Any], dict[str, Any]]:
    """An error's arguments, and the attributes that its class gave it; what is long is left out.

    >>> content_of_error(KeyError("a", "x" * 10_000))
    (['a'], {})
    """
    given = BaseException.args.__get__(error)  # type: ignore[attr-defined]
    attributes = object.__getattribute__(error, "__dict__")
    return [each for each in given if _is_short(each)], {
        name: value
        for name, value in dict.items(attributes)
        if type(name) is str and not name.startswith("_") and _is_short(value)
    }


def error_of(kind: type[BaseException], given: list[Any], attributes: dict[str, Any]) -> Any:
    """The error of a class with the content that `content_of_error` describes.

    >>> error_of(KeyError, [1], {"place": 2}).place
    2

    Raises:
        TypeError: there is no such error, or it has no attribute of that kind.
    """
    if not issubclass(kind, BaseException):
        raise TypeError(f"{kind} is no error")
    try:
        error = kind(*given)
    except Exception:  # some need more than is told
        error = kind.__new__(kind)
    for name, value in attributes.items():
        if name.startswith("_"):
            raise TypeError(f"{name} is not an attribute that is told")
        vars(error)[name] = value
    return error


def _is_short(value: Any, depth: int = 3) -> bool:
    if type(value) in (list, tuple):
        few = len(value) < SHORT and depth > 0
        return few and all(_is_short(each, depth - 1) for each in value)
    if type(value) in (str, bytes):
        return len(value) < SHORT
    return type(value) in (int, float, complex, bool, type(None)) or isinstance(
        value, BaseException
    )
