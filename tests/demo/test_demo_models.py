"""The models that the book ships: they do what the book says of them."""

import json

import numpy as np
import pytest
import torch

from instrdiv.charts.interactive import trace
from instrdiv.cli import main
from instrdiv.demo.model_file import (
    NUM_RULES,
    load_demo_model,
    load_demo_models,
    rounded,
    unrounded,
)
from instrdiv.demo.prompting import split_rule, written
from instrdiv.demo.source_attention import attention, copying_head, on_source
from instrdiv.evaluation.exact_match import exact_matches
from instrdiv.experiments import rule_diversity
from instrdiv.experiments.demo_training import make_demo_model
from instrdiv.experiments.symbolic import SymbolicConfig
from instrdiv.models.gpt2 import GPT2, GPT2Config
from instrdiv.models.hub import to_transformers
from instrdiv.statistics.scores import Score
from instrdiv.tasks.alphabet import encode
from instrdiv.tasks.rewriting import rewrite

FEW, MANY = 100, 10_000


@pytest.fixture(scope="module")
def models():
    return load_demo_models()


def in_torch(model):
    ours = GPT2(GPT2Config(**model.sizes))
    ours.load_state_dict({name: torch.from_numpy(array) for name, array in model.weights.items()})
    return ours.eval()


@pytest.mark.parametrize("number", NUM_RULES)
def test_numpy_and_two_other_implementations_compute_the_same(models, number):
    tokens = encode("wxyz>abcd:ewxyzfgh=eabcdfgh").astype(int)
    logits, attention = models[number](tokens)
    ours, line = in_torch(models[number]), torch.from_numpy(tokens)[None]
    theirs = to_transformers(ours)
    theirs.set_attn_implementation("eager")
    with torch.inference_mode():
        expected = theirs(line, output_attentions=True)
        assert np.allclose(logits, ours(line)[0], atol=1e-4)
    assert np.allclose(logits, expected.logits[0], atol=1e-4)
    assert np.allclose(attention, torch.cat(expected.attentions), atol=1e-5)


@pytest.mark.parametrize("number", NUM_RULES)
def test_a_shipped_model_has_the_scores_that_its_file_states(models, number):
    model = models[number]
    data = rule_diversity.make_data(SymbolicConfig(**model.config))
    assert np.array_equal(model.rules, np.concatenate([data.rules.x, data.rules.y], axis=1))
    for name in ("unseen", "seen"):
        found = exact_matches(in_torch(model), data.tests[name])
        stated = Score(**model.metrics[name])
        # Another processor rounds otherwise, which may turn a close call or two.
        assert abs(int(found.sum()) - stated.correct) <= 5 and len(found) == stated.total


def test_all_know_their_rules_and_only_those_with_many_follow_others(models):
    unseen = {number: Score(**model.metrics["unseen"]).share for number, model in models.items()}
    assert all(Score(**model.metrics["seen"]).share > 0.9 for model in models.values())
    assert list(unseen.values()) == sorted(unseen.values())
    assert max(unseen[10], unseen[100]) < 0.05 and min(unseen[1_000], unseen[10_000]) > 0.85


def test_demo_models_differ_in_their_number_of_rules_alone(models):
    configs = [{**model.config, "num_rules": None} for model in models.values()]
    assert tuple(models) == NUM_RULES and all(config == configs[0] for config in configs)
    assert [len(model.rules) for model in models.values()] == list(NUM_RULES)


def test_rounding_moves_a_weight_by_at_most_half_a_step():
    weights = np.random.default_rng(0).normal(size=(50, 96)).astype(np.float32)
    weights[3] = 0
    kept = unrounded(rounded({"w": weights, "b": weights[0]}))
    step = np.abs(weights).max(axis=1, keepdims=True) / 127
    assert (np.abs(kept["w"] - weights) <= step * 0.5001).all()
    assert np.array_equal(kept["b"], weights[0])


def test_the_head_that_is_shown_looks_at_what_must_be_copied_in_models_that_copy(models):
    assert copying_head(models[MANY]).weight > copying_head(models[FEW]).weight + 0.1


def test_the_succeeding_model_looks_at_the_letters_that_it_must_copy(models):
    rng = np.random.default_rng(0)
    best = {FEW: [], MANY: []}
    for _ in range(20):
        letters = rng.permutation(list("abcdefghijklmnopqrstuvwxyz"))
        x, y, rest = "".join(letters[:4]), "".join(letters[4:8]), "".join(letters[8:12])
        z = rest[:2] + x + rest[2:]
        for number in (FEW, MANY):
            best[number].append(on_source(attention(models[number], x, y, z)).weight.max())
    assert np.mean(best[MANY]) > np.mean(best[FEW]) + 0.1
    assert np.mean(best[MANY]) > 0.4


def test_attention_is_that_of_the_model_and_marks_one_source_a_letter(models):
    model = models[MANY]
    looks = attention(model, "wxyz", "abcd", "ewxyzfgh")
    assert np.allclose(looks.groupby(["layer", "head", "step"]).weight.sum(), 1, atol=1e-5)
    sources = looks[looks.source].drop_duplicates("step")
    assert list(sources.reads) == list("eabcdfgh") == list(sources.writes)


def test_attention_to_a_rule_that_does_not_apply_is_refused(models):
    with pytest.raises(ValueError, match="wxyz does not occur in aaaaaaaa"):
        attention(models[MANY], "wxyz", "abcd", "aaaaaaaa")


def test_a_model_is_kept_with_all_that_is_needed_to_load_it(tmp_path):
    changes = dict(steps=3, num_examples=200, num_test=20, num_evaluations=1)
    path = make_demo_model(50, tmp_path, **changes)
    again = load_demo_model(50, tmp_path)
    assert path.stat().st_size < 500_000
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert again.config["num_rules"] == 50 and again.metrics["unseen"]["total"] == 20
    json.dumps(again.metrics)
    with pytest.raises(FileNotFoundError, match="demo-models` trains it again"):
        load_demo_model(51, tmp_path)


def test_rules_and_inputs_of_other_lengths_are_refused(models):
    with pytest.raises(ValueError, match=r"know only \|x\| = 4, \|y\| = 4, \|z\| = 8"):
        written(models[MANY], "ab", "cde", "xxabyy")
    for wrong in ("ab", ">ab", "ab>C", "ab>c>d"):
        with pytest.raises(ValueError, match="letters a–z, then >"):
            split_rule(wrong)


def test_the_command_shows_each_step_and_asks_all_models(capsys):
    assert main(["rewrite", "wxyz>abcd", "ewxyzfgh"]) == 0
    said = capsys.readouterr().out
    assert "Replace it by abcd: eabcdfgh." in said and "10,000 rules writes eabcdfgh" in said
    assert main(["rewrite", "ab>cde", "xxabyy"]) == 0
    said = capsys.readouterr().out
    assert "xxcdeyy" in said and "is not prompted" in said
    assert main(["rewrite", "ab>cde", "XY"]) == 2


@pytest.mark.parametrize("case", ["ab>c:xab", "ab>:ab", "ab>c:ba", "abc>d:ab"])
def test_the_steps_in_words_end_as_the_oracle_says(case):
    rule, z = case.split(":")
    x, y = rule.split(">")
    last = trace(x, y, z)[-1]
    assert last.endswith(f": {rewrite(x, y, z) or 'nothing is left'}.")
