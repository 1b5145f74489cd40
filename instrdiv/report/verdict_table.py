"""Verdicts as a page shows them: a table, and what decided each on request."""

from collections.abc import Sequence

from instrdiv.statistics.verdict import Verdict
from instrdiv.whole_numbers import count


def verdict_table(verdicts: Sequence[Verdict]) -> str:
    """The verdicts as Markdown: a narrow table, and below it a folded list of what decides each.

    What a variant departs in stands under its claim.
    """
    cells = [
        [str(number), v.claim + asked(v), v.paper, v.ours, verdict_cell(v)]
        for number, v in enumerate(verdicts, start=1)
    ]
    # A bar, as in |z|, would begin another cell.
    rows = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in cells]
    head = "| No. | Claim | The paper | We find | Verdict |\n|---|---|---|---|---|"
    return "\n".join([head, *rows]) + "\n\n" + decided_by(verdicts)


def asked(verdict: Verdict) -> str:
    """How a variant's question departs from the paper's; empty for a claim of the paper."""
    return f" (*variant:* {verdict.variant})" if verdict.variant else ""


def verdict_cell(verdict: Verdict) -> str:
    """A table's cell for an outcome, which says whether it is exploratory.

    >>> verdict_cell(Verdict("", "", "", "partly", "", "2026-11-26", True, "laptop", 3, 3, ""))
    '**partly**, *exploratory*'
    """
    return f"**{verdict.in_words}**" + ", *exploratory*" * verdict.exploratory


def decided_by(verdicts: Sequence[Verdict]) -> str:
    """What decides each verdict, as a list that opens on request."""
    lines = []
    for number, v in enumerate(verdicts, start=1):
        why = f" *Why:* {v.why}." if v.why else ""
        price = f" *To tell:* {v.price}." if v.price else ""
        seeds = f"{v.seeds} seed{'s' * (v.seeds != 1)}"
        scale = f"*{v.scale} scale*, " if v.scale else ""  # none without runs
        runs = f"{count(v.runs)} run{'s' * (v.runs != 1)}"
        lines.append(
            f"{number}. {v.rule}{why}{price} *Rule of* {v.date}; {scale}{runs}, {seeds}; "
            f"*gate:* {v.gate}."
        )
    summary = "What decides each verdict, and why: rule, price, date, runs, gate"
    listed = "\n".join(lines)
    return f'<details class="rules"><summary>{summary}</summary>\n\n{listed}\n\n</details>'
