"""Models that answer in the built page, in a browser, from disk."""

import re

import pytest
from in_browser import AXE, VIOLATIONS, WAIT

from instrdiv.charts.live import MODELS, UNSEEN, presets
from instrdiv.demo.model_file import load_demo_models
from instrdiv.demo.prompting import split_rule, written
from instrdiv.statistics.scores import Score


@pytest.fixture(scope="module")
def opened(html, browser):
    """A function that opens the page on a screen, once the models are there."""

    def open_page(**screen):
        page = browser.new_page(offline=True, **screen)
        page.set_default_timeout(WAIT)
        page.goto((html / "book" / "live.html").as_uri())
        page.locator(".live .said").first.wait_for(state="attached")
        return page

    return open_page


@pytest.fixture(scope="module")
def guessed(opened):
    """The page after the first guess, when the models answer at once."""
    page = opened()
    page.get_by_role("button", name="Show what they write").click()
    return page


@pytest.fixture
def live(guessed):
    """That page with the rule and input that it begins with."""
    type_into(guessed, "rule", UNSEEN.rule)
    type_into(guessed, "input", UNSEEN.input)
    return guessed


def answers(page) -> list[str]:
    return [each.inner_text() for each in page.locator(".live .said").all()]


def type_into(page, name: str, text: str) -> None:
    page.locator(".live").get_by_role("textbox", name=name).fill(text)


def test_models_answer_only_after_a_guess_and_are_compared_with_it(opened):
    page = opened()
    assert set(answers(page)) == {""}
    page.get_by_role("checkbox", name=re.compile(r"^10\s000 rules")).check()
    page.get_by_role("checkbox", name=re.compile("^10 rules")).check()
    page.get_by_role("button", name="Show what they write").press("Enter")
    said = page.locator(".live .line").first.inner_text()
    assert said.startswith("You expected: 10 and 10\u202f000.") and "Correct is mbbbbaoe" in said


def test_before_the_guess_nothing_is_seen_that_tells_or_is_empty(opened):
    page = opened()
    for tells in (".count", ".presets", ".strip", "td.said", "th.writes"):
        assert not page.locator(f".live {tells}").first.is_visible(), tells
    said = page.locator(".live .line").first.inner_text()
    assert "a model that follows it writes mbbbbaoe. Which of them will?" in said
    titles = page.locator(".live thead").first.get_by_role("columnheader")
    assert titles.all_inner_texts() == ["trained on", "your guess"]
    page.get_by_role("button", name="Show what they write").click()
    for told in (".count", ".presets", ".strip", "td.said", "th.writes"):
        assert page.locator(f".live {told}").first.is_visible(), told
    assert titles.all_inner_texts() == ["trained on", "writes", "verdict"]
    assert page.locator(".live .line").first.evaluate("line => line === document.activeElement")


def test_who_types_a_rule_is_answered_without_a_guess_once_it_is_whole(opened):
    page = opened()
    type_into(page, "rule", "wxyz>abc")
    assert page.get_by_role("button", name="Show what they write").is_visible()
    assert "Right of > the rule has 3 letters" in page.locator(".live .line").first.inner_text()
    type_into(page, "rule", "wxyz>abcd")
    type_into(page, "input", "ewxyzfgh")
    assert answers(page)[-1] == "eabcdfgh"
    assert page.locator(".live .line").first.inner_text().startswith("Correct is eabcdfgh")


def test_every_preset_is_answered_as_numpy_answers(live):
    models = load_demo_models()
    for preset in presets(models):
        group = live.get_by_role("group", name=preset.group, exact=True)
        group.get_by_role("button", name=preset.label, exact=True).click()
        x, y = split_rule(preset.rule)
        expected = [written(model, x, y, preset.input) for model in models.values()]
        assert [answer.rstrip("␣") for answer in answers(live)] == expected
        assert preset.shows in live.locator(".live .line").first.inner_text()


def test_a_typed_rule_is_answered_at_once_and_each_letter_is_judged(live):
    type_into(live, "rule", "wxyz>abcd")
    type_into(live, "input", "ewxyzfgh")
    assert answers(live)[-1] == "eabcdfgh"
    assert live.locator(".live .verdict").last.inner_text() == "correct"
    names = live.locator(".live .said").last.get_by_role("button")
    assert names.nth(1).get_attribute("aria-label") == "letter 2: a, right"


