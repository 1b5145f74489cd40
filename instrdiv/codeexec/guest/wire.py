"""Calls between the process of the tests and that of the program.

Plain values cross as copies: numbers, texts, lists, dictionaries and the like, dates, fractions.
Everything else stays where it is and is known on the other side by its number, as a `Remote`: it
can be called, looked into and iterated over, but never compared, so that no object of a program's
decides whether it equals an answer. What a call changes in its arguments is changed in the caller's
too. Received data can make nothing but such values: see `Link.read`.
"""

import builtins
import io
import operator
import os
import pickle
import sys
from collections.abc import Callable, Collection, Iterator
from importlib import import_module
from typing import Any

ERRORS = {name: value for name, value in vars(builtins).items()
          if isinstance(value, type) and issubclass(value, BaseException)}  # fmt: skip
"""Python's own, as they are before a program can change them."""
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
    "collections": {"deque"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "fractions": {"Fraction"},
}
"""Classes whose values cross as copies."""
PERFORMED: dict[str, Callable[..., Any]] = {
    "call": lambda function, /, *given, **named: function(*given, **named),
    "get": getattr,
    "set": setattr,
    "item": operator.getitem,
    "iter": iter,
    "next": next,
    "len": len,
    "bool": bool,
}
"""What can be done with an object on the other side."""
SHORT = 1000
"""Longest text of an error's that is told."""


class Gone(BaseException):
    """The other process has ended."""


class Garbled(Gone):
    """It sends what no honest one does."""


