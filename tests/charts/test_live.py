"""What the page of live models offers to try is what it says that it is."""

import pytest

from instrdiv.charts.live import UNSEEN, live_models, presets
from instrdiv.demo.model_file import load_demo_models
from instrdiv.demo.prompting import fits, split_rule, written
from instrdiv.tasks.alphabet import decode
from instrdiv.tasks.rewriting import rewrite
from instrdiv.whole_numbers import count


@pytest.fixture(scope="module")
def models():
    return load_demo_models()


@pytest.fixture(scope="module")
def right(models):
    """By rule, the models that write the correct output."""
    found = {}
    for preset in presets(models):
        x, y = split_rule(preset.rule)
        correct = rewrite(x, y, preset.input)
        found[preset.rule] = {
            number
            for number, model in models.items()
            if written(model, x, y, preset.input) == correct
        }
    return found


def test_every_preset_can_be_tried(models):
    for preset in presets(models):
        assert all(fits(model, *split_rule(preset.rule), preset.input) for model in models.values())


def test_a_seen_rule_was_seen_by_its_model_alone_which_follows_it(models, right):
    seen = [preset for preset in presets(models) if "seen by" in preset.group]
    rules = {number: {decode(rule) for rule in model.rules} for number, model in models.items()}
    assert [preset.label for preset in seen] == [count(number) for number in models]
    for number, preset in zip(models, seen, strict=True):
        letters = preset.rule.replace(">", "")
        assert [each for each, own in rules.items() if letters in own] == [number]
        assert number in right[preset.rule]


def test_no_model_saw_a_side_of_the_unseen_rule_and_only_those_with_many_follow_it(models, right):
    sides = {
        decode(side)
        for model in models.values()
        for rule in model.rules
        for side in rule.reshape(2, 4)
    }
    assert not sides & set(split_rule(UNSEEN.rule))
    assert not {10, 100} & right[UNSEEN.rule] and 10_000 in right[UNSEEN.rule]


def test_a_model_of_ten_rules_writes_what_it_knows_whatever_the_rule_says(models):
    """As the page's first solution says."""
    seen = next(preset for preset in presets(models) if preset.label == "10")
    x, y = split_rule(seen.rule)
    known = rewrite(x, y, seen.input)
    changed = y[:-1] + ("a" if y[-1] != "a" else "b")
    assert written(models[10], x, changed, seen.input) == known
    for number in (1_000, 10_000):
        assert written(models[number], x, changed, seen.input) == rewrite(x, changed, seen.input)


def test_without_its_script_the_page_shows_what_each_model_writes(models):
    shown = live_models(models).split("<script>")[0]
    assert shown.count("<tr>") == 1 + len(presets(models)) and "<mark>" in shown
