"""What helps to read a page, in a browser: the switch that shows its code, the glossary and
the quiz.

A book of six pages is set as the whole one is, which takes seconds.
"""

import re
import shutil
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from in_browser import AXE, LAYOUT, VIOLATIONS, WAIT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Browser, Page

from instrdiv.paths import project_root
from instrdiv.publishing.both_ways import SETTINGS, fold_settings
from instrdiv.publishing.build import build_pages
from instrdiv.publishing.editions import for_edition

FIGURE, NOTE, WIDE = (
    new_output("display_data", data={"text/html": shown})
    for shown in (
        "<figure class='chart'>a figure</figure>",
        "<p class='note'>below all</p>",
        f"<table><tr>{'<td>setting</td>' * 20}</tr></table>",
    )
)
CHAPTER = [
    new_markdown_cell("# A chapter on runes\n\nA rune, and another rune: `rune`, [rune](index).\n"),
    new_code_cell(f"setting = {list(range(40))}"),  # a long line
    new_code_cell("import hidden", metadata={"tags": ["hide-input"]}),
    new_code_cell(
        "print(hidden)",
        metadata={"tags": ["hide-input"]},
        outputs=[new_output("stream", text="what the cell shows")],
    ),
    new_markdown_cell("## A section\n\nNo runestone, but *Runes*.\n\n### Below\n\nA rune.\n"),
    new_code_cell(
        "together()",
        metadata={"tags": ["remove-input"]},
        outputs=[FIGURE, FIGURE, FIGURE, NOTE],
    ),
    new_markdown_cell("## A table\n\n| Rune | |\n|---|---|\n| a rune | runes |\n"),
]
RUN = [
    new_markdown_cell("# A chapter with a run\n\nA question.\n"),
    new_code_cell("seed = 0", metadata={"tags": ["parameters"]}),
    new_code_cell("draw()", metadata={"tags": ["hide-input"]}, outputs=[FIGURE, WIDE]),
]
fold_settings(RUN[1].metadata)
WORDS = "# Words\n\n```{glossary}\nrune\nrunes\n  a letter < all *others*\n```\n"

QUIZ = """# For lecturers

## Quiz

1. Which is a rune?
   1. A bone.
   2. A rune, `x`.
2. Which is none?
   1. This one.
   2. That one.

```{dropdown} Answers
1. 1. No: a bone.
   2. Right: see [](index.md).
2. 1. Right: this one.
   2. No: that one is one.
```
"""


PLAN = """# A small book

## Ninety minutes

| Minutes | What | Page |
|---|---|---|
| 10 | **Predict:** how many rules does it take? Votes on the board, then the slider | [](words) |
| 20 | Groups of four, a chapter each: claim, figure, limit | [](words) to [](chapter) |
"""


@pytest.fixture(scope="module")
def small_book(tmp_path_factory) -> Path:
    """The folder of pages of a book of six pages."""
    folder, root = tmp_path_factory.mktemp("small"), project_root()
    source = folder / "source"
    shutil.copytree(root / "book" / "_static", source / "_static")
    shutil.copy(root / "_config.yml", source)
    (source / "extra").mkdir()
    (source / "book").mkdir()
    shutil.copy(root / "book" / "references.bib", source / "book")
    (source / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nchapters:\n  - file: book/chapter\n"
        "  - file: book/run\n"
        "  - file: book/words\n  - file: book/teaching\n  - file: book/student\n"
    )
    (source / "book" / "index.md").write_text(PLAN)
    (source / "book" / "words.md").write_text(WORDS)
    (source / "book" / "teaching.md").write_text(QUIZ)
    (source / "book" / "student.md").write_text(for_edition(QUIZ, "student"))
    language = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    for name, cells in {"chapter": CHAPTER, "run": RUN}.items():
        notebook = new_notebook(cells=cells, metadata=language)
        nbformat.write(notebook, source / "book" / f"{name}.ipynb")
    build_pages(source, folder / "_build")
    return folder / "_build" / "html" / "book"


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


def test_the_settings_of_a_run_fold_behind_their_name_and_the_switch_unfolds_them_too(
    small_book, browser
):
    page = opened(browser, small_book / "run.html")
    line = page.locator("summary", has_text=SETTINGS)
    assert line.inner_text() == SETTINGS and not line.get_attribute("aria-label")
    figure = page.locator("figure.chart").bounding_box()
    assert line.bounding_box()["y"] < figure["y"] and code_in_sight(page) == [False, False]
    line.click()
    assert code_in_sight(page) == [True, False]
    page.get_by_role("switch").click()
    assert code_in_sight(page) == [True, True] and line.is_visible()
    page.emulate_media(media="print")
    assert not line.is_visible()


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
    assert words.all_inner_texts() == ["rune", "Runes", "rune"]
    words.first.click()
    assert page.url.endswith("words.html#term-rune")
    assert page.locator("#term-rune").is_visible()
    assert page.locator("a.term").count() == 0, "a glossary does not explain itself"


def test_a_meaning_appears_on_hover_and_focus_and_leaves_with_them_or_on_escape(
    small_book, browser
):
    page = opened(browser, small_book / "chapter.html")
    first, second, _ = page.locator("a.term").all()
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