class Remote:
    """An object on the other side; two are equal if they are the same object there."""

    __slots__ = ("_link", "_number")
    _link: "Link"
    _number: int

    def __init__(self, link: "Link", number: int) -> None:
        object.__setattr__(self, "_link", link)
        object.__setattr__(self, "_number", number)

    def __call__(self, /, *given: Any, **named: Any) -> Any:
        return self._link.ask("call", self, *given, **named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # copying and the like ask for these
        return self._link.ask("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._link.ask("set", self, name, value)

    def __getitem__(self, key: Any) -> Any:
        return self._link.ask("item", self, key)

    def __iter__(self) -> Iterator[Any]:
        iterator = self._link.ask("iter", self)
        while True:
            try:
                value = self._link.ask("next", iterator)
            except StopIteration:
                return
            yield value

    def __next__(self) -> Any:
        return self._link.ask("next", self)

    def __len__(self) -> int:
        return self._link.ask("len", self)

    def __bool__(self) -> bool:
        return self._link.ask("bool", self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Remote) and other._number == self._number

    def __hash__(self) -> int:
        return hash(self._number)


class Link:
    """One end of the connection.

    Args:
        reading, writing: descriptors of its two pipes.
        performed: what the other side may do with objects of this one, of `PERFORMED`.
        first: an object that the other side knows from the beginning.
    """

    def __init__(
        self, reading: int, writing: int, performed: Collection[str], first: object = None
    ) -> None:
        self._reading, self._writing = reading, writing
        self._performed = performed
        self._own = [first]
        self._numbers = {id(first): 0}

    def first(self) -> Remote:
        """The object that the other side has offered."""
        return Remote(self, 0)

    def ask(self, action: str, target: Any, /, *given: Any, **named: Any) -> Any:
        """Have something done on the other side.

        Raises:
            BaseException: of the class that was raised there, or of the nearest of Python's own.
            Gone: the other side has ended.
        """
        arguments = (given, named)
        shared = containers(arguments)
        self._send(("ask", action, target, arguments))
        while True:
            message = self._receive(shared)
            if message[0] == "ask":  # the other side calls back before it answers
                self._perform(*message[1:])
                continue
            try:
                kind, value, contents = message
                for container, content in zip(shared, contents, strict=True):
                    restore(container, content)
                error = None if kind == "value" else _error(*value)
            except Exception as broken:
                raise Garbled from broken
            if error is not None:
                raise error
            return value

    def serve(self) -> None:
        """Do what the other side asks for, until it ends.

        Raises:
            Gone: it has ended.
        """
        while True:
            self._perform(*self._receive()[1:])

    def _perform(self, action: str, target: Any, arguments: Any) -> None:
        shared = containers(arguments)
        try:
            if action not in self._performed:
                raise TypeError(f"{action}: not allowed here")
            given, named = arguments
            answer = "value", PERFORMED[action](target, *given, **named)
            self._send((*answer, [content_of(each) for each in shared]), shared)
        except Gone:
            raise
        except BaseException as error:  # no error of a program's may end this
            self._send(("error", described(error), [content_of(each) for each in shared]), shared)

    def _send(self, message: Any, shared: Collection[Any] = ()) -> None:
        file = io.BytesIO()
        _Writer(self, file, shared).dump(message)
        write_frame(self._writing, file.getvalue())

    def _receive(self, shared: Collection[Any] = ()) -> tuple[Any, ...]:
        data = read_frame(self._reading)
        try:
            message = _Reader(self, io.BytesIO(data), shared).load()
            if type(message) is tuple and len(message) == (4 if message[0] == "ask" else 3):
                return message
        except Exception as broken:
            raise Garbled from broken
        raise Garbled

    def number(self, value: object) -> int:
        """By which the other side knows an object of this one."""
        if id(value) not in self._numbers:
            self._numbers[id(value)] = len(self._own)
            self._own.append(value)  # kept, so that its id stays its own
        return self._numbers[id(value)]

    def own(self, number: int) -> Any:
        """The object of this side with that number."""
        return self._own[number]


def remote(number: int) -> None:
    """Stands in what is sent for an object of the sender's."""


def own(number: int) -> None:
    """Stands in what is sent for an object of the receiver's."""


class _Writer(pickle.Pickler):
    def __init__(self, link: Link, file: io.BytesIO, shared: Collection[Any]) -> None:
        super().__init__(file, protocol=5)
        self._link = link
        if shared:
            positions = {id(each): position for position, each in enumerate(shared)}
            self.persistent_id = lambda value: positions.get(id(value))

    def reducer_override(self, value: Any) -> Any:
        if value is remote or value is own:
            return NotImplemented
        kind = value if isinstance(value, type) else type(value)
        if kind.__name__ in PLAIN.get(kind.__module__, ()):
            return NotImplemented
        if isinstance(value, Remote):
            return own, (value._number,)
        for base, copy in COPIES.items():
            if isinstance(value, base):
                return base, (copy(value),)
        numpy = sys.modules.get("numpy")
        if numpy and isinstance(value, numpy.generic):
            plain = value.item()
            if not isinstance(plain, numpy.generic):
                return type(plain), (plain,)
        return remote, (self._link.number(value),)


class _Reader(pickle.Unpickler):
    """Data can name only the classes in `PLAIN` and make nothing but values of them."""

    def __init__(self, link: Link, file: io.BytesIO, shared: Collection[Any]) -> None:
        super().__init__(file)
        self._link, self._shared = link, list(shared)

    def persistent_load(self, position: Any) -> Any:
        return self._shared[position]

    def find_class(self, module: str, name: str) -> Any:
        if module == __name__ and name == "remote":
            return lambda number: Remote(self._link, number)
        if module == __name__ and name == "own":
            return lambda number: self._link.own(number)
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
        kind = type(each)
        if kind not in (tuple, list, dict, set, bytearray) or id(each) in seen:
            continue
        seen.add(id(each))
        if kind is not tuple:
            found.append(each)
        if kind is dict:
            left += each.values()
        elif kind in (list, tuple):
            left += each
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
        if type(each) in (int, float, bool, type(None)) or type(each) is str and len(each) < SHORT
    ]  # fmt: skip
    return name, own, short


def _error(name: str, own: str, given: list[Any]) -> BaseException:
    kind = ERRORS[name]
    try:
        error = kind(*given)
    except Exception:  # some need more than is told
        error = kind.__new__(kind)
    error.own_name = str(own)[:80]  # type: ignore[attr-defined]
    return error


def read_frame(reading: int) -> bytes:
    """What was sent with `write_frame`, and not a byte more.

    Raises:
        Gone: the sender has closed the connection.
    """
    return _read(reading, int.from_bytes(_read(reading, 8), sys.byteorder))


def write_frame(writing: int, data: bytes) -> None:
    """Send some bytes together with their number.

    Raises:
        Gone: the receiver has closed the connection.
    """
    left = memoryview(len(data).to_bytes(8, sys.byteorder) + data)
    try:
        while left:
            left = left[os.write(writing, left) :]
    except BrokenPipeError:
        raise Gone from None


def _read(reading: int, number: int) -> bytes:
    parts = []
    while number > 0:
        part = os.read(reading, min(number, 1 << 20))
        if not part:
            raise Gone
        parts.append(part)
        number -= len(part)
    return b"".join(parts)
