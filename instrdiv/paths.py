"""Folders in a checkout of the book."""

import os
from pathlib import Path

RESULTS = "INSTRDIV_RESULTS"
"""Environment variable that names the folder for the reader's own runs, by its absolute path."""


def project_root() -> Path:
    """The folder that holds ``_config.yml``: this checkout's, or one above the current folder.

    Raises:
        FileNotFoundError: there is none, for example because only the package was installed.
    """
    here = Path(__file__).resolve().parent
    for folder in (here.parent, Path.cwd(), *Path.cwd().parents):
        if (folder / "_config.yml").is_file() and (folder / "notebooks").is_dir():
            return folder
    raise FileNotFoundError(f"no checkout of the book at or above {Path.cwd()}: run inside one")


def published_results() -> Path:
    """The folder of the book's recorded runs, in git."""
    return project_root() / "book" / "results"


def published_repeats() -> Path:
    """The folder of published runs that were made again, in git; none of them counts as a result,
    since their keys are those of the published ones."""
    return project_root() / "book" / "repeated"


def beside(results: Path, kind: str) -> Path:
    """The folder for files of runs other than records: executed notebooks, checkpoints, models.

    It is beside the checkout's own results folders, but within any other results folder, since the
    folder around that may not be writable.

    Args:
        results: the folder for records.
        kind: the name of the folder.
    """
    of_checkout = (published_results().resolve(), _runs_of_checkout().resolve())
    return (results.parent if results.resolve() in of_checkout else results) / kind


def sample_results() -> list[Path]:
    """The folders of a class's runs, an example of the book; none of them is a point's record."""
    folders = project_root() / "book" / "data" / "class"
    return sorted(each for each in folders.glob("*") if each.is_dir())


def own_results() -> Path:
    """The folder for the reader's own runs, not in git: ``$INSTRDIV_RESULTS``, else
    ``runs/results`` in the checkout."""
    named = os.environ.get(RESULTS)
    return Path(named).expanduser().absolute() if named else _runs_of_checkout()


def _runs_of_checkout() -> Path:
    return project_root() / "runs" / "results"
