"""A hash of the inputs of a page: when it changes, the page is executed again.

Every file of the checkout counts for every page unless it is listed in `APART`. A new file
therefore counts at once, and only a mistake in `APART` can leave a page stale.
"""

import fnmatch
import hashlib
import json
import os
import platform
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from instrdiv.paths import RESULTS, own_results, project_root

APART = (
    # Made by building or running; runs/results contains records and therefore counts.
    "_build/*",
    "book/_build/*",
    "book/checkpoints/*",
    "book/notebooks/*",
    "runs/checkpoints/*",
    "runs/models/*",
    "runs/notebooks/*",
    "*/__pycache__/*",
    "*.egg-info/*",
    # Read when the pages are built, which always starts from scratch, and never by a notebook.
    "*.md",
    "*.bib",
    "book/_static/*",
    "book/data/objectives.yaml",
    "book/data/sandbox.json",
    "book/exercises/*",
    "_config.yml",
    # Not part of any page.
    "tests/*",
    "Makefile",
    "LICENSE",
    "CITATION.cff",
    # Code that only builds, launches or times.
    "instrdiv/bench/*",
    "instrdiv/cli/*",
    "instrdiv/publishing/api_pages.py",
    "instrdiv/publishing/architecture.py",
    "instrdiv/publishing/build.py",
    "instrdiv/publishing/class_deck.py",
    "instrdiv/publishing/class_slides.py",
    "instrdiv/publishing/deck/*",
    "instrdiv/publishing/editions.py",
    "instrdiv/publishing/executed_page.py",
    "instrdiv/publishing/exercise_list.py",
    "instrdiv/publishing/glossary.py",
    "instrdiv/publishing/grading.py",
    "instrdiv/publishing/launch.py",
    "instrdiv/publishing/page_inputs.py",
    "instrdiv/publishing/pdf.py",
    "instrdiv/publishing/policy.py",
    "instrdiv/publishing/sandbox_facts.py",
    "instrdiv/publishing/sheets.py",
    "instrdiv/publishing/slide_figures.py",
    "instrdiv/publishing/slides.py",
)
"""Files, by their path in the checkout, on which no notebook's outputs depend. Hidden files and
folders and virtual environments do not count either; of the other notebooks only the titles
count."""

SETTINGS = "INSTRDIV_"
"""Environment variables with this prefix can change what a notebook computes."""


def state_of(notebook: Path, root: Path | None = None) -> str:
    """A hash of everything that a notebook's outputs depend on.

    Args:
        notebook: all of its cells count.
        root: of the checkout; by default this one.
    """
    return combined(notebook, shared_state(root or project_root()))


def combined(notebook: Path, shared: str) -> str:
    """`state_of`, given the part that all notebooks share.

    Args:
        shared: from `shared_state`.
    """
    return hashlib.sha256(shared.encode() + notebook.read_bytes()).hexdigest()


def shared_state(root: Path) -> str:
    """A hash of the Python version, packages, environment variables, and all files not in
    `APART`."""
    settings = sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith(SETTINGS))
    state = hashlib.sha256(repr((platform.python_version(), installed(), settings)).encode())
    for path, name in input_files(root):
        content = title(path) if path.suffix == ".ipynb" else path.read_bytes()
        state.update(f"\0{name}\0{len(content)}\0".encode() + content)
    return state.hexdigest()


@cache  # reading what describes each package takes longer than reading all files of a checkout
def installed() -> tuple[str, ...]:
    """The installed packages with their versions."""
    return tuple(sorted(f"{each.name}=={each.version}" for each in distributions()))


def input_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Every file that counts, with its path in the checkout, sorted by path."""
    found = [(path, path.relative_to(root).as_posix()) for path in _files(root)]
    package = Path(__file__).resolve().parents[1]
    if not package.is_relative_to(root.resolve()):  # installed outside of the checkout
        found += [(path, f"instrdiv/{path.relative_to(package)}") for path in _files(package)]
    if os.environ.get(RESULTS):  # beside the checkout's own
        results = own_results()
        records = results.glob("*/*/*.json")
        found += [(path, f"runs/results/{path.relative_to(results)}") for path in records]
    for path, name in sorted(found, key=lambda each: each[1]):
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in APART):
            yield path, name


def title(notebook: Path) -> bytes:
    """The first line of the first cell, which other pages show as the title; the whole file if it
    cannot be read as a notebook."""
    content = notebook.read_bytes()
    try:
        return "".join(json.loads(content)["cells"][0]["source"]).split("\n")[0].encode()
    except (ValueError, LookupError, TypeError):
        return content


def _files(folder: Path) -> Iterator[Path]:
    for current, folders, names in os.walk(folder):
        if "pyvenv.cfg" in names:
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(current) / name for name in names if not name.startswith("."))
