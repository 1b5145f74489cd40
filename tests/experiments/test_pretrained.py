"""Experiment 6: every score of its runs, and models that cannot be had."""

import dataclasses

import pytest
from peft import PeftModel

from instrdiv.data import fetch as assets
from instrdiv.data.assets import TINY
from instrdiv.experiments import encrypted, pretrained
from instrdiv.experiments.learners import AnsweredTask, FromScratch, scratch_training, tokenize_task
from instrdiv.experiments.recording import recorded_or_run
from instrdiv.models.chat_model import load_model
from instrdiv.statistics.scores import Score
from instrdiv.training.device import Machine

CPU = Machine("cpu", "float32")


@pytest.mark.arithmetic
def test_a_run_of_ones_own_leaves_its_adapters_for_peft(tmp_path):
    config = pretrained.configure("smoke", steps=3)
    record = recorded_or_run(pretrained.experiment, "smoke", config, tmp_path / "results")
    PeftModel.from_pretrained(load_model(TINY)[0], tmp_path / "results" / "models" / record.key)


def test_runs_into_two_folders_keep_checkpoints_apart(tmp_path):
    seen = []
    failing = dataclasses.replace(
        pretrained.experiment, run=lambda config, checkpoint: (seen.append(checkpoint), 1 / 0)
    )
    config = pretrained.configure("smoke", seed=55)
    for name in ("one", "another"):
        with pytest.raises(ZeroDivisionError):
            recorded_or_run(failing, "smoke", config, tmp_path / name / "results")
    assert seen[0].path.parent == tmp_path / "one" / "results" / "checkpoints"
    assert seen[1].path.parent == tmp_path / "another" / "results" / "checkpoints"


def test_the_answer_alone_is_learned_and_its_letters_are_the_same_tokens_everywhere():
    _, tokenizer = load_model(TINY)
    data = pretrained.make_data(pretrained.configure("smoke"))
    task, how = data.training[0]
    line = tokenize_task(tokenizer, task, how, task.answer, data.training[1:3])
    answer = line.tokens[line.prompt_length :]
    assert answer[-1] == tokenizer.eos_token_id
    assert tokenizer.decode(answer[:-1]).replace(" ", "") == task.answer
    prompt = tokenizer.decode(line.tokens[: line.prompt_length])
    assert prompt.count("assistant") == 3


@pytest.mark.arithmetic
def test_a_smoke_run_gives_every_score():
    _, outcome = pretrained.run(pretrained.configure("smoke"))
    kinds = ("has_op", "no_op", "cipher_missing", "rewriting_missing", "both_missing", "enciphered")
    assert {"unseen", "seen", "unseen_key", *(f"unseen_{kind}" for kind in kinds)} <= set(
        outcome.metrics
    )
    assert [point["step"] for point in outcome.curve] == [3, 6]
    parts = outcome.metrics["unseen_has_op"], outcome.metrics["unseen_no_op"]
    assert outcome.metrics["unseen"] == Score(*(sum(column) for column in zip(*parts, strict=True)))


@pytest.mark.arithmetic
def test_a_model_is_scored_before_tuning_and_with_examples_in_its_prompt():
    _, outcome = pretrained.run(pretrained.configure("smoke", steps=0, shots=2))
    assert outcome.curve == [] and outcome.metrics["unseen"].total == 20


@pytest.mark.arithmetic
def test_a_model_from_scratch_learns_the_same_tasks_and_gets_the_same_scores():
    few = dict(num_rules=1, num_examples=20, num_keys=1, max_shift=2, num_test=10)
    config = pretrained.configure("smoke", model="from-scratch", steps=60, batch_size=32, **few)
    _, outcome = pretrained.run(config)
    assert set(outcome.metrics) == set(pretrained.run(pretrained.configure("smoke"))[1].metrics)
    assert outcome.curve[-1]["loss"] < outcome.curve[0]["loss"]


def test_a_model_from_scratch_scores_what_it_would_write():
    data = pretrained.make_data(pretrained.configure("smoke"))
    solver = FromScratch(scratch_training(40, 16, 1), CPU, data.training[0][0], seed=0)
    lines = encrypted.with_correct_answers(data.training[:8])
    solver.learn(lines, dict)
    wrong = [AnsweredTask(said.task, said.phrasing, said.answer[::-1]) for said in lines]
    both = [*lines, *wrong]
    written = [solver.write(said.task, said.phrasing) == said.answer for said in both]
    assert solver.right(both).tolist() == written and any(written)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rank": 0}, "rank=0: at least 1"),
        ({"num_rules": 61}, "num_rules=61 is more than num_examples=60"),
        ({"x_length": 5}, "x_length=5 is more than z_length=4"),
        ({"cipher": "rot"}, "cipher='rot': allowed are caesar, substitution"),
    ],
)
def test_bad_settings_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        pretrained.configure("smoke", **changes)


def test_a_model_that_is_not_there_is_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.setenv(assets.CACHE_VARIABLE, str(tmp_path))
    with pytest.raises(assets.AssetError, match="run `python -m instrdiv assets` once"):
        load_model("SmolLM2-135M-Instruct")
    with pytest.raises(assets.AssetError, match=r"model '.*nowhere' cannot be loaded"):
        load_model(str(tmp_path / "nowhere"))
