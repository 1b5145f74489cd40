"""Laying out what the pages are set from, wherever the checkout lies."""

import shutil

import pytest

from instrdiv.experiments.points import find_notebook
from instrdiv.paths import project_root
from instrdiv.publishing.build import REPOSITORY, BookError, build_book, stage


def test_a_checkout_for_reading_alone_can_be_staged(tmp_path):
    checkout = tmp_path / "checkout"
    shutil.copytree(project_root() / "book" / "_static", checkout / "book" / "_static")
    shutil.copytree(project_root() / "instrdiv", checkout / "instrdiv")
    shutil.copytree(project_root() / "book" / "data", checkout / "book" / "data")
    for name in ("_toc.yml", "_config.yml", "book/architecture.md", "book/teaching.md"):
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


@pytest.mark.parametrize("edition", ["published", "instructor", "student"])
def test_pages_and_downloads_of_students_alone_have_no_solution_nor_a_way_to_one(
    edition, tmp_path, monkeypatch
):
    monkeypatch.setenv(REPOSITORY, "https://example.org/me/book")
    chapters = [find_notebook(number) for number in ("01", "07")]
    source = stage(project_root(), chapters, tmp_path / "source", edition)
    files = [path for path in source.rglob("*") if path.suffix in (".md", ".ipynb", ".yml")]
    texts = {
        path.relative_to(source).as_posix(): path.read_text(encoding="utf-8")
        for path in files
        if path.parent.name != "api"  # which quotes what an edition leaves out
    }
    assert {"notebooks/01_rule_diversity.ipynb", "notebooks/plain/01_rule_diversity.ipynb"} <= set(
        texts
    )
    marks = (
        "{dropdown} Solutions",
        "{dropdown} Answers",
        "num_letters**side",  # of the worked code of chapter 1
        "blob/colab",
        "mybinder",
    )
    for mark in marks:
        found = [name for name, text in texts.items() if mark in text]
        assert bool(found) == (edition != "student"), (mark, found)
    assert not (source / "book" / "exercises").exists()
