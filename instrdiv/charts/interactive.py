"""What readers can try on a page itself: no kernel, no server, no network.

Each function returns HTML that says everything without its script; the script, which lies beside
this file, then turns it into something to play with.
"""

import hashlib
import html
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from instrdiv.charts.common import answers_table


def rewriter(rule: str, text: str) -> str:
    """A rule that is applied to an input step by step; readers can enter their own.

    Args:
        rule: such as ``ab>cde``.
        text: the input.
    """
    x, y = rule.split(">")
    steps = "".join(f"<li>{html.escape(step)}</li>" for step in trace(x, y, text))
    return _with_script(
        "rewriter",
        f'<div class="rewriter" data-rule="{html.escape(rule)}" data-input="{html.escape(text)}">'
        f"<ol>{steps}</ol></div>",
    )


def trace(x: str, y: str, z: str) -> list[str]:
    """How the leftmost ``x`` is found and replaced, in sentences.

    >>> for step in trace("ab", "c", "xab"):
    ...     print(step)
    At place 1 stands xa, which is not ab: go on.
    At place 2 stands ab: found.
    Put c there: xc.
    """
    steps = []
    for start in range(len(z) - len(x) + 1):
        found = z[start : start + len(x)]
        if found == x:
            steps.append(f"At place {start + 1} stands {found}: found.")
            whole = z[:start] + y + z[start + len(x) :]
            return [*steps, f"Put {y or 'nothing'} there: {whole or 'nothing is left'}."]
        steps.append(f"At place {start + 1} stands {found}, which is not {x}: go on.")
    return [*steps, f"{x} stands nowhere, so the input stays as it is: {z}."]


def stages(answers: pd.DataFrame, shares: Sequence[float]) -> str:
    """The same unseen examples, answered by models that saw more and more different rules.

    Args:
        answers: a row an answer, models in order: ``num_rules``, ``prompt``, ``target``,
            ``answer``.
        shares: each model's score over all unseen rules.
    """
    parts = []
    for share, (number, rows) in zip(shares, answers.groupby("num_rules"), strict=True):
        table = answers_table(rows[["prompt", "target", "answer"]].to_dict("records"))
        parts.append(
            f'<section data-label="{number:,} rules"><p>Trained on <strong>{number:,} different '
            f"rules</strong>: {share:.1%} of all unseen rules answered.</p>{table}</section>"
        )
    return _with_script("stages", f'<div class="stages">{"".join(parts)}</div>')


def _with_script(name: str, markup: str) -> str:
    # By its content, so that it stays the same when its cell is run again.
    number = f"{name}-{hashlib.sha256(markup.encode()).hexdigest()[:8]}"
    script = Path(__file__).with_name(f"{name}.js").read_text(encoding="utf-8")
    return f'<div id="{number}">{markup}</div><script>({script})("{number}");</script>'
