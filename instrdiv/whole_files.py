"""Files that are written completely or not at all, and whose place is checked before the work."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from errno import EACCES, EEXIST, EISDIR, ENOTDIR
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside a file, for its new content, which replaces it at the end if all went well.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "table.csv"
    ...     with replacing(file) as unfinished:
    ...         _ = unfinished.write_text("seed,share")
    ...     file.read_text(), len(list(Path(folder).iterdir()))
    ('seed,share', 1)

    Raises:
        OSError: the content cannot be written. It names the file, since whoever reads of it has
            never heard of the one beside it.
    """
    unfinished = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}.unfinished")
    try:
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        if unfinished.name not in str(error):
            raise
        reason = os.strerror(error.errno) if error.errno else "it cannot be written"
        raise OSError(error.errno, reason, str(path)) from error
    finally:
        # Where it could not be made, it cannot be removed either, for the same reason.
        with contextlib.suppress(OSError):
            unfinished.unlink()


def require_file(path: Path) -> None:
    """As `require_place`, for a file that somebody names: a folder that is not there is a mistake.

    Raises:
        ValueError: there is no such folder.
        OSError: as writing the file would.
    """
    require_place(path)
    if not path.absolute().parent.is_dir():
        raise ValueError(f"{path}: there is no such folder")


def require_place(path: Path) -> None:
    """Check that a file can be written, with folders made as needed, before work is done for it.

    >>> require_place(Path("/"))
    Traceback (most recent call last):
        ...
    IsADirectoryError: [Errno 21] Is a directory: '/'

    Raises:
        OSError: as writing the file would.
    """
    if path.is_dir():
        raise OSError(EISDIR, os.strerror(EISDIR), str(path))
    try:
        nearest_folder(path.parent)
    except OSError as error:
        wrong = ENOTDIR if error.errno == EEXIST else error.errno  # the folder is a file
        raise OSError(wrong, os.strerror(wrong or 0), str(path)) from error


def nearest_folder(folder: Path) -> Path:
    """The folder, or the nearest one around it that is there.

    Raises:
        OSError: as creating the folder and writing to it would.
    """
    found = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    wrong = (
        (EEXIST if found == folder else ENOTDIR) if not found.is_dir()
        else EACCES if not os.access(found, os.W_OK | os.X_OK)
        else 0
    )  # fmt: skip
    if wrong:
        raise OSError(wrong, os.strerror(wrong))
    return found
