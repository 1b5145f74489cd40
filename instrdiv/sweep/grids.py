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
import math
import warnings
from pathlib import Path
from typing import Any

from instrdiv.checks import problems_of, shown
from instrdiv.experiments.points import SCALES, GridPoint, find_notebook, make_point, require_scale
from instrdiv.paths import project_root
from instrdiv.sweep.grid_file import read_grid_file

MOST_POINTS = 100_000
"""In one group."""


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
    content = read_grid_file(path)
    grids: dict[str, dict[str, list[GridPoint]]] = {}
    for notebook, scales in content.items():
        try:
            name = find_notebook(str(notebook)).stem
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        if only not in (None, name):
            continue
        if not isinstance(scales, dict):
            raise ValueError(f"{path}: {name}: scales are needed, of {', '.join(SCALES)}")
        for scale, groups in scales.items():
            where = f"{path}: {name}: {scale}"
            if not isinstance(groups, list):
                raise ValueError(f"{where}: a list of groups is needed")
            try:
                require_scale(scale)
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
        for group in read_grid_file(grid_file()).get(notebook, {}).get(scale, [])
        if group.get("name", "").startswith(name)
    ]
    if not groups:
        raise ValueError(f"{grid_file()}: {notebook}: {scale}: no group {name!r}")
    return [point for group in groups for point in _expand(notebook, scale, group)]


def _expand(notebook: str, scale: str, group: Any) -> list[GridPoint]:
    if not isinstance(group, dict):
        raise ValueError(f"{shown(group)}: a group of parameters is needed")
    axes = {
        name: values if isinstance(values, list) else [values]
        for name, values in group.items()
        if name != "name"
    }
    return combined(notebook, scale, axes)


def combined(notebook: str, scale: str, axes: dict[str, list[Any]]) -> list[GridPoint]:
    """A grid point for each combination of the values of some settings.

    >>> [str(point) for point in combined("01", "smoke", {"z_length": [6, 8], "seed": [1]})]
    ['01_rule_diversity smoke z_length=6, seed=1', '01_rule_diversity smoke z_length=8, seed=1']

    Raises:
        ValueError: there are more than `MOST_POINTS`, or the experiment has no such setting, scale
            or value.
    """
    if (number := math.prod(map(len, axes.values()))) > MOST_POINTS:
        raise ValueError(f"{number} grid points in one group; {MOST_POINTS} are allowed")
    return [
        make_point(notebook, scale, dict(zip(axes, values, strict=True)))
        for values in itertools.product(*axes.values())
    ]


def select(points: list[GridPoint], only: dict[str, list[Any]]) -> list[GridPoint]:
    """The grid points whose settings have one of the given values.

    A value that none of them has causes a warning.

    Raises:
        ValueError: the experiment does not have a setting, or a value is not allowed.
    """
    wanted = {
        name: [tuple(value) if isinstance(value, list) else value for value in values]
        for name, values in only.items()
    }
    for point in {point.notebook: point for point in points}.values():
        for name, values in wanted.items():
            if not hasattr(point.config, name):
                make_point(point.notebook, point.scale, {name: None})
            for value in values:
                if problems := problems_of(type(point.config), name, value):
                    raise ValueError("; ".join(problems))
    selected = [
        point
        for point in points
        if all(getattr(point.config, name) in values for name, values in wanted.items())
    ]
    if not selected:
        return []  # which the caller names
    for name, values in wanted.items():
        had = [getattr(point.config, name) for point in points]
        if missing := [value for value in values if value not in had]:
            warnings.warn(f"no grid point has {name}={shown(missing)}", stacklevel=2)
    return selected
