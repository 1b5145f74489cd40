"""Checks of settings: all problems of a config at once, each with the value."""

import dataclasses
import types
import typing
from pathlib import Path
from typing import Any

if typing.TYPE_CHECKING:
    from _typeshed import DataclassInstance


def check_fields(config: "DataclassInstance") -> None:
    """Check a dataclass's fields against their annotations and the bounds in their metadata.

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
    hints = typing.get_type_hints(type(config))
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        shown = f"{field.name}={value!r}"
        if not _is_a(value, hints[field.name]):
            problems.append(f"{shown}: {_name(hints[field.name])} is needed")
            continue
        rules = field.metadata
        if value is None:
            continue
        if "allowed" in rules and value not in rules["allowed"]:
            problems.append(f"{shown}: allowed are {', '.join(map(str, rules['allowed']))}")
        if "low" in rules and not rules["low"] <= value:
            problems.append(f"{shown}: at least {rules['low']} is needed")
        if "high" in rules and not value <= rules["high"]:
            problems.append(f"{shown}: at most {rules['high']} is allowed")
        if "above" in rules and not value > rules["above"]:
            problems.append(f"{shown}: more than {rules['above']} is needed")
    if problems:
        raise ValueError("; ".join(problems))


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
    path = Path(value).expanduser()
    must_be = value.startswith((".", "~", "/"))
    here = path.is_file() or (path / "config.json").is_file()
    if path.exists() and (must_be or here or len(path.parts) > 1):
        return str(path.resolve())
    if must_be:
        raise ValueError(f"{value!r}: there is no file or folder {path.absolute()}")
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


def _is_a(value: object, hint: Any) -> bool:
    if isinstance(hint, types.UnionType):
        return any(_is_a(value, option) for option in typing.get_args(hint))
    if hint is float:
        finite = isinstance(value, int | float) and value == value and abs(value) != float("inf")
        return finite and not isinstance(value, bool)
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
