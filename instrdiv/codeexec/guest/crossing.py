"""Plain values as bytes and back: what can cross between two processes of which one is hostile.

Values are pickled, but what is read can name no class except those of plain values. What does not
cross is written as a number.
"""

import io
import keyword
import pickle
import re
import sys
from collections import deque
from collections.abc import Callable, Collection
from importlib import import_module
from typing import Any, Protocol

from instrdiv.codeexec.guest.errors import ERRORS, content_of_error, error_of

COPIES: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    str: str.__str__,
    bytes: lambda value: bytes(memoryview(value)),
    tuple: lambda value: tuple.__getitem__(value, slice(None)),
    list: list.copy,
    dict: dict.copy,
    set: lambda value: set().union(value),
    frozenset: lambda value: frozenset().union(value),
}
"""How a value of a subclass becomes one of the class itself, which it equals."""
PLAIN = {
    "builtins": {"bool", "complex", "bytearray", "range", "slice", *(t.__name__ for t in COPIES)},
    "collections": {"Counter", "OrderedDict", "defaultdict", "deque"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "fractions": {"Fraction"},
    "zoneinfo": {"ZoneInfo"},
}
"""Classes whose values cross as copies."""
NUMBERS = re.compile(r"[<>|][biufcSU]\d{1,9}")
"""Types of the elements of arrays that cross: no objects."""


# These stand in what is written for what the reader makes of their arguments.
def remote(number: int) -> None:
    """An object of the sender's."""


def own(number: int) -> None:
    """An object of the receiver's."""


def python_error(name: str) -> None:
    """A class of Python's own errors."""


def error_class(number: int | None, name: str, bases: tuple[type, ...]) -> None:
    """A class of the sender's errors."""


def error(kind: type, given: list[Any], attributes: dict[str, Any]) -> None:
    """An error."""


def named_tuple(number: int | None, name: str, fields: tuple[str, ...], values: Any) -> None:
    """A tuple whose fields have names, of a class of the sender's."""


def own_named_tuple(number: int, values: tuple[Any, ...]) -> None:
    """A tuple whose fields have names, of a class of the receiver's."""


def array(kind: str, shape: tuple[int, ...], data: bytes) -> None:
    """An array of numpy's."""


STANDING = {
    id(each): each
    for each in (remote, own, python_error, error_class, error, named_tuple, own_named_tuple, array)
}


class Names(Protocol):
    """How one side calls what the other is to recognise again."""

    def reference(self, value: object) -> tuple[Any, ...]:
        """What stands for an object that does not cross."""

    def class_of_error(self, kind: type) -> tuple[Any, ...]:
        """What stands for a class of errors."""

    def tuple_with_names(self, value: Any) -> tuple[Any, ...]:
        """What stands for a tuple whose fields have names."""


class Writer(pickle.Pickler):
    """Writes plain values as they are, and everything else by its name.

    Args:
        shared: containers that the reader has too.
    """

    def __init__(self, file: io.BytesIO, shared: Collection[Any], names: Names) -> None:
        super().__init__(file, protocol=5)
        self._names = names
        if shared:  # this is asked of every single number
            positions = {id(each): position for position, each in enumerate(shared)}
            self.persistent_id = lambda value: positions.get(id(value))  # type: ignore[method-assign]

    def reducer_override(self, value: Any) -> Any:
        if id(value) in STANDING:
            return NotImplemented
        kind = type(value)
        if issubclass(kind, type):
            return self._class(value)
        if issubclass(kind, BaseException):
            return error, (kind, *content_of_error(value))
        if is_plain(kind):
            if not _has_plain_zone(value):
                return self._names.reference(value)
            return (kind, (value.key,)) if kind.__name__ == "ZoneInfo" else NotImplemented
        if issubclass(kind, tuple) and field_names(kind):
            return self._names.tuple_with_names(value)
        for base, copy in COPIES.items():
            if issubclass(kind, base):
                return base, (copy(value),)
        return _of_numpy(value) or self._names.reference(value)

    def _class(self, kind: type) -> Any:
        if issubclass(kind, BaseException):
            name = kind.__name__
            if ERRORS.get(name) is kind:
                return python_error, (name,)
            return self._names.class_of_error(kind)
        return NotImplemented if is_plain(kind) else self._names.reference(kind)


class Reader(pickle.Unpickler):
    """Reads data that can name only the classes in `PLAIN`, and makes nothing but values of them.

    Args:
        shared: containers that the writer may name.
        made: what is made of that which stands for something, by its name.
    """

    def __init__(
        self, file: io.BytesIO, shared: Collection[Any], made: dict[str, Callable[..., Any]]
    ) -> None:
        super().__init__(file)
        self._shared, self._made = list(shared), made

    def persistent_load(self, position: Any) -> Any:
        return self._shared[position]

    def find_class(self, module: str, name: str) -> Any:
        if module == __name__:
            return self._made[name]
        if name not in PLAIN.get(module, ()):
            raise pickle.UnpicklingError(f"{module}.{name} is not plain")
        found = getattr(import_module(module), name)
        # A class written in Python could be changed by what is received; a function of it cannot.
        return found if module == "builtins" else lambda *given: found(*given)


MADE: dict[str, Callable[..., Any]] = {
    "python_error": ERRORS.__getitem__,
    "error": error_of,
    "array": lambda kind, shape, data: _array_of(kind, shape, data),
}
"""What needs to know nothing of the two sides."""


def is_plain(kind: type) -> bool:
    """Whether values of a class cross as copies.

    >>> is_plain(int), is_plain(object)
    (True, False)
    """
    return kind.__name__ in PLAIN.get(kind.__module__, ())


def field_names(kind: type) -> tuple[str, ...]:
    """The fields of a class of tuples, as `collections.namedtuple` takes them; empty if it has no
    names for them."""
    names = getattr(kind, "_fields", ())
    usable = type(names) is tuple and all(
        type(n) is str and n.isidentifier() and not n.startswith("_") and not keyword.iskeyword(n)
        for n in names
    )
    return names if usable else ()


def containers(value: Any) -> list[Any]:
    """The containers within plain values that a call can change, in an order of their own.

    >>> containers(([1, [2]], {"a": {3}}))
    [{'a': {3}}, {3}, [1, [2]], [2]]
    """
    numpy = sys.modules.get("numpy")
    changed = (list, dict, set, bytearray, deque, *((numpy.ndarray,) if numpy else ()))
    found: list[Any] = []
    seen: set[int] = set()
    left = [value]
    while left:
        each = left.pop()
        # Values of subclasses cross as those of the class itself, or as such, see `PLAIN`.
        if not isinstance(each, (tuple, *changed)) or id(each) in seen:
            continue
        if numpy and isinstance(each, numpy.ndarray) and not NUMBERS.fullmatch(each.dtype.str):
            continue  # it does not cross
        seen.add(id(each))
        if not isinstance(each, tuple):
            found.append(each)
        if isinstance(each, dict):
            left += dict.values(each)
        elif isinstance(each, list | tuple | deque):
            left += list(each)
    return found


def content_of(container: Any) -> Any:
    """What is in a container, as one of its own.

    >>> content_of([1, 2])
    [1, 2]
    """
    return container.copy()


def restore(container: Any, content: Any) -> None:
    """Give a container what is in another.

    >>> numbers = {1: 2}
    >>> restore(numbers, {3: 4})
    >>> numbers
    {3: 4}
    """
    if isinstance(container, list | bytearray):
        container[:] = content
    elif isinstance(container, deque):
        container.clear()
        container.extend(content)
    elif isinstance(container, dict | set):
        container.clear()
        container.update(content)
    else:
        container[...] = content


def _has_plain_zone(value: Any) -> bool:
    """Whether a date's zone crosses; a zone of the program's own would not be one elsewhere."""
    zone = getattr(value, "tzinfo", value)
    kind = type(zone)
    return zone is None or (is_plain(kind) and getattr(zone, "key", zone) is not None)


def _of_numpy(value: Any) -> tuple[Any, ...] | None:
    numpy = sys.modules.get("numpy")
    if numpy and isinstance(value, numpy.generic):
        plain = value.item()
        return None if isinstance(plain, numpy.generic) else (type(plain), (plain,))
    if numpy and isinstance(value, numpy.ndarray) and NUMBERS.fullmatch(value.dtype.str):
        return array, (value.dtype.str, value.shape, value.tobytes())
    return None


def _array_of(kind: str, shape: tuple[int, ...], data: bytes) -> Any:
    if not NUMBERS.fullmatch(kind):
        raise pickle.UnpicklingError(f"arrays of {kind} do not cross")
    numpy = import_module("numpy")
    return numpy.frombuffer(data, kind).reshape(shape).copy()
