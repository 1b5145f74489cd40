"""What some tests need that has to be fetched first."""

import pytest

from instrdiv.data.assets import MBPP
from instrdiv.data.fetch import asset_folder

with_mbpp = pytest.mark.skipif(
    not asset_folder(MBPP).is_dir(),
    reason="MBPP is not here: run `python -m instrdiv assets MBPP` once",
)
