"""A notebook that fails is named with all that is known of its failure; no kernel outlives it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
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


def test_a_kernel_that_is_killed_after_another_notebook_ended_is_no_interruption(tmp_path):
    execute(notebook_of(tmp_path / "harmless.ipynb", "1"), {}, tmp_path / "out.ipynb")
    path = notebook_of(tmp_path / "deadly.ipynb", "import os\nos.kill(os.getpid(), 9)")
    with pytest.raises(NotebookFailed, match="deadly failed: its kernel died"):
        execute(path, {}, tmp_path / "out.ipynb")


def test_an_error_of_several_lines_is_told_whole(tmp_path):
    path = notebook_of(tmp_path / "bad.ipynb", "raise ValueError('first line\\nsecond line')")
    with pytest.raises(NotebookFailed, match="bad failed: ValueError: first line\nsecond line"):
        execute(path, {}, tmp_path / "out.ipynb")


def test_a_cell_that_ctrl_c_interrupts_is_no_failed_one(tmp_path):
    path = notebook_of(tmp_path / "stopped.ipynb", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        execute(path, {}, tmp_path / "done" / "out.ipynb")
    assert list((tmp_path / "done").iterdir()) == []


EXECUTE = """
import sys
from pathlib import Path
from instrdiv.sweep.execute import execute
try:
    execute(Path(sys.argv[1]), {}, Path(sys.argv[2]))
except KeyboardInterrupt:
    sys.exit("interrupted")
"""
PATIENCE = 120
"""Seconds on a busy machine."""


@pytest.fixture
def executing(tmp_path):
    """A process that executes a notebook, and the notebook's kernel, which is busy."""
    told = tmp_path / "pid"
    source = f"import os, time\nopen({str(told)!r}, 'w').write(str(os.getpid()))\ntime.sleep(1000)"
    path = notebook_of(tmp_path / "endless.ipynb", source)
    (tmp_path / "temporary").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", EXECUTE, path, tmp_path / "out.ipynb"],
        env=os.environ | {"TMPDIR": str(tmp_path / "temporary")},
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + PATIENCE
    while not (told.exists() and told.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    kernel = psutil.Process(int(told.read_text()))
    yield process, kernel
    for each in (process, kernel):
        if each.is_running() if each is kernel else each.poll() is None:
            each.kill()
    process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="a stopped kernel dies so on Linux alone")
def test_a_stopped_kernel_dies_with_the_process_that_executes_its_notebook(executing, tmp_path):
    process, kernel = executing
    kernel.suspend()
    process.kill()
    kernel.wait(PATIENCE)
    left = [path.name for path in tmp_path.rglob("*.ipynb") if path.name != "endless.ipynb"]
    assert left == [], "a half-done notebook, where results are or in the folder for the temporary"


def test_an_interrupted_notebook_is_no_failed_one_and_its_kernel_ends(executing, tmp_path):
    process, kernel = executing
    os.kill(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=PATIENCE)
    assert error.decode().splitlines()[-1] == "interrupted"
    kernel.wait(PATIENCE)
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == []
