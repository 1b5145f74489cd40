"""What some tests need that has to be fetched first."""

import pytest

from instrdiv.data.assets import MBPP
from instrdiv.data.fetch import place

with_mbpp = pytest.mark.skipif(
    not place(MBPP).is_dir(), reason="MBPP is not here: run `python -m instrdiv assets MBPP` once"
)
