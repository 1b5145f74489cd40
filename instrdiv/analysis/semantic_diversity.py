"""What the runs of experiment 4 say: which families transfer to which rules."""

from collections.abc import Sequence

import pandas as pd

from instrdiv.analysis.analysis import Analysis, GridGroup
from instrdiv.analysis.design import has_paper_lengths
from instrdiv.runs.record import Record
from instrdiv.statistics.dated_rules import Rule, read_rules
from instrdiv.statistics.intervals import by_unit, mean_difference, paired
from instrdiv.statistics.scores import Score
from instrdiv.statistics.verdict import (
    ABOVE_ZERO,
    BELOW_ZERO,
    Verdict,
    decide,
    difference_in_words,
    gate_of,
    judge,
    mean_score,
    scores_in_words,
)
from instrdiv.tasks.answers import kind_of_answer
from instrdiv.tasks.families import TESTED, score_of
from instrdiv.whole_numbers import at_most

AXES = ("num_rules", "families", "ks", "seed")
"""The settings that this experiment's figures vary."""


def with_family_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `score_table` with labels for settings that are lists.

    Returns:
        The table with ``trained``, the families; ``num_families``; ``range`` of k, such as ``3–6``;
        and ``largest_k``.
    """
    return table.assign(
        trained=table.families.map(" + ".join),
        num_families=table.families.map(len),
        range=table.ks.map(lambda ks: f"{min(ks)}–{max(ks)}" if len(ks) > 1 else str(ks[0])),
        largest_k=table.ks.map(max),
    )


def by_tested(table: pd.DataFrame) -> pd.DataFrame:
    """Mean exact match by the families in training and the kind of rule in the test.

    Args:
        table: from `with_family_labels`, with one number of rules and one range of k.

    Returns:
        Columns: ``trained``, ``num_families``, ``tested``, ``share``, ``runs``.
    """
    names = {score_of(kind): str(kind) for kind in TESTED}
    rows = table[table.score.isin(names)]
    rows = rows.assign(tested=rows.score.map(names))
    groups = rows.groupby(["trained", "num_families", "tested"], as_index=False)
    return groups.agg(share=("share", "mean"), runs=("share", "size"))


def families_finding(table: pd.DataFrame) -> str:
    """How well each set of families transfers to rules with k < 3, in a sentence.

    Args:
        table: from `with_family_labels`, with one number of rules and one range of k.
    """
    unseen = table[table.score == "unseen"].sort_values("num_families")
    parts = []
    for number, word in ((1, "One family"), (2, "two"), (3, "three")):
        rows = unseen[unseen.num_families == number]
        means = rows.groupby("trained").share.mean().sort_values(ascending=False)
        each = ", ".join(f"{name} {share:.0%}" for name, share in means.items())
        parts.append(f"{word}: {each or 'no runs'}")
    return f"On *k* < 3, means over seeds. {'; '.join(parts)}."


def transfer_finding(table: pd.DataFrame, room: pd.DataFrame | None = None) -> str:
    """The main result in a sentence: how many free rules models follow after one, two, three
    families, and after three in longer inputs.

    Args:
        table: from `with_family_labels`, with one number of rules and one range of k.
        room: rows of `instrdiv.runs.store.score_table` of all three families in inputs of several
            lengths.
    """
    free = table[table.score == "unseen_free"]
    best = [best_of(free[free.num_families == number]) for number in (1, 2, 3)]
    if any(rows.empty for rows in best):
        return "There are too few recorded runs for a result."
    one, two, three = (rows.share.mean() for rows in best)
    (pair,) = best[1].trained.unique()
    return (
        f"Models trained on rules of one family follow {at_most(one)} of free rules, those trained "
        f"on two {at_most(two)} ({pair}), and those trained on all three {three:.0%}."
        f"{_in_longer_inputs(room)}"
    )


def _in_longer_inputs(room: pd.DataFrame | None) -> str:
    """What becomes of free rules in the longest inputs, as a sentence; empty without runs."""
    if room is None or room.empty:
        return ""
    few, many = (
        room[(room.z_length == end) & (room.score == "unseen_free")]
        for end in (room.z_length.min(), room.z_length.max())
    )
    places = [int((rows.z_length - rows.x_length).max()) + 1 for rows in (few, many)]
    return (
        f" All this is in short inputs, where a rule can apply at {places[0]} places; where it can "
        f"at {places[1]}, models trained on all three follow {many.share.mean():.0%}."
    )


def best_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Of runs with one number of families, those of the set with the best mean score."""
    means = rows.groupby("trained").share.mean()
    return rows[rows.trained == means.idxmax()] if len(means) else rows


