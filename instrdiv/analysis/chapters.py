"""The list of the chapters' analyses; to add a chapter of your own, add a line."""

from instrdiv.analysis import (
    code_generation,
    domains,
    imbalance,
    no_op,
    occurrences,
    pretrained,
    rule_diversity,
    semantic_diversity,
)
from instrdiv.analysis.analysis import Analysis

ANALYSES: tuple[Analysis, ...] = (
    rule_diversity.analysis,
    no_op.analysis,
    imbalance.analysis,
    semantic_diversity.analysis,
    occurrences.analysis,
    pretrained.analysis,
    code_generation.analysis,
    domains.analysis,
)
"""In the book's order."""


def analysis_of(experiment: str) -> Analysis:
    """The analysis of an experiment, by its name.

    >>> analysis_of("no_op").axes
    ('num_rules', 'no_op_share', 'seed')

    Raises:
        ValueError: none is listed.
    """
    for analysis in ANALYSES:
        if analysis.experiment == experiment:
            return analysis
    raise ValueError(
        f"experiment {experiment!r} has no analysis: add its own to the list in "
        "instrdiv/analysis/chapters.py"
    )
