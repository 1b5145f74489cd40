"""The list of the book's experiments; to add a chapter of your own, add a line."""

from typing import Any

from instrdiv.experiments import (
    code_generation,
    domains,
    imbalance,
    no_op,
    occurrences,
    pretrained,
    rule_diversity,
    semantic_diversity,
)
from instrdiv.experiments.experiment import Experiment

EXPERIMENTS: tuple[Experiment[Any], ...] = (
    rule_diversity.experiment,
    no_op.experiment,
    imbalance.experiment,
    semantic_diversity.experiment,
    occurrences.experiment,
    pretrained.experiment,
    code_generation.experiment,
    domains.experiment,
)
"""In the book's order."""
