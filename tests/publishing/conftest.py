"""The book is built once for all tests that look at it; see the groups in ``tests/conftest.py``."""

from pathlib import Path

import pytest

from instrdiv.publishing.build import build_book


@pytest.fixture(scope="session")
def html(tmp_path_factory) -> Path:
    """The folder of pages of a whole new build."""
    return build_book(tmp_path_factory.mktemp("book [ü]")).parent  # as folders are called
