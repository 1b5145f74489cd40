"""Where things lie in a checkout of the book."""

from pathlib import Path


def project_root() -> Path:
    """The folder that holds ``_config.yml``: this checkout's, or one above the current folder.

    Raises:
        FileNotFoundError: there is none, e.g. because only the package was installed.
    """
    here = Path(__file__).resolve().parent
    for folder in (here.parent, Path.cwd(), *Path.cwd().parents):
        if (folder / "_config.yml").is_file() and (folder / "notebooks").is_dir():
            return folder
    raise FileNotFoundError(f"no checkout of the book at or above {Path.cwd()}: run inside one")


def published_results() -> Path:
    """The recorded runs that the book stands on, in git."""
    return project_root() / "book" / "results"


def beside(results: Path, kind: str) -> Path:
    """Where runs leave what is no record: executed notebooks, checkpoints, models.

    Beside the checkout's own results folders; within any other, since nobody said that the folder
    around it may be written to.

    Args:
        results: the folder for records.
        kind: the name of the folder.
    """
    of_checkout = (published_results().resolve(), own_results().resolve())
    return (results.parent if results.resolve() in of_checkout else results) / kind


def own_results() -> Path:
    """The runs of whoever uses this checkout, beside the published ones and not in git."""
    return project_root() / "runs" / "results"