ROOM_TESTS = {
    "training examples": ("training",),
    "k = 3, new rules": tuple(score_of(kind) for kind in TESTED if kind.k == 3),
    "k = 2": tuple(score_of(kind) for kind in TESTED if kind.k == 2),
    "free rules": ("unseen_free",),
}
"""Tests from the likest to the training rules to the freest, and the scores of each."""


def by_room(table: pd.DataFrame) -> pd.DataFrame:
    """Scores against how many places an input leaves for *x*.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.

    Returns:
        A row for each run and each of `ROOM_TESTS`, with columns ``key``, ``seed``, ``places``,
        ``tested``, ``correct``, ``total``, ``share``, ``low``, ``high``, and ``score``, the same in
        all rows.
    """
    rows = []
    for key, run in table.groupby("key"):
        first = run.iloc[0]
        for tested, scores in ROOM_TESTS.items():
            counts = run[run.score.isin(scores)][["correct", "total"]].sum()
            score = Score(int(counts.correct), int(counts.total))
            low, high = score.interval()
            rows.append(
                {"key": key, "seed": first.seed, "places": first.z_length - first.x_length + 1,
                 "score": "unseen", "tested": tested, "correct": score.correct,
                 "total": score.total, "share": score.share, "low": low, "high": high}
            )  # fmt: skip
    return pd.DataFrame(rows)


def room_finding(rows: pd.DataFrame) -> str:
    """How many free rules each model follows, by how many places a rule can apply at, in words.

    Args:
        rows: from `by_room`.
    """
    free = rows[rows.tested == "free rules"].sort_values("seed")
    each = [
        f"at {places} places {', '.join(f'**{share:.0%}**' for share in of.share)}"
        for places, of in free.groupby("places")
    ]
    return f"Free rules followed, model by model: {'; '.join(each)}." if each else ""


def place_finding(records: Sequence[Record]) -> str:
    """In how many wrong answers nothing is wrong but what stands for *x*, in a sentence.

    Args:
        records: runs whose wrong answers are counted.
    """
    kinds = [kind_of_answer(e["prompt"], e["answer"]) for one in records for e in one.errors]
    if not kinds:
        return ""
    placed = sum(kind == "wrong replacement, correct position" for kind in kinds)
    most = ": they find *x*, and do not write its *y*" * (placed > len(kinds) / 2)
    return (
        f"Of the {len(kinds)} recorded wrong answers of models with the longest inputs, to rules "
        f"with *k* < 3, **{placed}** have all letters around *x* right and only those in its place "
        f"wrong{most}."
    )


