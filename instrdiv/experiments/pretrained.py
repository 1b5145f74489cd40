"""Experiment 6: does the number of instructions still decide when the model is pretrained?

A pretrained chat model is fine-tuned with LoRA on encrypted rewriting, instructed in words: rewrite
a string by a rule, then encipher it with a key (arXiv 2405.19787, section 4).
"""

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from instrdiv.checks import above, at_least, between, check_fields, one_of, path_setting
from instrdiv.data.assets import TINY
from instrdiv.experiments.experiment import Estimate, Experiment
from instrdiv.experiments.outcome import Outcome
from instrdiv.runs.vocabulary import SCRATCH
from instrdiv.seeds import stream
from instrdiv.tasks.alphabet import decode
from instrdiv.tasks.encryption import CIPHERS, Task, sample_keys
from instrdiv.tasks.examples import spread
from instrdiv.tasks.inputs import plant_some
from instrdiv.tasks.rules import Rules, sample_rules
from instrdiv.training.config import TuningConfig

if TYPE_CHECKING:
    from instrdiv.training.checkpoint import Checkpoint

WORDS_AROUND = 30
"""Approximate number of tokens in a prompt that are not letters of the task."""


@dataclass(frozen=True, kw_only=True)
class Config(TuningConfig):
    """`num_examples` of encrypted rewriting spread over `num_rules` instructions."""

    model: str = field(metadata=path_setting())
    """A model's name in `instrdiv.data.assets` or on the hub, a folder, or ``from-scratch``."""
    load_in_8bit: bool = False
    """Keep the frozen weights in 8 bits; needs a GPU and bitsandbytes."""
    x_length: int = field(metadata=between(1, 100))
    """Letters on a rule's left-hand side, |x|."""
    y_length: int = field(metadata=between(0, 100))
    """Letters on a rule's right-hand side, |y|."""
    z_length: int = field(metadata=between(1, 1000))
    """Letters of an input, |z|."""
    cipher: str = field(default=CIPHERS[0], metadata=one_of(*CIPHERS))
    """How outputs are enciphered."""
    num_keys: int = field(metadata=at_least(1))
    """Different keys in training; each instruction has one of them. As many others are held out for
    the test with new keys."""
    max_shift: int = field(default=25, metadata=between(2, 25))
    """Largest key of the Caesar cipher."""
    num_phrasings: int = field(default=4, metadata=between(1, 4))
    """Number of phrasings of an instruction."""
    no_op_share: float = field(default=0.4, metadata=between(0, 1))
    """Share of inputs, in training and in the tests, that the rule does not apply to."""
    num_rules: int = field(metadata=between(1, 100_000_000))
    """Different instructions in training, I: a rule with a key each."""
    num_examples: int = field(metadata=between(1, 100_000_000))
    """Training examples over all instructions."""
    alpha: float | None = field(default=None, metadata=above(0))
    """P(instruction i) = (i/I)^α − ((i−1)/I)^α; None spreads the examples evenly."""
    shots: int = field(default=0, metadata=between(0, 100))
    """Solved examples in the prompt, before the task."""
    num_test: int = field(metadata=between(1, 1_000_000))
    """Number of inputs of each test."""
    seed: int = field(metadata=at_least(0))
    """Seed of every random stream of the run."""

    @property
    def setup(self) -> str:
        """The sizes of task and model, in words."""
        size = (
            "GPT-2 from scratch"
            if self.model == SCRATCH
            else f"{self.model.split('/')[-1]}, {self.what_is_tuned}"
        )
        return (
            f"|x| = {self.x_length}, |y| = {self.y_length}, |z| = {self.z_length}, "
            f"{self.num_examples:,} examples, {size}"
        )

    def __post_init__(self) -> None:
        check_fields(self)
        if self.x_length > self.z_length:
            raise ValueError(f"x_length={self.x_length} is more than z_length={self.z_length}")
        if self.num_rules > self.num_examples:
            raise ValueError(
                f"num_rules={self.num_rules} is more than num_examples={self.num_examples}: "
                "each instruction needs at least one example"
            )
        sample_keys(np.random.default_rng(0), self.cipher, 2 * self.num_keys, self.max_shift)


LLAMA_MODULES = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")

