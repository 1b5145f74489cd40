"""The page on which rules can be tried, in a browser."""

import pytest
from in_browser import FLAGS, WAIT, chromium
from playwright.sync_api import sync_playwright

from instrdiv.tasks.rewriting import rewrite


@pytest.fixture(scope="module")
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(offline=True)
        page.set_default_timeout(WAIT)
        yield page
        browser.close()


@pytest.fixture
def idea(html, page):
    """The page on which rules can be tried, in a browser, as it opens."""
    page.goto((html / "book" / "see-the-idea.html").as_uri())
    return page


@pytest.mark.parametrize(
    ("rule", "text"), [("aa>bac", "caaba"), ("ab>", "ab"), ("ab>abab", "xab"), ("ab>c", "ba")]
)
def test_a_rule_tried_on_the_page_ends_as_the_oracle_says(idea, rule, text):
    idea.get_by_role("textbox", name="rule").fill(rule)
    idea.get_by_role("textbox", name="input").fill(text)
    button = idea.get_by_role("button", name="Next step")
    while button.is_enabled():
        button.press("Enter")
    assert idea.locator(".rewriter code").inner_text() == rewrite(*rule.split(">"), text)


def test_a_rule_without_an_arrow_is_explained(idea):
    idea.get_by_role("textbox", name="rule").fill("ab")
    assert "two sides with > between them" in idea.locator(".rewriter").inner_text()


def test_the_slider_shows_one_model_at_a_time_and_can_be_moved_by_keys(idea):
    slider = idea.get_by_role("slider")
    shown = idea.locator(".stages section:visible")
    slider.press("Home")
    assert shown.count() == 1 and "10 rules" in shown.get_attribute("data-label")
    slider.press("End")
    assert shown.count() == 1 and "100\u202f000 rules" in shown.get_attribute("data-label")
