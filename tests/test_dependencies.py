"""What is imported by name is declared by name, so that an installation of the package suffices."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from importlib.metadata import packages_distributions
from pathlib import Path

import nbformat
import pytest
from declared import declared

from instrdiv.paths import project_root
from instrdiv.publishing.launch import SETUP

ROOT = project_root()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CORE = PROJECT["dependencies"]
EXTRAS = PROJECT["optional-dependencies"]
EVERYTHING = [*CORE, *(line for lines in EXTRAS.values() for line in lines)]
DISTRIBUTIONS = packages_distributions()
BY_HAND = {"evalplus"}
"""Installed by `make` without its dependencies, see the comment in ``pyproject.toml``."""


HELPERS = {path.stem for path in (ROOT / "tests").rglob("*.py")}
"""Modules of the tests themselves, which import one another."""


def names(requirements: list[str]) -> set[str]:
    found = {re.match(r"[\w.-]+", text).group() for text in requirements}
    return {re.sub(r"[-_.]+", "-", name).lower() for name in found}


def imported(source: str) -> set[str]:
    """The distributions of the packages of others that some code imports, anywhere in it; what
    type checkers bring along is no package."""
    modules = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules.add(node.module.split(".")[0])
    others = modules - set(sys.stdlib_module_names) - {"instrdiv", "_typeshed"} - HELPERS
    return names([DISTRIBUTIONS[module][0] for module in others])


def notebooks() -> list[Path]:
    return [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "book").glob("*.ipynb")]


def cells(path: Path) -> str:
    code = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    return "\n".join(code)


def undeclared(folder: str, declared: list[str]) -> dict[str, list[str]]:
    """What the files of a folder import without its being declared, and in which of them."""
    by = defaultdict(set)
    for path in (ROOT / folder).rglob("*.py"):
        for name in imported(path.read_text(encoding="utf-8")):
            by[name].add(path.name)
    known = names(declared) | BY_HAND
    return {name: sorted(files) for name, files in by.items() if name not in known}


def test_what_the_package_imports_is_declared():
    made = [line for extra in EXTRAS if extra != "dev" for line in EXTRAS[extra]]
    assert undeclared("instrdiv", [*CORE, *made]) == {}


def test_what_the_tests_import_is_declared():
    assert undeclared("tests", EVERYTHING) == {}


def test_reading_brings_no_library_of_models():
    """Neither by name nor along with another."""
    assert declared(()) & names(EXTRAS["models"]) == set()


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_what_a_notebook_imports_comes_with_the_package_alone(path):
    assert imported(cells(path)) <= names(CORE)


def test_what_is_declared_is_pinned():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = names([line for line in lines if line and not line.startswith("#")])
    with_their_users = {"ipython", "jinja2", "jupyter-client", "safetensors", "tokenizers"}
    assert names(EVERYTHING) - pinned <= with_their_users


def test_colab_installs_the_package_with_models_and_what_chapter_7_needs():
    assert "--editable '.[models,code]'" in SETUP


def test_binder_takes_a_python_that_the_package_allows():
    asked = (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    version = tuple(int(part) for part in asked.removeprefix("python-").split("."))
    least = tuple(int(part) for part in PROJECT["requires-python"].removeprefix(">=").split("."))
    assert version >= least


def text_files(tree: ast.AST) -> list[ast.Call]:
    """Calls that read or write text and don't say in which encoding."""
    found = []
    for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        named = {keyword.arg for keyword in call.keywords}
        if "encoding" in named or None in named:
            continue
        texts = [a.value for a in call.args if isinstance(a, ast.Constant)]
        modes = [text for text in texts if isinstance(text, str) and set(text) <= set("rwaxbt+")]
        if (
            name in ("read_text", "write_text")
            or (name in ("fdopen", "open") and any("b" not in mode for mode in modes))
            or (name == "run" and "text" in named)
        ):
            found.append(call)
    return found


def test_every_text_file_is_read_and_written_in_utf_8_whatever_the_locale():
    unnamed = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in (ROOT / "instrdiv").rglob("*.py")
        for call in text_files(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert unnamed == []


def test_status_and_a_dry_run_work_in_a_locale_that_is_not_utf_8(tmp_path):
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for command in (["status"], ["run", "01", "--dry-run"]):
        finished = subprocess.run(
            [sys.executable, "-m", "instrdiv", *command],
            env=environment,
            capture_output=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr.decode(errors="replace")
