"""Demo models on disk and in a page: safetensors files whose matrices are whole numbers.

Each row of a matrix is stored as whole numbers from −127 to 127 and one scale, by which they are
multiplied: a quarter of the size of float32, so that a page can bring all models along. Whoever
reads a file, in Python or in a browser, computes with the same rounded weights, and the scores in
it are theirs.
"""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from safetensors import safe_open
from safetensors.numpy import save_file

from instrdiv.demo.forward import DemoModel
from instrdiv.paths import project_root
from instrdiv.whole_files import replacing

NUM_RULES = (10, 100, 300, 1_000, 10_000)
"""Number of training rules of each demo model."""
SCALE = ".scale"
"""The end of the name under which the scales of a matrix are stored."""
RULES = "rules"
"""The name under which the training rules are stored."""
LOADED = "instrdivModels"
"""The function that a page defines and `as_script` calls with the files."""


def folder() -> Path:
    """The folder of the demo models."""
    return project_root() / "book" / "models"


def rounded(
    weights: Mapping[str, Float[np.ndarray, "..."]],
) -> dict[str, Float[np.ndarray, "..."] | np.ndarray]:
    """Weights as they are stored: matrices as whole numbers with a scale for each row.

    >>> stored = rounded({"up": np.array([[0.5, -1.0]], dtype=np.float32)})
    >>> stored["up"].tolist(), round(float(stored["up.scale"][0]), 5)
    ([[64, -127]], 0.00787)
    """
    stored: dict[str, np.ndarray] = {}
    for name, array in weights.items():
        if array.ndim < 2:
            stored[name] = array
            continue
        scale = np.abs(array).max(axis=1) / np.float32(127)
        scale[scale == 0] = 1
        stored[name] = np.round(array / scale[:, None]).astype(np.int8)
        stored[name + SCALE] = scale
    return stored


def unrounded(stored: Mapping[str, np.ndarray]) -> dict[str, Float[np.ndarray, "..."]]:
    """The weights to compute with, from those that are stored.

    >>> weights = {"up": np.array([[0.5, -1.0]], dtype=np.float32)}
    >>> unrounded(rounded(weights))["up"].round(2).tolist()
    [[0.5, -1.0]]
    """
    return {
        name: array * stored[name + SCALE][:, None] if name + SCALE in stored else array
        for name, array in stored.items()
        if not name.endswith(SCALE)
    }


def write_demo_model(
    path: Path,
    stored: Mapping[str, np.ndarray],
    rules: UInt8[np.ndarray, "num_rules letters"],
    about: Mapping[str, Any],
) -> None:
    """Write a demo model's file.

    Args:
        stored: from `rounded`.
        about: ``sizes``, ``config``, ``metrics`` and whatever else tells of its origin.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as unfinished:
        save_file({**stored, RULES: rules}, unfinished, metadata={"about": json.dumps(about)})


def load_demo_model(num_rules: int, where: Path | None = None) -> DemoModel:
    """The demo model that was trained on a given number of rules.

    Raises:
        FileNotFoundError: there is none.
    """
    with safe_open(_file(num_rules, where), framework="numpy") as file:
        about = json.loads(file.metadata()["about"])
        stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    rules = stored.pop(RULES)
    return DemoModel(unrounded(stored), rules, about["sizes"], about["config"], about["metrics"])


def load_demo_models() -> dict[int, DemoModel]:
    """All demo models, by their number of training rules."""
    return {number: load_demo_model(number) for number in NUM_RULES}


def as_script() -> str:
    """All files as one script, since a page that is opened from disk may load nothing else."""
    files = {number: base64.b64encode(_file(number).read_bytes()).decode() for number in NUM_RULES}
    return f"{LOADED}({json.dumps(files)});\n"


def _file(num_rules: int, where: Path | None = None) -> Path:
    path = (where or folder()) / f"rules-{num_rules}.safetensors"
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: `python -m instrdiv demo-models` trains it again"
        )
    return path
