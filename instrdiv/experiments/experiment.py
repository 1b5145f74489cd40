"""What an experiment is to the rest of the project: one typed object a chapter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from instrdiv.experiments.outcome import Outcome
from instrdiv.scales import Settings

C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)
C_contra = TypeVar("C_contra", contravariant=True)


class Configure(Protocol[C_co]):
    """Makes a config."""

    def __call__(self, scale: str, **changes: Any) -> C_co:
        """A scale's preset with some settings changed; None leaves a setting as it is."""


class Run(Protocol[C_contra]):
    """Makes a run: trains a model, scores it."""

    def __call__(self, config: C_contra, checkpoint: Path | None = None) -> tuple[Any, Outcome]:
        """Train for a config and score the model.

        Args:
            checkpoint: where a training that is cut short goes on; experiments whose runs take
                minutes make no use of it.
        """


def nothing_to_say(config: object) -> list[str]:
    """The estimate of a run that any machine can make."""
    return []


@dataclass(frozen=True)
class Experiment(Generic[C]):
    """One chapter's experiment: everything that making and naming its runs takes.

    Attributes:
        name: what its records are called, and its modules; e.g. ``rule_diversity``.
        number: of its chapter.
        protocol: raised when the same settings come to mean another result; records of another
            protocol don't count.
        config: the frozen dataclass of all settings, which checks itself when made.
        presets: by scale, what it sets differently from `instrdiv.scales`.
        configure: makes the config of a scale's preset with some settings changed.
        make_data: the data that a run learns from and is tested on, a pure function of its config;
            chapter 7 needs its model's tokeniser as well.
        run: trains and scores.
        estimate: what a run would need, in lines, found without making it.
    """

    name: str
    number: int
    protocol: int
    config: type[C]
    presets: Mapping[str, Settings]
    configure: Configure[C]
    make_data: Callable[..., Any]
    run: Run[C]
    estimate: Callable[[C], list[str]] = nothing_to_say

    @property
    def notebook(self) -> str:
        """The name of its notebook, without the ending.

        >>> from instrdiv.experiments.no_op import experiment
        >>> experiment.notebook
        '02_no_op'
        """
        return f"{self.number:02}_{self.name}"
