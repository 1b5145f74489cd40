"""The book as a PDF and as slides."""

import re

import pytest
from in_browser import FLAGS, Look, chromium, look_at
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from instrdiv.publishing.class_deck import SlidesError
from instrdiv.publishing.pdf import PdfError, make_pdf, pages_in_order
from instrdiv.publishing.slides import make_slides


@pytest.mark.parametrize(
    "pages",
    [
        ["book/index", "notebooks/01_rule_diversity", "book/bibliography"],
        pytest.param(pages_in_order(), marks=pytest.mark.soak),
    ],
    ids=["some", "all"],
)
def test_the_pdf_holds_every_page_of_the_contents_with_its_charts(
    pages, html, tmp_path, monkeypatch
):
    assert set(pages) <= set(pages_in_order())
    monkeypatch.setattr("instrdiv.publishing.pdf.pages_in_order", lambda: pages)
    book = PdfReader(make_pdf(html, tmp_path / "book.pdf"))
    marks = [book.get_destination_page_number(mark) for mark in book.outline]
    assert len(marks) == len(pages) and marks == sorted(set(marks))
    assert [path.name for path in tmp_path.iterdir()] == ["book.pdf"]
    text = "".join(sheet.extract_text() for sheet in book.pages)
    assert "Figure 1.2." in text and "optimiser steps" in text  # a caption, and a chart's axis


def test_a_pdf_of_a_book_that_was_not_built_says_how_to_build_it(tmp_path):
    with pytest.raises(PdfError, match=r"index.html is missing: .* `make book`"):
        make_pdf(tmp_path, tmp_path / "book.pdf")


def test_slides_show_every_figure_and_verdict_of_a_chapter_and_ask_no_host(html, tmp_path):
    decks = make_slides(html.parent / "executed" / "notebooks", tmp_path / "slides")
    figure = re.compile(r'id="(figure-[\d-]+)"')
    for deck in decks:
        chapter = (html / "notebooks" / deck.name).read_text(encoding="utf-8")
        assert figure.findall(deck.read_text(encoding="utf-8")) == figure.findall(chapter), (
            deck.stem
        )
        assert "What decides each verdict" in deck.read_text(
            encoding="utf-8"
        ) and "Solutions" not in deck.read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(offline=True)
        (visit,) = look_at(page, decks[0].as_uri(), decks[0].stem, [Look(fitting=False)])
        browser.close()
    assert not visit.foreign and not visit.errors
    assert len(visit.charts) > 3 and all(chart["shapes"] for chart in visit.charts)


def test_slides_of_a_book_that_was_not_built_say_how_to_build_it(tmp_path):
    with pytest.raises(SlidesError, match="build the book first, `make book`"):
        make_slides(tmp_path, tmp_path / "slides")