def test_keys_lead_from_letter_to_letter_and_show_the_attention_behind_it(live):
    last = live.locator(".live .said").last.get_by_role("button")
    last.first.focus()
    live.keyboard.press("ArrowRight")
    assert last.nth(1).evaluate("button => button === document.activeElement")
    told = live.locator(".live .behind").first.inner_text()
    assert told.startswith("Letter 2, model trained on 10\u202f000 rules, layer ")
    # The first b of the output comes from the first b of the rule.
    tiles = live.locator(".live .tile")
    source = tiles.evaluate_all("all => all.findIndex(tile => tile.matches('.source'))")
    assert source == UNSEEN.rule.index("b")
    looks = tiles.evaluate_all("all => all.map(tile => +tile.style.getPropertyValue('--look'))")
    assert sum(looks) == pytest.approx(1, abs=1e-4)
    live.keyboard.press("ArrowUp")
    told = live.locator(".live .behind").first.inner_text()
    assert told.startswith("Letter 2, model trained on 1\u202f000 rules")


def test_pointing_at_a_letter_shows_the_attention_behind_it(live):
    live.locator(".live .said").first.get_by_role("button").first.hover()
    told = live.locator(".live .behind").first.inner_text()
    assert told.startswith("Letter 1, model trained on 10 rules")


@pytest.mark.parametrize(
    ("rule", "text", "said"),
    [
        ("abc>wxyz", "mabcdkoe", "Left of > the rule has 3 letters: these models know only 4."),
        ("abcd>", "mabcdkoe", "Right of > the rule has no letters: these models know only 4."),
        ("abcd>wxyz", "mabcdkoez", "The input has 9 letters: these models know only 8."),
        ("abcd>wXyz", "mabcdkoe", "“X” is a capital letter: these models know only the small"),
        ("abcd>wxyz", "mabcd koe", "“ ” is no letter: these models know only the small"),
        ("abcd", "mabcdkoe", "A rule has two sides with one > between them."),
        ("a>b>c", "mabcdkoe", "A rule has two sides with one > between them."),
        ("<b>>abcd", "mabcdkoe", "“<” is no letter"),
        ("abcd>wxyz", "efghefgh", "abcd does not occur in efghefgh, so the input stays as it is."),
    ],
)
def test_what_cannot_be_tried_is_said_in_one_line(live, rule, text, said):
    type_into(live, "rule", rule)
    type_into(live, "input", text)
    assert live.locator(".live .line").first.inner_text().startswith(said)
    assert (set(answers(live)) == {""}) == ("does not occur" not in said)


SAME_EACH_TIME = """() => {
  let state = 1;
  Math.random = () => (state = (state * 16807) % 2147483647) / 2147483647;
}"""


def test_random_unseen_rules_are_counted_until_they_are_stopped(live):
    live.evaluate(SAME_EACH_TIME)
    live.get_by_role("button", name="Try 100 random unseen rules").click()
    live.wait_for_function(
        "() => parseInt(document.querySelector('.live-count').innerText.split(' of ')[1]) >= 5"
    )
    live.get_by_role("button", name="Stop").click()
    counts = [each.inner_text() for each in live.locator(".live-count").all()]
    found = [[int(n) for n in re.match(r"(\d+) of (\d+)", each).groups()] for each in counts]
    tried = found[0][1]
    assert 5 <= tried < 100 and all(total == tried for _, total in found)
    assert found[0][0] <= 1 and found[-1][0] >= tried / 2
    low, high = Score(*found[-1]).interval()
    shown = counts[-1].split("\n")[-1]
    assert shown == f"{100 * low:.0f}–{100 * high:.0f} %"
    assert live.get_by_role("button", name="Try 100 more").is_enabled()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_page_in_use_fits_a_narrow_screen_and_shuts_nobody_out(opened, look):
    page = opened(color_scheme=look, viewport={"width": 390, "height": 800})
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for guessing in (True, False):
        if not guessing:
            page.get_by_role("button", name="Show what they write").click()
            page.locator(".live .said").first.get_by_role("button").nth(6).focus()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.evaluate(VIOLATIONS) == []


def test_on_paper_there_is_a_table_of_answers_instead(live):
    assert not live.locator(".on-paper").is_visible()
    live.emulate_media(media="print")
    assert live.locator(".on-paper table").is_visible()
    assert not live.locator(".live").is_visible()
    live.emulate_media(media="screen")


def test_without_the_models_the_page_says_so_and_shows_the_table(html, browser):
    page = browser.new_page(offline=True)
    page.set_default_timeout(WAIT)
    page.route("**/models.js", lambda route: route.abort())
    page.goto((html / "book" / "live.html").as_uri())
    page.get_by_text("The models answer on this page of the built book").wait_for()
    assert page.locator(".on-paper table").is_visible()


def test_no_other_page_carries_the_models(html):
    name = MODELS.removeprefix("../")
    assert (html / name).exists()
    pages = [path.stem for path in html.rglob("*.html") if name in path.read_text(encoding="utf-8")]
    assert pages == ["live"]
