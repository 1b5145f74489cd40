"""Bytes through a pipe, each time as many as were sent."""

import os
import sys


class Gone(BaseException):
    """The other process has ended."""


class Garbled(Gone):
    """It sends what no honest one does."""


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
