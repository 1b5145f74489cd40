"""Experiment 6: does diversity still decide when the model is pretrained?

A pretrained chat model is tuned by LoRA on encrypted rewriting, said in words: rewrite a string by
a rule, then encipher it with a key (arXiv 2405.19787, section 4).
"""

from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from instrdiv.checks import above, at_least, between, check_fields, one_of
from instrdiv.experiments.imbalance import spread
from instrdiv.experiments.solvers import (
    SCRATCH,
    FromScratch,
    Pretrained,
    Said,
    Solver,
    scratch_training,
)
from instrdiv.experiments.symbolic import Outcome
from instrdiv.models.pretrained import TINY
from instrdiv.paths import checkpoints
from instrdiv.runs.record import run_key
from instrdiv.seeds import stream
from instrdiv.stats import Score
from instrdiv.tasks.alphabet import decode
from instrdiv.tasks.encryption import CIPHERS, Task, in_words, sample_keys
from instrdiv.tasks.inputs import plant_some
from instrdiv.tasks.rules import Rules, sample_rules
from instrdiv.training.device import best_machine
from instrdiv.training.tuning import TuningConfig

NAME = "pretrained"
PROTOCOL = 1
"""Raised when the same settings come to mean another result; records of another one don't count."""

AXES = ("model", "num_rules", "num_examples", "alpha", "shots", "steps", "seed")
"""The settings that this experiment's figures vary."""
NUM_ON_CURVE = 200
NUM_ANSWERS = 16
NUM_ERRORS = 12


@dataclass(frozen=True, kw_only=True)
class Config(TuningConfig):
    """One point: `num_examples` of encrypted rewriting spread over `num_rules` instructions."""

    model: str
    """A model's name in `instrdiv.assets.catalog` or on the hub, or a folder; or ``from-scratch``."""
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
    """Different keys in training; each instruction has one of them. As many others are kept for
    the test with new keys."""
    max_shift: int = field(default=25, metadata=between(2, 25))
    """The largest shift among the Caesar cipher's keys."""
    num_phrasings: int = field(default=4, metadata=between(1, 4))
    """Ways in which an instruction is said."""
    no_op_share: float = field(default=0.4, metadata=between(0, 1))
    """Share of inputs, in training and in the tests, that the rule does not apply to."""
    num_rules: int = field(metadata=between(1, 100_000_000))
    """Different instructions in training, I: a rule with a key each."""
    num_examples: int = field(metadata=between(1, 100_000_000))
    """Training examples over all instructions."""
    alpha: float | None = field(default=None, metadata=above(0))
    """P(instruction i) = (i/I)^α − ((i−1)/I)^α; None spreads the examples evenly."""
    shots: int = field(default=0, metadata=between(0, 100))
    """Solved examples shown in the prompt before the task."""
    num_test: int = field(metadata=between(1, 1_000_000))
    """Inputs of each test."""
    seed: int = field(metadata=at_least(0))
    """Seed of every random stream of the run."""

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
    # Not tuned yet: in a trial with fewer steps no rewriting was learned.
    "laptop": dict(
        model="SmolLM2-135M-Instruct", x_length=3, y_length=3, z_length=6, num_keys=3,
        num_rules=1_000, num_examples=2_000, num_test=300, rank=32, lora_alpha=64,
        target_modules=LLAMA_MODULES, tuned_layers=10, steps=500, batch_size=16,
        learning_rate=1e-3, num_evaluations=5, seed=0,
    ),
    # The paper names the model, r, α, rate, batch, and the numbers of examples and steps.
    "paper": dict(
        model="meta-llama/Llama-2-7b-hf", load_in_8bit=True, x_length=20, y_length=20,
        z_length=50, num_keys=12, num_rules=1_000, num_examples=40_000, num_test=5_000,
        rank=512, lora_alpha=1024, target_modules=LLAMA_MODULES, tuned_layers=0, steps=2_000,
        batch_size=64, learning_rate=1e-5, num_evaluations=10, seed=0,
    ),
}  # fmt: skip


def configure(scale: str, **changes: Any) -> Config:
    """A scale's preset with some settings changed; None leaves a setting as it is.

    >>> configure("laptop", num_rules=300).num_rules
    300
    """
    given = {name: value for name, value in changes.items() if value is not None}
    settings = PRESETS[scale] | given
    return Config(**settings | {"target_modules": tuple(settings["target_modules"])})


