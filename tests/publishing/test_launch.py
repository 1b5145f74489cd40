"""Chapters taken along: launch buttons and notebooks without outputs."""

import nbclient
import nbformat
import yaml

from instrdiv.experiments.points import listed_notebooks
from instrdiv.publishing.launch import launch_settings, take_along, without_outputs


def test_launch_buttons_need_a_public_repository():
    settings = yaml.safe_load(launch_settings("https://example.org/me/book"))
    assert settings["repository"]["url"] == "https://example.org/me/book"
    assert launch_settings("") == ""
    chapter = "# A\n\n**Time and hardware:** a minute."
    assert "/github/me/book/blob/colab/01.ipynb" in take_along(
        chapter, "01", "https://example.org/me/book"
    )
    assert "olab" not in take_along(chapter, "01", None)


def test_chapters_can_be_downloaded_without_outputs(html):
    for path in listed_notebooks():
        (downloaded,) = html.rglob(f"_downloads/*/{path.name}")
        assert downloaded.name in (html / "notebooks" / f"{path.stem}.html").read_text(
            encoding="utf-8"
        )
        notebook = nbformat.read(downloaded, as_version=4)
        assert not any(cell.get("outputs") for cell in notebook.cells)
        written = nbformat.read(path, as_version=4)
        code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        assert code == [cell.source for cell in written.cells if cell.cell_type == "code"]


def test_a_notebook_for_colab_fetches_nothing_where_the_project_is_installed(tmp_path):
    chapter = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import instrdiv")])
    alone = without_outputs(chapter, "https://example.org/me/book")
    assert "git clone --quiet --depth 1 https://example.org/me/book" in alone.cells[0].source
    nbclient.execute(alone, cwd=tmp_path, timeout=120)
    assert list(tmp_path.iterdir()) == [] and not alone.cells[0].outputs
