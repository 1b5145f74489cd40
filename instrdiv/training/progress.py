"""Progress bars, shown only where somebody can see them."""

import os
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

from tqdm import tqdm
from tqdm.auto import tqdm as fitting_tqdm

if TYPE_CHECKING:
    Bar: TypeAlias = tqdm[Any]
else:
    Bar = tqdm

WATCHED_TERMINAL = "INSTRDIV_TERMINAL"
"""Environment variable with which ``instrdiv run`` names its terminal to the notebook's kernel,
or an empty value when there is none to write to."""


def progress_bar(total: int, unit: str) -> Bar:
    """A bar with speed, remaining time and current scores.

    In JupyterLab it is a widget. In a notebook executed by ``instrdiv run`` it appears on the
    terminal of that command and not in the notebook, whose outputs it would clutter. In a sweep
    nothing is shown.
    """
    terminal = os.environ.get(WATCHED_TERMINAL)
    if terminal is None:
        return fitting_tqdm(
            total=total, unit=unit, disable=None if "ipykernel" not in sys.modules else False
        )
    if not terminal:
        return fitting_tqdm(total=total, unit=unit, disable=True)
    # O_NOCTTY: a kernel leads a session of its own and would else seize the terminal.
    descriptor = os.open(terminal, os.O_WRONLY | os.O_NOCTTY)
    return tqdm(
        total=total,
        unit=unit,
        file=os.fdopen(descriptor, "w", encoding="utf-8"),
        dynamic_ncols=True,
    )