@dataclass(frozen=True)
class Data:
    """What a run learns from and is tested on: tasks and how each is said."""

    training: list[tuple[Task, int]]
    tests: dict[str, list[tuple[Task, int]]]
    """``unseen``: neither side of the rule was seen; ``unseen_key``: nor was the key."""


def draw(config: Config) -> Data:
    """Draw instructions and tasks. Those held out are the same however many are trained."""
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
        "unseen": tasks(config, held_out, each, trained, "held-out inputs"),
        "unseen_key": tasks(config, held_out, each, new, "held-out inputs"),
        "seen": tasks(config, rules, np.unique(rule_of)[each % len(np.unique(rule_of))], trained,
                      "seen-rule inputs"),
    }  # fmt: skip
    return Data(tasks(config, rules, rule_of, trained, "inputs"), tests)


def tasks(
    config: Config, rules: Rules, rule_of: np.ndarray, keys: list[str], name: str
) -> list[tuple[Task, int]]:
    """A task for each entry of ``rule_of``, with a phrasing; rule i always has the same key."""
    x, y = rules.x[rule_of], rules.y[rule_of]
    z = plant_some(stream(config.seed, name), x, config.z_length, config.no_op_share)
    said = stream(config.seed, "phrasings").integers(config.num_phrasings, size=len(rule_of))
    return [
        (Task(decode(a), decode(b), config.cipher, keys[rule % len(keys)], decode(c)), int(how))
        for a, b, c, rule, how in zip(x, y, z, rule_of, said, strict=True)
    ]


def run(config: Config) -> tuple[Any, Outcome]:
    """Train one model; test it on unseen rules, with keys that were trained and with new ones."""
    data = draw(config)
    checkpoint = checkpoints() / f"{run_key(NAME, PROTOCOL, asdict(config))}.pt"
    solver = solver_of(config, data, checkpoint)
    tests = {name: asked(said) for name, said in data.tests.items()}
    curve = (
        solver.learn(
            asked(data.training),
            lambda: {
                name: score(solver.right(test, first=NUM_ON_CURVE)) for name, test in tests.items()
            },
        )
        if config.steps
        else []
    )
    metrics: dict[str, Score] = {}
    for name, test in tests.items():
        right = solver.right(test)
        applies = torch.tensor([said.task.applies for said in test])
        metrics[name] = score(right)
        metrics |= {
            f"{name}_{kind}": score(right[rows])
            for kind, rows in (("has_op", applies), ("no_op", ~applies))
            if rows.any()
        }
    for kind, wrong in answers_in_part(tests["unseen"]).items():
        metrics[f"unseen_{kind.replace(' ', '_')}"] = score(solver.right(wrong))
    answers = [
        {
            "prompt": in_words(task, how),
            "target": task.answer,
            "answer": solver.write(task, how),
        }
        for task, how, _ in tests["unseen"][:NUM_ANSWERS]
    ]
    errors = [answer for answer in answers if answer["answer"] != answer["target"]]
    checkpoint.unlink(missing_ok=True)
    return solver.model, Outcome(metrics, curve, answers, errors[:NUM_ERRORS])


def solver_of(config: Config, data: Data, checkpoint: Path) -> Solver:
    """The model that a config names, before it has learned anything."""
    machine = best_machine()
    if config.model == SCRATCH:
        training = scratch_training(config.steps, config.batch_size, config.num_evaluations)
        return FromScratch(training, machine, data.training[0][0], config.seed)
    return Pretrained(
        config.model,
        config,
        machine,
        seed=config.seed,
        load_in_8bit=config.load_in_8bit,
        shown=data.training[: config.shots],
        checkpoint=checkpoint,
    )


def asked(said: list[tuple[Task, int]]) -> list[Said]:
    """Tasks with their right answers."""
    return [Said(task, how, task.answer) for task, how in said]


def answers_in_part(test: list[Said]) -> dict[str, list[Said]]:
    """The tests with an answer that leaves a step out, or adds one: what a model that fails there
    would write."""
    found: dict[str, list[Said]] = {}
    for task, how, _ in test:
        for kind, answer in task.partial_answers.items():
            found.setdefault(kind, []).append(Said(task, how, answer))
    return found


def score(right: torch.Tensor) -> Score:
    return Score(int(right.sum()), len(right))
