"""Environment variables that are set for a while, for the processes that start meanwhile."""

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def environment_variable(name: str, value: str) -> Iterator[None]:
    """Within this context, an environment variable has a value; then it is as it was before.

    >>> with environment_variable("INSTRDIV_SOME", "1"):
    ...     os.environ["INSTRDIV_SOME"]
    '1'
    >>> "INSTRDIV_SOME" in os.environ
    False
    """
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
