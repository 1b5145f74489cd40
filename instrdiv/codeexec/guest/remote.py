"""What can be done with an object on the other side of a link.

It can be called, looked into, changed and iterated over. Operators work between two such objects;
between one and a plain value they do not, since an object that decides what it is when one takes
1.5 from it, or whether it equals 3, would decide whether its answer is right.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any, Protocol

BETWEEN_TWO = (
    "lt", "le", "eq", "ne", "gt", "ge", "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod",
    "pow", "lshift", "rshift", "and", "or", "xor",
)  # fmt: skip
OF_ONE = ("neg", "pos", "abs", "invert", "index")
CONVERSIONS = {each.__name__: each for each in (int, float, complex, str, repr, hash, len, bool)}

PERFORMED: dict[str, Callable[..., Any]] = {
    **{name: getattr(operator, f"__{name}__") for name in (*BETWEEN_TWO, *OF_ONE)},
    **CONVERSIONS,
    "call": lambda function, /, *given, **named: function(*given, **named),
    "get": getattr,
    "set": setattr,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "contains": operator.contains,
    "instance": lambda kind, value: isinstance(value, kind),
    "enter": lambda manager: type(manager).__enter__(manager),
    "exit": lambda manager, *error: type(manager).__exit__(manager, *error),
    "iter": iter,
    "next": next,
}
"""Each by the name under which one side asks the other for it."""
FUNCTION = "<function of the tests>"
TOLD = {"bool": True, "str": FUNCTION, "repr": FUNCTION}
"""What a program is told of a function of its tests, without asking them."""


class Asks(Protocol):
    """A link, as an object on its other side needs it."""

    compares: bool

    def ask(self, action: str, target: Any, /, *given: Any, **named: Any) -> Any:
        """See `instrdiv.codeexec.guest.wire.Link.ask`."""


class Remote:
    """An object on the other side. There is one of these for each, so that it is itself."""

    __slots__ = ("_link", "_number")
    _link: Asks
    _number: int

    def __init__(self, link: Asks, number: int) -> None:
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
        return self._link.ask("getitem", self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._link.ask("setitem", self, key, value)

    def __delitem__(self, key: Any) -> None:
        self._link.ask("delitem", self, key)

    def __iter__(self) -> Iterator[Any]:
        return self._values(self._link.ask("iter", self))

    def _values(self, iterator: Any) -> Iterator[Any]:
        while True:
            try:
                value = self._link.ask("next", iterator)
            except StopIteration:
                return
            yield value

    def __next__(self) -> Any:
        return self._link.ask("next", self)

    def __contains__(self, value: Any) -> bool:
        if isinstance(value, Remote):
            return bool(self._link.ask("contains", self, value))
        try:
            values = iter(self)
        except TypeError:  # it can only be asked, as by any of its methods
            return bool(self._link.ask("contains", self, value))
        found = False
        for each in values:  # to the end: what has none would hold everything
            found = found or each == value
        return found

    def __instancecheck__(self, value: Any) -> bool:
        return bool(self._link.ask("instance", self, value))

    def __enter__(self) -> Any:
        return self._link.ask("enter", self)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> Any:
        return self._link.ask("exit", self, kind, error, None)

    def __eq__(self, other: object) -> Any:
        return self._compared("eq", other)

    def __ne__(self, other: object) -> Any:
        return self._compared("ne", other)

    def __hash__(self) -> int:
        return self._link.ask("hash", self) if self._link.compares else self._number

    def _compared(self, action: str, other: object) -> Any:
        if isinstance(other, Remote) and self._link.compares:
            return self._link.ask(action, self, other)
        return NotImplemented  # so that one equals itself alone


def _between_two(action: str) -> Callable[[Remote, Any], Any]:
    def operate(self: Remote, other: Any) -> Any:
        if isinstance(other, Remote):
            return self._link.ask(action, self, other)
        return NotImplemented

    return operate


def _of_one(action: str) -> Callable[[Remote], Any]:
    def operate(self: Remote) -> Any:
        if action in TOLD and not self._link.compares:
            return TOLD[action]
        return self._link.ask(action, self)

    return operate


for _action in BETWEEN_TWO:
    if _action not in ("eq", "ne"):
        setattr(Remote, f"__{_action}__", _between_two(_action))
for _action in (*OF_ONE, *CONVERSIONS):
    if _action != "hash":
        setattr(Remote, f"__{_action}__", _of_one(_action))