PRESETS: dict[str, dict[str, Any]] = {
    "smoke": dict(
        model=TINY, x_length=2, y_length=2, z_length=4, num_keys=2, num_rules=20,
        num_examples=60, num_test=20, rank=4, lora_alpha=8, target_modules=LLAMA_MODULES,
        tuned_layers=2, steps=6, batch_size=8, learning_rate=1e-3, num_evaluations=2, seed=0,
    ),
    # Short strings, one key and one phrasing are what adapters in twelve of thirty layers learn in
    # a quarter of an hour on one core. Two of each take longer.
    "laptop": dict(
        model="SmolLM2-135M-Instruct", x_length=2, y_length=2, z_length=4, num_keys=1,
        max_shift=2, num_phrasings=1, num_rules=1_000, num_examples=2_000, num_test=150, rank=32,
        lora_alpha=64, target_modules=LLAMA_MODULES, tuned_layers=12, steps=450, batch_size=8,
        learning_rate=2e-3, num_evaluations=3, seed=0,
    ),
    # The paper states model, r, α, learning rate, batch size, and numbers of examples and steps.
    "paper": dict(
        model="meta-llama/Llama-2-7b-hf", load_in_8bit=True, x_length=20, y_length=20,
        z_length=50, num_keys=12, num_rules=1_000, num_examples=40_000, num_test=5_000,
        rank=512, lora_alpha=1024, target_modules=LLAMA_MODULES, tuned_layers=0, steps=2_000,
        batch_size=64, lines_at_once=16, learning_rate=1e-5, num_evaluations=10, seed=0,
    ),
}  # fmt: skip


def configure(scale: str, **overrides: Any) -> Config:
    """A scale's preset with overrides; None leaves a setting as it is.

    >>> configure("laptop", num_rules=300).num_rules
    300
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    return Config(**PRESETS[scale] | given)


def estimate(config: Config) -> Estimate:
    """What a run would need, determined without making it."""
    if config.model == SCRATCH:
        return Estimate()
    from instrdiv.training.memory import tuning_memory

    letters = config.x_length + config.y_length + config.z_length
    written = max(config.z_length, config.z_length - config.x_length + config.y_length) + 1
    memory = tuning_memory(
        config.model,
        config,
        tokens=letters + WORDS_AROUND + written,
        answer=written,
        in_8bit=config.load_in_8bit,
    )
    return Estimate((f"memory: {memory}",), memory.total)


@dataclass(frozen=True)
class EncryptedData:
    """Training and test data of a run: tasks, each with the number of its phrasing."""

    training: list[tuple[Task, int]]
    tests: dict[str, list[tuple[Task, int]]]
    """``unseen``: neither side of the rule was seen; ``unseen_key``: nor was the key."""


def make_data(config: Config) -> EncryptedData:
    """Make instructions and tasks; the held-out ones do not depend on the number in training."""
    sides = partial(sample_rules, x_length=config.x_length, y_length=config.y_length)
    held_out = sides(stream(config.seed, "held-out rules"), config.num_test)
    rules = sides(stream(config.seed, "rules"), config.num_rules, held_out=held_out)
    keys = sample_keys(
        stream(config.seed, "keys"), config.cipher, 2 * config.num_keys, config.max_shift
    )
    trained, new = keys[: config.num_keys], keys[config.num_keys :]
    rule_of = spread(config.num_rules, config.num_examples, config.alpha, config.seed)
    each = np.arange(config.num_test)
    tests = {
        "unseen": tasks(config, held_out, each, trained, "held-out"),
        "unseen_key": tasks(config, held_out, each, new, "held-out"),
        "seen": tasks(config, rules, np.unique(rule_of)[each % len(np.unique(rule_of))], trained,
                      "seen-rule"),
    }  # fmt: skip
    training = tasks(config, rules, rule_of, trained, "")
    some = stream(config.seed, "training sample").permutation(len(training))[: config.num_test]
    tests["training"] = [training[i] for i in some]
    return EncryptedData(training, tests)


def tasks(
    config: Config, rules: Rules, rule_of: np.ndarray, keys: list[str], group: str
) -> list[tuple[Task, int]]:
    """A task for each entry of ``rule_of``, with a phrasing; rule i always has the same key.

    Args:
        group: prefix of the streams' names: ``held-out``, ``seen-rule``, or empty for training.
    """
    x, y = rules.x[rule_of], rules.y[rule_of]
    inputs = stream(config.seed, f"{group} inputs".strip())
    z = plant_some(inputs, x, config.z_length, config.no_op_share)
    phrasings = stream(config.seed, f"{group} phrasings".strip()).integers(
        config.num_phrasings, size=len(rule_of)
    )
    return [
        (
            Task(decode(a), decode(b), config.cipher, keys[rule % len(keys)], decode(c)),
            int(phrasing),
        )
        for a, b, c, rule, phrasing in zip(x, y, z, rule_of, phrasings, strict=True)
    ]


def run(config: Config, checkpoint: "Checkpoint | None" = None) -> tuple[Any, Outcome]:
    """Train one model; test it on unseen rules, with keys that were trained and with new ones.

    Args:
        checkpoint: keeps the state of interrupted training. The caller deletes it.
    """
    from instrdiv.experiments.encrypted import train_and_score_encrypted

    return train_and_score_encrypted(config, checkpoint)


experiment = Experiment(
    name="pretrained",
    number=6,
    protocol=1,
    config=Config,
    presets=PRESETS,
    configure=configure,
    make_data=make_data,
    run=run,
    estimate=estimate,
)
