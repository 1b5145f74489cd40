"""Python as an ordinary user has it, where the tests run as root."""

import shutil
import subprocess
from pathlib import Path

import markupsafe
import pyseccomp
import pytest
from attacks import open_folder

from instrdiv.paths import project_root

HERE = Path(__file__).parent


def as_ordinary_user(script: str, given: str) -> subprocess.CompletedProcess:
    """Run a script of this folder as a user who owns nothing, with the package but not the rest.

    Root's own Python and checkout may be closed to others, so it gets a small environment.
    """
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None:
        pytest.skip("no Python outside root's own folders")
    with open_folder() as folder:
        subprocess.run([python, "-m", "venv", "--without-pip", folder / "venv"], check=True)
        (packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
        package = project_root() / "instrdiv"
        (packages / "instrdiv").mkdir()
        for file in ("__init__.py", "checks.py", "untrusted.py"):
            shutil.copy(package / file, packages / "instrdiv")
        shutil.copytree(package / "codeexec", packages / "instrdiv" / "codeexec")
        shutil.copy(pyseccomp.__file__, packages)
        shutil.copytree(Path(markupsafe.__file__).parent, packages / "markupsafe")
        shutil.copy(HERE / script, folder)
        return subprocess.run(
            [folder / "venv" / "bin" / "python", folder / script],
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
