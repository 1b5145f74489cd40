"""What a page of the book is made of, as one hash: when it changes, the page is executed again.

Every file of the checkout counts for every page, unless it is named in `APART`. So a file that
somebody adds counts from its first day, and only a mistake in `APART` can leave a page stale.
"""

import fnmatch
import hashlib
import json
import os
import platform
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from instrdiv.paths import project_root

APART = (
    # Made by running the book, or kept for runs that go on; runs/results holds records and counts.
    "_build/*",
    "book/_build/*",
    "runs/checkpoints/*",
    "runs/models/*",
    "runs/notebooks/*",
    "*/__pycache__/*",
    "*.egg-info/*",
    # Read when the pages are set, which is always done from nothing, never by a notebook.
    "*.md",
    "*.bib",
    "book/_static/*",
    "_config.yml",
    # Read by nobody who looks at a page.
    "tests/*",
    "Makefile",
    "LICENSE",
    "CITATION.cff",
    # What only builds, launches or times.
    "instrdiv/bench/*",
    "instrdiv/cli/*",
    "instrdiv/publishing/api_pages.py",
    "instrdiv/publishing/architecture.py",
    "instrdiv/publishing/build.py",
    "instrdiv/publishing/editions.py",
    "instrdiv/publishing/launch.py",
    "instrdiv/publishing/page_inputs.py",
    "instrdiv/publishing/pdf.py",
    "instrdiv/publishing/slides.py",
)
"""Files, by their place in the checkout, that no notebook's outputs depend on. Files and folders
whose names begin with a dot, and virtual environments, are apart too; of the other notebooks a
page shows the titles alone."""

SETTINGS = "INSTRDIV_"
"""Environment variables that begin so can change what a notebook computes."""


def state_of(notebook: Path, root: Path | None = None) -> str:
    """A hash of all that a notebook's outputs depend on.

    Args:
        notebook: counts with every cell.
        root: of the checkout; this one's unless named.
    """
    return combined(notebook, shared_state(root or project_root()))


def combined(notebook: Path, shared: str) -> str:
    """`state_of`, given what all notebooks share.

    Args:
        shared: of `shared_state`.
    """
    return hashlib.sha256(shared.encode() + notebook.read_bytes()).hexdigest()


def shared_state(root: Path) -> str:
    """A hash of the Python, its packages, the settings, and every file that is not apart."""
    installed = sorted(f"{each.name}=={each.version}" for each in distributions())
    settings = sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith(SETTINGS))
    state = hashlib.sha256(repr((platform.python_version(), installed, settings)).encode())
    for path, place in input_files(root):
        content = title(path) if path.suffix == ".ipynb" else path.read_bytes()
        state.update(f"\0{place}\0{len(content)}\0".encode() + content)
    return state.hexdigest()


def input_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Every file that counts, with its place in the checkout, in the order of the places."""
    found = [(path, path.relative_to(root).as_posix()) for path in _files(root)]
    package = Path(__file__).resolve().parents[1]
    if not package.is_relative_to(root.resolve()):  # installed apart from the checkout
        found += [(path, f"instrdiv/{path.relative_to(package)}") for path in _files(package)]
    for path, place in sorted(found, key=lambda each: each[1]):
        if not any(fnmatch.fnmatchcase(place, pattern) for pattern in APART):
            yield path, place


def title(notebook: Path) -> bytes:
    """The first cell's first line, by which other pages call a notebook; if it cannot be read as
    one, all of it."""
    content = notebook.read_bytes()
    try:
        return "".join(json.loads(content)["cells"][0]["source"]).split("\n")[0].encode()
    except (ValueError, LookupError, TypeError):
        return content


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        if "pyvenv.cfg" in names:
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place) / name for name in names if not name.startswith("."))
