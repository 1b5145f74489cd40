"""Checks of settings: all problems of a config at once, each with the value."""

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Sequence
from pathlib import Path
from reprlib import Repr
from typing import Any

from instrdiv.untrusted import visible

if typing.TYPE_CHECKING:
    from _typeshed import DataclassInstance


def check_fields(config: "DataclassInstance") -> None:
    """Check a dataclass's fields against their annotations and the bounds in their metadata.

    Each value is first brought into its `one_form`, so that no two configs mean the same.

    Bounds are given as ``field(metadata=at_least(1))``, ``metadata=between(0, 1)`` or
    ``metadata=one_of("adamw", "muon")``.

    >>> @dataclasses.dataclass
    ... class Config:
    ...     steps: int = dataclasses.field(metadata=at_least(1))
    ...     def __post_init__(self): check_fields(self)
    >>> Config(steps=0)
    Traceback (most recent call last):
        ...
    ValueError: steps=0: at least 1 is needed

    Raises:
        ValueError: the message names each bad field, its value and what is allowed.
    """
    problems = []
    for field in dataclasses.fields(config):
        value = one_form(type(config), field.name, getattr(config, field.name))
        object.__setattr__(config, field.name, value)  # the dataclass may be frozen
        problems += problems_of(type(config), field.name, value)
    if problems:
        raise ValueError("; ".join(problems))


def one_form(config: type["DataclassInstance"], name: str, value: object) -> object:
    """A field's value in the form that stands for all equal ones.

    JSON and YAML have lists where a config has tuples, and write one number as 0, 0.0 or -0.0.

    >>> @dataclasses.dataclass
    ... class Config:
    ...     share: float
    ...     ks: tuple[int, ...]
    >>> one_form(Config, "share", -0.0), one_form(Config, "ks", [3, 4])
    (0, (3, 4))
    """
    hint = _hints(config)[name]
    if isinstance(value, list) and typing.get_origin(hint) is tuple:
        return tuple(value)
    if not isinstance(value, int | float) or not _is_a(value, hint) or abs(value) > LARGEST:
        return value
    if _field(config, name).metadata.get("float_in_keys"):
        return float(value) + 0.0  # 0.0 for -0.0
    return int(value) if isinstance(value, float) and value.is_integer() else value


def problems_of(config: type["DataclassInstance"], name: str, value: Any) -> list[str]:
    """What is wrong with a value of a field, in words; see `check_fields`."""
    hint, rules = _hints(config)[name], _field(config, name).metadata
    if not _is_a(value, hint):
        return [f"{name}={shown(value)}: {_name(hint)} is needed"]
    if value is None:
        return []
    problems = []
    if "allowed" in rules and value not in rules["allowed"]:
        problems.append(f"allowed are {', '.join(map(str, rules['allowed']))}")
    if "low" in rules and not rules["low"] <= value:
        problems.append(f"at least {rules['low']} is needed")
    numbers = [each for each in _listed(value) if isinstance(each, int | float)]
    high = rules.get("high", LARGEST)
    if not all(-LARGEST <= each <= high for each in numbers):
        problems.append(f"at most {high} is allowed")
    if "above" in rules and not value > rules["above"]:
        problems.append(f"more than {rules['above']} is needed")
    return [f"{name}={shown(value)}: {problem}" for problem in problems]


LARGEST = 2**63 - 1
"""Of any number in a config, so that every library can hold it."""


def _field(config: type["DataclassInstance"], name: str) -> "dataclasses.Field[Any]":
    return next(field for field in dataclasses.fields(config) if field.name == name)


_hints = functools.cache(typing.get_type_hints)
_brief = Repr()
_brief.maxlevel, _brief.maxstring, _brief.maxlong, _brief.maxother = 3, 80, 40, 80


def shown(value: object) -> str:
    """A value for an error message: in one line, and not long however large it is.

    >>> shown([1.5, "x"]), len(shown("[" * 100_000)) < 100
    ("[1.5, 'x']", True)
    """
    try:
        return visible(_brief.repr(value), 200)
    except ValueError:  # Python refuses to write numbers of thousands of digits
        return "a number of very many digits"


def first_line(error: BaseException) -> str:
    """The first line of an error's message; the name of its class if there is no message.

    >>> first_line(ValueError("bad\\nvery bad")), first_line(TimeoutError())
    ('bad', 'TimeoutError')
    """
    message = str(error).strip()
    return message.splitlines()[0] if message else type(error).__name__


def at_least(low: int | float) -> dict[str, Any]:
    return {"low": low}


def above(bound: int | float) -> dict[str, Any]:
    return {"above": bound}


def between(low: int | float, high: int | float) -> dict[str, Any]:
    return {"low": low, "high": high}


def one_of(*allowed: object) -> dict[str, Any]:
    return {"allowed": allowed}


def path_setting() -> dict[str, Any]:
    """Metadata of a setting that may name a reader's file or folder; see `absolute`."""
    return {"path": True}


def absolute(value: object) -> object:
    """Make a text that names a file or folder an absolute path.

    A path has a separator or is ``.`` or ``~``, or it names a file, or a folder with a model, in
    the current folder. A text that names nothing is left as it is, since it may be a name on the
    hub, unless it starts with ``.``, ``~`` or ``/`` and can only be a path.

    >>> absolute("deepseek-ai/deepseek-coder-6.7b-base")
    'deepseek-ai/deepseek-coder-6.7b-base'

    Raises:
        ValueError: it can only be a path and does not exist.
    """
    if not isinstance(value, str) or not value:
        return value
    try:
        path = Path(value).expanduser()
        exists, here = path.exists(), path.is_file() or (path / "config.json").is_file()
    except (OSError, RuntimeError) as error:  # such as a name that is too long, or no such user
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"{shown(value)}: {reason}") from None
    must_be = value.startswith((".", "~", "/"))
    if exists and (must_be or here or len(path.parts) > 1):
        return str(path.resolve())
    if must_be:
        raise ValueError(f"{shown(value)}: there is no such file or folder")
    return value


def before(value: object) -> dict[str, Any]:
    """The value that applied to all runs made before the field became a setting.

    A run's key leaves out a setting at this value, which is the default unless named. It must be
    named if the default changes, or if the default of a new setting is a different value.
    """
    return {"before": value}


def replaces_earlier() -> dict[str, Any]:
    """Later values of the field replace earlier ones: of runs that were made with both, only those
    with the later value count."""
    return {"replaces": True}


def float_in_keys() -> dict[str, Any]:
    """Metadata of a setting whose keys were always made of 0.0 and 1.0, where those of all others
    have 0 and 1."""
    return {"float_in_keys": True}


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, tuple) else (value,)


def _is_a(value: object, hint: Any) -> bool:
    if isinstance(hint, types.UnionType):
        return any(_is_a(value, option) for option in typing.get_args(hint))
    if hint is float:
        return _is_a(value, int) or (isinstance(value, float) and math.isfinite(value))
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if typing.get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(_is_a(v, typing.get_args(hint)[0]) for v in value)
    return isinstance(value, hint)


def _name(hint: object) -> str:
    names: dict[object, str] = {
        int: "a whole number",
        float: "a finite number",
        str: "a string",
        bool: "true or false",
        tuple[int, ...]: "a list of whole numbers",
        tuple[str, ...]: "a list of strings",
    }
    if isinstance(hint, types.UnionType):
        return " or ".join(_name(option) for option in typing.get_args(hint))
    return names.get(hint, "nothing (None)" if hint is types.NoneType else str(hint))
