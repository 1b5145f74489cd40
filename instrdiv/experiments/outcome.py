"""What a run found, whatever it trained, and how that is written down."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from instrdiv.statistics.scores import Score

if TYPE_CHECKING:
    from instrdiv.training.curve import Curve


@dataclass(frozen=True)
class Outcome:
    """What a run found.

    Attributes:
        metrics: exact match on each test set after training.
        curve: the learning curve, see `instrdiv.training.curve`.
        answers: the first unseen examples and what the model wrote; the same examples for every
            run of one seed and one set of lengths.
        errors: the first unseen examples that it got wrong.
    """

    metrics: dict[str, Score]
    curve: "Curve"
    answers: list[dict[str, str]]
    errors: list[dict[str, str]]
    measures: dict[str, list[float]] = field(default_factory=dict)
    """Numbers that are no counts, by what they measure."""


def as_record(outcome: Outcome) -> dict[str, Any]:
    """An outcome in JSON's types."""

    def plain(scores: dict[str, Score]) -> dict[str, dict[str, int]]:
        return {name: score._asdict() for name, score in scores.items()}

    return {
        "metrics": plain(outcome.metrics),
        "curve": [{**point, "scores": plain(point["scores"])} for point in outcome.curve],
        "answers": outcome.answers,
        "errors": outcome.errors,
        "measures": outcome.measures,
    }
