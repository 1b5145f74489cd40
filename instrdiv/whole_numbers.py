"""Whole numbers as readers see them, in sentences and in figures."""

import math
from typing import Any

THIN = "\N{NARROW NO-BREAK SPACE}"
"""What sets thousands apart, and a number from its percent sign."""


def count(number: Any) -> str:
    """A whole number with thousands apart, of whatever type a table holds it.

    >>> count(10_000).replace(THIN, "_")
    '10_000'
    """
    return f"{number:,.0f}".replace(",", THIN)


def at_least(share: float, digits: int = 0) -> str:
    """A share that a sentence calls the least of some, so that rounding makes it no larger.

    >>> at_least(0.9075), at_least(0.57), at_least(0.9999, digits=1)
    ('at least 90%', 'at least 57%', 'at least 99.9%')
    """
    return f"at least {_rounded(share, digits, math.floor)}"


def at_most(share: float, digits: int = 0) -> str:
    """A share that a sentence calls the most of some, so that rounding makes it no smaller.

    >>> at_most(0.0912), at_most(0.0), at_most(0.0912, digits=1)
    ('at most 10%', 'at most 0%', 'at most 9.2%')
    """
    return f"at most {_rounded(share, digits, math.ceil)}"


def _rounded(share: float, digits: int, whole: Any) -> str:
    """In per cent; 0.57 is a little less in the machine, which is no reason to say 56."""
    return f"{whole(round(share * 10 ** (digits + 2), 6)) / 10**digits:.{digits}f}%"
