"""Build the book: execute the notebooks at their default grid points, then build the pages.

The default grid point of a notebook is given by its ``parameters`` cell. The pages are built from a
staged copy of the checkout, in which executed notebooks replace those without outputs, so that
nothing here changes files in git::

    _build/executed/  notebooks with outputs, each with a stamp of its inputs
    _build/source/    input of Jupyter Book
    _build/html/      its output, and in slides/ the deck for a class
"""

import copy
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import altair
import nbformat
import psutil
import vl_convert

from instrdiv.charts.figure import figures_for_pages
from instrdiv.charts.live import MODELS
from instrdiv.demo.model_file import as_script
from instrdiv.experiments.points import listed_notebooks
from instrdiv.paths import project_root
from instrdiv.publishing.api_pages import write_api_pages
from instrdiv.publishing.architecture import write_architecture
from instrdiv.publishing.both_ways import as_myst, fold_settings
from instrdiv.publishing.class_deck import make_class_deck
from instrdiv.publishing.editions import for_edition
from instrdiv.publishing.exercise_list import write_objectives
from instrdiv.publishing.launch import launch_settings, take_along, without_outputs
from instrdiv.publishing.page_inputs import combined, shared_state
from instrdiv.publishing.sandbox_facts import write_sandbox_facts
from instrdiv.publishing.sheets import with_worked_code
from instrdiv.sweep.execute import NotebookFailed, execute, show_training_progress

REPOSITORY = "BOOK_REPOSITORY"
"""Environment variable with the public repository that launch buttons open."""
PAGES = (".md", ".bib", ".png", ".svg")
"""Kinds of files in ``book/`` that Jupyter Book reads; the rest are data."""


class BookError(RuntimeError):
    """The book could not be built; the message is one line with the reason."""


def build_book(folder: Path | None = None, edition: str = "published") -> Path:
    """Build the whole book strictly: any warning is an error.

    Args:
        folder: the parent of ``_build``; by default the checkout.
        edition: one of `instrdiv.publishing.editions.EDITIONS`; all but the published one have a
            folder of their name within ``_build``.

    Returns:
        The first page, such as ``_build/html/index.html``.

    Raises:
        BookError: there is no kernel, a notebook raised an error, or a page has a warning. Details
            were printed to stderr.
    """
    root = project_root()
    build = (folder or root).resolve() / "_build"
    for_edition("", edition)  # rejects an unknown edition before anything is executed
    require_kernel()
    require_writable_folder(build)
    # Pages that compute something about all experiments are notebooks too, beside the other pages.
    sources = [*listed_notebooks(), *sorted((root / "book").glob("*.ipynb"))]
    executed = execute_all(sources, build / "executed")
    if edition != "published":
        build = build / edition / "_build"
    source = stage(root, executed, build / "source", edition)
    (source / "book" / "_built.md").write_text(execution_times(executed), encoding="utf-8")
    build_pages(source, build)
    make_class_deck(executed[0].parents[1], build / "html" / "slides")
    return build / "html" / "index.html"


def require_writable_folder(build: Path) -> None:
    """Check before anything is executed that the book can be written.

    Raises:
        BookError: it cannot; the message names the folder and the option to choose another.
    """
    try:
        build.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=build):
            pass
    except OSError as error:
        raise BookError(
            f"{build} cannot be written to ({os.strerror(error.errno or 0)}): name another folder "
            "with --output"
        ) from None


def require_kernel() -> None:
    """Check that notebooks run in this Python, with its packages.

    Raises:
        BookError: there is no kernel ``python3``, or it belongs to another Python.
    """
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        command = KernelSpecManager().get_kernel_spec("python3").argv
    except NoSuchKernel:
        raise BookError(
            f"no Jupyter kernel 'python3' for {sys.executable}: run `make book`, which sets it up"
        ) from None
    # A bare name such as "python" is replaced by the running interpreter at the start.
    if Path(command[0]).is_absolute() and Path(command[0]) != Path(sys.executable):
        raise BookError(
            f"the Jupyter kernel 'python3' runs {command[0]}, not {sys.executable}: "
            "run `make book`, which uses an environment of its own"
        )


def execute_all(notebooks: Sequence[Path], folder: Path) -> list[Path]:
    """Execute those notebooks whose inputs have changed, a few at a time, each into a folder with
    the name of its source folder.

    Raises:
        BookError: a cell raised an error; notebooks that were not started yet are skipped.
    """
    shared = shared_state(project_root())
    workers = ThreadPoolExecutor(min(os.cpu_count() or 1, 4))
    with show_training_progress(), figures_for_pages(), workers as pool:
        begun = [
            pool.submit(execute_if_changed, path, folder / path.parent.name, shared)
            for path in notebooks
        ]
        try:
            return [each.result() for each in begun]
        except KeyboardInterrupt:
            # The terminal's interrupt does not reach kernels; they would continue.
            for kernel in psutil.Process().children():
                kernel.kill()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def execute_if_changed(notebook: Path, folder: Path, shared: str) -> Path:
    """Execute a notebook unless its inputs are unchanged since the last time.

    Args:
        shared: the hash of the inputs that notebooks share, see
            `instrdiv.publishing.page_inputs.shared_state`.

    Raises:
        BookError: a cell raised an error; the end of its traceback is printed to stderr.
    """
    output = folder / notebook.name
    stamp = output.with_suffix(".stamp")
    state = combined(notebook, shared)
    if output.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return output
    print(f"executing {notebook.name}", file=sys.stderr)
    stamp.unlink(missing_ok=True)
    try:
        execute(notebook, {}, output)
    except NotebookFailed as error:
        print(re.sub(r"\x1b\[[\d;]*m", "", error.tail), file=sys.stderr)
        raise BookError(str(error)) from None
    stamp.write_text(state, encoding="utf-8")
    return output


