"""Calls between the process of the tests and that of the program.

Plain values cross as copies: numbers, texts, lists, dictionaries and the like, dates, fractions.
Everything else stays where it is and is known on the other side by its number, as a `Remote`: it
can be called, looked into and iterated over, but never compared, so that no object of a program's
decides whether it equals an answer. What a call changes in its arguments is changed in the caller's
too. What is received is pickled, but can name no class except those of plain values.
"""

import io
import operator
from collections.abc import Callable, Collection, Iterator
from typing import Any

from instrdiv.codeexec.guest.crossing import (
    Reader,
    Writer,
    containers,
    content_of,
    own,
    remote,
    restore,
)
from instrdiv.codeexec.guest.errors import described, error_of
from instrdiv.codeexec.guest.frames import Garbled, Gone, read_frame, write_frame

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
        offered: what stands for an object of this side's when the other names it.
    """

    def __init__(
        self,
        reading: int,
        writing: int,
        performed: Collection[str],
        first: object = None,
        offered: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        self._reading, self._writing = reading, writing
        self._performed, self._offered = performed, offered
        self._own = [(first, first)]
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
                error = None if kind == "value" else error_of(*value)
            except Exception as broken:
                raise Garbled from broken
            if isinstance(error, StopIteration) and action != "next":
                # Where the tests iterate over calls, it would end them before they had looked.
                raise RuntimeError("the program raised StopIteration") from error
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
        Writer(file, shared, self._reference).dump(message)
        write_frame(self._writing, file.getvalue())

    def _receive(self, shared: Collection[Any] = ()) -> tuple[Any, ...]:
        data = read_frame(self._reading)
        try:
            message = Reader(io.BytesIO(data), shared, self._remote, self._named).load()
            if type(message) is tuple and len(message) == (4 if message[0] == "ask" else 3):
                return message
        except Exception as broken:
            raise Garbled from broken
        raise Garbled

    def _reference(self, value: object) -> tuple[Callable[[int], None], tuple[int]]:
        """By which the other side knows what does not cross."""
        if isinstance(value, Remote):
            return own, (value._number,)
        if id(value) not in self._numbers:
            offered = self._offered(value)
            self._numbers[id(value)] = len(self._own)
            self._own.append((value, offered))  # the value is kept, so that its id stays its own
        return remote, (self._numbers[id(value)],)

    def _remote(self, number: int) -> Remote:
        return Remote(self, number)

    def _named(self, number: int) -> Any:
        return self._own[number][1]
