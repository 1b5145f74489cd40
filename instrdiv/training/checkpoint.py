"""The file from which an interrupted run resumes."""

import contextlib
import os
import time
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from instrdiv.checks import first_line
from instrdiv.training.config import SAVE_EVERY
from instrdiv.untrusted import visible

SAVING_SHARE = 0.05
"""Share of the time that saving may take: a state of many gigabytes is saved less often."""


class Checkpoint:
    """The state of a training in one file, which is replaced as training goes on.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "run.pt"
    >>> Checkpoint(path, {"seed": 0}).save({"step": 7})
    >>> Checkpoint(path, {"seed": 0}).load()
    {'step': 7}

    Args:
        path: the file.
        made_for: what the state depends on, such as settings and versions, as JSON types. The state
            of a run that was made for anything else is not continued.
        part: describes the part of the run that this process has made so far.
        every: seconds between two saves.

    Attributes:
        earlier: descriptions of the parts of the run that were made before, by other processes.
    """

    def __init__(
        self,
        path: Path,
        made_for: Mapping[str, Any] | None = None,
        *,
        part: Callable[[], dict[str, Any]] = dict,
        every: float = SAVE_EVERY,
    ) -> None:
        self.path, self.made_for = path, dict(made_for or {})
        self.part, self.every = part, every
        self.earlier: list[dict[str, Any]] = []
        self._next = time.monotonic() + every

    def load(self) -> dict[str, Any] | None:
        """The state that was saved last; None if there is none that this run can continue.

        A file that is damaged, or that another run made, is set aside with a warning.
        """
        if not self.path.exists():
            return None
        try:
            with zipfile.ZipFile(self.path) as archive:  # torch itself does not look at checksums
                if damaged := archive.testzip():
                    raise ValueError(f"its part {damaged} is damaged")
            kept = torch.load(self.path, map_location="cpu", weights_only=True)
            made_for, earlier, state = kept["made_for"], kept["parts"], kept["state"]
            if other := _differing(made_for, self.made_for):
                raise ValueError(f"made for {other}")
        except Exception as error:  # a damaged or foreign file can raise any
            self.set_aside(first_line(error))
            return None
        self.earlier = earlier
        return dict(state)

    def set_aside(self, reason: str) -> None:
        """Rename a file that cannot be used, and warn that the run starts anew."""
        number = 1
        while (aside := self.path.with_suffix(f".unusable-{number}")).exists():
            number += 1
        self.path.replace(aside)
        self.earlier = []
        warnings.warn(
            f"{self.path} is no checkpoint of this run ({visible(reason, 300)}): set aside as "
            f"{aside.name}, and the run starts anew",
            stacklevel=3,
        )

    @property
    def due(self) -> bool:
        """Whether it is time to save."""
        return time.monotonic() >= self._next

    def save(self, state: Mapping[str, Any]) -> None:
        """Replace the file by a state, in one move.

        Args:
            state: plain values and tensors. Where it cannot be written, such as on a full disk, a
                warning says so: the run goes on, and the file keeps the state before.
        """
        started = time.monotonic()
        unfinished = self.path.with_suffix(".unfinished")
        parts = [*self.earlier, self.part()]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                torch.save({"made_for": self.made_for, "parts": parts, "state": state}, file)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self.path)
        except (OSError, RuntimeError) as error:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            warnings.warn(f"{self.path} cannot be saved ({first_line(error)})", stacklevel=2)
        took = time.monotonic() - started
        self._next = started + took + max(self.every, took / SAVING_SHARE if self.every else 0)

    def delete(self) -> None:
        """Delete the file, once the run needs it no more."""
        for path in (self.path, self.path.with_suffix(".unfinished")):
            path.unlink(missing_ok=True)


def _differing(found: dict[str, Any], wanted: dict[str, Any]) -> str:
    """What differs, in words; empty if nothing does."""
    names = [name for name in {**wanted, **found} if found.get(name) != wanted.get(name)]
    return ", ".join(f"{name}={found.get(name)}, not {wanted.get(name)}" for name in names)
