"""The house in two halves: what makes records stands apart from what reads them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from instrdiv.experiments.chapters import EXPERIMENTS
from instrdiv.paths import project_root

PACKAGE = project_root() / "instrdiv"
FLOORS = (
    # From the ground up: a module imports from its own package and from floors below it.
    (
        "checks",
        "environment",
        "paths",
        "seeds",
        "scales",
        "untrusted",
        "versions",
        "whole_files",
        "whole_numbers",
    ),
    ("statistics", "tasks"),
    ("data", "demo"),
    ("models",),
    ("training",),
    ("codeexec",),
    ("benchmarks", "evaluation"),
    ("runs",),
    ("experiments",),
    ("sweep",),
    ("report",),
    ("publishing",),
    ("bench",),
    ("cli",),
)
READING = ("statistics", "analysis", "charts")
"""The half that reads. It knows of the other half only what is pure and what is recorded."""
READ = ("checks", "environment", "paths", "scales", "seeds", "tasks", "runs", "untrusted", "demo")
READ += ("whole_files", "whole_numbers")
LIBRARIES_OF_MODELS = ("torch", "transformers", "peft", "accelerate")


def imports_of(path: Path, *, always: bool = False) -> set[str]:
    """Modules of this project, as ``package.module``, that a file imports.

    Args:
        always: leave out what is imported within functions, when these are called.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in tree.body if always else ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("instrdiv."):
            found.add(node.module.removeprefix("instrdiv."))
        elif isinstance(node, ast.ImportFrom) and node.module == "instrdiv":
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.Import):
            names = [name.name for name in node.names]
            found |= {n.removeprefix("instrdiv.") for n in names if n.startswith("instrdiv.")}
    return found


def package_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if not path.name.startswith("__main__")]
NAMES = [str(path.relative_to(PACKAGE)) for path in FILES]


def test_every_package_has_its_floor():
    floors = {name for floor in FLOORS for name in floor} | set(READING)
    assert {package_of(path) for path in FILES} - {"__init__"} == floors


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_no_floor_imports_a_higher_one(path):
    package = package_of(path)
    imported = {name.split(".")[0] for name in imports_of(path)} - {package}
    if package in READING:
        assert imported <= {*READ, *READING}
        return
    height = {name: number for number, floor in enumerate(FLOORS) for name in floor}
    if package == "__init__":
        return
    above = {name for name in imported & set(height) if height[name] > height[package]}
    if height[package] < height["report"]:
        above |= imported & {"analysis", "charts"}
    assert not above, f"{path.name} imports {', '.join(sorted(above))}"


def loaded_by(code: str) -> list[str]:
    """Libraries of models that a Python has loaded after some code."""
    asked = f"{code}\nimport sys\nprint(*[m for m in {LIBRARIES_OF_MODELS!r} if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    return ran.stdout.splitlines()[-1].split()


def modules_of(package: str) -> list[str]:
    """Every module of a package, as ``package.module``."""
    files = [path for path in FILES if package_of(path) == package and path.stem != "__init__"]
    assert files, f"there is no package {package}"
    return [".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in files]


def test_whoever_reads_records_loads_no_library_of_models():
    packages = ("statistics", "analysis", "charts", "demo", "report", "publishing")
    modules = [module for package in packages for module in modules_of(package)]
    modules += ["experiments.chapters", "sweep.status", "sweep.execute", "cli"]
    code = f"""
import importlib, sys
for name in {modules!r}:
    importlib.import_module("instrdiv." + name)
    assert not set({LIBRARIES_OF_MODELS!r}) & set(sys.modules), name
"""
    assert loaded_by(code) == []


def test_a_published_run_is_read_without_any_library_of_models():
    code = """
from instrdiv.experiments.occurrences import experiment
from instrdiv.report.chapter import ChapterReport
report = ChapterReport(experiment, "laptop", {"seed": 0, "num_rules": 1000}, {}, None)
assert report.record.provenance and report.verdicts() and report.cost()
"""
    assert loaded_by(code) == []


def test_training_loads_them():
    assert "torch" in loaded_by("import instrdiv.training.loop")


def test_no_two_modules_share_a_name_but_a_chapters():
    """Nor but an analysis and its figures, or the lists of chapters of either half."""
    chapters = {experiment.name for experiment in EXPERIMENTS} | {"chapters"}
    analyses, figures = (
        {path.stem for path in (PACKAGE / package).glob("*.py")}
        for package in ("analysis", "charts")
    )
    alike = {"__init__", *chapters, *(analyses & figures)}
    stems = [path.stem for path in FILES if path.stem not in alike]
    assert sorted({name for name in stems if stems.count(name) > 1}) == []
