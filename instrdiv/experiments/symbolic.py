"""What the symbolic experiments share: the config and the data of string rewriting."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from instrdiv.checks import at_least, between, check_fields, one_of
from instrdiv.experiments.experiment import Experiment
from instrdiv.experiments.outcome import Outcome
from instrdiv.scales import Settings, settings_of
from instrdiv.seeds import stream
from instrdiv.tasks.examples import Examples, Plant, sample_examples, spread_evenly
from instrdiv.tasks.rules import Rules, sample_rules
from instrdiv.training.config import TrainingConfig

if TYPE_CHECKING:
    from instrdiv.training.checkpoint import Checkpoint

ACTIVATIONS = ("gelu", "gelu_new")
"""The names in `instrdiv.models.gpt2.ACTIVATIONS`, given here so that torch is not imported."""


@dataclass(frozen=True, kw_only=True)
class SymbolicConfig(TrainingConfig):
    """A GPT-2 trained from scratch on string rewriting."""

    x_length: int = field(metadata=between(1, 1000))
    """Letters on a rule's left-hand side, |x|."""
    y_length: int = field(metadata=between(0, 1000))
    """Letters on a rule's right-hand side, |y|."""
    z_length: int = field(metadata=between(1, 10_000))
    """Letters of an input, |z|."""
    n_layer: int = field(metadata=between(1, 1000))
    """Number of blocks of the model."""
    n_head: int = field(metadata=between(1, 1000))
    """Attention heads per block."""
    n_embd: int = field(metadata=between(1, 100_000))
    """Width of the model."""
    activation: str = field(default="gelu", metadata=one_of(*ACTIVATIONS))
    """The model's activation; GPT-2's own is ``gelu_new``."""
    num_test: int = field(metadata=between(1, 1_000_000))
    """Held-out rules, each tested on one input; as many inputs test the seen rules."""
    num_rules: int = field(metadata=between(1, 100_000_000))
    """Different rules in training, I."""
    num_examples: int = field(metadata=between(1, 100_000_000))
    """Training examples over all rules, I × S."""
    seed: int = field(metadata=at_least(0))
    """Seed of every random stream of the run."""
    weight_seed: int | None = field(default=None, metadata=at_least(0))
    """Seed of the initial weights and the order of batches only; None takes `seed` for these too.
    It separates the influence of a run's rules from that of its weights."""

    @property
    def setup(self) -> str:
        """The sizes of task and model, in words."""
        return (
            f"|x| = |y| = {self.x_length}, |z| = {self.z_length}, {self.n_layer} layers of width "
            f"{self.n_embd}"
        )

    @property
    def training_seed(self) -> int:
        """Seed of everything random in training except its data."""
        return self.seed if self.weight_seed is None else self.weight_seed

    def __post_init__(self) -> None:
        check_fields(self)
        if self.n_embd % self.n_head:
            raise ValueError(f"n_embd={self.n_embd} is not a multiple of n_head={self.n_head}")
        if self.x_length > self.z_length:
            raise ValueError(f"x_length={self.x_length} is more than z_length={self.z_length}")
        if self.num_rules > self.num_examples:
            raise ValueError(
                f"num_rules={self.num_rules} is more than num_examples={self.num_examples}: "
                "each rule needs at least one example"
            )


C = TypeVar("C", bound=SymbolicConfig)


@dataclass(frozen=True)
class SymbolicData:
    """Training and test data of a run."""

    rules: Rules
    held_out: Rules
    training: Examples
    tests: dict[str, Examples]
    """By name of the score; includes ``unseen``."""
    further: dict[str, Examples] = field(default_factory=dict)
    """Tests that are made only after training and are not part of the learning curve."""


def make_rules(config: SymbolicConfig, *, primitive: bool = False) -> tuple[Rules, Rules]:
    """The training rules and the held-out rules of a run.

    Held-out rules are sampled first and from a random stream of their own: all runs of one seed
    are tested on the same rules, whatever their number of training rules.
    """
    sample = partial(
        sample_rules, x_length=config.x_length, y_length=config.y_length, primitive=primitive
    )
    held_out = sample(stream(config.seed, "held-out rules"), config.num_test)
    rules = sample(stream(config.seed, "rules"), config.num_rules, held_out=held_out)
    return rules, held_out


def make_training(config: SymbolicConfig, rules: Rules, plant: Plant) -> Examples:
    """Training examples spread evenly over the rules."""
    rule_of = spread_evenly(config.num_rules, config.num_examples)
    return sample_examples(stream(config.seed, "inputs"), rules, rule_of, plant)


def make_tests(
    config: SymbolicConfig, rules: Rules, held_out: Rules, plants: Mapping[str, Plant]
) -> dict[str, Examples]:
    """Tests on unseen and on seen rules, with each kind of input.

    Args:
        plants: functions that sample inputs, by the suffix of ``unseen`` and ``seen`` in the names
            of the scores.
    """
    each_once = np.arange(config.num_test)
    seen = each_once % len(rules)
    return {
        group + kind: sample_examples(stream(config.seed, name), of, rows, plant)
        for kind, plant in plants.items()
        for group, of, rows, name in (
            ("unseen", held_out, each_once, "held-out inputs"),
            ("seen", rules, seen, "seen-rule inputs"),
        )
    }


def symbolic_experiment(
    name: str,
    number: int,
    config: type[C],
    presets: Mapping[str, Settings],
    make_data: Callable[[C], SymbolicData],
    protocol: int = 1,
) -> Experiment[C]:
    """An experiment on string rewriting: all share model, training and scores, each draws its data.

    Args:
        config: `SymbolicConfig`, or a subclass with settings of the experiment's own.
        presets: by scale, what it sets differently from `instrdiv.scales`.
        make_data: draws the data of a run.
        protocol: see `Experiment`.

    >>> from instrdiv.experiments.no_op import experiment
    >>> experiment.configure("laptop", no_op_share=0.5).no_op_share
    0.5
    """

    def configure(scale: str, **changes: Any) -> C:
        return config(**settings_of(scale, dict(presets), changes))

    def run(config: C, checkpoint: "Checkpoint | None" = None) -> tuple[Any, Outcome]:
        from instrdiv.experiments.scratch import train_and_score

        return train_and_score(config, make_data(config), checkpoint)

    return Experiment(
        name=name,
        number=number,
        protocol=protocol,
        config=config,
        presets=presets,
        configure=configure,
        make_data=make_data,
        run=run,
    )
