"""Slides for each experiment, from the same executed notebooks as the book.

The slides follow the structure that all chapters share: the title and the paper's claim, each
figure, the verdicts, the summary and the exercises. Reveal.js shows them from disk, without a
network. sphinx-revealjs supplies it; its builder makes a slide of every section, whereas these are
picked from cells and outputs, so the pages are written here.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt

from instrdiv.publishing.both_ways import as_myst
from instrdiv.publishing.build import chart_script
from instrdiv.publishing.class_deck import SlidesError, copy_reveal
from instrdiv.publishing.editions import for_edition
from instrdiv.publishing.number_format import tidy_page
from instrdiv.publishing.policy import meta_tag
from instrdiv.publishing.slide_figures import FIGURE

SECTIONS = ("The paper's claim", "Summary", "Exercises")
"""Sections whose text is shown completely."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{policy}
<title>{title}</title>
<link rel="stylesheet" href="reveal.js/dist/reset.css">
<link rel="stylesheet" href="reveal.js/dist/reveal.css">
<link rel="stylesheet" href="reveal.js/dist/theme/white.css">
<style>
.reveal {{ font-size: 26px; }}
.reveal section {{ text-align: left; }}
.reveal table {{ font-size: 0.65em; }}
.reveal figcaption {{ font-size: 0.6em; }}
.reveal .source {{ font-size: 0.8em; color: #666; }}
.reveal .data, .vega-embed details {{ display: none; }}
.reveal .vega-embed {{ width: 100%; }}
.reveal mark {{ background: #b34700; color: #fff; }}
</style>
<script src="charts.js"></script>
</head>
<body>
<div class="reveal"><div class="slides">
{slides}
</div></div>
<script src="reveal.js/dist/reveal.js"></script>
<script>
Reveal.initialize({{ hash: true, slideNumber: true, width: 1100, height: 760, viewDistance: 99 }});
// A chart that was drawn on a hidden slide gets its width when the slide is shown.
Reveal.on("slidechanged", () => window.dispatchEvent(new Event("resize")));
</script>
</body>
</html>
"""


def make_slides(executed: Path, output: Path) -> list[Path]:
    """Write slides for each executed notebook, with the scripts that they need.

    Args:
        executed: the folder of executed notebooks, ``_build/executed/notebooks``.

    Raises:
        SlidesError: no notebook was executed yet.
    """
    notebooks = sorted(executed.glob("[0-9][0-9]_*.ipynb"))
    if not notebooks:
        raise SlidesError(f"no executed notebook in {executed}: build the book first, `make book`")
    copy_reveal(output)
    (output / "charts.js").write_text(chart_script(), encoding="utf-8")
    decks = []
    for path in notebooks:
        slides = list(slides_of(nbformat.read(path, as_version=4)))
        title = re.sub("<[^>]+>", "", slides[0].split("</h1>")[0]).strip()
        deck = output / f"{path.stem}.html"
        body = "\n".join(f"<section>{slide}</section>" for slide in slides)
        deck.write_text(
            PAGE.format(policy=meta_tag(), title=title, slides=tidy_page(body)), encoding="utf-8"
        )
        decks.append(deck)
    return decks


def slides_of(notebook: nbformat.NotebookNode) -> Iterable[str]:
    """The slides of a chapter, as HTML."""
    heading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for section in re.split(r"(?m)^(?=#{1,3} )", for_edition(cell.source, "student")):
                title = re.match(r"#+ (.*)", section)
                if not title:
                    continue
                heading = title.group(1)
                if section.startswith("# "):
                    yield rendered("\n\n".join(section.split("\n\n")[:2]))
                elif heading in SECTIONS:
                    yield rendered(section)
        else:
            for output in cell.outputs:
                data = output.get("data", {})
                for figure in FIGURE.findall(data.get("text/html", "")):
                    yield f"<h3>{heading}</h3>{figure}"
                # The numbers of a summary are computed in the cell below its text.
                if "| Verdict |" in data.get("text/markdown", "") or (
                    heading == "Summary" and "text/markdown" in data
                ):
                    yield rendered(f"### {heading}\n\n{data['text/markdown']}")


def rendered(text: str) -> str:
    """Markdown as HTML; what leads to another file, which is not beside the slides, is text."""
    text = re.sub(r"\s*\{cite:p\}`[^`]*`", "", as_myst(text))
    text = re.sub(r"\[([^\]]+)\]\([\w./-]+\.(?:ipynb|md)\)", r"\1", text)
    return MarkdownIt("commonmark").enable("table").render(text)
