"""Experiment 5: inputs that contain the left-hand side several times.

Only the leftmost occurrence is replaced. Training inputs contain one exact number of occurrences or
a mix; the test covers the whole range (arXiv 2402.10891, table 1; not in its successor).
"""

from dataclasses import dataclass, field
from functools import partial

from instrdiv.checks import at_least
from instrdiv.experiments import symbolic
from instrdiv.scales import Settings
from instrdiv.tasks.inputs import plant_cycled

PRESETS: dict[str, Settings] = {
    "smoke": dict(z_length=7, occurrences=(1, 3), most_occurrences=3),
    # Models that meet one occurrence alone learn their examples more slowly than others: steps and
    # warm-up are what they need, chosen by training scores alone.
    "laptop": dict(
        x_length=3, y_length=3, z_length=16, optimizer="muon", steps=2_000, warmup_share=0.3,
        occurrences=(1, 2, 3, 4, 5), most_occurrences=5,
    ),
    # Lengths are not stated for this experiment; twenty occurrences of 20 letters take 400.
    "paper": dict(z_length=420, occurrences=(1, 5, 10, 15, 20), most_occurrences=20),
}  # fmt: skip
"""By scale, the settings that differ from the shared presets."""


@dataclass(frozen=True, kw_only=True)
class Config(symbolic.SymbolicConfig):
    """`num_examples` spread evenly over `num_rules`, with given numbers of occurrences of x."""

    occurrences: tuple[int, ...]
    """Numbers of occurrences of x in training inputs; each is equally frequent."""
    most_occurrences: int = field(metadata=at_least(1))
    """The test covers 1 to this many."""

    def __post_init__(self) -> None:
        if isinstance(self.occurrences, int):  # one number stands for a list of one
            object.__setattr__(self, "occurrences", (self.occurrences,))
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
            raise ValueError(
                f"occurrences={self.occurrences}: one or more different numbers are needed"
            )


def make_data(config: Config) -> symbolic.SymbolicData:
    """Make the rules and examples of a run.

    ``unseen`` and ``seen`` test the whole range, with each number equally frequent; ``unseen_1``,
    ``unseen_2`` and so on test each number separately, on as many inputs.
    """
    rules, held_out = symbolic.make_rules(config, primitive=True)
    plant = partial(plant_cycled, z_length=config.z_length)
    numbers = tuple(range(1, config.most_occurrences + 1))
    alone = {f"_{number}": partial(plant, occurrences=(number,)) for number in numbers}
    further = symbolic.make_tests(config, rules, held_out, alone)
    return symbolic.SymbolicData(
        rules=rules,
        held_out=held_out,
        training=symbolic.make_training(
            config, rules, partial(plant, occurrences=config.occurrences)
        ),
        tests=symbolic.make_tests(
            config, rules, held_out, {"": partial(plant, occurrences=numbers)}
        ),
        further={name: test for name, test in further.items() if name.startswith("unseen")},
    )


experiment = symbolic.symbolic_experiment("occurrences", 5, Config, PRESETS, make_data)
