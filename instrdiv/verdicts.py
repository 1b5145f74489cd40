"""What the paper says, what we find, and whether the two agree, computed from records."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

OUTCOMES = ("reproduced", "partly", "not reproduced", "cannot tell")


@dataclass(frozen=True)
class Verdict:
    """One claim held against our runs."""

    claim: str
    paper: str
    ours: str
    outcome: str
    """One of `OUTCOMES`."""
    rule: str
    """What decides the outcome, fixed before the runs were looked at."""

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome={self.outcome!r}; allowed: {', '.join(OUTCOMES)}")


def decide(reproduced: bool, *, partly: bool = False, able: bool = True) -> str:
    """The outcome of a claim whose rule came out so; without enough runs nothing can be told.

    >>> decide(False, partly=True), decide(True, able=False)
    ('partly', 'cannot tell')
    """
    if not able:
        return "cannot tell"
    return "reproduced" if reproduced else "partly" if partly else "not reproduced"


def span(rows: pd.DataFrame) -> str:
    """The range of some runs' scores in words, with the outer ends of their intervals.

    Args:
        rows: of `instrdiv.runs.store.score_table`.

    >>> span(pd.DataFrame({"share": [0.91, 0.95], "low": [0.9, 0.94], "high": [0.92, 0.96]}))
    '91.0% to 95.0% over 2 runs (95 % intervals 90.0% to 96.0%)'
    """
    if not len(rows):
        return "no runs"
    shares, low, high = rows.share, rows.low.min(), rows.high.max()
    if len(rows) == 1:
        return f"{shares.min():.1%} in one run (95 % interval {low:.1%} to {high:.1%})"
    return (
        f"{shares.min():.1%} to {shares.max():.1%} over {len(rows)} runs "
        f"(95 % intervals {low:.1%} to {high:.1%})"
    )


def verdict_table(verdicts: Sequence[Verdict]) -> str:
    """The verdicts as a Markdown table."""
    rows = [f"| {v.claim} | {v.paper} | {v.ours} | **{v.outcome}** | {v.rule} |" for v in verdicts]
    head = "| Claim | The paper | We find | Verdict | Decided by |\n|---|---|---|---|---|"
    return "\n".join([head, *rows])
