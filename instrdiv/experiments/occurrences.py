"""Experiment 5: inputs that hold the left-hand side several times.

Only the leftmost occurrence is replaced. Training inputs hold one exact number of occurrences, or
a mix; the test covers the whole range (arXiv 2402.10891, table 1; left out of its successor).
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from instrdiv.checks import at_least
from instrdiv.experiments import symbolic
from instrdiv.experiments.comparison import has_paper_lengths
from instrdiv.experiments.presets import Settings, settings_of
from instrdiv.models.gpt2 import GPT2
from instrdiv.statistics.intervals import by_unit, mean_interval, paired
from instrdiv.statistics.verdict import (
    ABOVE_ZERO,
    Verdict,
    decide,
    gate_of,
    judge,
    mean_score,
    points_in_words,
    read_rules,
    scores_in_words,
)
from instrdiv.tasks.inputs import plant_cycled

NAME = "occurrences"
PROTOCOL = 1
"""Raised when the same settings come to mean another result; records of another one don't count."""

PRESETS: dict[str, Settings] = {
    "smoke": dict(z_length=7, occurrences=(1, 3), most_occurrences=3),
    "laptop": dict(
        x_length=3, y_length=3, z_length=16, optimizer="muon",
        occurrences=(1, 2, 3, 4, 5), most_occurrences=5,
    ),
    # Lengths are not stated for this experiment; twenty occurrences of 20 letters take 400.
    "paper": dict(z_length=420, occurrences=(1, 5, 10, 15, 20), most_occurrences=20),
}  # fmt: skip
"""By scale, what this experiment sets differently from the shared presets."""
AXES = ("num_rules", "occurrences", "seed")
"""The settings that this experiment's figures vary."""


@dataclass(frozen=True, kw_only=True)
class Config(symbolic.SymbolicConfig):
    """One point: `num_examples` spread evenly over `num_rules`, each x so often in its input."""

    occurrences: tuple[int, ...]
    """Numbers of occurrences of x in training inputs, each equally often."""
    most_occurrences: int = field(metadata=at_least(1))
    """The test covers 1 to this many."""

    def __post_init__(self) -> None:
        super().__post_init__()
        fit = self.z_length // self.x_length
        for name, number in (
            *(("occurrences", number) for number in self.occurrences),
            ("most_occurrences", self.most_occurrences),
        ):
            if not 1 <= number <= fit:
                raise ValueError(
                    f"{name}={number}: between 1 and {fit} of |x|={self.x_length} fit into "
                    f"|z|={self.z_length}"
                )
        if not self.occurrences or len(set(self.occurrences)) < len(self.occurrences):
            raise ValueError(f"occurrences={self.occurrences}: one or more different numbers")


def configure(scale: str, **changes: Any) -> Config:
    """A scale's preset with some settings changed; None leaves a setting as it is.

    >>> configure("laptop", occurrences=[1, 5]).occurrences
    (1, 5)
    >>> configure("laptop", occurrences=3).occurrences
    (3,)
    """
    settings = settings_of(scale, PRESETS, changes)
    given = settings["occurrences"]
    if isinstance(given, list | int):
        settings["occurrences"] = tuple(np.atleast_1d(given).tolist())
    return Config(**settings)


def draw(config: Config) -> symbolic.Data:
    """Draw the rules and examples of a run.

    ``unseen`` and ``seen`` are tested on inputs of the whole range, each number equally often;
    ``unseen_1``, ``unseen_2`` and so on test each number alone, on as many inputs.
    """
    rules, held_out = symbolic.draw_rules(config, primitive=True)
    plant = partial(plant_cycled, z_length=config.z_length)
    numbers = tuple(range(1, config.most_occurrences + 1))
    alone = {f"_{number}": partial(plant, occurrences=(number,)) for number in numbers}
    further = symbolic.draw_tests(config, rules, held_out, alone)
    return symbolic.Data(
        rules=rules,
        held_out=held_out,
        training=symbolic.draw_training(
            config, rules, partial(plant, occurrences=config.occurrences)
        ),
        tests=symbolic.draw_tests(
            config, rules, held_out, {"": partial(plant, occurrences=numbers)}
        ),
        further={name: test for name, test in further.items() if name.startswith("unseen")},
    )


