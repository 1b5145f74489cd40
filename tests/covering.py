"""How tests of coverage judge an interval of 95 %."""

import numpy as np
import pytest

seeds_used = pytest.mark.parametrize("seeds", [3, 7])


def covered(hits):
    return 0.93 <= np.mean(hits) <= 0.97
