"""A number of rules, or a path of training? Near the threshold, one thing at a time is changed.

The questions are our own. Their rules stand in ``book/data/rules.yaml`` under ``training_path``.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from instrdiv.statistics.dated_rules import Rule, read_rules
from instrdiv.statistics.intervals import by_unit, mean_difference, paired
from instrdiv.statistics.two_way import two_way
from instrdiv.statistics.verdict import (
    UNTRAINED,
    Gate,
    Part,
    difference_in_words,
    gate_of,
    judge,
    mean_score,
    scores_in_words,
)
from instrdiv.whole_numbers import THIN, at_least, count

PRESET = "the preset"
WORDS = {
    "warmup_share": "warm-up over {:.0%} of the steps",
    "steps": "{:,} steps",
    "muon_learning_rate": "peak rate {:g}",
    "num_examples": "{:,} examples",
}
"""What is changed of the preset, in words."""
NO_RUNS = Part("cannot tell", "", "no runs yet")
ANSWERS = {"reproduced": "holds", "not reproduced": "does not hold", "cannot tell": "cannot tell"}


def words_of(setting: str, value: float) -> str:
    """A setting of `WORDS` at a value.

    >>> words_of("steps", 3000.0).replace(THIN, "_"), words_of("warmup_share", 0.3)
    ('3_000 steps', 'warm-up over 30 % of the steps')
    """
    whole = int(value) if float(value).is_integer() else value
    return WORDS[setting].format(whole).replace(",", THIN).replace("%", " %")


def changes(table: pd.DataFrame, preset: dict[str, float]) -> pd.DataFrame:
    """Runs with a column ``change``: what they change of the preset, in words.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.
        preset: the settings of `WORDS` as the preset has them.

    >>> rows = pd.DataFrame({"warmup_share": [0.05, 0.3], "steps": 1000})
    >>> changes(rows, {"warmup_share": 0.05, "steps": 1000}).change.tolist()
    ['the preset', 'warm-up over 30 % of the steps']
    """

    def words(row: pd.Series) -> str:
        changed = [words_of(name, row[name]) for name in preset if row[name] != preset[name]]
        return ", ".join(changed) or PRESET

    return table.assign(change=table.apply(words, axis=1))


def change_each(tables: Sequence[pd.DataFrame], preset: dict[str, float]) -> pd.DataFrame:
    """`changes` of several groups of runs together; a group that has none yet is left out."""
    return changes(pd.concat([table for table in tables if len(table)], ignore_index=True), preset)


def order_of(table: pd.DataFrame, preset: dict[str, float]) -> list[str]:
    """The changes in the order in which a figure shows them: the preset, then by setting and value.

    Args:
        table: what `changes` returns.
    """
    runs = table.drop_duplicates("change").set_index("change")
    position = {name: number for number, name in enumerate(preset, start=1)}

    def place(change: str) -> tuple[int, float]:
        for name, value in preset.items():
            if runs[name][change] != value:
                return position[name], float(runs[name][change])
        return 0, 0.0

    return sorted(runs.index, key=place)


def warmup_finding(table: pd.DataFrame, preset: dict[str, float], rules: int = 300) -> str:
    """What the warm-up does to the mean over seeds and to their spread, as a sentence.

    Args:
        table: what `changes` returns.
        preset: the settings of `WORDS` as the preset has them.
        rules: different rules in training.
    """
    others = [name for name in preset if name != "warmup_share"]
    alike = (table[others] == [preset[name] for name in others]).all(axis=1)
    runs = table[alike & (table.num_rules == rules)].set_index("key")
    unseen = runs[runs.score == "unseen"].groupby("warmup_share").share.agg(["mean", "std"])
    told = "; ".join(
        f"{share:.0%} of the steps {row['mean']:.0%} ± {100 * row['std']:.0f}"
        for share, row in unseen.iterrows()
    )
    least = runs[runs.score == "training"].share.min()
    return (
        f"With the same {count(rules)} rules, the same examples and as many steps, unseen rules "
        f"are followed by warm-up (mean ± standard deviation over seeds, in percentage points): "
        f"**{told}**. All of these runs answer {at_least(least, digits=1)} of their own training "
        "examples correctly."
    ).replace("%", " %")


class Answer(NamedTuple):
    """One question, answered by its rule.

    Attributes:
        claim: as in the rule.
        found: what was found, with its interval.
        answer: one of the values of `ANSWERS`.
        why: what nothing can be told for; empty otherwise.
        rule: what decides.
        date: of the rule.
        gate: whether the models had learned what they were given.
        runs: how many it rests on.
    """

    claim: str
    found: str
    answer: str
    why: str
    rule: str
    date: str
    gate: str
    runs: int


def answers(
    changed: pd.DataFrame, crossed: pd.DataFrame, few: pd.DataFrame, preset: dict[str, float]
) -> list[Answer]:
    """The questions of ``training_path``, in their order.

    Args:
        changed: scores of runs near the threshold that differ from the preset in one setting.
        crossed: of runs with every seed of the rules and every seed of the weights.
        few: of runs on few rules with all that might help.
        preset: the settings of `WORDS` as the preset has them.
    """
    rules = read_rules("training_path")
    steps, examples = preset["steps"], preset["num_examples"]
    compared = {
        "warmup": ("warmup_share", rules["warmup"]["long"], rules["warmup"]["short"]),
        "steps": ("steps", rules["steps"]["times"] * steps, steps),
        "rate": ("muon_learning_rate", rules["rate"]["high"], rules["rate"]["low"]),
        "repetition": ("num_examples", examples / rules["repetition"]["times"], examples),
    }
    found = []
    for name, (setting, this, that) in compared.items():
        others = [each for each in preset if each != setting]
        alike = changed[(changed[others] == [preset[each] for each in others]).all(axis=1)]
        of, against = (alike[np.isclose(alike[setting], value)] for value in (this, that))
        found.append(_moved(rules[name], changed, of, against, words_of(setting, this)))
    found.append(_lottery(rules["lottery"], crossed))
    found.append(_few(rules["few"], few))
    return found


def _moved(
    rule: Rule, table: pd.DataFrame, of: pd.DataFrame, against: pd.DataFrame, what: str
) -> Answer:
    """Whether one setting moves the score on unseen rules, in pairs of rules and seed."""
    pairs = paired(
        *(
            by_unit(rows[rows.score == "unseen"], "share", ["num_rules", "seed"])
            for rows in (of, against)
        )
    )
    # A seed that lacks one number of rules would weigh the others more than the rest do.
    whole = pairs.unstack("num_rules").dropna() if len(pairs) else pd.DataFrame()
    moved = mean_difference(whole.mean(axis=1) if len(whole) else [])
    runs = pd.concat([of, against])
    gate = gate_of(table, runs, ("num_rules", *WORDS))
    words, small = difference_in_words(moved, what), rule["small"]
    if not (moved.known and gate.holds):
        why = UNTRAINED if moved.known else "an interval needs three seeds"
        part = Part("cannot tell", words, why)
    elif moved.low > 0 or moved.high < 0:
        part = Part("reproduced", words)
    elif -small < moved.low and moved.high < small:
        part = Part("not reproduced", words)
    else:
        part = Part("cannot tell", words, "the interval holds 0 and more than what is small")
    return _answer(rule, part, gate, runs)


def crossed_scores(table: pd.DataFrame) -> pd.DataFrame:
    """The score on unseen rules by the seed of the rules (rows) and of the weights (columns)."""
    unseen = table[table.score == "unseen"]
    return unseen.pivot(index="seed", columns="weight_seed", values="share")


def _lottery(rule: Rule, table: pd.DataFrame) -> Answer:
    if table.empty:
        return _answer(rule, NO_RUNS, Gate(None), table)
    gate = gate_of(table, table, ("num_rules", "weight_seed"))
    scores = crossed_scores(table)
    if scores.isna().any(axis=None):
        return _answer(
            rule, Part("cannot tell", "", "not all of its runs are recorded"), gate, table
        )
    found = two_way(scores)
    words = (
        f"means over weights differ by a standard deviation of {100 * found.rules:.0f} "
        "percentage points from one set of rules to the next, means over rules by "
        f"{100 * found.weights:.0f} from one set of weights to the next; ratio of mean squares "
        f"{found.ratio.mean:.1f} ({found.ratio.low:.1f} to {found.ratio.high:.1f})"
    )
    part = judge(found.ratio, words, within=(1 + 1e-9, np.inf), gate=gate)
    return _answer(rule, part, gate, table)


def _few(rule: Rule, table: pd.DataFrame) -> Answer:
    if table.empty:
        return _answer(rule, NO_RUNS, Gate(None), table)
    at = table[(table.score == "unseen") & (table.num_rules == rule["rules"])]
    gate, mean = gate_of(table, at, ("num_rules",)), mean_score(by_unit(at, "share"))
    words = scores_in_words(mean, f"{count(int(rule['rules']))} rules")
    return _answer(rule, judge(mean, words, within=(0, rule["at_most"]), gate=gate), gate, at)


def _answer(rule: Rule, part: Part, gate: Gate, runs: pd.DataFrame) -> Answer:
    return Answer(
        rule.claim,
        part.found,
        ANSWERS[part.outcome],
        part.why,
        rule.text,
        rule.date,
        str(gate),
        runs.key.nunique() if len(runs) else 0,
    )


def answers_page(found: list[Answer]) -> str:
    """The answers as Markdown: a table, and what decides each as a list that opens on request."""
    rows = ["| No. | Claim | We find | Answer |", "|---|---|---|---|"]
    rules = []
    for number, each in enumerate(found, start=1):
        rows.append(f"| {number} | {each.claim} | {each.found or 'no runs'} | **{each.answer}** |")
        why = f" *Why:* {each.why}." if each.why else ""
        rules.append(
            f"{number}. {each.rule}{why} *Rule of* {each.date}; {each.runs} runs; "
            f"*gate:* {each.gate}."
        )
    summary = "What decides each answer, and why: rule, date, runs, gate"
    opened = f'<details class="rules"><summary>{summary}</summary>\n\n'
    return "\n".join(rows) + "\n\n" + opened + "\n".join(rules) + "\n\n</details>"


def in_short(found: list[Answer]) -> str:
    """What was answered, in a sentence or two.

    Args:
        found: of `answers`.
    """
    by_answer = {
        word: [each.claim[0].lower() + each.claim[1:] for each in found if each.answer == word]
        for word in ANSWERS.values()
    }
    said = [
        f"{lead}: {'; '.join(by_answer[word])}."
        for word, lead in (
            ("holds", "**Shown**"),
            ("does not hold", "**Shown not to hold**"),
            ("cannot tell", "**Not told by these runs**"),
        )
        if by_answer[word]
    ]
    return " ".join(said)
