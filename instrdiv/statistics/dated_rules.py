"""The rules of verdicts are data: ``book/data/rules.yaml`` holds each claim's rule, its numbers and
its date."""

import re
from dataclasses import dataclass
from functools import cache

import yaml

from instrdiv.paths import project_root


@dataclass(frozen=True)
class Rule:
    """The rule that decides one claim, as it was written down.

    Attributes:
        claim: the paper's claim, in our words.
        paper: what the paper reports.
        text: the rule, with its numbers.
        date: the day since which it has been unchanged, in ISO format.
        numbers: those in the text, for the code that applies it.
        changed: whether it was changed on its date after runs that it is applied to had been seen,
            which the day alone cannot tell.
        variant: how the question departs from the paper's, if it is one of our own beside it; empty
            for a claim of the paper.
    """

    claim: str
    paper: str
    text: str
    date: str
    numbers: dict[str, float]
    changed: bool = False
    variant: str = ""

    def __getitem__(self, name: str) -> float:
        return self.numbers[name]


@cache
def read_rules(experiment: str) -> dict[str, Rule]:
    """The rules of one experiment, by their short names.

    >>> read_rules("rule_diversity")["many"]["rules"]
    1000

    Raises:
        ValueError: there are none for this experiment.
    """
    path = project_root() / "book" / "data" / "rules.yaml"
    rules = yaml.safe_load(path.read_text(encoding="utf-8"))
    if experiment not in rules:
        raise ValueError(f"{path}: no rules for {experiment!r}; there are some for "
                         f"{', '.join(rules)}")  # fmt: skip
    return {
        name: Rule(
            claim=given["claim"],
            paper=given["paper"],
            text=re.sub(r"(?<=\d)%", " %", given["rule"].format(**given["numbers"])),
            date=str(given["date"]),
            numbers=given["numbers"],
            changed=given.get("changed", False),
            variant=given.get("variant", ""),
        )
        for name, given in rules[experiment].items()
    }
