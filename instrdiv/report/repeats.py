"""Published runs that were made again, as a table and a sentence."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from instrdiv.experiments.experiment import Experiment
from instrdiv.experiments.repeating import Repeated, held_against
from instrdiv.paths import published_repeats, published_results
from instrdiv.runs.record import Record
from instrdiv.runs.store import read_records


@dataclass(frozen=True)
class MadeAgain:
    """A published run and the same run made again.

    Attributes:
        published: its record.
        again: the later record.
        scores: those of both, by their names.
    """

    published: Record
    again: Record
    scores: dict[str, Repeated]


def made_again(experiment: Experiment[Any], scale: str) -> list[MadeAgain]:
    """The runs of an experiment that were made again, by their keys."""
    repeats, _ = read_records([published_repeats()], experiment.name, scale)
    published, _ = read_records([published_results()], experiment.name, scale)
    originals = {record.key: record for record in published}
    return [
        MadeAgain(
            original, again, {each.name: each for each in held_against(experiment, original, again)}
        )
        for again in repeats
        if (original := originals.get(again.key))
    ]


def repeats_table(pairs: list[MadeAgain], score: str = "unseen") -> pd.DataFrame:
    """One score of both runs, with the range of the other published seeds.

    Args:
        pairs: from `made_again`.
        score: its name.

    Returns:
        Columns ``num_rules``, then as text ``published``, ``made again`` and ``other seeds``; a row
        for each pair, sorted by number of rules.
    """
    rows = [
        {
            "num_rules": pair.published.config["num_rules"],
            "published": f"{pair.scores[score].published.share:.1%}",
            "made again": f"{pair.scores[score].again.share:.1%}",
            "other seeds": _range(pair.scores[score].others),
        }
        for pair in sorted(pairs, key=lambda pair: pair.published.config["num_rules"])
    ]
    return pd.DataFrame(rows, columns=["num_rules", "published", "made again", "other seeds"])


def _range(shares: tuple[float, ...]) -> str:
    if not shares:
        return "none"
    return f"{min(shares):.1%} to {max(shares):.1%} ({len(shares)})"


def repeats_finding(pairs: list[MadeAgain], score: str = "unseen") -> str:
    """How far the runs made again lie from the published ones, in a sentence or two.

    Args:
        pairs: from `made_again`.
        score: its name.

    >>> repeats_finding([])
    'We have made none of these runs again ourselves.'
    """
    if not pairs:
        return "We have made none of these runs again ourselves."
    furthest = max(
        abs(both.again.share - both.published.share) for both in (p.scores[score] for p in pairs)
    )
    elsewhere = sum(
        pair.published.provenance.get("processor") != pair.again.provenance.get("processor")
        for pair in pairs
    )
    which = "all" if elsewhere == len(pairs) else f"{elsewhere} of them"
    found = (
        f"We made {_runs(len(pairs))} again ourselves, {which} on another processor, "
        "whose rounding differs: the scores on unseen rules lie up to "
        f"{100 * furthest:.1f} percentage points apart."
    )
    ranged = [pair.scores[score] for pair in pairs if pair.scores[score].within is not None]
    if ranged:
        outside = sum(not each.within for each in ranged)
        # A run like n others is the lowest or the highest of them all twice in n + 1 times.
        by_chance = sum(2 / (len(each.others) + 2) for each in ranged)
        found += (
            f" Runs of which other seeds were published too: {len(ranged)}; of these, {outside} "
            "came out outside the range of the published seeds. By chance alone, an extra seed of "
            f"each would do so {by_chance:.1f} times on average, since so few seeds span a range "
            "that the next one often leaves."
        )
    return found


def _runs(number: int) -> str:
    return "one run" if number == 1 else f"{number} runs"
