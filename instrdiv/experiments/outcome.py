"""The results of a run, and how they are written to its record."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from instrdiv.statistics.scores import Score

if TYPE_CHECKING:
    from instrdiv.training.curve import Curve


@dataclass(frozen=True)
class Outcome:
    """The results of a run.

    Attributes:
        metrics: exact match on each test set after training.
        curve: the learning curve, see `instrdiv.training.curve`.
        answers: the first unseen examples with the model's answers; the same examples for every
            run of one seed and one set of lengths.
        errors: the first unseen examples that were answered incorrectly.
    """

    metrics: dict[str, Score]
    curve: "Curve"
    answers: list[dict[str, str]]
    errors: list[dict[str, str]]
    measures: dict[str, list[float]] = field(default_factory=dict)
    """Measurements other than counts, by name."""


def as_record(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON types."""

    def plain(scores: dict[str, Score]) -> dict[str, dict[str, int]]:
        return {name: score._asdict() for name, score in scores.items()}

    return {
        "metrics": plain(outcome.metrics),
        "curve": [{**step, "scores": plain(step["scores"])} for step in outcome.curve],
        "answers": outcome.answers,
        "errors": outcome.errors,
        "measures": outcome.measures,
    }
