"""A notebook that fails is named with all that is known of its failure."""

from pathlib import Path

import pytest

from instrdiv.sweep.execute import NotebookFailed, execute


def notebook_of(path: Path, source: str) -> Path:
    import nbformat

    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


def test_a_kernel_that_is_killed_is_named_with_its_notebook(tmp_path):
    path = notebook_of(tmp_path / "deadly.ipynb", "import os\nos.kill(os.getpid(), 9)")
    with pytest.raises(NotebookFailed, match="deadly failed: its kernel died"):
        execute(path, {}, tmp_path / "out.ipynb")


def test_an_error_of_several_lines_is_told_whole(tmp_path):
    path = notebook_of(tmp_path / "bad.ipynb", "raise ValueError('first line\\nsecond line')")
    with pytest.raises(NotebookFailed, match="bad failed: ValueError: first line\nsecond line"):
        execute(path, {}, tmp_path / "out.ipynb")
