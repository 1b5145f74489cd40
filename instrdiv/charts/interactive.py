"""Interactive parts of pages, without a kernel, a server or a network.

Each function returns HTML that is complete without its script; the script, beside this file, makes
it interactive.
"""

import hashlib
import html
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from instrdiv.charts.common import answers_table
from instrdiv.whole_numbers import count


def rewriter(rule: str, text: str) -> str:
    """A rule applied to an input step by step; readers can enter their own.

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
    Position 1: xa is not ab.
    Position 2: ab is found.
    Replace it by c: xc.
    """
    steps = []
    for start in range(len(z) - len(x) + 1):
        found = z[start : start + len(x)]
        if found == x:
            steps.append(f"Position {start + 1}: {found} is found.")
            whole = z[:start] + y + z[start + len(x) :]
            return [*steps, f"Replace it by {y or 'nothing'}: {whole or 'nothing is left'}."]
        steps.append(f"Position {start + 1}: {found} is not {x}.")
    return [*steps, f"{x} does not occur, so the input stays as it is: {z}."]


def stages(answers: pd.DataFrame, shares: Sequence[float]) -> str:
    """The same unseen examples, answered by models trained on more and more different rules.

    Args:
        answers: one row per answer, models in order: ``num_rules``, ``prompt``, ``target``,
            ``answer``.
        shares: each model's score over all unseen rules.
    """
    parts = []
    for share, (_, rows) in zip(shares, answers.groupby("num_rules"), strict=True):
        table = answers_table(rows[["prompt", "target", "answer"]].to_dict("records"))
        rules = count(rows.num_rules.iloc[0])
        parts.append(
            f'<section data-label="{rules} rules"><p>Trained on <strong>{rules} different '
            f"rules</strong>: exact match on all unseen rules is {share:.1%}.</p>{table}</section>"
        )
    return _with_script("stages", f'<div class="stages">{"".join(parts)}</div>')


def _with_script(name: str, markup: str) -> str:
    # The id depends on the content, so it stays the same when the cell is run again.
    number = f"{name}-{hashlib.sha256(markup.encode()).hexdigest()[:8]}"
    script = Path(__file__).with_name(f"{name}.js").read_text(encoding="utf-8")
    return f'<div id="{number}">{markup}</div><script>({script})("{number}");</script>'
