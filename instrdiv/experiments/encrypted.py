"""Teach a model encrypted rewriting and score it: how a run of experiment 6 is made."""

from pathlib import Path
from typing import Any

import torch

from instrdiv.experiments.learners import (
    AnsweredTask,
    FromScratch,
    Learner,
    Pretrained,
    scratch_training,
)
from instrdiv.experiments.outcome import Outcome
from instrdiv.experiments.pretrained import Config, EncryptedData, make_data
from instrdiv.runs.vocabulary import SCRATCH
from instrdiv.statistics.scores import Score
from instrdiv.tasks.encryption import Task, task_in_words
from instrdiv.training.device import machine_for

NUM_ON_CURVE = 100
"""Tasks of each test behind a point of the learning curve; the final scores use all."""

NUM_ANSWERS = 16

NUM_ERRORS = 12


def teach_and_score(config: Config, checkpoint: Path | None = None) -> tuple[Any, Outcome]:
    """Train one model; test it on unseen rules, with keys that were trained and with new ones.

    Args:
        checkpoint: where a tuning that is cut short goes on; removed at the end.
    """
    data = make_data(config)
    learner = learner_of(config, data, checkpoint)
    tests = {name: with_right_answers(said) for name, said in data.tests.items()}
    curve = (
        learner.learn(
            with_right_answers(data.training),
            lambda: {
                name: score(learner.right(test, first=NUM_ON_CURVE)) for name, test in tests.items()
            },
        )
        if config.steps
        else []
    )
    metrics: dict[str, Score] = {}
    for name, test in tests.items():
        right = learner.right(test)
        applies = torch.tensor([said.task.applies for said in test])
        metrics[name] = score(right)
        metrics |= {
            f"{name}_{kind}": score(right[rows])
            for kind, rows in (("has_op", applies), ("no_op", ~applies))
            if rows.any()
        }
    for kind, wrong in answers_in_part(tests["unseen"]).items():
        metrics[f"unseen_{kind.replace(' ', '_')}"] = score(learner.right(wrong))
    answers = [
        {
            "prompt": task_in_words(task, how),
            "target": task.answer,
            "answer": learner.write(task, how),
        }
        for task, how, _ in tests["unseen"][:NUM_ANSWERS]
    ]
    errors = [answer for answer in answers if answer["answer"] != answer["target"]]
    if checkpoint:
        checkpoint.unlink(missing_ok=True)
    return learner.model, Outcome(metrics, curve, answers, errors[:NUM_ERRORS])


def learner_of(config: Config, data: EncryptedData, checkpoint: Path | None) -> Learner:
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


def with_right_answers(said: list[tuple[Task, int]]) -> list[AnsweredTask]:
    """Tasks with their right answers."""
    return [AnsweredTask(task, how, task.answer) for task, how in said]


def answers_in_part(test: list[AnsweredTask]) -> dict[str, list[AnsweredTask]]:
    """The tests with an answer that leaves a step out, or adds one: what a model that fails there
    would write."""
    found: dict[str, list[AnsweredTask]] = {}
    for task, how, _ in test:
        for kind, answer in task.partial_answers.items():
            found.setdefault(kind, []).append(AnsweredTask(task, how, answer))
    return found


def score(right: torch.Tensor) -> Score:
    return Score(int(right.sum()), len(right))
