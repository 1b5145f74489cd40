"""Experiment 6: does diversity still decide when the model is pretrained?

A pretrained chat model is tuned by LoRA on encrypted rewriting, said in words: rewrite a string by
a rule, then encipher it with a key (arXiv 2405.19787, section 4).
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from instrdiv.checks import above, at_least, between, check_fields, one_of, place
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
from instrdiv.seeds import stream
from instrdiv.statistics.intervals import by_unit, equivalent, mean_interval, paired
from instrdiv.statistics.scores import Score
from instrdiv.statistics.verdict import (
    ABOVE_ZERO,
    BELOW_ZERO,
    Gate,
    Part,
    Verdict,
    decide,
    gate_of,
    judge,
    mean_score,
    points_in_words,
    read_rules,
    scores_in_words,
)
from instrdiv.tasks.alphabet import decode
from instrdiv.tasks.encryption import CIPHERS, Task, in_words, sample_keys
from instrdiv.tasks.inputs import plant_some
from instrdiv.tasks.rules import Rules, sample_rules
from instrdiv.training.device import machine_for
from instrdiv.training.memory import tuning_outlook
from instrdiv.training.tuning import TuningConfig

NAME = "pretrained"
PROTOCOL = 1
"""Raised when the same settings come to mean another result; records of another one don't count."""

AXES = ("model", "num_rules", "num_examples", "alpha", "shots", "steps", "batch_size", "seed")
"""The settings that this experiment's figures vary."""
NUM_ON_CURVE = 100
"""Tasks of each test behind a point of the learning curve; the final scores use all."""
WORDS_AROUND = 30
"""Tokens of a prompt that are not letters of the task, about."""
NUM_ANSWERS = 16
NUM_ERRORS = 12


@dataclass(frozen=True, kw_only=True)
class Config(TuningConfig):
    """One point: `num_examples` of encrypted rewriting spread over `num_rules` instructions."""

    model: str = field(metadata=place())
    """A model's name in `instrdiv.assets.catalog` or on the hub, a folder, or ``from-scratch``."""
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
    # Short strings, one key and one phrasing: what adapters in twelve of thirty layers learn in a
    # quarter of an hour on one core. With two of each it takes longer than that.
    "laptop": dict(
        model="SmolLM2-135M-Instruct", x_length=2, y_length=2, z_length=4, num_keys=1,
        max_shift=2, num_phrasings=1, num_rules=1_000, num_examples=2_000, num_test=150, rank=32,
        lora_alpha=64, target_modules=LLAMA_MODULES, tuned_layers=12, steps=450, batch_size=8,
        learning_rate=2e-3, num_evaluations=3, seed=0,
    ),
    # The paper names the model, r, α, rate, batch, and the numbers of examples and steps.
    "paper": dict(
        model="meta-llama/Llama-2-7b-hf", load_in_8bit=True, x_length=20, y_length=20,
        z_length=50, num_keys=12, num_rules=1_000, num_examples=40_000, num_test=5_000,
        rank=512, lora_alpha=1024, target_modules=LLAMA_MODULES, tuned_layers=0, steps=2_000,
        batch_size=64, lines_at_once=16, learning_rate=1e-5, num_evaluations=10, seed=0,
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


def outlook(config: Config) -> list[str]:
    """What a run would need, found out without making it."""
    if config.model == SCRATCH:
        return []
    letters = config.x_length + config.y_length + config.z_length
    written = max(config.z_length, config.z_length - config.x_length + config.y_length) + 1
    return [
        tuning_outlook(
            config.model,
            config,
            tokens=letters + WORDS_AROUND + written,
            answer=written,
            in_8bit=config.load_in_8bit,
        )
    ]


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
        "unseen": tasks(config, held_out, each, trained, "held-out"),
        "unseen_key": tasks(config, held_out, each, new, "held-out"),
        "seen": tasks(config, rules, np.unique(rule_of)[each % len(np.unique(rule_of))], trained,
                      "seen-rule"),
    }  # fmt: skip
    training = tasks(config, rules, rule_of, trained, "")
    some = stream(config.seed, "training sample").permutation(len(training))[: config.num_test]
    tests["training"] = [training[i] for i in some]
    return Data(training, tests)


def tasks(
    config: Config, rules: Rules, rule_of: np.ndarray, keys: list[str], group: str
) -> list[tuple[Task, int]]:
    """A task for each entry of ``rule_of``, with a phrasing; rule i always has the same key.

    Args:
        group: what the streams' names begin with: ``held-out``, ``seen-rule``, or nothing for what
            is trained.
    """
    x, y = rules.x[rule_of], rules.y[rule_of]
    inputs = stream(config.seed, f"{group} inputs".strip())
    z = plant_some(inputs, x, config.z_length, config.no_op_share)
    said = stream(config.seed, f"{group} phrasings".strip()).integers(
        config.num_phrasings, size=len(rule_of)
    )
    return [
        (Task(decode(a), decode(b), config.cipher, keys[rule % len(keys)], decode(c)), int(how))
        for a, b, c, rule, how in zip(x, y, z, rule_of, said, strict=True)
    ]


