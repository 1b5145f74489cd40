"""What helps to read a page, in a browser: the switch that shows its code, and the glossary.

A book of three pages is set as the whole one is, which takes seconds.
"""

import shutil
from pathlib import Path

import nbformat
import pytest
from in_browser import AXE, FLAGS, LAYOUT, VIOLATIONS, WAIT, chromium
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Browser, Page, sync_playwright

from instrdiv.paths import project_root
from instrdiv.publishing.build import build_pages

CHAPTER = [
    new_markdown_cell("# A chapter on runes\n\nA rune, and another rune: `rune`, [rune](index).\n"),
    new_code_cell("setting = 1"),
    new_code_cell("import hidden", metadata={"tags": ["hide-input"]}),
    new_code_cell(
        "print(hidden)",
        metadata={"tags": ["hide-input"]},
        outputs=[new_output("stream", text="what the cell shows")],
    ),
    new_markdown_cell("## A section\n\nNo runestone, but *Runes*.\n\n### Below\n\nA rune.\n"),
]
WORDS = "# Words\n\n```{glossary}\nrune\nrunes\n  a letter < all *others*\n```\n"


@pytest.fixture(scope="module")
def small_book(tmp_path_factory) -> Path:
    """The folder of pages of a book of three pages."""
    folder, root = tmp_path_factory.mktemp("small"), project_root()
    source = folder / "source"
    shutil.copytree(root / "book" / "_static", source / "_static")
    shutil.copy(root / "_config.yml", source)
    (source / "extra").mkdir()
    (source / "book").mkdir()
    shutil.copy(root / "book" / "references.bib", source / "book")
    (source / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nchapters:\n  - file: book/chapter\n"
        "  - file: book/words\n"
    )
    (source / "book" / "index.md").write_text("# A small book\n")
    (source / "book" / "words.md").write_text(WORDS)
    language = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    chapter = new_notebook(cells=CHAPTER, metadata=language)
    nbformat.write(chapter, source / "book" / "chapter.ipynb")
    build_pages(source, folder / "_build")
    return folder / "_build" / "html" / "book"


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


def opened(browser: Browser, path: Path, **how) -> Page:
    page = browser.new_context(offline=True, **how).new_page()
    page.set_default_timeout(WAIT)
    page.goto(path.as_uri())
    return page


def code_in_sight(page: Page) -> list[bool]:
    return [cell.is_visible() for cell in page.locator(".cell_input").all()]


def test_one_switch_shows_and_hides_all_code_that_is_tagged_and_nothing_else(small_book, browser):
    page = opened(browser, small_book / "chapter.html")
    switch = page.get_by_role("switch", name="Show code")
    assert switch.get_attribute("aria-checked") == "false"
    assert code_in_sight(page) == [True, False, False]
    assert not page.get_by_text("Show code cell source").first.is_visible()
    assert page.get_by_text("what the cell shows").is_visible()
    switch.press("Space")
    assert switch.get_attribute("aria-checked") == "true"
    assert code_in_sight(page) == [True, True, True]
    assert not page.get_by_text("Hide code cell source").first.is_visible()
    switch.press("Enter")
    assert code_in_sight(page) == [True, False, False]


def test_the_switch_keeps_its_place_on_the_next_page_but_not_in_the_next_session(
    small_book, browser
):
    page = opened(browser, small_book / "chapter.html")
    page.get_by_role("switch").click()
    page.goto((small_book / "index.html").as_uri())
    assert page.get_by_role("switch").count() == 0, "a page without hidden code needs none"
    page.goto((small_book / "chapter.html").as_uri())
    assert code_in_sight(page) == [True, True, True]
    assert code_in_sight(opened(browser, small_book / "chapter.html")) == [True, False, False]


def test_the_switch_works_where_the_browser_remembers_nothing(small_book, browser):
    page = browser.new_context(offline=True).new_page()
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', {get() { throw new Error('refused') }})"
    )
    page.goto((small_book / "chapter.html").as_uri())
    page.get_by_role("switch").click()
    assert code_in_sight(page) == [True, True, True]


def test_code_is_printed_only_if_it_was_shown(small_book, browser):
    page = opened(browser, small_book / "chapter.html")
    page.emulate_media(media="print")
    assert code_in_sight(page) == [True, False, False]
    page.emulate_media(media="screen")
    page.get_by_role("switch").click()
    page.emulate_media(media="print")
    assert code_in_sight(page) == [True, True, True]
    assert not page.get_by_role("switch").is_visible()


def test_without_scripts_each_cell_unfolds_by_a_bar_of_its_own(small_book, browser):
    page = opened(browser, small_book / "chapter.html", java_script_enabled=False)
    assert page.get_by_role("switch").count() == 0
    page.get_by_text("Show code cell source").last.click()
    assert code_in_sight(page) == [True, False, True]


def test_the_first_use_of_a_word_in_each_section_is_a_link_to_its_meaning(small_book, browser):
    page = opened(browser, small_book / "chapter.html", java_script_enabled=False)
    words = page.locator("a.term")
    assert words.all_inner_texts() == ["rune", "Runes"]
    words.first.click()
    assert page.url.endswith("words.html#term-rune")
    assert page.locator("#term-rune").is_visible()
    assert page.locator("a.term").count() == 0, "a glossary does not explain itself"


def test_a_meaning_appears_on_hover_and_focus_and_leaves_with_them_or_on_escape(
    small_book, browser
):
    page = opened(browser, small_book / "chapter.html")
    first, second = page.locator("a.term").all()
    meaning = page.get_by_role("tooltip")
    assert meaning.count() == 0
    first.hover()
    assert meaning.inner_text() == "a letter < all others"
    assert first.get_attribute("aria-describedby") == meaning.get_attribute("id")
    meaning.hover()  # so that it can be read, copied, magnified
    page.wait_for_timeout(400)
    assert meaning.is_visible()
    page.get_by_role("heading", name="A section").hover()
    meaning.wait_for(state="hidden")
    second.focus()
    assert meaning.is_visible()
    page.keyboard.press("Escape")
    assert meaning.count() == 0


def test_on_a_phone_a_tap_shows_the_meaning_on_the_screen_and_a_second_one_follows_the_link(
    small_book, browser
):
    phone = {"width": 320, "height": 600}
    page = opened(browser, small_book / "chapter.html", has_touch=True, viewport=phone)
    page.locator("a.term").first.tap()
    box = page.get_by_role("tooltip").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= phone["width"]
    page.get_by_role("heading", name="A section").tap()
    assert page.get_by_role("tooltip").count() == 0
    page.locator("a.term").first.tap()
    page.locator("a.term").first.tap()
    page.wait_for_url("**/words.html#term-rune")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_here_shuts_a_reader_out_or_leaves_a_phone(small_book, browser, scheme):
    page = opened(
        browser,
        small_book / "chapter.html",
        color_scheme=scheme,
        viewport={"width": 390, "height": 900},
    )
    page.get_by_role("switch").click()
    page.wait_for_timeout(500)  # until what was unfolded has faded in
    page.locator("a.term").first.focus()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(VIOLATIONS, None) == []
    assert page.evaluate(LAYOUT) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
