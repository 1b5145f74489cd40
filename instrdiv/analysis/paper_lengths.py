"""Experiment 1 at the paper's string lengths, with Muon, and its verdicts."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import scipy

from instrdiv.statistics.dated_rules import Rule, read_rules
from instrdiv.statistics.intervals import MIN_UNITS, Estimate, by_unit, mean_interval
from instrdiv.statistics.verdict import (
    GATE,
    Verdict,
    decide,
    gate_of,
    judge,
    mean_score,
    scores_in_words,
)
from instrdiv.whole_numbers import THIN, count

FIRST_SEED = 0
"""The seed whose training scores determine how long the others are trained."""


def trained_enough(table: pd.DataFrame) -> pd.DataFrame:
    """For each number of rules, the runs with the fewest steps that are enough.

    Steps are enough if the first seed meets the gate with them; if it never does, its largest
    number of steps counts. Scores on unseen rules play no part.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.

    >>> rows = pd.DataFrame({"num_rules": 500, "seed": 0, "steps": [3, 6, 12],
    ...                      "score": "training", "share": [0.8, 0.98, 0.99]})
    >>> trained_enough(rows).steps.tolist()
    [6]
    """
    first = table[(table.seed == FIRST_SEED) & (table.score == "training")]
    steps = {}
    for rules, runs in first.groupby("num_rules"):
        enough = runs[runs.share >= GATE]
        steps[rules] = enough.steps.min() if len(enough) else runs.steps.max()
    return table[table.steps == table.num_rules.map(steps)]


def each_until_learned(table: pd.DataFrame) -> pd.DataFrame:
    """Of each number of rules and seed, the run with the fewest steps that meets the gate; where
    none does, the one with the most steps.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.

    >>> rows = pd.DataFrame({"num_rules": 300, "seed": [0, 0, 1, 1], "steps": [3, 6, 3, 6],
    ...                      "score": "training", "share": [0.98, 0.99, 0.8, 0.9]})
    >>> each_until_learned(rows).steps.tolist()
    [3, 6]
    """
    training = table[table.score == "training"]
    met = training.share >= GATE
    order = training.assign(rank=training.steps.where(met, np.inf), longest=-training.steps)
    order = order.sort_values(["rank", "longest"])
    chosen = order.drop_duplicates(["num_rules", "seed"])[["num_rules", "seed", "steps"]]
    return table.merge(chosen, on=["num_rules", "seed", "steps"])


def tested(tables: Mapping[str, pd.DataFrame], tests: Mapping[str, str]) -> pd.DataFrame:
    """The scores of several trainings on some tests, in words.

    Args:
        tables: rows of `instrdiv.runs.store.score_table`, by what the models were trained on.
        tests: scores by their names there, and what they are called.

    Returns:
        The rows of these scores, with columns ``trained``, ``tested`` and ``gate``: whether the
        run's score on training examples meets the gate.

    >>> rows = pd.DataFrame({"key": "k", "score": ["unseen", "training"], "share": [0.4, 0.5]})
    >>> tested({"A": rows}, {"unseen": "new rules"})[["trained", "tested", "gate"]].values.tolist()
    [['A', 'new rules', 'not met']]
    """
    every = pd.concat(
        [table.assign(trained=words) for words, table in tables.items() if len(table)],
        ignore_index=True,
    )
    training = every[every.score == "training"].set_index("key").share
    return every[every.score.isin(tests)].assign(
        tested=lambda t: t.score.map(dict(tests)), gate=lambda t: _in_words(t.key.map(training))
    )


def _in_words(training: pd.Series) -> pd.Series:
    """Whether training scores meet the gate."""
    return (training >= GATE).map({True: "met", False: "not met"})


PAPER = "the paper: AdamW, 6 layers of width 256"
OURS = "ours: Muon, 4 layers of width 128"


def beside_the_paper(table: pd.DataFrame, paper: pd.DataFrame) -> pd.DataFrame:
    """Scores on unseen rules at the paper's lengths, those of the paper and of our runs.

    Args:
        table: rows of `instrdiv.runs.store.score_table` at the paper's lengths.
        paper: the paper's curve, as `instrdiv.analysis.paper.read_paper` returns it.

    Returns:
        Columns ``whose``, ``num_rules``, ``share``, ``low``, ``high``, ``seed``, ``steps``,
        ``training`` (the run's score on training examples), ``gate`` (whether that meets the gate)
        and ``key``; what the paper does not report is empty.
    """
    theirs = pd.DataFrame(
        {"whose": PAPER, "num_rules": paper.x.astype(int), "share": paper.value, "low": paper.low,
         "high": paper.high, "gate": "not reported"}
    )  # fmt: skip
    runs = each_until_learned(table[table.optimizer == "muon"])
    training = runs[runs.score == "training"].set_index("key").share
    ours = runs[runs.score == "unseen"].assign(
        whose=OURS,
        training=lambda t: t.key.map(training),
        gate=lambda t: _in_words(t.training),
    )
    columns = [*theirs, "seed", "steps", "training", "key"]
    return pd.concat([theirs, ours[columns]], ignore_index=True)


def learned_few_rules(table: pd.DataFrame, most: int = 300) -> pd.DataFrame:
    """The scores of runs on few rules that had learned their own examples.

    Args:
        table: rows of `instrdiv.runs.store.score_table` at the paper's lengths.
        most: rules.
    """
    runs = each_until_learned(table[(table.optimizer == "muon") & (table.num_rules <= most)])
    learned = runs[(runs.score == "training") & (runs.share >= GATE)]
    return runs[runs.key.isin(set(learned.key))]


def few_rules_finding(beside: pd.DataFrame, rules: int = 300) -> str:
    """What we find where the paper's models follow no unseen rule, as a sentence with numbers.

    Args:
        beside: as `beside_the_paper` returns it.
        rules: the largest number of rules with which they follow none.
    """
    at = beside[beside.num_rules == rules]
    paper, ours = at[at.whose == PAPER], at[at.whose == OURS]
    learned = ours[ours.gate == "met"]
    if learned.empty:
        return (
            f"No run with {count(rules)} rules that has learned its own examples is recorded at "
            "the paper's string lengths yet."
        )
    seeds = f"{len(learned)} seed{'s' * (len(learned) != 1)}"
    spread = (
        f", from **{learned.share.min():.0%}** with one seed to **{learned.share.max():.0%}** with "
        "another"
        if len(learned) > 1
        else ""
    )
    missed = len(ours) - len(learned)
    left_out = f" ({missed} more had not, and say nothing)" if missed else ""
    return (
        f"With **{count(rules)} rules**, where the paper's models follow {paper.share.mean():.0%} "
        f"of the unseen rules, ours follow **{learned.share.mean():.0%}** on average{spread}: "
        f"{seeds}, all of which have learned their own examples{left_out}."
    )


def followers_finding(table: pd.DataFrame) -> str:
    """How many models on few rules follow unseen ones at all, of all that have learned their
    examples, and what the rules on their mean said as first worded, in sentences.

    Args:
        table: rows of `instrdiv.runs.store.score_table` at the paper's lengths.
    """
    rules, muon = read_rules("rule_diversity"), table[table.optimizer == "muon"]
    one_by_one = rules["none_with_muon"]
    at = muon[muon.num_rules == one_by_one["rules"]]
    runs = each_until_learned(at)
    learned = set(runs.key[(runs.score == "training") & (runs.share >= GATE)])
    unseen = runs[(runs.score == "unseen") & runs.key.isin(learned)]
    if unseen.empty:
        return ""
    follow = int((unseen.share > one_by_one["follows"]).sum())
    exact = scipy.stats.binomtest(follow, len(unseen)).proportion_ci(0.95, method="exact")
    worded, outcomes = [], []
    for name, rows in (("few_with_muon", trained_enough(at)), ("few_until_learned", runs)):
        first = rows[(rows.score == "unseen") & (rows.seed >= rules[name]["first_seed"])]
        mean = mean_score(by_unit(first, "share"))
        words = scores_in_words(mean, f"for seeds from {rules[name]['first_seed']:g} on")
        gate = gate_of(rows, first, ("num_rules",))
        worded.append(words)
        outcomes.append(judge(mean, words, within=(0, rules[name]["at_most"]), gate=gate).outcome)
    neither = set(outcomes) == {"not reproduced"}
    return (
        f"Of all {len(unseen)} models on {count(one_by_one['rules'])} rules that have learned "
        f"their own examples, **{follow}** follow more than "
        f"{100 * one_by_one['follows']:.0f}{THIN}% of the unseen rules "
        f"({100 * exact.low:.1f} to {100 * exact.high:.1f}{THIN}% of such models); no rule was "
        "written for all of them together, so this is exploratory. Two rules on means had their "
        "last seed named when more seeds had been added; as first worded, they gave "
        f"{' and '.join(worded)}{', by which neither claim would hold here' * neither}."
    )


def longer_finding(table: pd.DataFrame, most: int = 300) -> str:
    """What twice the steps made of the same few rules from the same first weights, as sentences
    with numbers; empty if no run was repeated with more steps.

    Args:
        table: rows of `instrdiv.runs.store.score_table` at the paper's lengths.
        most: rules.
    """
    runs = table[(table.optimizer == "muon") & (table.num_rules <= most)]
    index = ["num_rules", "seed", "steps"]
    shares = runs.pivot_table(index=index, columns="score", values="share").reset_index()
    said = []
    for _, repeated in shares.groupby(["num_rules", "seed"]):
        if len(repeated) > 1:
            each = "; ".join(
                f"{count(run.steps)} steps, **{run.unseen:.1%}** of the unseen rules "
                f"({run.training:.1%} of its training examples)"
                for run in repeated.itertuples()
            )
            seed, rules = repeated.seed.iloc[0], repeated.num_rules.iloc[0]
            said.append(f"Seed {seed} on {count(rules)} rules was trained more than once: {each}.")
    return " ".join(said)


def verdicts_with_muon(table: pd.DataFrame) -> list[Verdict]:
    """Verdicts on the paper's claims for few and for many rules, from runs at its lengths with
    Muon.

    Args:
        table: rows of `instrdiv.runs.store.score_table` at the paper's lengths.
    """
    muon = table[table.optimizer == "muon"]
    enough, learned = trained_enough(muon), each_until_learned(muon)
    return [
        _mean_verdict("few_with_muon", enough, anew=True),
        _mean_verdict("few_until_learned", learned),
        _models_verdict("none_with_muon", learned),
        _mean_verdict("many_with_muon", enough, anew=True),
    ]


def _mean_verdict(name: str, runs: pd.DataFrame, *, anew: bool = False) -> Verdict:
    """The verdict on a claim on the mean score of a rule's seeds.

    Args:
        anew: whether the first seed alone says how long all are trained, so that longer runs of the
            others cannot take their places.
    """
    rule = read_rules("rule_diversity")[name]
    at = _those_of(rule, runs)
    gate, mean = gate_of(runs, at, ("num_rules", "steps")), mean_score(by_unit(at, "share"))
    many = "at_least" in rule.numbers
    part = judge(
        mean,
        scores_in_words(mean, f"{count(int(rule['rules']))} rules"),
        within=(rule["at_least"], 1.0) if many else (0.0, rule["at_most"]),
        gate=gate,
        success=many,
    )
    return decide(rule, [part], at, gate, anew=anew)


def _models_verdict(name: str, runs: pd.DataFrame) -> Verdict:
    """The verdict on a claim on the number of models that follow unseen rules at all."""
    rule = read_rules("rule_diversity")[name]
    at = _those_of(rule, runs)
    gate = gate_of(runs, at, ("key",))  # each model on its own, as they are counted
    number, follow = len(at), int((at.share > rule["follows"]).sum())
    if number < MIN_UNITS:
        found, words = (
            mean_interval([]),
            "" if not number else f"{number} model{'s' * (number != 1)} so far",
        )
    else:
        exact = scipy.stats.binomtest(follow, number).proportion_ci(0.95, method="exact")
        found = Estimate(follow / number, exact.low, exact.high, number)
        words = (
            f"{follow} of {number} models follow more than {100 * rule['follows']:.0f} % of the "
            f"unseen rules ({100 * exact.low:.0f} to {100 * exact.high:.0f} % of such models)"
        )
    part = judge(
        found,
        words,
        within=(0.0, rule["at_most"]),
        excluded_by=(0.0, rule["at_least"]),
        gate=gate,
    )
    return decide(rule, [part], at, gate)


def _those_of(rule: Rule, runs: pd.DataFrame) -> pd.DataFrame:
    """The runs that a rule names: scores on unseen rules at its number of rules, of its seeds."""
    seeds = runs.seed.between(rule["first_seed"], rule.numbers.get("last_seed", np.inf))
    return runs[(runs.score == "unseen") & (runs.num_rules == rule["rules"]) & seeds]
