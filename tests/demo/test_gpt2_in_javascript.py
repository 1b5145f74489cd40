"""The models in a browser compute what they compute in NumPy, and know rules as the oracle does."""

import base64

import numpy as np
import pytest
from in_browser import FLAGS, chromium
from playwright.sync_api import sync_playwright

from instrdiv.charts.live import SCRIPTS
from instrdiv.demo.model_file import NUM_RULES, as_script, folder, load_demo_model
from instrdiv.demo.prompting import written
from instrdiv.demo.source_attention import attention
from instrdiv.paths import project_root
from instrdiv.statistics.scores import Score
from instrdiv.tasks.alphabet import encode
from instrdiv.tasks.rewriting import rewrite


@pytest.fixture(scope="module")
def page():
    """An empty page with the functions of the scripts, but for those that draw."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(offline=True)
        for name in SCRIPTS[:2]:
            page.add_script_tag(path=project_root() / "instrdiv" / name)
        yield page
        browser.close()


def load(page, number: int) -> None:
    file = (folder() / f"rules-{number}.safetensors").read_bytes()
    page.evaluate("file => { window.model = readModel(file) }", base64.b64encode(file).decode())


@pytest.mark.parametrize("number", NUM_RULES)
def test_logits_and_attention_are_those_of_numpy(page, number):
    load(page, number)
    tokens = encode("wxyz>abcd:ewxyzfgh=eabcdfgh").astype(int)
    logits, looks = load_demo_model(number)(tokens)
    found = page.evaluate(
        """tokens => {
          const read = startReading(model);
          return tokens.map(read).map(({ logits, attention }) => [[...logits], attention]);
        }""",
        tokens.tolist(),
    )
    for at, (own, heads) in enumerate(found):
        assert np.abs(np.array(own) - logits[at]).max() < 1e-4
        assert np.abs(np.array(heads) - looks[:, :, at, : at + 1]).max() < 1e-4


def test_answers_to_random_unseen_rules_are_those_of_numpy(page):
    load(page, 10_000)
    model = load_demo_model(10_000)
    asked = page.evaluate(
        """() => Array.from({ length: 10 }, () => {
          const { x, y, z } = randomUnseen([model]);
          return [x, y, z, write(model, `${x}>${y}:${z}=`, 9).map(l => l.character).join("")];
        })"""
    )
    for x, y, z, answer in asked:
        assert x in z and (len(x), len(y), len(z)) == (4, 4, 8)
        assert answer == written(model, x, y, z)


def test_a_rule_counts_as_seen_as_held_out_rules_are_held_out(page):
    """By a side on either hand."""
    load(page, 10)
    rule = "".join(chr(97 + letter) for letter in load_demo_model(10).rules[0])
    x, y = rule[:4], rule[4:]
    cases = [(x, y, "rule"), (y, x, "side"), ("qqqq", x, "side"), ("qqqq", "zzzz", "nothing")]
    for left, right, seen in cases:
        assert page.evaluate("([x, y]) => seenBy(model, x, y)", [left, right]) == seen


@pytest.mark.parametrize("case", ["ab>c:xabab", "ab>:ab", "ab>$&:xab", "ab>c:ba", "aa>b:aaa"])
def test_a_rule_is_applied_as_the_oracle_says(page, case):
    rule, z = case.split(":")
    x, y = rule.split(">")
    assert page.evaluate("rule => rewritten(...rule)", [x, y, z]) == rewrite(x, y, z)


def test_the_source_position_is_the_one_that_attention_marks(page):
    x, y, z = "wxyz", "abcd", "ewxyzfgh"
    looks = attention(load_demo_model(10), x, y, z)
    sources = looks[looks.source].drop_duplicates("step").position.tolist()
    found = page.evaluate(
        "rule => Array.from({ length: 8 }, (_, step) => sourceOf(step, ...rule))", [x, y, z]
    )
    assert found == sources


@pytest.mark.parametrize(("correct", "total"), [(0, 100), (63, 100), (100, 100), (1943, 2000)])
def test_an_interval_is_wilsons(page, correct, total):
    found = page.evaluate("([correct, total]) => interval(correct, total)", [correct, total])
    assert np.allclose(found, Score(correct, total).interval(), atol=1e-9)


def test_all_models_come_in_one_script_of_at_most_four_megabytes(page):
    script = as_script()
    assert len(script) < 4_000_000
    page.evaluate("() => { window.instrdivModels = files => { window.files = files } }")
    page.add_script_tag(content=script)
    assert page.evaluate("() => Object.keys(files)") == [str(number) for number in NUM_RULES]
    about = page.evaluate("() => readModel(files[300]).metrics.unseen")
    assert about == load_demo_model(300).metrics["unseen"]
