"""One deck for a class of ninety minutes, from the executed pages and the records of a class."""

import shutil
from importlib.resources import files
from pathlib import Path
from string import Template

from instrdiv.publishing.class_slides import class_slides
from instrdiv.publishing.number_format import tidy_page
from instrdiv.publishing.policy import meta_tag

NAME = "class.html"


class SlidesError(RuntimeError):
    """A page was not executed yet; the message says what to do."""


def make_class_deck(executed: Path, output: Path, course: Path | None = None) -> Path:
    """Write the deck, with the scripts that it needs.

    Args:
        executed: the folder of executed pages, ``_build/executed``.
        course: a folder of collected records in place of the sample class's.

    Raises:
        SlidesError: a page was not executed yet.
        ValueError: the course has no run at demo scale.
    """
    try:
        slides = "\n".join(each.section() for each in class_slides(executed, course))
    except FileNotFoundError as error:
        name = Path(str(error.filename)).name
        raise SlidesError(
            f"{name} is not in {executed}: build the book first, `make book`"
        ) from None
    template = Template(
        Path(__file__).with_name("deck").joinpath("page.html").read_text(encoding="utf-8")
    )
    page = template.substitute(
        policy=meta_tag(), title="A class of ninety minutes", slides=tidy_page(slides)
    )
    copy_reveal(output)
    (output / NAME).write_text(page, encoding="utf-8")
    return output / NAME


def copy_reveal(output: Path) -> None:
    """Put reveal.js beside the decks of a folder."""
    output.mkdir(parents=True, exist_ok=True)
    reveal = files("sphinx_revealjs") / "_static" / "revealjs" / "dist"
    unused = shutil.ignore_patterns("*.map", "*.esm.js")
    target = output / "reveal.js" / "dist"
    shutil.copytree(str(reveal), target, dirs_exist_ok=True, ignore=unused)
