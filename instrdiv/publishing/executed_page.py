"""What an executed page of the book shows, for those who show a part of it elsewhere."""

import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import nbformat

from instrdiv.publishing.slide_figures import FIGURE

ANSWER = "**The answer in a sentence.** "


@dataclass(frozen=True)
class Page:
    """An executed page.

    Attributes:
        figure: the page's first figure, as HTML.
        front: the figure that it gives to the front page, or empty.
        caption: of the first figure, as text.
        answer: the page's answer in a sentence, or empty.
        reading: its first paragraph on how to read the figure, or empty.
        lists: its computed lists, in Markdown.
    """

    figure: str
    front: str
    caption: str
    answer: str
    reading: str
    lists: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> "Page":
        """Read an executed notebook.

        Raises:
            ValueError: it shows no figure.
        """
        cells = nbformat.read(path, as_version=4).cells
        shown = [
            output.get("data", {})
            for cell in cells
            if cell.cell_type == "code"
            for output in cell.outputs
        ]
        figures = [figure for data in shown for figure in FIGURE.findall(data.get("text/html", ""))]
        if not figures:
            raise ValueError(f"{path}: no figure in it")
        computed = [data["text/markdown"] for data in shown if "text/markdown" in data]
        answers = [text.removeprefix(ANSWER) for text in computed if text.startswith(ANSWER)]
        texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
        reading = [
            text.split("\n\n")[0] for text in texts if text.startswith("**How to read it.**")
        ]
        glued = [data.get("application/papermill.record/text/html", "") for data in shown]
        caption = re.search(r"<figcaption><p>(.*?)</p>", figures[0], re.DOTALL)
        return cls(
            figure=figures[0],
            front="".join(glued),
            caption=plain(caption[1]) if caption else "",
            answer=(answers or [""])[0],
            reading=(reading or [""])[0],
            lists=tuple(text for text in computed if "\n- " in text),
        )


def plain(html: str) -> str:
    """A short text without its markup.

    >>> plain("<p>One &amp; <em>two</em>, **three**</p>")
    'One & two, three'
    """
    return unescape(re.sub("<[^>]+>", "", html)).replace("*", "")
