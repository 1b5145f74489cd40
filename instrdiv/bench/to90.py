"""Time to 90 % exact match on unseen rules, from scratch, on many rules.

Tokens per second are not all of speed: a recipe that learns in half the steps is twice as fast.
Only training time counts; scoring, which is the same for all systems, is left out.
"""

import math
import time
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from transformers import GPT2LMHeadModel, TrainerCallback

from instrdiv.bench.systems import LabelledExamples, shipped_model, train_as_shipped
from instrdiv.evaluation.exact_match import exact_matches
from instrdiv.experiments.rule_diversity import Config, experiment, make_data
from instrdiv.experiments.scratch import NUM_ON_CURVE, new_model
from instrdiv.experiments.symbolic import SymbolicData
from instrdiv.seeds import stream
from instrdiv.statistics.scores import Score
from instrdiv.tasks.examples import first
from instrdiv.training.device import Machine
from instrdiv.training.loop import train

GOAL = 0.9
NUM_RULES = 10_000
PAPER_RATE = 1e-3


class _Stop(Exception):
    """Raised to end training early."""


class Watch:
    """Scores a model during training and stops it at the goal or at the time limit."""

    def __init__(self, model: nn.Module, data: SymbolicData, limit: float, every: int) -> None:
        self.model, self.limit, self.every = model, limit, every
        self.unseen = first(data.tests["unseen"], NUM_ON_CURVE)
        self.spent = 0.0
        self.resumed = time.perf_counter()
        self.curve: list[dict[str, float]] = []

    def __call__(self) -> dict[str, Score]:
        self.spent += time.perf_counter() - self.resumed
        right = exact_matches(self.model, self.unseen)
        score = Score(int(right.sum()), len(right))
        self.curve.append({"seconds": self.spent, "unseen": score.share})
        if score.share >= GOAL or self.spent >= self.limit:
            raise _Stop
        self.resumed = time.perf_counter()
        return {"unseen": score}

    def row(self, system: str, train: Callable[[], Any]) -> dict[str, Any]:
        """Train under this watch and return a row of the report."""
        self.resumed = time.perf_counter()
        try:
            train()
        except _Stop:
            ended = "goal" if self.curve[-1]["unseen"] >= GOAL else "time limit"
        else:
            ended = "all steps done"
        best = max((score["unseen"] for score in self.curve), default=math.nan)
        seconds = self.curve[-1]["seconds"] if self.curve else self.spent
        return {
            "system": system,
            "reached": ended == "goal",
            "ended": ended,
            "seconds": seconds,
            "steps": self.every * len(self.curve),
            "best": best,
            "curve": self.curve,
        }


def time_to_goal(
    machine: Machine, limit: float, every: int, say: Callable[[str], None]
) -> list[dict[str, Any]]:
    """All systems in turn, each for at most `limit` seconds of training.

    Args:
        every: number of steps between scores.
    """
    rows = []
    for optimizer in ("adamw", "muon"):
        say(f"to {GOAL:.0%}: ours, {optimizer}")
        rows.append(_ours(optimizer, machine, limit, every))
    say(f"to {GOAL:.0%}: Trainer")
    rows.append(_as_shipped(limit, every))
    return rows


def _ours(optimizer: str, machine: Machine, limit: float, every: int) -> dict[str, Any]:
    preset = experiment.configure("laptop", num_rules=NUM_RULES, optimizer=optimizer)
    steps = preset.steps // every * every
    config = experiment.configure(
        "laptop",
        num_rules=NUM_RULES,
        optimizer=optimizer,
        steps=steps,
        num_evaluations=steps // every,
    )
    data = make_data(config)
    model = new_model(config, data.training)
    watch = Watch(model, data, limit, every)
    rng = stream(config.seed, "batches")
    return watch.row(
        f"ours, {optimizer}",
        lambda: train(model, data.training, config, rng=rng, machine=machine, evaluate=watch),
    )


def _as_shipped(limit: float, every: int) -> dict[str, Any]:
    config: Config = experiment.configure("laptop", num_rules=NUM_RULES)
    data = make_data(config)
    model = shipped_model(config, data.training.tokens.shape[1])
    watch = Watch(_Readable(model), data, limit, every)
    lines = LabelledExamples(data.training)
    return watch.row(
        "Trainer + GPT2LMHeadModel, as shipped",
        lambda: train_as_shipped(
            model, lines, config, _Scoring(watch), learning_rate=PAPER_RATE, seed=config.seed
        ),
    )


class _Readable(nn.Module):
    """transformers' model behind the interface that our scoring uses."""

    def __init__(self, model: GPT2LMHeadModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: Tensor, last: int) -> Tensor:
        return self.model(tokens, use_cache=False, logits_to_keep=last).logits


class _Scoring(TrainerCallback):
    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self.watch.resumed = time.perf_counter()  # its setup is not counted

    def on_step_end(self, arguments: Any, state: Any, *_: Any, **__: Any) -> None:
        if state.global_step % self.watch.every == 0:
            self.watch()
