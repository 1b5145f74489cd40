"""What is fetched on first use, checked by its hash and kept: a model, a benchmark, data.

An `Asset` is a folder in the cache that is there whole or not at all. ``python -m instrdiv
assets`` fetches all of `instrdiv.data.assets`; everything else only asks where one is.
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CACHE_VARIABLE = "INSTRDIV_CACHE"


class AssetError(RuntimeError):
    """Something that has to be fetched is not there or not right; one line says what to do."""


@dataclass(frozen=True)
class Asset:
    """A folder of files that is made once.

    Attributes:
        name: what it is called.
        sha256: of what it is made from; tells it from another version.
        make: fetches, checks and writes its files into an empty folder, or raises `AssetError`.
        variable: an environment variable that may name a folder to use in its place.
        instead: what else can be done where it cannot be fetched.
    """

    name: str
    sha256: str
    make: Callable[[Path], None]
    variable: str | None = None
    instead: str = ""


def cache_folder() -> Path:
    """Where fetched things are kept: ``$INSTRDIV_CACHE``, else ``~/.cache/instrdiv``."""
    return Path(os.environ.get(CACHE_VARIABLE) or "~/.cache/instrdiv").expanduser()


def asset_folder(asset: Asset) -> Path:
    """Where an asset is, or would be: its variable's folder, else one in the cache."""
    named = os.environ.get(asset.variable) if asset.variable else None
    if named:
        return Path(named).expanduser()
    return cache_folder() / f"{asset.name}-{asset.sha256[:12]}"


def require(asset: Asset) -> Path:
    """The folder of an asset that was fetched before.

    Raises:
        AssetError: it is not there.
    """
    folder = asset_folder(asset)
    if folder.is_dir():
        return folder
    if asset.variable and os.environ.get(asset.variable):
        raise AssetError(f"{asset.variable}={folder}: there is no such folder")
    raise AssetError(f"{asset.name} is not here yet: run `python -m instrdiv assets` once")


def fetch(asset: Asset) -> Path:
    """Fetch and check an asset unless it is there.

    Returns:
        Its folder.

    Raises:
        AssetError: it cannot be downloaded, or is not what it should be; nothing is kept then.
    """
    folder = asset_folder(asset)
    if folder.is_dir() or (asset.variable and os.environ.get(asset.variable)):
        return require(asset)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetching-") as temporary:
        made = Path(temporary) / "made"
        made.mkdir()
        try:
            asset.make(made)
        except AssetError as error:
            also = f"; or {asset.instead}" if asset.instead else ""
            raise AssetError(f"{asset.name}: {error}{also}") from error
        try:
            made.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another process was faster, with the same content
                raise
    return folder
