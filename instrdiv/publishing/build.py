"""Build the book: execute the notebooks at their canonical points, then set the pages.

The canonical point of a notebook is what its ``parameters`` cell says. The pages are set from a
staged copy of the checkout in which the executed notebooks stand in for those without outputs, so
that nothing here touches what is in git::

    _build/executed/  notebooks with outputs, each with a stamp of what it was made from
    _build/source/    what Jupyter Book reads
    _build/html/      what it writes
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

from instrdiv.experiments.points import listed_notebooks
from instrdiv.paths import project_root
from instrdiv.publishing.api_pages import write_api_pages
from instrdiv.publishing.architecture import write_architecture
from instrdiv.publishing.editions import for_edition
from instrdiv.publishing.launch import launch_settings, take_along, without_outputs
from instrdiv.publishing.page_inputs import combined, shared_state
from instrdiv.sweep.execute import NotebookFailed, execute, trainings_watched

REPOSITORY = "BOOK_REPOSITORY"
"""Environment variable that names the public repository which launch buttons open."""
PAGES = (".md", ".bib", ".png", ".svg")
"""Kinds of files in ``book/`` that Jupyter Book reads; the rest are data."""


class BookError(RuntimeError):
    """The book could not be built; the message is one line that says why."""


def build_book(folder: Path | None = None, edition: str = "published") -> Path:
    """Build the whole book strictly: any warning is an error.

    Args:
        folder: where ``_build`` goes; the checkout itself unless named.
        edition: one of `instrdiv.publishing.editions.EDITIONS`; all but the published one go to a
            folder of their name within ``_build``.

    Returns:
        The first page, such as ``_build/html/index.html``.

    Raises:
        BookError: there is no kernel, a notebook raised, or a page has a warning. What it said
            was printed to stderr before.
    """
    root = project_root()
    build = (folder or root).resolve() / "_build"
    for_edition("", edition)  # refuses one that does not exist before anything is executed
    require_kernel()
    require_place(build)
    # Pages that compute something of all experiments are notebooks too, and lie beside the others.
    sources = [*listed_notebooks(), *sorted((root / "book").glob("*.ipynb"))]
    executed = execute_all(sources, build / "executed")
    if edition != "published":
        build = build / edition / "_build"
    source = stage(root, executed, build / "source", edition)
    (source / "book" / "_built.md").write_text(execution_times(executed), encoding="utf-8")
    set_pages(source, build)
    return build / "html" / "index.html"


def require_place(build: Path) -> None:
    """Find out before anything is executed that the book cannot be written.

    Raises:
        BookError: naming the folder, and the option that names another.
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
    """Make sure that notebooks run in this very Python, with the packages that it has.

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
    # A bare name such as "python" is replaced by the running interpreter when it is started.
    if Path(command[0]).is_absolute() and Path(command[0]) != Path(sys.executable):
        raise BookError(
            f"the Jupyter kernel 'python3' runs {command[0]}, not {sys.executable}: "
            "run `make book`, which uses an environment of its own"
        )


def execute_all(notebooks: Sequence[Path], folder: Path) -> list[Path]:
    """Execute what has changed of some notebooks, a few at a time, each into a folder named as
    the one that it comes from.

    Raises:
        BookError: a cell raised; notebooks that were not begun by then are not.
    """
    shared = shared_state(project_root())
    with trainings_watched(), ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        begun = [
            pool.submit(execute_if_changed, path, folder / path.parent.name, shared)
            for path in notebooks
        ]
        try:
            return [each.result() for each in begun]
        except KeyboardInterrupt:
            # The terminal's interrupt doesn't reach kernels: they would go on to their end.
            for kernel in psutil.Process().children():
                kernel.kill()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def execute_if_changed(notebook: Path, folder: Path, shared: str) -> Path:
    """Execute a notebook unless nothing that it shows has changed since the last time.

    Args:
        shared: the state of all that notebooks share, see
            `instrdiv.publishing.page_inputs.shared_state`.

    Raises:
        BookError: a cell raised; the tail of its traceback goes to stderr.
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
    """Lay out afresh what Jupyter Book reads: settings, pages, executed notebooks, scripts."""
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(root / "book" / "_static", source / "_static")
    for path in [source / "_static", *(source / "_static").rglob("*")]:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)  # a checkout may be for reading alone
    shutil.copy(root / "_toc.yml", source)
    settings = (root / "_config.yml").read_text(encoding="utf-8")
    repository = os.environ.get(REPOSITORY)
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
    plain = source / "notebooks" / "plain"
    plain.mkdir(parents=True)
    for path in executed:  # in a folder named as the one that it comes from
        notebook = nbformat.read(path, as_version=4)
        # Readers can download a page's notebook; where it was executed is nobody's business.
        for part in (notebook, *notebook.cells):
            part.metadata.pop("papermill", None)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = for_edition(cell.source, edition)
        notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
        if path.parent.name == "notebooks":
            again = without_outputs(copy.deepcopy(notebook), repository)
            nbformat.write(again, plain / path.name)
            first = notebook.cells[0]
            first.source = take_along(first.source, path.stem, repository)
        nbformat.write(notebook, source / path.parent.name / path.name)
    (source / "_static" / "charts.js").write_text(chart_script(), encoding="utf-8")
    return source


def execution_times(executed: Iterable[Path]) -> str:
    """When each notebook was executed and how long that took, as a Markdown table."""
    lines = ["| Notebook | executed | seconds |", "|---|---|---|"]
    for path in executed:
        about = nbformat.read(path, as_version=4).metadata.papermill
        lines.append(f"| {path.stem} | {about.start_time[:10]} | {about.duration:.0f} |")
    return "\n".join(lines) + "\n"


def set_pages(source: Path, build: Path) -> None:
    """Run Jupyter Book on staged sources.

    Always from nothing, since Sphinx repeats no warning about a page that it has set before: a
    second, incremental build would turn a failure into a success.

    Raises:
        BookError: there was a warning or an error. They and the log's path go to stderr.
    """
    for old in (build / "html", build / ".doctrees"):
        shutil.rmtree(old, ignore_errors=True)
    print("setting the pages", file=sys.stderr)
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
    """The chart libraries as one script for the whole site, so that no page asks another host.

    Altair's own output loads its libraries from the network unless ``VEGA_DEBUG`` says that the
    very versions which it wants are there. The bundle is wrapped in a function because its
    top-level names would clash with those of the site's other scripts.
    """
    versions = {
        "vega_version": altair.VEGA_VERSION,
        "vegalite_version": altair.VEGALITE_VERSION,
        "vegaembed_version": altair.VEGAEMBED_VERSION,
    }
    major_minor = ".".join(altair.VEGALITE_VERSION.split(".")[:2])
    bundle = vl_convert.javascript_bundle(vl_version=major_minor)
    return f"(function(){{{bundle}}})();\nwindow.VEGA_DEBUG = {json.dumps(versions)};\n"