def stage(root: Path, executed: Iterable[Path], source: Path, edition: str = "published") -> Path:
    """Create the input of Jupyter Book: settings, pages, executed notebooks, scripts."""
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(root / "book" / "_static", source / "_static")
    for path in [source / "_static", *(source / "_static").rglob("*")]:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)  # a checkout may be read-only
    shutil.copy(root / "_toc.yml", source)
    settings = (root / "_config.yml").read_text(encoding="utf-8")
    # The public repository has the solutions, so nothing in the students' edition opens it.
    repository = os.environ.get(REPOSITORY) if edition != "student" else None
    (source / "_config.yml").write_text(settings + launch_settings(repository), encoding="utf-8")
    (source / "book").mkdir()
    for page in (root / "book").iterdir():
        if page.suffix == ".md":
            (source / "book" / page.name).write_text(
                for_edition(page.read_text(encoding="utf-8"), edition), encoding="utf-8"
            )
        elif page.suffix in PAGES:
            shutil.copy(page, source / "book")
    write_api_pages(root, source / "book" / "api")
    write_architecture(root, source / "book")
    write_sandbox_facts(root, source / "book")
    write_objectives(root, source / "book")
    plain = source / "notebooks" / "plain"
    plain.mkdir(parents=True)
    for path in executed:  # in a folder with the name of its source folder
        notebook = nbformat.read(path, as_version=4)
        # Readers can download a page's notebook, so paths of the build are removed.
        for part in (notebook, *notebook.cells):
            part.metadata.pop("papermill", None)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                if path.parent.name == "notebooks":
                    cell.source = with_worked_code(cell.source, path)
                cell.source = for_edition(cell.source, edition)
        notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
        if path.parent.name == "notebooks":
            plain_copy = without_outputs(copy.deepcopy(notebook), repository)
            nbformat.write(plain_copy, plain / path.name)
            first = notebook.cells[0]
            first.source = take_along(first.source, path.stem, repository)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = as_myst(cell.source)
            elif "parameters" in cell.metadata.get("tags", []):
                fold_settings(cell.metadata)
        nbformat.write(notebook, source / path.parent.name / path.name)
    (source / "_static" / "charts.js").write_text(chart_script(), encoding="utf-8")
    # Every page loads what is in _static; this is for the page with the models alone.
    models = source / "extra" / MODELS.removeprefix("../")
    models.parent.mkdir(parents=True)
    models.write_text(as_script(), encoding="utf-8")
    return source


def execution_times(executed: Iterable[Path]) -> str:
    """When each notebook was executed and how long that took, as a Markdown table."""
    lines = ["| Notebook | executed | seconds |", "|---|---|---|"]
    for path in executed:
        about = nbformat.read(path, as_version=4).metadata.papermill
        lines.append(f"| {path.stem} | {about.start_time[:10]} | {about.duration:.0f} |")
    return "\n".join(lines) + "\n"


def build_pages(source: Path, build: Path) -> None:
    """Run Jupyter Book on staged sources.

    Pages are always built from scratch, since Sphinx does not repeat warnings about unchanged
    pages: a second, incremental build would hide a failure.

    Raises:
        BookError: there was a warning or an error. They and the path of the log are printed to
            stderr.
    """
    for old in (build / "html", build / ".doctrees"):
        shutil.rmtree(old, ignore_errors=True)
    print("building the pages", file=sys.stderr)
    program = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", program, "build", str(source)]
    command += ["--path-output", str(build.parent), "-n", "-W", "--keep-going"]
    finished = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    log = build / "pages.log"
    log.write_text(finished.stdout, encoding="utf-8")
    if finished.returncode:
        lines = finished.stdout.splitlines()
        problems = [line for line in lines if re.search("WARNING|ERROR|[Ee]rror:", line)]
        print("\n".join([*(problems or lines[-20:]), f"whole log: {log}"]), file=sys.stderr)
        raise BookError(f"the pages have {len(problems) or 'some'} problem(s), named above")


def chart_script() -> str:
    """The chart libraries as one script for the whole site, so that no page loads from another
    host.

    Altair's output loads its libraries from the network unless ``VEGA_DEBUG`` says that the
    required versions are present. The bundle is wrapped in a function, since its top-level names
    would clash with those of other scripts.
    """
    versions = {
        "vega_version": altair.VEGA_VERSION,
        "vegalite_version": altair.VEGALITE_VERSION,
        "vegaembed_version": altair.VEGAEMBED_VERSION,
    }
    major_minor = ".".join(altair.VEGALITE_VERSION.split(".")[:2])
    # Its types forget that the snippet has a default.
    bundle = vl_convert.javascript_bundle(vl_version=major_minor)  # type: ignore[call-arg]
    return f"(function(){{{bundle}}})();\nwindow.VEGA_DEBUG = {json.dumps(versions)};\n"
