"""What the paper says, what we find, and whether the two agree, computed from records."""

from collections.abc import Sequence
from dataclasses import dataclass

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


def verdict_table(verdicts: Sequence[Verdict]) -> str:
    """The verdicts as a Markdown table."""
    rows = [f"| {v.claim} | {v.paper} | {v.ours} | **{v.outcome}** | {v.rule} |" for v in verdicts]
    head = "| Claim | The paper | We find | Verdict | Decided by |\n|---|---|---|---|---|"
    return "\n".join([head, *rows])
