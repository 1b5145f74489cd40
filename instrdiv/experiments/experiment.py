"""The interface of an experiment to the rest of the project: one typed object per chapter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from instrdiv.experiments.outcome import Outcome
from instrdiv.scales import Settings

if TYPE_CHECKING:
    from instrdiv.training.checkpoint import Checkpoint

C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)
C_contra = TypeVar("C_contra", contravariant=True)


class Configure(Protocol[C_co]):
    """Makes a config."""

    def __call__(self, scale: str, **changes: Any) -> C_co:
        """A scale's preset with some settings changed; None leaves a setting as it is."""


class Run(Protocol[C_contra]):
    """Makes a run: trains a model, scores it."""

    def __call__(
        self, config: C_contra, checkpoint: "Checkpoint | None" = None
    ) -> tuple[Any, Outcome]:
        """Train for a config and score the model.

        Args:
            checkpoint: keeps the state of interrupted training. The caller deletes it.
        """


@dataclass(frozen=True)
class Estimate:
    """What a run needs, determined without making it.

    Attributes:
        lines: of text, for the user.
        memory_bytes: at its peak, beside what Python and its libraries take; 0 if it is little.
    """

    lines: tuple[str, ...] = ()
    memory_bytes: int = 0


def no_requirements(config: object) -> Estimate:
    """The resource estimate of a run that any machine can make: none."""
    return Estimate()


@dataclass(frozen=True)
class Experiment(Generic[C]):
    """One chapter's experiment: everything needed to make its runs and to name them.

    Attributes:
        name: the name in its records and of its modules; e.g. ``rule_diversity``.
        number: of its chapter.
        protocol: raised when the meaning of a result changes for the same settings; records of
            another protocol do not count.
        config: the frozen dataclass of all settings, which checks itself when created.
        presets: by scale, the settings that differ from `instrdiv.scales`.
        configure: makes the config of a scale's preset with some settings changed.
        make_data: returns training and test data, a pure function of the config; chapter 7 also
            needs the tokeniser of its model.
        run: trains and scores.
        estimate: returns the resource estimate of a run without making it.
    """

    name: str
    number: int
    protocol: int
    config: type[C]
    presets: Mapping[str, Settings]
    configure: Configure[C]
    make_data: Callable[..., Any]
    run: Run[C]
    estimate: Callable[[C], Estimate] = no_requirements

    @property
    def notebook(self) -> str:
        """The name of its notebook, without the file extension.

        >>> from instrdiv.experiments.no_op import experiment
        >>> experiment.notebook
        '02_no_op'
        """
        return f"{self.number:02}_{self.name}"
