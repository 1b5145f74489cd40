"""Laying out what the pages are set from, wherever the checkout lies."""

import shutil

import pytest

from instrdiv.paths import project_root
from instrdiv.publishing.build import BookError, build_book, stage


def test_a_checkout_for_reading_alone_can_be_staged(tmp_path):
    checkout = tmp_path / "checkout"
    shutil.copytree(project_root() / "book" / "_static", checkout / "book" / "_static")
    shutil.copytree(project_root() / "instrdiv", checkout / "instrdiv")
    shutil.copytree(project_root() / "book" / "data", checkout / "book" / "data")
    for name in ("_toc.yml", "_config.yml", "book/architecture.md"):
        shutil.copy(project_root() / name, checkout / name)
    for path in (checkout / "book" / "_static", *(checkout / "book" / "_static").iterdir()):
        path.chmod(0o555)
    for _ in range(2):  # the second time over what the first has left
        staged = stage(checkout, [], tmp_path / "source") / "_static"
        assert all(path.stat().st_mode & 0o200 for path in (staged, *staged.iterdir()))


def test_a_place_that_the_book_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BookError, match=r"file/_build cannot be written to .* with --output"):
        build_book(tmp_path / "file")
