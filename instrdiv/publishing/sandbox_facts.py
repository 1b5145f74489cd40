"""What the page on the threat model includes: what was tried against the sandbox, and what held.

The numbers are those that `tests/codeexec/soak.py` wrote, none is typed.
"""

import json
from pathlib import Path
from typing import Any

from instrdiv.untrusted import as_markdown

FACTS = Path("book") / "data" / "sandbox.json"
PART = "_sandbox.md"
LAWFUL = {
    "lawful": "lawful programs, each with another part of Python's library, or numpy",
    "HumanEval": "reference solutions of HumanEval",
    "MBPP": "reference solutions of MBPP",
}


def write_sandbox_facts(root: Path, folder: Path) -> None:
    """Write the part of the page that `table` gives."""
    facts = json.loads((root / FACTS).read_text(encoding="utf-8"))
    (folder / PART).write_text(table(facts), encoding="utf-8")


def table(facts: dict[str, Any]) -> str:
    """Two tables, of hostile and of lawful programs, and where they were run.

    >>> facts = {"date": "d", "kernel": "k", "machine": "m", "landlock": 7, "python": "3",
    ...     "pyseccomp": "1", "commit": "c", "lawful": {"programs": 2, "passed": 1, "failed": {"a": "b"}},
    ...     "attacks": {"files": {"programs": 3, "as root": {"x": "passed"}, "as a user": {}}}}
    >>> print(table(facts))
    On d, on k \\(m\\) with Landlock 7, Python 3 and pyseccomp 1, at commit c:
    <BLANKLINE>
    | hostile programs against | tried | held as root | held as an ordinary user |
    |---|---|---|---|
    | files | 3 | 2 | 3 |
    | all | 3 | 2 | 3 |
    <BLANKLINE>
    These did not hold as root: x.
    <BLANKLINE>
    | harmless programs | run | passed |
    |---|---|---|
    | lawful programs, each with another part of Python's library, or numpy | 2 | 1 |
    <BLANKLINE>
    These did not pass: a.
    <BLANKLINE>
    """  # noqa: E501
    about = {name: as_markdown(value) for name, value in facts.items() if isinstance(value, str)}
    lines = [
        f"On {about['date']}, on {about['kernel']} \\({about['machine']}\\) with Landlock "
        f"{facts['landlock']:d}, Python {about['python']} and pyseccomp {about['pyseccomp']}, at "
        f"commit {about['commit']}:",
        "",
        "| hostile programs against | tried | held as root | held as an ordinary user |",
        "|---|---|---|---|",
    ]
    users = ("as root", "as a user")
    rows = {
        name: [each["programs"], *(each["programs"] - len(each[user]) for user in users)]
        for name, each in facts["attacks"].items()
    }
    rows["all"] = [sum(column) for column in zip(*rows.values(), strict=True)]
    lines += [f"| {as_markdown(name)} | {_cells(numbers)} |" for name, numbers in rows.items()]
    for user in users:
        names = [name for each in facts["attacks"].values() for name in each[user]]
        lines += _exceptions(f"These did not hold {user}", names)
    lines += ["", "| harmless programs | run | passed |", "|---|---|---|"]
    lawful = {name: facts[name] for name in LAWFUL if name in facts}
    lines += [
        f"| {LAWFUL[name]} | {_cells([each['programs'], each['passed']])} |"
        for name, each in lawful.items()
    ]
    names = [name for each in lawful.values() for name in each["failed"]]
    return "\n".join([*lines, *_exceptions("These did not pass", names), ""])


def _cells(numbers: list[int]) -> str:
    return " | ".join(f"{number:,}" for number in numbers)


def _exceptions(what: str, names: list[str]) -> list[str]:
    return ["", f"{what}: {', '.join(map(as_markdown, names))}."] if names else []
