"""The deck for a class: legible from the back row, complete, and from the pages' own data."""

import re

import nbformat
import pytest
from in_browser import WAIT

from instrdiv.cli import main
from instrdiv.experiments.points import listed_notebooks
from instrdiv.paths import project_root
from instrdiv.publishing.class_deck import NAME, SlidesError, make_class_deck
from instrdiv.publishing.executed_page import Page
from instrdiv.publishing.slide_figures import picture

WIDTH, HEIGHT = 1280, 720
LEAST_TEXT = 24
FIGURE_SHARE = 0.6
MEASURE = """() => {
  const slide = Reveal.getCurrentSlide();
  const shown = node => node.getClientRects().length && !node.closest('aside');
  const texts = [...slide.querySelectorAll('*')].filter(node => shown(node)
      && [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()));
  // Letters in a picture grow with it; some are turned.
  const scale = matrix => Math.hypot(matrix.a, matrix.b);
  const size = node => parseFloat(getComputedStyle(node).fontSize)
      * (node.ownerSVGElement ? scale(node.getScreenCTM()) : 1);
  const around = node => node.ownerSVGElement
      ? node.closest('svg.picture').getBoundingClientRect()
      : {left: 0, top: 0, right: innerWidth, bottom: innerHeight};
  const area = svg => { const box = svg.getBoundingClientRect(); return box.width * box.height; };
  return {
    heading: slide.querySelector('h1, h2').textContent,
    outside: texts.filter(node => {
      const box = node.getBoundingClientRect(), frame = around(node);
      return box.left < frame.left - 1 || box.top < frame.top - 1
          || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
    }).map(node => node.textContent),
    overflow: slide.scrollHeight - slide.clientHeight,
    sizes: texts.map(node => [size(node), node.textContent]),
    colors: texts.filter(node => !node.ownerSVGElement).map(node => getComputedStyle(node).color),
    notes: slide.querySelector('aside.notes').textContent.trim(),
    pictures: [...slide.querySelectorAll('svg.picture')].map(svg => ({
      share: area(svg) / (innerWidth * innerHeight),
      marks: svg.querySelectorAll('g[class*=role-mark] > *').length,
      name: svg.getAttribute('aria-label'),
    })),
  };
}"""


@pytest.fixture(scope="module")
def deck(html):
    return html / "slides" / NAME


@pytest.fixture(scope="module")
def slides(deck, browser):
    page = browser.new_page(offline=True, viewport={"width": WIDTH, "height": HEIGHT})
    page.set_default_timeout(WAIT)
    problems: list[str] = []
    page.on("console", lambda message: message.type == "error" and problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda r: r.url.startswith("file:") or problems.append(r.url))
    page.goto(deck.as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    seen = []
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(f"Reveal.slide({number})")
        seen.append(page.evaluate(MEASURE))
    page.close()
    assert problems == []
    return seen


def test_every_slide_fits_its_frame(slides):
    for slide in slides:
        assert slide["outside"] == [] and slide["overflow"] <= 0, slide["heading"]


def test_every_letter_is_large_and_dark(slides):
    for slide in slides:
        small = [text for size, text in slide["sizes"] if size < LEAST_TEXT - 0.01]
        assert small == [], slide["heading"]
        assert set(slide["colors"]) == {"rgb(28, 28, 28)"}, slide["heading"]


def test_every_figure_is_drawn_has_a_name_and_takes_most_of_its_slide(slides):
    pictures = [(slide["heading"], each) for slide in slides for each in slide["pictures"]]
    assert len(pictures) == len(listed_notebooks()) + 3  # the front's, the class's, the verdicts'
    for heading, each in pictures:
        assert each["share"] >= FIGURE_SHARE and each["marks"] > 0, heading
        assert len(each["name"]) > 20, heading


def test_the_speaker_has_notes_on_every_slide(slides):
    assert all(len(slide["notes"]) > 40 for slide in slides)


def test_the_deck_says_what_the_pages_say(html, deck):
    text = deck.read_text(encoding="utf-8")
    for path in listed_notebooks():
        page = Page.read(html.parent / "executed" / "notebooks" / path.name)
        # A number's thin space and the like differ; its words do not.
        words = re.findall(r"[a-z]{4,}", page.answer)
        said = re.findall(r"[a-z]{4,}", re.sub("<[^>]+>", "", text))
        assert " ".join(words) in " ".join(said), path.stem


def test_notes_open_beside_the_slides_and_follow_them(deck, browser):
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(deck.as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    with context.expect_page() as opened:
        page.keyboard.press("s")
    notes = opened.value
    notes.wait_for_function("window.Reveal && Reveal.isReady() && Reveal.getConfig().showNotes")
    page.keyboard.press("ArrowRight")
    notes.wait_for_function("Reveal.getIndices().h === 1")
    assert "what is usually unclear" in notes.locator(".speaker-notes").inner_text()
    context.close()


def test_the_class_figure_is_that_of_the_class_where_there_is_one(html, tmp_path):
    executed = html.parent / "executed"
    ann = project_root() / "book" / "data" / "class" / "ann"
    ours = make_class_deck(executed, tmp_path / "ours", ann).read_text(encoding="utf-8")
    sample = make_class_deck(executed, tmp_path / "sample").read_text(encoding="utf-8")
    assert "What we found" in ours and "What we found" not in sample
    with pytest.raises(ValueError, match="no run of chapter 1 at demo scale"):
        make_class_deck(executed, tmp_path / "none", tmp_path / "nobody")


def test_a_deck_of_a_book_that_was_not_built_says_how_to_build_it(tmp_path, capsys):
    with pytest.raises(SlidesError, match=r"01_rule_diversity.ipynb is not in .*: build the book"):
        make_class_deck(tmp_path, tmp_path)
    assert main(["slides", "--output", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_page_without_a_figure_and_a_chart_without_room_are_named(tmp_path):
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "empty.ipynb")
    with pytest.raises(ValueError, match=r"empty.ipynb: no figure in it"):
        Page.read(tmp_path / "empty.ipynb")
    bars = {"data": {"values": [{"a": "x" * 40}]}, "mark": "bar", "encoding": {"y": {"field": "a"}}}
    with pytest.raises(ValueError, match="fewer or shorter words are needed"):
        picture(bars, 200, 200)
