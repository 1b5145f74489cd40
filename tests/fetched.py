"""What some tests need that has to be fetched first."""

import pytest

from instrdiv.assets import place
from instrdiv.assets.catalog import MBPP

with_mbpp = pytest.mark.skipif(
    not place(MBPP).is_dir(), reason="MBPP is not here: run `python -m instrdiv assets MBPP` once"
)
