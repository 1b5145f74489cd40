"""Train a model on encrypted rewriting and score it: how a run of experiment 6 is made."""

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
from instrdiv.training.checkpoint import Checkpoint
from instrdiv.training.device import machine_for

NUM_ON_CURVE = 100
"""Tasks of each test at a checkpoint of the learning curve; the final scores use all."""

NUM_ANSWERS = 16

NUM_ERRORS = 12


def train_and_score_encrypted(
    config: Config, checkpoint: Checkpoint | None = None
) -> tuple[Any, Outcome]:
    """Train one model; test it on unseen rules, with keys that were trained and with new ones.

    Args:
        checkpoint: keeps the state of interrupted training. The caller deletes it.
    """
    data = make_data(config)
    learner = learner_of(config, data, checkpoint)
    tests = {name: with_correct_answers(tasks) for name, tasks in data.tests.items()}
    curve = (
        learner.learn(
            with_correct_answers(data.training),
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
        applies = torch.tensor([example.task.applies for example in test])
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
            "prompt": task_in_words(task, phrasing),
            "target": task.answer,
            "answer": learner.write(task, phrasing),
        }
        for task, phrasing, _ in tests["unseen"][:NUM_ANSWERS]
    ]
    errors = [answer for answer in answers if answer["answer"] != answer["target"]]
    return learner.model, Outcome(metrics, curve, answers, errors[:NUM_ERRORS])


def learner_of(config: Config, data: EncryptedData, checkpoint: Checkpoint | None) -> Learner:
    """The model that a config names, before training."""
    machine = machine_for(config.precision)
    if config.model == SCRATCH:
        training = scratch_training(config.steps, config.batch_size, config.num_evaluations)
        return FromScratch(
            training, machine, data.training[0][0], seed=config.seed, checkpoint=checkpoint
        )
    return Pretrained(
        config.model,
        config,
        machine,
        seed=config.seed,
        load_in_8bit=config.load_in_8bit,
        shown=data.training[: config.shots],
        checkpoint=checkpoint,
    )


def with_correct_answers(tasks: list[tuple[Task, int]]) -> list[AnsweredTask]:
    """Tasks with their correct answers."""
    return [AnsweredTask(task, phrasing, task.answer) for task, phrasing in tasks]


def answers_in_part(test: list[AnsweredTask]) -> dict[str, list[AnsweredTask]]:
    """The tests with answers that leave a step out or add one, as a model that fails at this step
    would write them."""
    found: dict[str, list[AnsweredTask]] = {}
    for task, phrasing, _ in test:
        for kind, answer in task.partial_answers.items():
            found.setdefault(kind, []).append(AnsweredTask(task, phrasing, answer))
    return found


def score(right: torch.Tensor) -> Score:
    return Score(int(right.sum()), len(right))
