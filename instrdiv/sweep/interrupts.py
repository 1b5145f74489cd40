"""Ctrl-C, a request to end, and a terminal that closes: all stop a sweep, and nothing runs on."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

from instrdiv.sweep.executors.executor import Executor
from instrdiv.sweep.guard import STOP_SIGNALS


@contextlib.contextmanager
def stopped_by_signals(executor: Executor) -> Iterator[None]:
    """Within this context a signal raises KeyboardInterrupt, and a second one kills at once.

    Whatever ends the context by an error, the executor's runs are stopped before it is left.
    Signals that were ignored before, as under ``nohup``, stay ignored.
    """
    caught: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        caught.append(number)
        if number == signal.SIGHUP:
            _leave_terminal()
        if len(caught) > 1:
            executor.kill()
            return
        with contextlib.suppress(OSError):
            print(
                "\ninstrdiv: stopping; finished records are kept, and the same command continues "
                "(once more: kill at once)",
                file=sys.stderr,
                flush=True,
            )
        raise KeyboardInterrupt

    before = {}
    if threading.current_thread() is threading.main_thread():
        for each in STOP_SIGNALS:
            if signal.getsignal(each) is not signal.SIG_IGN:
                before[each] = signal.signal(each, handle)
    try:
        yield
    except BaseException:
        executor.stop()
        raise
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _leave_terminal() -> None:
    """Write to nowhere instead of to a terminal that is gone, where writing is an error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        if os.isatty(stream):
            os.dup2(nowhere, stream)
    os.close(nowhere)
