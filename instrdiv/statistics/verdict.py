"""Verdicts on claims of the paper, by rules that were written down and dated beforehand.

If a rule is younger than the runs it is applied to, the verdict is *exploratory*, and the page says
so. A claim counts as *not reproduced* only if the models had learned their training examples (the
gate), if the design equals the paper's in what the claim depends on, and if the interval excludes
what the paper claims; otherwise the verdict is *cannot tell*. A *variant* asks a question of our
own beside a claim of the paper's; that it *holds here*, or does not, is no verdict on the paper.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from instrdiv.statistics.dated_rules import Rule
from instrdiv.statistics.intervals import MIN_UNITS, Estimate, mean_interval
from instrdiv.statistics.price import price
from instrdiv.statistics.threshold import LEVELS_FOR_INTERVAL

OUTCOMES = ("reproduced", "partly", "not reproduced", "cannot tell")
HERE = {
    "reproduced": "holds here",
    "partly": "holds here in part",
    "not reproduced": "does not hold here",
}
"""Outcomes of variants, in words."""
GATE = 0.97
"""Training score from which on models count as having learned their training examples."""
ABOVE_ZERO, BELOW_ZERO = (1e-9, np.inf), (-np.inf, -1e-9)
"""Ranges of a gain and of a loss; rounding errors count as neither."""
REASONS = "; "
"""What sets reasons apart."""
UNTRAINED = "the models had not learned their training examples (the gate)"
OTHER_DESIGN = "the design differs from the paper's in what this depends on"
SHORT_STRINGS = "strings are shorter than the paper's, and the threshold depends on their length"
UNKNOWN = "whether the models had learned their training examples was not recorded (the gate)"


class Gate(NamedTuple):
    """Whether models had learned their training examples.

    Attributes:
        lowest: the lowest training score of any setting, a mean over seeds; None if unknown.
    """

    lowest: float | None

    @property
    def holds(self) -> bool:
        return self.lowest is not None and self.lowest >= GATE

    def __str__(self) -> str:
        if self.lowest is None:
            return "training scores not recorded"
        word = "met" if self.holds else "not met"
        shown = math.floor(self.lowest * 1000) / 1000  # 0.9699 is below 0.97 and must be shown so
        return f"{word}, lowest mean training score {shown:.3f}"


def gate_of(table: pd.DataFrame, runs: pd.DataFrame, axes: Sequence[str]) -> Gate:
    """The gate of the runs that a claim rests on.

    Args:
        table: rows of `instrdiv.runs.store.score_table`, training scores among them.
        runs: the rows that the claim rests on.
        axes: the settings that differ; runs that differ only in their seed are averaged.
    """
    training = table[(table.score == "training") & table.key.isin(set(runs.key))]
    if set(training.key) != set(runs.key) or training.empty:
        return Gate(None)
    settings = training[[name for name in axes if name != "seed"]].astype(str)
    alike = [settings[name].fillna("none") for name in settings]
    return Gate(float(training.share.groupby(alike).mean().min()))


class Part(NamedTuple):
    """The outcome of one part of a claim.

    Attributes:
        outcome: ``reproduced``, ``not reproduced`` or ``cannot tell``.
        found: what was found, in words.
        why: the reasons for ``cannot tell``, joined by `REASONS`; empty otherwise.
    """

    outcome: str
    found: str
    why: str = ""


def judge(
    found: Estimate,
    words: str,
    *,
    within: tuple[float, float],
    excluded_by: tuple[float, float] | None = None,
    gate: Gate,
    like_paper: bool = True,
    success: bool = False,
) -> Part:
    """Compare an interval with a claim.

    Args:
        found: the quantity with its interval.
        words: what was found, in words.
        within: the claimed range. Reproduced: the interval lies within it.
        excluded_by: values that support the claim. Not reproduced: the interval contains none of
            them. The same as `within` unless given.
        gate: that of the runs behind the quantity.
        like_paper: whether the design equals the paper's in what the claim depends on.
        success: the claim is about high scores, which a lack of training cannot produce; so unless
            the scores speak against it, the gate does not matter.

    >>> met, missed = Gate(0.99), Gate(0.8)
    >>> found = Estimate(0.4, 0.3, 0.5, n=5)
    >>> judge(found, "", within=(0.2, 1), gate=met).outcome
    'reproduced'
    >>> judge(found, "", within=(0.6, 1), gate=met).outcome
    'not reproduced'
    >>> judge(found, "", within=(0.6, 1), gate=missed)[::2]
    ('cannot tell', 'the models had not learned their training examples (the gate)')
    >>> judge(found, "", within=(0.35, 1), gate=met)[::2]
    ('cannot tell', 'the interval contains values inside and outside the claimed range')
    >>> judge(found, "", within=(0.45, 1), gate=met, like_paper=False).why.split("; ")[1]
    "the design differs from the paper's in what this depends on"
    """
    if not found.n:
        return Part("cannot tell", words, "no runs to compare")
    support = excluded_by or within
    inside = found.known and within[0] <= found.low and found.high <= within[1]
    excluded = found.known and (found.high < support[0] or found.low > support[1])
    against = excluded and not inside
    claimed = inside or (
        not against and any(low <= found.mean <= high for low, high in (within, support))
    )
    doubts = []
    if not found.known:
        doubts.append(_too_few(found.n))
    elif not inside and not against:
        doubts.append("the interval contains values inside and outside the claimed range")
    if not gate.holds and not (claimed and success):
        doubts.append(UNTRAINED if gate.lowest is not None else UNKNOWN)
    if not like_paper and not claimed:
        doubts.append(OTHER_DESIGN)
    if doubts:
        return Part("cannot tell", words, REASONS.join(doubts))
    return Part("reproduced" if inside else "not reproduced", words)


def _too_few(n: int) -> str:
    if n >= MIN_UNITS:
        return f"{LEVELS_FOR_INTERVAL} numbers of rules are needed for an interval"
    return f"{n} seed{'s' * (n != 1)}, where an interval needs {MIN_UNITS}"


def combine(parts: Sequence[Part]) -> str:
    """The outcome of a claim of several parts.

    It is *partly* only if one part was reproduced and another was not; otherwise a part that cannot
    be decided leaves the whole claim undecided.

    >>> combine([Part("reproduced", ""), Part("not reproduced", "")])
    'partly'
    >>> combine([Part("reproduced", ""), Part("cannot tell", "")])
    'cannot tell'
    """
    outcomes = {part.outcome for part in parts}
    if {"reproduced", "not reproduced"} <= outcomes:
        return "partly"
    if "cannot tell" in outcomes or not outcomes:
        return "cannot tell"
    return outcomes.pop()


@dataclass(frozen=True)
class Verdict:
    """The verdict on one claim.

    Attributes:
        claim, paper, variant: as in its `Rule`.
        ours: what we find, with intervals.
        outcome: one of `OUTCOMES`.
        rule: what decides the outcome.
        date: the day since which the rule has been unchanged.
        exploratory: whether the rule is younger than the runs that it is applied to.
        scale: that of these runs.
        runs, seeds: their numbers.
        gate: whether their models had learned their training examples, in words.
        why: the reasons for ``cannot tell``, or the part that was not reproduced; empty otherwise.
        price: what it would cost to tell, if we cannot; empty otherwise.
    """

    claim: str
    paper: str
    ours: str
    outcome: str
    rule: str
    date: str
    exploratory: bool
    scale: str
    runs: int
    seeds: int
    gate: str
    why: str = ""
    price: str = ""
    variant: str = ""

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome={self.outcome!r}; allowed: {', '.join(OUTCOMES)}")

    @property
    def in_words(self) -> str:
        """The outcome as pages show it: what a variant comes to is no verdict on the paper.

        >>> words = dict.fromkeys(["claim", "paper", "ours", "rule", "date", "scale", "gate"], "")
        >>> given = dict(outcome="partly", exploratory=False, runs=3, seeds=3, variant="with Muon")
        >>> Verdict(**words, **given).in_words
        'holds here in part'
        """
        return HERE.get(self.outcome, self.outcome) if self.variant else self.outcome


def decide(
    rule: Rule,
    parts: Sequence[Part],
    runs: pd.DataFrame,
    gate: Gate,
    *,
    reason: str = "",
    anew: bool = False,
) -> Verdict:
    """The verdict on a claim.

    Args:
        rule: the claim's rule.
        parts: the outcome of each part of the claim.
        runs: the rows of `instrdiv.runs.store.score_table` that it rests on.
        gate: that of these runs.
        reason: if given, the verdict is ``cannot tell`` for this reason, whatever the parts say.
        anew: whether the rule takes no more runs than these, so that others need a rule of their
            own.
    """
    outcome = "cannot tell" if reason else combine(parts)
    if outcome == "partly":
        whys = [f"{part.found}: {part.outcome}" for part in parts]
    else:
        whys = [why for part in parts if part.why for why in part.why.split(REASONS)]
    why = REASONS.join(dict.fromkeys([reason] * bool(reason) + whys))
    untrained = UNTRAINED in why
    # A rule that names its last seed takes no more of them; only other runs can decide the claim.
    anew = anew or bool(reason) or ("last_seed" in rule.numbers and not untrained)
    return Verdict(
        claim=rule.claim,
        paper=rule.paper,
        ours="; ".join(part.found for part in parts if part.found) or "no runs to compare",
        outcome=outcome,
        rule=rule.text,
        date=rule.date,
        exploratory=rule.changed or is_exploratory(rule.date, runs),
        scale=", ".join(sorted(runs.scale.unique())),
        runs=runs.key.nunique(),
        seeds=runs.seed.nunique(),
        gate=str(gate),
        why=why,
        price=price(
            runs,
            untrained=untrained,
            anew=anew,
            longer=OTHER_DESIGN in why or SHORT_STRINGS in why,
        )
        if outcome == "cannot tell"
        else "",
        variant=rule.variant,
    )


def is_exploratory(date: str, runs: pd.DataFrame) -> bool:
    """Whether a rule is younger than any run it is applied to; runs of unknown date count as older.

    >>> runs = pd.DataFrame({"recorded": ["2026-11-24", "2026-11-27"]})
    >>> is_exploratory("2026-11-26", runs), is_exploratory("2026-11-20", runs)
    (True, False)
    """
    return bool((runs.recorded < date).any())


def scores_in_words(found: Estimate, of: str) -> str:
    """A mean score with its interval, in words.

    >>> scores_in_words(Estimate(0.5, 0.4, 0.6, n=5), "300 rules")
    '300 rules: 50.0 % (40.0 to 60.0; 5 seeds)'
    >>> scores_in_words(Estimate(0.5, float("nan"), float("nan"), n=2), "300 rules")
    '300 rules: 50.0 % (no interval: 2 seeds)'
    """
    return f"{of}: {_in_words(found, '.1f', ' %')}"


def difference_in_words(found: Estimate, of: str) -> str:
    """A mean difference of scores with its interval, in words.

    >>> difference_in_words(Estimate(-0.05, -0.09, -0.01, n=4), "half")
    'half: -5.0 percentage points (-9.0 to -1.0; 4 seeds)'
    >>> difference_in_words(Estimate(-0.05, -0.1, -0.0002, n=3), "half")
    'half: -5.0 percentage points (-10.0 to -0.02; 3 seeds)'
    """
    return f"{of}: {_in_words(found, '+.1f', ' percentage points')}"


def _in_words(found: Estimate, style: str, unit: str) -> str:
    if not found.n:
        return "no runs"
    mean, low, high = (_number(100 * value, style) for value in found[:3])
    seeds = f"{found.n} seed{'s' * (found.n != 1)}"
    inside = f"{low} to {high}; {seeds}" if found.known else f"no interval: {seeds}"
    return f"{mean}{unit} ({inside})"


def _number(value: float, style: str) -> str:
    """A number in a style; one that would round to zero keeps its first digit, as its side of zero
    may decide a claim."""
    written = f"{value:{style}}"
    if abs(value) >= 0.001 and not float(written):
        return f"{value:{style.replace('.1f', '.1g')}}"
    return written


def mean_score(by_seed: pd.Series) -> Estimate:
    """A mean share over seeds; its interval is clipped to 0 and 1."""
    return mean_interval(by_seed.to_numpy(), bounds=(0, 1))
