"""Downloads that are checked by their hash and cached: models, benchmarks, data.

An `Asset` is a folder in the cache, which is complete or does not exist. ``python -m instrdiv
assets`` fetches all of `instrdiv.data.assets`; all other code only looks up their folders.
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CACHE_VARIABLE = "INSTRDIV_CACHE"


class AssetError(RuntimeError):
    """An asset is missing or wrong; the message is one line that says what to do."""


@dataclass(frozen=True)
class Asset:
    """A folder of files that is made once.

    Attributes:
        name: its name.
        sha256: hash of its source, which identifies the version.
        make: fetches, checks and writes its files into an empty folder, or raises `AssetError`.
        variable: an environment variable that may name another folder to use.
        instead: what to do if it cannot be fetched.
    """

    name: str
    sha256: str
    make: Callable[[Path], None]
    variable: str | None = None
    instead: str = ""


def cache_folder() -> Path:
    """The cache: ``$INSTRDIV_CACHE``, else ``~/.cache/instrdiv``."""
    return Path(os.environ.get(CACHE_VARIABLE) or "~/.cache/instrdiv").expanduser()


def asset_folder(asset: Asset) -> Path:
    """The folder of an asset, fetched or not: that of its variable, else one in the cache."""
    named = os.environ.get(asset.variable) if asset.variable else None
    if named:
        return Path(named).expanduser()
    return cache_folder() / f"{asset.name}-{asset.sha256[:12]}"


def require(asset: Asset) -> Path:
    """The folder of an asset that was fetched before.

    Raises:
        AssetError: it was not fetched.
    """
    folder = asset_folder(asset)
    if folder.is_dir():
        return folder
    if asset.variable and os.environ.get(asset.variable):
        raise AssetError(f"{asset.variable}={folder}: there is no such folder")
    raise AssetError(f"{asset.name} is not here yet: run `python -m instrdiv assets` once")


def fetch(asset: Asset) -> Path:
    """Fetch and check an asset unless it is in the cache.

    Returns:
        Its folder.

    Raises:
        AssetError: it cannot be downloaded or has the wrong hash; nothing is kept.
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
            if not folder.is_dir():  # another process may have been faster, with the same content
                raise
    return folder
