"""Grids: the grid points of each notebook, as data.

``notebooks/grids.yaml`` has a list of groups for each notebook and scale. Within a group, each
value of a list is combined with each value of the other lists::

    01_rule_diversity:
      laptop:
        - name: threshold
          num_rules: [10, 100, 1000]
          seed: [0, 1]
"""

import itertools
from pathlib import Path
from typing import Any

import yaml

from instrdiv.experiments.points import SCALES, GridPoint, find_notebook, make_point
from instrdiv.paths import project_root


def grid_file() -> Path:
    return project_root() / "notebooks" / "grids.yaml"


def read_grids(
    path: Path | None = None, only: str | None = None
) -> dict[str, dict[str, list[GridPoint]]]:
    """All grid points: ``{notebook: {scale: [grid point, …]}}``, each once.

    Args:
        path: the file; by default that of the checkout.
        only: read only the grids of this notebook.

    Raises:
        ValueError: the file does not have this format, or it has a notebook, scale, setting or
            value that does not exist; the message says where.
    """
    path = path or grid_file()
    content = _read(path)
    grids: dict[str, dict[str, list[GridPoint]]] = {}
    for notebook, scales in content.items():
        try:
            name = find_notebook(str(notebook)).stem
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        if only not in (None, name):
            continue
        if not isinstance(scales, dict):
            raise ValueError(f"{path}: {notebook}: scales are needed, of {', '.join(SCALES)}")
        for scale, groups in scales.items():
            where = f"{path}: {notebook}: {scale}"
            if not isinstance(groups, list):
                raise ValueError(f"{where}: a list of groups is needed")
            try:
                points = [point for group in groups for point in _expand(name, scale, group)]
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from None
            once = {point.key: point for point in reversed(points)}
            grids.setdefault(name, {})[scale] = list(reversed(once.values()))
    return grids


def read_group(notebook: str, scale: str, name: str) -> list[GridPoint]:
    """The grid points of those groups of a published grid whose name begins with `name`.

    >>> len(read_group("01_rule_diversity", "laptop", "another optimiser"))
    24

    Raises:
        ValueError: there is no such group.
    """
    groups = [
        group
        for group in _read(grid_file()).get(notebook, {}).get(scale, [])
        if group.get("name", "").startswith(name)
    ]
    if not groups:
        raise ValueError(f"{grid_file()}: {notebook}: {scale}: no group {name!r}")
    return [point for group in groups for point in _expand(notebook, scale, group)]


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path}: notebooks and their scales are needed at the top")
    return content


def _expand(notebook: str, scale: str, group: Any) -> list[GridPoint]:
    if not isinstance(group, dict):
        raise ValueError(f"{group!r}: a group of parameters is needed")
    axes = {
        name: values if isinstance(values, list) else [values]
        for name, values in group.items()
        if name != "name"
    }
    return [
        make_point(notebook, scale, dict(zip(axes, values, strict=True)))
        for values in itertools.product(*axes.values())
    ]


def select(points: list[GridPoint], only: dict[str, list[Any]]) -> list[GridPoint]:
    """The grid points whose settings have one of the given values.

    Raises:
        ValueError: the experiment does not have a setting.
    """
    for point in {point.notebook: point for point in points}.values():
        for name in only:
            if not hasattr(point.config, name):
                make_point(point.notebook, point.scale, {name: None})
    return [
        point
        for point in points
        if all(getattr(point.config, name) in values for name, values in only.items())
    ]