def run(config: Config, checkpoint: Path | None = None) -> tuple[Any, Outcome]:
    """Train one model; test it on unseen rules, with keys that were trained and with new ones.

    Args:
        checkpoint: where a tuning that is cut short goes on; removed at the end.
    """
    data = draw(config)
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
    if checkpoint:
        checkpoint.unlink(missing_ok=True)
    return solver.model, Outcome(metrics, curve, answers, errors[:NUM_ERRORS])


def solver_of(config: Config, data: Data, checkpoint: Path | None) -> Solver:
    """The model that a config names, before it has learned anything."""
    machine = machine_for(config.precision)
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


def labelled(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `score_table` with a column ``trained``: what was trained, and on which spread."""
    spread_out = table.alpha.map(lambda alpha: "evenly" if pd.isna(alpha) else f"α = {alpha:g}")
    return table.assign(trained=_learner(table) + ", " + spread_out)


def _learner(table: pd.DataFrame) -> pd.Series:
    return table.model.map(lambda model: "from scratch" if model == SCRATCH else "pretrained")


def on_axis(table: pd.DataFrame, config: Config) -> pd.DataFrame:
    """The trained runs with a config's number of examples."""
    return table[(table.num_examples == config.num_examples) & (table.steps > 0)]


def against_scratch(table: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Even spreads: pretrained models on a config's examples, and all from scratch.

    Returns:
        Rows with a column ``learner``: what was trained, and on how many examples.
    """
    scratch = table.model == SCRATCH
    even = table[table.alpha.isna() & (table.steps > 0)]
    kept = even[scratch[even.index] | (even.num_examples == config.num_examples)]
    examples = kept.num_examples.map("{:,} examples".format)
    return kept.assign(learner=_learner(kept) + ", " + examples)


def to_half(table: pd.DataFrame) -> str:
    """From how many instructions on each learner is right on half of the unseen inputs, in words.

    Args:
        table: of `against_scratch`.
    """
    rows = table[table.score == "unseen_has_op"]
    means = rows.groupby(["learner", "num_rules"]).share.mean().unstack("num_rules")
    lines = []
    for learner, shares in means.iterrows():
        enough = [number for number, share in shares.items() if share >= 0.5]
        found = f"from {min(enough):,} instructions on" if enough else "with none of these numbers"
        lines.append(f"- {learner}: {found}")
    return "\n".join(lines)


def before_tuning(table: pd.DataFrame) -> pd.DataFrame:
    """What the model answers that was not tuned.

    Returns:
        A row for each number of solved examples in the prompt, a column for each score.
    """
    rows = table[table.steps == 0]
    return rows.pivot_table(index="shots", columns="score", values="share")


def by_key(table: pd.DataFrame) -> pd.DataFrame:
    """Inputs that unseen rules apply to, with a key of the training and with a new one.

    Returns:
        A row for each number of instructions: the mean share of right answers with each.
    """
    names = {"unseen_has_op": "a key of the training", "unseen_key_has_op": "a new key"}
    rows = table[table.score.isin(names)].assign(key=lambda t: t.score.map(names))
    return rows.pivot_table(index="num_rules", columns="key", values="share")[list(names.values())]


def kinds_of_answers(table: pd.DataFrame) -> pd.DataFrame:
    """What became of unseen inputs that the rule applies to, means over runs.

    Returns:
        Columns ``num_rules``, ``kind`` (``right``, a step left out, or ``else``), ``share``,
        ``runs``.
    """
    names = {"unseen_has_op": "right"} | {
        f"unseen_{kind}_missing": f"{kind}_missing" for kind in ("cipher", "rewriting", "both")
    }
    rows = table[table.score.isin(names)].assign(kind=lambda t: t.score.map(names))
    means = rows.groupby(["num_rules", "kind"], as_index=False).agg(
        share=("share", "mean"), runs=("share", "size")
    )
    rest = means.groupby("num_rules", as_index=False).agg(
        share=("share", "sum"), runs=("runs", "max")
    )
    rest = rest.assign(kind="else", share=(1 - rest.share).clip(lower=0))
    return pd.concat([means, rest], ignore_index=True)


HALVES = ("all, evenly", "half, evenly", "half, long tail")


def halving(table: pd.DataFrame, num_examples: int) -> pd.DataFrame:
    """Runs on all examples and on half of them, thinned out evenly or from a long tail.

    Returns:
        Rows of the score on unseen has-op inputs, with a column ``data``, one of `HALVES`; none if
        one of the three has no run.
    """
    tuned = table[(table.score == "unseen_has_op") & (table.steps > 0) & (table.model != SCRATCH)]
    half = tuned[tuned.num_examples == num_examples // 2]
    kinds = (
        tuned[(tuned.num_examples == num_examples) & tuned.alpha.isna()],
        half[half.alpha.isna()],
        half[half.alpha.notna()],
    )
    compared = set.intersection(*(set(rows.num_rules) for rows in kinds))
    return pd.concat(
        [
            rows[rows.num_rules.isin(compared)].assign(data=name)
            for name, rows in zip(HALVES, kinds, strict=True)
        ]
    )


def verdicts(table: pd.DataFrame, equal: pd.DataFrame) -> list[Verdict]:
    """The paper's claims about a pretrained model held against our runs."""
    rules = read_rules(NAME)
    tuned = table[(table.model != SCRATCH) & (table.steps > 0)]
    full = tuned[tuned.num_examples == tuned.num_examples.max()]
    has_op, no_op = (full[full.score == f"unseen_{kind}"] for kind in ("has_op", "no_op"))
    even, tail = has_op[has_op.alpha.isna()], has_op[has_op.alpha.notna()]
    fewest, most = even.num_rules.min(), even.num_rules.max()
    few, many = even[even.num_rules == fewest], even[even.num_rules == most]
    few_no_op = no_op[no_op.alpha.isna() & (no_op.num_rules == fewest)]

    gate = gate_of(table, few, AXES)
    low, high = (mean_score(by_unit(rows, "share")) for rows in (few, few_no_op))
    words = f"{fewest:,} instructions, "
    alone = [
        judge(
            low,
            scores_in_words(low, words + "rule applies"),
            within=(0, rules["few"]["at_most"]),
            gate=gate,
        ),
        judge(
            high,
            scores_in_words(high, words + "no-ops"),
            within=(rules["few"]["at_least"], 1),
            gate=gate,
            success=True,
        ),
    ]

    ends = pd.concat([few, many]) if fewest < most else few.iloc[:0]
    ends_gate = gate_of(table, ends, AXES)
    reached = mean_score(by_unit(many, "share"))
    rise = mean_interval(paired(by_unit(many, "share"), by_unit(few, "share"))
                         if fewest < most else [])  # fmt: skip
    more = [
        judge(
            reached,
            scores_in_words(reached, f"{most:,} instructions"),
            within=(rules["more"]["at_least"], 1),
            gate=ends_gate,
            success=True,
        ),
        judge(
            rise,
            points_in_words(rise, f"against {fewest:,}"),
            within=ABOVE_ZERO,
            gate=ends_gate,
        ),
    ]

    compared = even[even.num_rules.isin(tail.num_rules)]
    tail_runs = pd.concat([compared, tail])
    half = halving(table, full.num_examples.max())
    half_gate = gate_of(table, half, AXES)
    at = ["num_rules", "seed"]
    whole, thinned, cut = (by_unit(half[half.data == kind], "share", at) for kind in HALVES)
    margin = rules["half"]["margin"]
    harmless = paired(thinned, whole).groupby("seed").mean()
    hurt = mean_interval(paired(cut, whole).groupby("seed").mean())
    halves = [
        _harmless(harmless, margin, half_gate),
        judge(
            hurt,
            points_in_words(hurt, "long-tailed halves against all"),
            within=BELOW_ZERO,
            excluded_by=(-1, -margin),
            gate=half_gate,
        ),
    ]
    tail_gate = gate_of(table, tail_runs, AXES)
    return [
        decide(rules["few"], alone, few, gate),
        decide(rules["more"], more, ends, ends_gate),
        decide(
            rules["tail"],
            _tail_loses(compared, tail, rules["tail"]["least"], tail_gate),
            tail_runs,
            tail_gate,
        ),
        decide(rules["half"], halves, half, half_gate),
    ]


def _tail_loses(even: pd.DataFrame, tail: pd.DataFrame, least: float, gate: Gate) -> list[Part]:
    """Whether a long tail loses with few instructions, and less with many."""
    at = ["num_rules", "seed"]
    loss = paired(by_unit(even, "share", at), by_unit(tail, "share", at)).unstack("num_rules")
    if loss.empty:
        return [Part("cannot tell", "", "no runs to compare")]
    few, many = loss.columns.min(), loss.columns.max()
    lost = mean_interval(loss[few].dropna())
    closed = mean_interval((loss[few] - loss[many]).dropna() if few < many else [])
    words = points_in_words(lost, f"lost with {few:,} instructions")
    closing = points_in_words(closed, f"of it regained with {many:,}")
    return [
        judge(lost, words, within=ABOVE_ZERO, excluded_by=(least, 1.0), gate=gate),
        judge(closed, closing, within=ABOVE_ZERO, excluded_by=(least, 2.0), gate=gate),
    ]


def _harmless(differences: pd.Series, margin: float, gate: Gate) -> Part:
    """Whether even halves are shown to be as good as all examples, within a margin."""
    found = mean_interval(differences)
    words = points_in_words(found, "even halves against all")
    alike = found.known and equivalent(differences, margin) < 0.05
    claimed = (found.low, found.high) if alike else (0.0, 0.0)
    return judge(
        found, words, within=claimed, excluded_by=(-margin, margin), gate=gate, success=True
    )
