"""The two models that the book ships: they do what the book says of them."""

import json

import numpy as np
import pytest
import torch

from instrdiv.charts.interactive import trace
from instrdiv.cli import main
from instrdiv.evaluation.exact_match import exact_matches
from instrdiv.experiments import rule_diversity
from instrdiv.experiments.demo_training import make_demo_model
from instrdiv.models.hub import to_transformers
from instrdiv.publishing.demo_models import (
    NUM_RULES,
    attention,
    load_demo_model,
    on_source,
    split_rule,
    written,
)
from instrdiv.statistics.scores import Score
from instrdiv.tasks.alphabet import encode
from instrdiv.tasks.rewriting import rewrite

pytestmark = pytest.mark.arithmetic

FEW, MANY = NUM_RULES


@pytest.fixture(scope="module")
def exhibits():
    return {number: load_demo_model(number) for number in NUM_RULES}


@pytest.mark.parametrize("number", NUM_RULES)
def test_a_shipped_model_has_the_scores_that_its_file_states(exhibits, number):
    exhibit = exhibits[number]
    tests = rule_diversity.make_data(exhibit.config).tests
    for name in ("unseen", "seen"):
        found = exact_matches(exhibit.model, tests[name])
        stated = Score(**exhibit.metrics[name])
        # Another processor rounds otherwise, which may turn a close call or two.
        assert abs(int(found.sum()) - stated.correct) <= 5 and len(found) == stated.total


def test_one_fails_on_unseen_rules_and_one_succeeds(exhibits):
    assert Score(**exhibits[FEW].metrics["unseen"]).share < 0.05
    assert Score(**exhibits[FEW].metrics["seen"]).share > 0.9
    assert Score(**exhibits[MANY].metrics["unseen"]).share > 0.9


def test_the_succeeding_model_looks_at_the_letters_that_it_must_copy(exhibits):
    rng = np.random.default_rng(0)
    best = {number: [] for number in NUM_RULES}
    for _ in range(20):
        letters = rng.permutation(list("abcdefghijklmnopqrstuvwxyz"))
        x, y, rest = "".join(letters[:4]), "".join(letters[4:8]), "".join(letters[8:12])
        z = rest[:2] + x + rest[2:]
        for number, exhibit in exhibits.items():
            best[number].append(on_source(attention(exhibit, x, y, z)).weight.max())
    assert np.mean(best[MANY]) > np.mean(best[FEW]) + 0.1
    assert np.mean(best[MANY]) > 0.4


def test_attention_is_that_of_the_model_and_marks_one_source_a_letter(exhibits):
    exhibit = exhibits[MANY]
    looks = attention(exhibit, "wxyz", "abcd", "ewxyzfgh")
    assert np.allclose(looks.groupby(["layer", "head", "step"]).weight.sum(), 1, atol=1e-5)
    sources = looks[looks.source].drop_duplicates("step")
    assert list(sources.reads) == list("eabcdfgh") == list(sources.writes)
    line = torch.from_numpy(encode("wxyz>abcd:ewxyzfgh=eabc")).long()[None]
    ours, theirs = exhibit.model(line), to_transformers(exhibit.model)(line).logits
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


def test_attention_to_a_rule_that_does_not_apply_is_refused(exhibits):
    with pytest.raises(ValueError, match="wxyz does not occur in aaaaaaaa"):
        attention(exhibits[MANY], "wxyz", "abcd", "aaaaaaaa")


def test_a_model_is_kept_with_all_that_is_needed_to_load_it(tmp_path):
    changes = dict(steps=3, num_examples=200, num_test=20, num_evaluations=1)
    path = make_demo_model(50, tmp_path, **changes)
    again = load_demo_model(50, tmp_path)
    assert path.stat().st_size < 2_000_000
    assert again.config.num_rules == 50 and again.metrics["unseen"]["total"] == 20
    json.dumps(again.metrics)
    with pytest.raises(FileNotFoundError, match="exhibits` trains it anew"):
        load_demo_model(51, tmp_path)


def test_rules_and_inputs_of_other_lengths_are_refused(exhibits):
    with pytest.raises(ValueError, match=r"know \|x\| = 4, \|y\| = 4, \|z\| = 8 alone"):
        written(exhibits[MANY], "ab", "cde", "xxabyy")
    for wrong in ("ab", ">ab", "ab>C", "ab>c>d"):
        with pytest.raises(ValueError, match="letters a–z, then >"):
            split_rule(wrong)


def test_the_command_shows_each_step_and_asks_both_models(capsys):
    assert main(["rewrite", "wxyz>abcd", "ewxyzfgh"]) == 0
    said = capsys.readouterr().out
    assert "Put abcd there: eabcdfgh." in said and "10,000 rules writes eabcdfgh" in said
    assert main(["rewrite", "ab>cde", "xxabyy"]) == 0
    said = capsys.readouterr().out
    assert "xxcdeyy" in said and "is not asked" in said
    assert main(["rewrite", "ab>cde", "XY"]) == 2


@pytest.mark.parametrize("case", ["ab>c:xab", "ab>:ab", "ab>c:ba", "abc>d:ab"])
def test_the_steps_in_words_end_as_the_oracle_says(case):
    rule, z = case.split(":")
    x, y = rule.split(">")
    last = trace(x, y, z)[-1]
    assert last.endswith(f": {rewrite(x, y, z) or 'nothing is left'}.")
