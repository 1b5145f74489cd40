"""Calls between the process of the tests and that of the program.

Plain values cross as copies: numbers, texts, lists, dictionaries and the like, dates, fractions,
arrays of numbers, tuples whose fields have names, errors. Everything else stays where it is and is
known on the other side by its number, as a `instrdiv.codeexec.guest.remote.Remote`: never compared
with a plain value, so that no object of a program's decides whether it equals an answer. What a
call changes in its arguments is changed in the caller's too. What is received is pickled, but can
name no class except those of plain values.
"""

import io
from collections import namedtuple
from collections.abc import Callable, Collection
from typing import Any

from instrdiv.codeexec.guest import crossing
from instrdiv.codeexec.guest.crossing import MADE, Reader, Writer, containers, content_of, restore
from instrdiv.codeexec.guest.errors import bases_of, own_name
from instrdiv.codeexec.guest.frames import Garbled, Gone, read_frame, write_frame
from instrdiv.codeexec.guest.remote import PERFORMED, Remote


class Link:
    """One end of the connection.

    Args:
        reading, writing: descriptors of its two pipes.
        performed: what the other side may do with objects of this one, of `PERFORMED`.
        first: an object that the other side knows from the beginning.
        offered: what stands for an object of this side's when the other names it.
        compares: whether this side's are the tests, which compare objects of the program's; what
            the program is told of theirs can only be called, their classes not even that.
    """

    def __init__(
        self,
        reading: int,
        writing: int,
        performed: Collection[str],
        first: object = None,
        offered: Callable[[Any], Any] = lambda value: value,
        compares: bool = False,
    ) -> None:
        self._reading, self._writing = reading, writing
        self._performed, self._offered = performed, offered
        self.compares = compares
        self._own = [(first, first)]
        self._numbers = {id(first): 0}
        self._remotes: dict[int, Remote] = {}
        self._classes: dict[tuple[Any, ...], type] = {}
        self._class_numbers: dict[int, int] = {}
        self._made: dict[str, Callable[..., Any]] = MADE | {
            "remote": self._remote,
            "own": lambda number: self._own[number][1],
            "error_class": self._error_class,
            "named_tuple": self._named_tuple,
            "own_named_tuple": self._own_named_tuple,
        }

    def first(self) -> Remote:
        """The object that the other side has offered."""
        return self._remote(0)

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
            except Exception as broken:
                raise Garbled from broken
            if kind == "value":
                return value
            if not isinstance(value, BaseException):
                raise Garbled
            if isinstance(value, StopIteration) and action != "next":
                # Where the tests iterate over calls, it would end them before they had looked.
                raise RuntimeError("the program raised StopIteration") from value
            raise value

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
            self._send(("error", error, [content_of(each) for each in shared]), shared)

    def _send(self, message: Any, shared: Collection[Any] = ()) -> None:
        file = io.BytesIO()
        Writer(file, shared, self).dump(message)
        write_frame(self._writing, file.getvalue())

    def _receive(self, shared: Collection[Any] = ()) -> tuple[Any, ...]:
        data = read_frame(self._reading)
        try:
            message = Reader(io.BytesIO(data), shared, self._made).load()
            if type(message) is tuple and len(message) == (4 if message[0] == "ask" else 3):
                return message
        except Exception as broken:
            raise Garbled from broken
        raise Garbled

    def reference(self, value: object) -> tuple[Callable[..., None], tuple[Any, ...]]:
        """By which the other side knows what does not cross."""
        if type(value) is Remote:
            return crossing.own, (value._number,)
        return crossing.remote, (self._number(value),)

    def class_of_error(self, kind: type) -> tuple[Callable[..., None], tuple[Any, ...]]:
        """A class of errors: one like it is made on the other side."""
        if id(kind) in self._class_numbers:
            return crossing.own, (self._class_numbers[id(kind)],)
        number = None if self.compares else self._number(kind)
        return crossing.error_class, (number, own_name(kind), bases_of(kind))

    def tuple_with_names(self, value: Any) -> tuple[Callable[..., None], tuple[Any, ...]]:
        """A tuple of a class like which one is made on the other side."""
        kind, values = type(value), tuple.__getitem__(value, slice(None))
        if id(kind) in self._class_numbers:
            return crossing.own_named_tuple, (self._class_numbers[id(kind)], values)
        number = None if self.compares else self._number(kind)
        fields = crossing.field_names(kind)
        return crossing.named_tuple, (number, own_name(kind), fields, values)

    def _number(self, value: object) -> int:
        if id(value) not in self._numbers:
            offered = self._offered(value)
            self._numbers[id(value)] = len(self._own)
            self._own.append((value, offered))  # the value is kept, so that its id stays its own
        return self._numbers[id(value)]

    def _remote(self, number: int) -> Remote:
        return self._remotes.setdefault(number, Remote(self, number))

    def _error_class(self, number: int | None, name: str, bases: tuple[type, ...]) -> type:
        if not bases or not all(issubclass(base, BaseException) for base in bases):
            raise TypeError(f"{bases}: not classes of errors")
        return self._class(
            number, name, bases, lambda: type(name, bases, {"__module__": "program"})
        )

    def _named_tuple(
        self, number: int | None, name: str, fields: tuple[str, ...], values: tuple[Any, ...]
    ) -> Any:
        ask = self.ask

        def look(self: Any, name: str) -> Any:
            if name.startswith("__") or number is None:
                raise AttributeError(name)
            return ask("get", self, name)  # a method of the program's

        def make() -> type:
            plain = namedtuple("plain", fields)  # type: ignore[misc]  # checks the fields
            return type(name, (plain,), {"__slots__": (), "__getattr__": look})

        return self._class(number, name, fields, make)._make(values)

    def _own_named_tuple(self, number: int, values: tuple[Any, ...]) -> Any:
        kind: Any = self._own[number][1]
        return tuple.__new__(kind, values)

    def _class(
        self, number: int | None, name: str, form: tuple[Any, ...], make: Callable[[], type]
    ) -> Any:
        """The class of this side's that stands for one of the other side's."""
        key = number, name, form
        if key not in self._classes:
            self._classes[key] = kind = make()
            if number is not None:
                self._class_numbers[id(kind)] = number
        return self._classes[key]
