"""From a notebook's name and a few overrides to a checked grid point of its experiment."""

import difflib
import json
from collections.abc import Iterable
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any

from instrdiv.checks import absolute, shown
from instrdiv.experiments.chapters import EXPERIMENTS
from instrdiv.experiments.experiment import Experiment
from instrdiv.paths import project_root
from instrdiv.runs.record import run_key
from instrdiv.untrusted import visible

SCALES = ("smoke", "demo", "laptop", "desk", "paper")


@dataclass(frozen=True)
class GridPoint:
    """A configuration to run: notebook, scale, overrides of the preset, and the resulting config.

    Attributes:
        notebook: e.g. ``01_rule_diversity``.
        scale: one of `SCALES`.
        overrides: the settings that are given in place of the preset's.
        config: every setting, checked.
        key: the run's key, see `instrdiv.runs.record.run_key`.
    """

    notebook: str
    scale: str
    overrides: dict[str, Any]
    config: Any
    key: str

    def __str__(self) -> str:
        listed = ", ".join(f"{name}={visible(v, 200)}" for name, v in self.overrides.items())
        return f"{self.notebook} {self.scale} {listed or '(preset)'}"


def make_point(notebook: str, scale: str, overrides: dict[str, Any]) -> GridPoint:
    """Check one grid point before anything is started.

    Raises:
        ValueError: an unknown notebook, scale or setting (the message names the nearest valid one),
            or a value that the experiment does not allow.
    """
    name = find_notebook(notebook).stem
    experiment = experiment_of(name)
    # The working directory of a notebook's kernel is not the user's.
    paths = {field.name for field in fields(experiment.config) if "path" in field.metadata}
    overrides = {
        setting: absolute(value) if setting in paths else value
        for setting, value in overrides.items()
    }
    config = configure(experiment, scale, overrides)
    return GridPoint(name, scale, overrides, config, key_of(experiment, config))


def key_of(experiment: Experiment[Any], config: Any) -> str:
    """The key of a config's run: the hash of all settings except those that `left_out` names."""
    names = left_out(config)
    settings = {name: value for name, value in asdict(config).items() if name not in names}
    return run_key(experiment.name, experiment.protocol, settings)


def left_out(config: Any) -> list[str]:
    """Names of the settings at the value that applied before they became settings.

    That is their default, unless `instrdiv.checks.before` names another value, which it must if the
    default has changed since.
    """
    return [
        field.name
        for field in fields(config)
        if getattr(config, field.name) == field.metadata.get("before", field.default)
    ]


def every_setting(experiment: Experiment[Any], recorded: dict[str, Any]) -> dict[str, Any]:
    """A record's settings, with settings added later at the value that applied before."""
    added = {
        field.name: field.metadata.get("before", field.default)
        for field in fields(experiment.config)
        if field.name not in recorded
    }
    return recorded | {k: value for k, value in added.items() if value is not MISSING}


def configure(experiment: Experiment[Any], scale: str, overrides: dict[str, Any]) -> Any:
    """The config of an experiment's preset with overrides."""
    _require(scale, experiment.presets, "scale")
    names = [field.name for field in fields(experiment.config)]
    for name in overrides:
        _require(name, names, "parameter")
    return experiment.configure(scale, **overrides)


def experiment_of(notebook: str) -> Experiment[Any]:
    """The experiment of a notebook.

    Raises:
        ValueError: none of `instrdiv.experiments.chapters.EXPERIMENTS` belongs to it.
    """
    for experiment in EXPERIMENTS:
        if experiment.notebook == notebook:
            return experiment
    raise ValueError(
        f"notebook {notebook!r} belongs to no experiment: add its own to the list in "
        "instrdiv/experiments/chapters.py"
    )


def notebook_paths() -> list[Path]:
    """The notebooks of the experiments, in the book's order."""
    return sorted((project_root() / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def listed_notebooks() -> list[Path]:
    """The experiments that are chapters of the book; others can be run too, before their records
    are published."""
    contents = (project_root() / "_toc.yml").read_text(encoding="utf-8")
    return [path for path in notebook_paths() if f"notebooks/{path.stem}\n" in contents]


def title_of(notebook: Path) -> str:
    """A chapter's title, from its first heading.

    >>> title_of(notebook_paths()[0])
    'Rule diversity'
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "".join(cells[0]["source"]).splitlines()[0].removeprefix("# ")


def find_notebook(name: str) -> Path:
    """The notebook of that name, number, or both; with or without its file extension."""
    wanted = Path(name).name.removesuffix(".ipynb")
    paths = {path.stem: path for path in notebook_paths()}
    for stem, path in paths.items():
        number, rest = stem.split("_", 1)
        if wanted in (stem, number, number.lstrip("0"), rest):
            return path
    _require(wanted, list(paths), "notebook")
    raise AssertionError("unreachable")


def require_scale(name: str) -> None:
    """Check the name of a scale.

    Raises:
        ValueError: it is not one of `SCALES`; the message names the nearest one.
    """
    _require(name, SCALES, "scale")


def _require(name: str, allowed: Iterable[str], kind: str) -> None:
    allowed = list(allowed)
    if name in allowed:
        return
    near = difflib.get_close_matches(str(name)[:100], allowed, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise ValueError(f"unknown {kind} {shown(name)}; {hint}allowed: {', '.join(allowed)}")