def test_the_plan_of_a_class_stacks_on_a_phone_and_is_a_table_on_a_screen(small_book, browser):
    page = opened(browser, small_book / "index.html", viewport={"width": 390, "height": 844})
    table = page.locator("#ninety-minutes .pst-scrollable-table-container")
    cells = page.locator("#ninety-minutes td").all()

    def lefts():
        return [round(cell.bounding_box()["x"]) for cell in cells]

    assert table.evaluate("box => box.scrollWidth <= box.clientWidth")
    minutes, what, where = lefts()[:3]
    assert minutes < what == where and lefts()[:3] == lefts()[3:]
    page.set_viewport_size({"width": 1280, "height": 900})
    minutes, what, where = lefts()[:3]
    assert minutes < what < where and page.get_by_text("Minutes", exact=True).is_visible()


def test_on_a_phone_a_shade_says_that_a_table_goes_on_and_paper_has_none(small_book, browser):
    page = opened(browser, small_book / "run.html", viewport={"width": 390, "height": 844})
    box = page.locator(".text_html:has(> table)")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    drawn = "box => getComputedStyle(box).getPropertyValue(%r)"
    # Covers move with the table, and shades stay at the edges.
    assert box.evaluate(drawn % "background-attachment") == "local, local, scroll, scroll"
    page.emulate_media(media="print")
    assert box.evaluate(drawn % "background-image") == "none"


def test_a_choice_in_a_quiz_says_at_once_whether_it_is_right_and_why(small_book, browser):
    page = opened(browser, small_book / "teaching.html")
    quiz = page.locator("section#quiz")
    said = quiz.get_by_role("status")
    assert not "".join(said.all_inner_texts())
    quiz.get_by_role("button", name="A bone.").press("Enter")
    assert "".join(said.all_inner_texts()).strip() == "No: a bone."
    quiz.get_by_role("button", name="A rune, x.").click()
    assert said.get_by_role("link", name="A small book").is_visible()
    quiz.get_by_role("button", name="This one.").press("Space")
    assert quiz.get_by_text("1 of 2 right at the first try.").is_visible()
    assert quiz.get_by_role("button").count() == 4
    assert quiz.locator("button a, button button").count() == 0


def test_without_scripts_the_answers_of_a_quiz_fold_out(small_book, browser):
    page = opened(browser, small_book / "teaching.html", java_script_enabled=False)
    assert page.get_by_text("That one.").is_visible()
    assert not page.get_by_text("Right: this one.").is_visible()
    page.get_by_text("Answers").click()
    assert page.get_by_text("Right: this one.").is_visible()


def test_a_quiz_of_the_student_edition_asks_and_does_not_answer(small_book, browser):
    page = opened(browser, small_book / "student.html")
    assert page.get_by_text("That one.").is_visible()
    assert page.locator("section#quiz button, section#quiz details").count() == 0
    assert "Right: this one." not in page.content()


def test_each_choice_of_the_books_quiz_has_its_answer_and_one_of_them_is_right():
    page = (project_root() / "book" / "teaching.md").read_text(encoding="utf-8")
    questions, answers = page.split("## Quiz\n")[1].split("```{dropdown} Answers\n")
    choices = [
        len(re.findall(r"^   \d\. ", each, re.MULTILINE))
        for each in re.split(r"(?m)^\d\. ", questions)[1:]
    ]
    whys = [
        re.findall(r"(?m)^(?:\d\. |   )\d\. (Right|No):", each)
        for each in re.split(r"(?m)^(?=\d\. )", answers)[1:]
    ]
    assert choices == [len(each) for each in whys] and len(choices) > 4
    assert all(each.count("Right") == 1 for each in whys)


@pytest.mark.parametrize(("width", "rows"), [(1280, [2, 1]), (390, [1, 1, 1])])
def test_figures_of_one_cell_stand_side_by_side_where_there_is_room(
    small_book, browser, width, rows
):
    page = opened(browser, small_book / "chapter.html", viewport={"width": width, "height": 900})
    figures = [each.bounding_box() for each in page.locator("figure.chart").all()]
    assert list(Counter(box["y"] for box in figures).values()) == rows
    assert len({box["width"] for box in figures}) == 1, "equal axes can be compared"
    assert page.locator("p.note").bounding_box()["y"] > figures[-1]["y"]


def test_a_choices_letter_stands_as_high_as_its_words(small_book, browser):
    page = opened(browser, small_book / "teaching.html")
    choice = page.locator("section#quiz ol ol > li").first.bounding_box()
    button = page.locator("section#quiz ol ol button").first
    border, padding = (
        button.evaluate(f"button => parseFloat(getComputedStyle(button)['{side}'])")
        for side in ("border-top-width", "padding-top")
    )
    words = button.bounding_box()["y"] + border + padding
    assert words == pytest.approx(choice["y"], abs=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["chapter", "run", "teaching"])
def test_nothing_here_shuts_a_reader_out_or_leaves_a_phone(small_book, browser, name, scheme):
    page = opened(
        browser,
        small_book / f"{name}.html",
        color_scheme=scheme,
        viewport={"width": 390, "height": 900},
    )
    for button in page.locator(".show-code, section#quiz button").all():
        button.click()
    page.wait_for_timeout(500)  # until what was unfolded has faded in
    if name == "chapter":
        page.locator("a.term").first.focus()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(VIOLATIONS, None) == []
    assert page.evaluate(LAYOUT) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