def verdicts(table: pd.DataFrame, room: pd.DataFrame) -> list[Verdict]:
    """Verdicts on the paper's claims about semantic diversity, from scores on free rules.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.
        room: those of runs with inputs of several lengths.
    """
    rules = read_rules("semantic_diversity")
    table = with_family_labels(table)
    alike = has_paper_lengths(table, x_length=60, z_length=500)
    free = table[table.score == "unseen_free"]
    compared = free[free.groupby(["num_rules", "range"]).num_families.transform("nunique") > 2]
    gate = gate_of(table, compared, AXES)
    families = []
    for number, word in ((1, "best single one"), (2, "best two"), (3, "all three")):
        best = best_of(compared[compared.num_families == number])
        mean = mean_score(by_unit(best, "share"))
        named = "".join(f" ({name})" for name in best.trained.unique() if number < 3)
        numbers, transfers = rules["families"], number == 3
        within = (numbers["at_least"], 1.0) if transfers else (0.0, numbers["at_most"])
        words = scores_in_words(mean, word + named)
        families.append(
            judge(mean, words, within=within, gate=gate, like_paper=alike, success=transfers)
        )

    three = free[free.num_families == 3]
    by_range = ["range", "seed"]
    most, fewest = (
        three[three.num_rules == three.groupby(by_range).num_rules.transform(end)]
        for end in ("max", "min")
    )
    several = three.groupby(by_range).num_rules.transform("nunique") > 1
    ends = [by_unit(rows[several[rows.index]], "share", by_range) for rows in (most, fewest)]
    gains = mean_difference(paired(*ends).groupby("seed").mean())
    more_gate = gate_of(table, three, AXES)
    more = judge(
        gains,
        difference_in_words(gains, "the most rules against the fewest"),
        within=ABOVE_ZERO,
        excluded_by=(rules["more"]["least"], 1),
        gate=more_gate,
        like_paper=alike,
    )

    few = three[three.num_rules <= rules["few"]["rules"]]
    few_gate, mean = gate_of(table, few, AXES), mean_score(by_unit(few, "share"))
    never = judge(
        mean,
        scores_in_words(mean, f"at most {rules['few']['rules']} rules"),
        within=(0, rules["few"]["at_most"]),
        gate=few_gate,
        like_paper=alike,
    )

    at, widest = ["num_rules", "seed"], three.largest_k.max()
    wide, narrow = three[three.largest_k == widest], three[three.largest_k < widest]
    lost = paired(by_unit(wide, "share", at), by_unit(narrow, "share", at)).groupby("seed").mean()
    change = mean_difference(lost)
    hurts = judge(
        change,
        difference_in_words(change, f"up to k = {widest} against narrower ranges"),
        within=BELOW_ZERO,
        excluded_by=(-1, -rules["large_k"]["least"]),
        gate=more_gate,
        like_paper=alike,
    )
    return [
        decide(rules["families"], families, compared, gate),
        decide(rules["more"], [more], three, more_gate),
        decide(rules["few"], [never], few, few_gate),
        decide(rules["large_k"], [hurts], three, more_gate),
        _room_matters(rules["room"], room),
    ]


def _room_matters(rule: Rule, runs: pd.DataFrame) -> Verdict:
    """The verdict on our own question, whether transfer to free rules takes short inputs.

    Args:
        runs: rows of `instrdiv.runs.store.score_table` with inputs of several lengths.
    """
    ends = runs[
        (runs.num_rules == rule["rules"])
        & runs.seed.between(rule["first_seed"], rule["last_seed"])
        & runs.z_length.isin([rule["short"], rule["long"]])
    ]
    free, training = (ends[ends.score == score] for score in ("unseen_free", "training"))
    gate = gate_of(ends, free, ("z_length",))
    lost, known = (
        paired(*(by_unit(rows[rows.z_length == rule[end]], "share") for end in ("short", "long")))
        for rows in (free, training)
    )
    change = mean_difference(lost)
    part = judge(
        change,
        difference_in_words(
            change, f"inputs of {rule['short']:g} letters against {rule['long']:g}"
        ),
        within=ABOVE_ZERO,
        excluded_by=(rule["least"], 1),
        gate=gate,
        success=True,  # in place of the gate stands the reason below
    )
    less = "models with long inputs know their training examples less well"
    return decide(rule, [part], free, gate, reason=less * bool(known.mean() > 0))


ROOM = GridGroup("laptop", "room")
"""Runs with inputs of several lengths, which leave *x* few places or many."""

analysis = Analysis("semantic_diversity", AXES, verdicts, compared_with=ROOM)
