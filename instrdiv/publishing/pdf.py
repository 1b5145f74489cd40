"""The whole book as one PDF, printed by an installed Chromium.

Charts are drawn by scripts, so printing them needs a browser; none is downloaded.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Error, sync_playwright
from pypdf import PdfReader, PdfWriter

from instrdiv.checks import first_line
from instrdiv.paths import project_root

MARGIN_MM, SCALE = 18, 0.8
TEXT_WIDTH = round((210 - 2 * MARGIN_MM) / 25.4 * 96 / SCALE)
"""Text width of an A4 page, in the browser's pixels."""
DRAWN = """() => [...document.querySelectorAll('[id^=altair-viz]')].every(
    chart => chart.querySelector('svg.marks'))"""
OPENED = """() => document.querySelectorAll('details.sd-dropdown').forEach(part => {
  part.open = /^(Hints|Solutions|Answers)/.test(part.innerText.trim());
})"""


class PdfError(RuntimeError):
    """The book could not be printed; the message is one line with the reason."""


def make_pdf(html: Path, output: Path) -> Path:
    """Print the pages of a built book, in the order of its contents, with bookmarks.

    Args:
        html: the folder of pages, ``_build/html``.

    Raises:
        PdfError: there is no browser, or a page is missing.
    """
    program = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    if not program:
        raise PdfError("Chromium is needed to print (Debian: apt install chromium)")
    pages = [html / f"{page}.html" for page in pages_in_order()]
    for path in pages:
        if not path.exists():
            raise PdfError(f"{path} is missing: build the book first, with `make book`")
    book = PdfWriter()
    parts = output.with_suffix(".parts")
    parts.mkdir(parents=True, exist_ok=True)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox", "--disable-gpu"]
            )
            context = browser.new_context(
                color_scheme="light", offline=True, viewport={"width": TEXT_WIDTH, "height": 1000}
            )
            for number, path in enumerate(pages):
                page = context.new_page()
                # Charts take the width of the text when they are drawn, and keep it.
                page.emulate_media(media="print")
                page.goto(path.as_uri(), wait_until="load")
                page.wait_for_function(DRAWN)
                page.evaluate(OPENED)
                part = parts / f"{number}.pdf"
                margin: Any = dict.fromkeys(("top", "bottom", "left", "right"), f"{MARGIN_MM}mm")
                page.pdf(path=part, format="A4", margin=margin, scale=SCALE)
                first = len(book.pages)
                for sheet in PdfReader(part).pages:
                    book.add_page(sheet)
                title = page.title().split(" — ")[0]
                book.add_outline_item(title=title, page_number=first)
                page.close()
            browser.close()
    except Error as error:
        raise PdfError(first_line(error)) from None
    finally:
        shutil.rmtree(parts, ignore_errors=True)
    book.write(output)
    return output


def pages_in_order() -> list[str]:
    """The book's pages as its table of contents lists them, without file extensions.

    The pages of the API reference are left out, since they are for looking up, not for reading.
    """
    contents = yaml.safe_load((project_root() / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter for part in contents["parts"] for chapter in part["chapters"]]
    pages = [page["file"] for each in chapters for page in (each, *each.get("sections", []))]
    return [contents["root"], *(page for page in pages if not page.startswith("book/api/"))]
