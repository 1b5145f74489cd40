"""Build the book: execute the notebooks at their canonical points, then set the pages.

The pages are set from a staged copy of the checkout, ``_build/source``, in which the executed
notebooks take the place of those without outputs; so none of this touches what is in git.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import vl_convert

from instrdiv.experiments.catalog import notebook_paths
from instrdiv.experiments.recording import result_folders
from instrdiv.paths import project_root
from instrdiv.sweep.execute import execute


class BookError(RuntimeError):
    """The book could not be built; the message says what is wrong."""


# Altair's own output asks for its libraries by these versions before it would load them from
# another host. They are part of altair's release: see `altair.utils.html`.
CHART_LIBRARIES = "window.VEGA_DEBUG = {versions};\n"


def build_book(build: Path | None = None) -> Path:
    """Build the whole book, strictly: any warning is an error.

    Args:
        build: where to; ``_build`` in the checkout unless named.

    Returns:
        The first page.

    Raises:
        NotebookFailed: a notebook raised; its name and traceback are told.
        BookError: a page has an error or a warning.
    """
    root = project_root()
    build = (build or root / "_build").resolve()
    executed = [execute_if_changed(path, build / "executed") for path in notebook_paths()]
    source = stage(root, executed, build / "source")
    command = [sys.executable, "-m", "jupyter_book", "build", str(source), "--path-output"]
    command += [str(build.parent if build.name == "_build" else build), "-n", "-W", "--keep-going"]
    finished = subprocess.run(command, capture_output=True, text=True)
    log = build / "pages.log"
    log.write_text(finished.stdout + finished.stderr)
    if finished.returncode:
        problems = [
            line
            for line in (finished.stdout + finished.stderr).splitlines()
            if "WARNING" in line or "ERROR" in line
        ]
        raise BookError("\n".join(["the pages have problems:", *problems[:10], f"see {log}"]))
    html = (build if build.name == "_build" else build / "_build") / "html"
    return html / "book" / "index.html"


def execute_if_changed(notebook: Path, folder: Path) -> Path:
    """Execute a notebook unless nothing that it draws on has changed since."""
    output = folder / notebook.name
    stamp = output.with_suffix(".stamp")
    state = _state_of([notebook, *_package_files(), *_data_files()])
    if not (output.exists() and stamp.exists() and stamp.read_text() == state):
        print(f"executing {notebook.name}", file=sys.stderr)
        stamp.unlink(missing_ok=True)
        execute(notebook, {}, output, watched=True)
        stamp.write_text(state)
    return output


def stage(root: Path, executed: Iterable[Path], source: Path) -> Path:
    """Lay out what Jupyter Book reads: pages, configuration, executed notebooks, scripts."""
    (source / "notebooks").mkdir(parents=True, exist_ok=True)
    for name in ("_config.yml", "_toc.yml"):
        _copy(root / name, source / name)
    for page in (root / "book").iterdir():
        if page.suffix in (".md", ".bib", ".png", ".svg"):
            _copy(page, source / "book" / page.name)
    for notebook in executed:
        _copy(notebook, source / "notebooks" / notebook.name)
    for static in (root / "book" / "_static").iterdir():
        _copy(static, source / "_static" / static.name)
    script = source / "_static" / "charts.js"
    text = chart_script()
    if not script.exists() or script.read_text() != text:
        script.write_text(text)
    return source


def chart_script() -> str:
    """The chart libraries as one script for the whole site, so that no page asks another host.

    Wrapped in a function since its top-level names would clash with other scripts'.
    """
    import altair

    versions = {
        "vega_version": altair.VEGA_VERSION,
        "vegalite_version": altair.VEGALITE_VERSION,
        "vegaembed_version": altair.VEGAEMBED_VERSION,
    }
    bundle = vl_convert.javascript_bundle()
    return f"(function(){{{bundle}}})();\n" + CHART_LIBRARIES.format(versions=versions)


def _package_files() -> list[Path]:
    package = Path(__file__).resolve().parent
    # What only builds, times or sweeps does not change what a notebook shows.
    apart = {"book.py", "bench", "cli.py", "sweep"}
    return [
        path
        for path in sorted(package.rglob("*.py"))
        if path.relative_to(package).parts[0] not in apart
    ]


def _data_files() -> list[Path]:
    folders = [*result_folders(), project_root() / "book" / "data"]
    return [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".json", ".csv") and not path.name.startswith(".")
    ]


def _state_of(paths: Iterable[Path]) -> str:
    state = hashlib.sha256()
    for path in paths:
        state.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return state.hexdigest()


def _copy(origin: Path, copy: Path) -> None:
    """Copy unless the copy is the same, so that unchanged pages are not set again."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    if not copy.exists() or copy.read_bytes() != origin.read_bytes():
        shutil.copyfile(origin, copy)
