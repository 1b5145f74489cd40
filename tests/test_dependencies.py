"""What is imported by name is declared by name, so that an installation of the package suffices."""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from importlib.metadata import packages_distributions
from pathlib import Path

import nbformat
import pytest

from instrdiv.launch import SETUP
from instrdiv.paths import project_root

ROOT = project_root()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CORE = PROJECT["dependencies"]
EXTRAS = PROJECT["optional-dependencies"]
DISTRIBUTIONS = packages_distributions()
BY_HAND = {"evalplus"}
"""Installed by `make` without its dependencies, see the comment in ``pyproject.toml``."""


def names(requirements: list[str]) -> set[str]:
    found = {re.match(r"[\w.-]+", text).group() for text in requirements}
    return {re.sub(r"[-_.]+", "-", name).lower() for name in found}


def imported(source: str) -> set[str]:
    """The distributions of the packages of others that some code imports, anywhere in it."""
    modules = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules.add(node.module.split(".")[0])
    others = modules - set(sys.stdlib_module_names) - {"instrdiv"}
    return names([DISTRIBUTIONS[module][0] for module in others])


def notebooks() -> list[Path]:
    return [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "book").glob("*.ipynb")]


def cells(path: Path) -> str:
    code = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    return "\n".join(code)


def test_what_the_package_imports_is_declared():
    by = defaultdict(set)
    for path in (ROOT / "instrdiv").rglob("*.py"):
        for name in imported(path.read_text(encoding="utf-8")):
            by[name].add(path.name)
    declared = names([*CORE, *EXTRAS["book"], *EXTRAS["code"]]) | BY_HAND
    assert {name: sorted(files) for name, files in by.items() if name not in declared} == {}


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_what_a_notebook_imports_comes_with_the_package_alone(path):
    assert imported(cells(path)) <= names(CORE)


def test_what_is_declared_is_pinned_for_the_book():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = names([line for line in lines if line and not line.startswith("#")])
    came_along = {"ipython", "jupyter-client", "safetensors", "tokenizers"}  # with their users
    assert names([*CORE, *EXTRAS["book"], *EXTRAS["code"]]) - pinned <= came_along


def test_colab_installs_the_package_with_what_chapter_7_needs():
    assert "--editable '.[code]'" in SETUP


def test_binder_takes_a_python_that_the_package_allows():
    asked = (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    version = tuple(int(part) for part in asked.removeprefix("python-").split("."))
    least = tuple(int(part) for part in PROJECT["requires-python"].removeprefix(">=").split("."))
    assert version >= least
