"""The process of the program: it runs what it is sent and knows nothing of the tests."""

import os
import sys
import threading
import types
from collections.abc import Collection
from typing import Any, Never

from instrdiv.codeexec.guest.crossing import is_plain
from instrdiv.codeexec.guest.remote import PERFORMED
from instrdiv.codeexec.guest.wire import Link

FRAMES = 20
"""Calls on the stack that are not the program's own, and should not count against its limit."""
STACK_BYTES = 2 << 20
"""Of each thread that names no size itself. By default it is that of the main thread, often eight
megabytes, which threads up to their limit could not have within the limit of memory."""


class Program:
    """A program as a module, whose names the tests can ask for.

    What follows ``if __name__ == "__main__":`` does not run.
    """

    def __init__(self) -> None:
        self._module = types.ModuleType("program")
        sys.modules[self._module.__name__] = self._module  # dataclasses and pickle look it up there

    def load(self, text: str) -> None:
        """Run a program; whatever it raises is raised."""
        exec(compile(text, "<program>", "exec"), vars(self._module))

    def named(
        self, names: Collection[str]
    ) -> tuple[dict[str, Any], dict[str, str], dict[str, tuple[str, str]]]:
        """What it defines under these names; of modules and of classes of plain values only what
        they are called."""
        own = vars(self._module)
        found = {name: own[name] for name in names if name in own and not name.startswith("__")}
        modules = {n: v.__name__ for n, v in found.items() if isinstance(v, types.ModuleType)}
        plain = {
            n: (v.__module__, v.__name__)
            for n, v in found.items()
            if isinstance(v, type) and is_plain(v)
        }
        values = {n: v for n, v in found.items() if n not in modules and n not in plain}
        return values, modules, plain


def serve(reading: int, writing: int) -> Never:
    """Do what the tests ask for until their process ends."""
    sys.argv = ["program"]
    threading.stack_size(STACK_BYTES)
    sys.setrecursionlimit(sys.getrecursionlimit() + FRAMES)
    try:
        Link(reading, writing, PERFORMED, Program()).serve()
    finally:
        os._exit(0)  # so that neither threads nor exit handlers run
