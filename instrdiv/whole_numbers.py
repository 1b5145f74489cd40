"""Whole numbers as readers see them, in sentences and in figures."""

from typing import Any

THIN = "\N{NARROW NO-BREAK SPACE}"
"""What sets thousands apart, and a number from its percent sign."""


def count(number: Any) -> str:
    """A whole number with thousands apart, of whatever type a table holds it.

    >>> count(10_000).replace(THIN, "_")
    '10_000'
    """
    return f"{number:,.0f}".replace(",", THIN)