def run(config: Config) -> tuple[GPT2, symbolic.Outcome]:
    """Train one model on some numbers of occurrences; test it on all."""
    return symbolic.train_and_score(config, draw(config))


def trained_on(occurrences: list[int]) -> str:
    """What a run was trained on, in words.

    >>> trained_on([3]), trained_on([1, 2, 3])
    ('3', 'mix of 1, 2, 3')
    """
    numbers = ", ".join(map(str, occurrences))
    return numbers if len(occurrences) == 1 else f"mix of {numbers}"


def labelled(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `score_table` with column ``trained``: what each run was trained on, in words."""
    return table.assign(trained=table.occurrences.map(trained_on))


def paper_like(table: pd.DataFrame) -> pd.DataFrame:
    """The paper's table: mean exact match over the whole range by training and rules."""
    unseen = table[table.score == "unseen"]
    return unseen.pivot_table(index="trained", columns="num_rules", values="share", aggfunc="mean")


def by_tested(table: pd.DataFrame, num_rules: int) -> pd.DataFrame:
    """Mean exact match by the numbers of occurrences trained and tested.

    Returns:
        Columns: ``trained``, ``tested``, ``share``, ``runs``.
    """
    rows = table[(table.num_rules == num_rules) & table.score.str.match(r"unseen_\d+$")]
    rows = rows.assign(tested=rows.score.str.removeprefix("unseen_").astype(int))
    cells = rows.groupby(["trained", "tested"], as_index=False)
    return cells.agg(share=("share", "mean"), runs=("share", "size"))


def verdicts(table: pd.DataFrame, equal: pd.DataFrame) -> list[Verdict]:
    """The paper's claims about occurrences held against our runs."""
    rules = read_rules(NAME)
    table = labelled(table)
    unseen = table[table.score == "unseen"]
    mixed, at = unseen.occurrences.map(len) > 1, ["num_rules", "seed"]
    enough = unseen.num_rules >= rules["mix"]["rules"]
    mix, single = unseen[mixed & enough], unseen[~mixed & enough]

    means = single.groupby("trained").share.mean()
    best = single[single.trained == means.idxmax()] if len(means) else single
    pairs = paired(by_unit(mix, "share", at), by_unit(best, "share", at))
    gain = mean_interval(pairs.groupby("seed").mean())
    gate = gate_of(table, unseen[enough], AXES)
    beats = judge(
        gain,
        points_in_words(gain, f"mix against {means.idxmax()} alone" if len(means) else "mix"),
        within=ABOVE_ZERO,
        excluded_by=(rules["mix"]["least"], 1),
        gate=gate,
    )

    few = unseen[unseen.num_rules <= rules["few"]["rules"]]
    of_each = few.groupby("trained").share.mean()
    top = few[few.trained == of_each.idxmax()] if len(of_each) else few
    few_gate, mean = gate_of(table, few, AXES), mean_score(by_unit(top, "share"))
    nothing = judge(
        mean,
        scores_in_words(mean, f"at most {rules['few']['rules']} rules, the best training"),
        within=(0, rules["few"]["at_most"]),
        gate=few_gate,
        like_paper=has_paper_lengths(table, configure("paper")),
    )

    number = single.occurrences.str[0]
    at_an_end = number.isin([number.min(), number.max()])
    between, ends = (by_unit(single[which], "share", at) for which in (~at_an_end, at_an_end))
    ahead = mean_interval(paired(between, ends).groupby("seed").mean())
    middle = judge(
        ahead,
        points_in_words(ahead, "a middle number against the ends"),
        within=ABOVE_ZERO,
        excluded_by=(rules["middle"]["least"], 1),
        gate=gate,
    )
    return [
        decide(rules["mix"], [beats], unseen[enough], gate),
        decide(rules["few"], [nothing], few, few_gate),
        decide(rules["middle"], [middle], single, gate),
    ]
