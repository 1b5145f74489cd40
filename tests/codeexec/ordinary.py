"""Python as an ordinary user has it, where the tests run as root."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pyseccomp
import pytest

from instrdiv.paths import project_root

HERE = Path(__file__).parent


def as_ordinary_user(script: str, given: str, folder: Path) -> subprocess.CompletedProcess:
    """Run a script of this folder as a user who owns nothing, with the package but not the rest.

    Root's own Python and checkout may be closed to others, so it gets a small environment.
    """
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None:
        pytest.skip("no Python outside root's own folders")
    environment = folder / "venv"
    if not environment.exists():
        subprocess.run([python, "-m", "venv", "--without-pip", environment], check=True)
        (packages,) = (environment / "lib").glob("python*/site-packages")
        package = project_root() / "instrdiv"
        (packages / "instrdiv").mkdir()
        for file in ("__init__.py", "checks.py"):
            shutil.copy(package / file, packages / "instrdiv")
        shutil.copytree(package / "codeexec", packages / "instrdiv" / "codeexec")
        shutil.copy(pyseccomp.__file__, packages)
        for file in HERE.glob("*.py"):
            shutil.copy(file, environment)
        for path in (folder, *folder.parents):  # pytest's own folders are for root alone
            if path == Path(tempfile.gettempdir()):
                break
            path.chmod(0o755)
    return subprocess.run(
        [environment / "bin" / "python", environment / script],
        input=given,
        capture_output=True,
        text=True,
        cwd="/",
        env={},
        user=47_111,
        group=47_111,
        extra_groups=[],
        check=False,
    )
