"""A copy of the project to write a chapter into, and Python as it runs there."""

import os
import shutil
import subprocess
import sys

from instrdiv.paths import project_root


def copy_project(folder):
    """A checkout with all that a chapter needs, without any record of a run."""
    root, copy = project_root(), folder / "book"
    for name in ("instrdiv", "notebooks", "book/data", "book/exercises"):
        shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("_config.yml", "_toc.yml", "pyproject.toml"):
        shutil.copy(root / name, copy)
    shutil.copy(root / "book" / "teaching.md", copy / "book")
    return copy


def python(checkout, *command):
    """Run Python within a checkout and with its package."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )


def instrdiv(checkout, *command):
    return python(checkout, "-m", "instrdiv", *command)
