"""Plain values as bytes and back: what can cross between two processes of which one is hostile.

Values are pickled, but what is read can name no class except those of plain values. What does not
cross is written as a number.
"""

import io
import pickle
import sys
from collections.abc import Callable, Collection
from importlib import import_module
from typing import Any

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
}
"""Classes whose values cross as copies."""


def remote(number: int) -> None:
    """Stands in what is sent for an object of the sender's."""


def own(number: int) -> None:
    """Stands in what is sent for an object of the receiver's."""


class Writer(pickle.Pickler):
    """Writes plain values as they are, and of everything else what `reference` says.

    Args:
        shared: containers that the reader has too.
    """

    def __init__(
        self, file: io.BytesIO, shared: Collection[Any], reference: Callable[[Any], Any]
    ) -> None:
        super().__init__(file, protocol=5)
        self._reference = reference
        if shared:  # this is asked of every single number
            positions = {id(each): position for position, each in enumerate(shared)}
            self.persistent_id = lambda value: positions.get(id(value))  # type: ignore[method-assign]

    def reducer_override(self, value: Any) -> Any:
        if value is remote or value is own:
            return NotImplemented
        kind = value if isinstance(value, type) else type(value)
        if kind.__name__ in PLAIN.get(kind.__module__, ()):
            return NotImplemented
        for base, copy in COPIES.items():
            if isinstance(value, base):
                return base, (copy(value),)
        numpy = sys.modules.get("numpy")
        if numpy and isinstance(value, numpy.generic):
            plain = value.item()
            if not isinstance(plain, numpy.generic):
                return type(plain), (plain,)
        return self._reference(value)


class Reader(pickle.Unpickler):
    """Reads data that can name only the classes in `PLAIN`, and makes nothing but values of them.

    Args:
        shared: containers that the writer may name.
        remote, own: give the writer's object with a number, and the reader's.
    """

    def __init__(
        self,
        file: io.BytesIO,
        shared: Collection[Any],
        remote: Callable[[int], Any],
        own: Callable[[int], Any],
    ) -> None:
        super().__init__(file)
        self._shared, self._numbered = list(shared), {"remote": remote, "own": own}

    def persistent_load(self, position: Any) -> Any:
        return self._shared[position]

    def find_class(self, module: str, name: str) -> Any:
        if module == __name__:
            return self._numbered[name]
        if name not in PLAIN.get(module, ()):
            raise pickle.UnpicklingError(f"{module}.{name} is not plain")
        found = getattr(import_module(module), name)
        # A class written in Python could be changed by what is received; a function of it cannot.
        return found if module == "builtins" else lambda *given: found(*given)


def containers(value: Any) -> list[Any]:
    """The containers within plain values that a call can change, in an order of their own.

    >>> containers(([1, [2]], {"a": {3}}))
    [{'a': {3}}, {3}, [1, [2]], [2]]
    """
    found: list[Any] = []
    seen: set[int] = set()
    left = [value]
    while left:
        each = left.pop()
        # Values of subclasses cross as those of the class itself, or as such, see `PLAIN`.
        if not isinstance(each, tuple | list | dict | set | bytearray) or id(each) in seen:
            continue
        seen.add(id(each))
        if not isinstance(each, tuple):
            found.append(each)
        if isinstance(each, dict):
            left += dict.values(each)
        elif isinstance(each, list | tuple):
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
    else:
        container.clear()
        container.update(content)
