"""Statistics of scores."""

import math
from typing import NamedTuple


class Score(NamedTuple):
    """How many of how many were right.

    >>> Score(90, 100).share
    0.9
    >>> low, high = Score(90, 100).interval()
    >>> round(low, 3), round(high, 3)
    (0.826, 0.945)
    """

    correct: int
    total: int

    @property
    def share(self) -> float:
        return self.correct / self.total

    def interval(self, z: float = 1.959964) -> tuple[float, float]:
        """Wilson's interval, 95 % unless told otherwise; sound at 0 and 1 too (Wilson, 1927)."""
        n, p = self.total, self.share
        centre = p + z * z / (2 * n)
        spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        scale = 1 + z * z / n
        return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
