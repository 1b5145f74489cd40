"""Commands that make the book, begin a chapter and download assets."""

import argparse
import sys

from instrdiv.cli.options import folder


def book(options: argparse.Namespace) -> int:
    """Build the book."""
    from instrdiv.publishing.build import build_book

    print(f"book: {build_book(options.output, edition=options.edition)}")
    return 0


def pdf(options: argparse.Namespace) -> int:
    """Print the built book as one PDF (needs Chromium)."""
    from instrdiv.paths import project_root
    from instrdiv.publishing.pdf import make_pdf

    build = (options.output or project_root()) / "_build"
    print(f"pdf: {make_pdf(build / 'html', build / 'instrdiv.pdf')}")
    return 0


def slides(options: argparse.Namespace) -> int:
    """Make slides from the executed notebooks: for a class, and of each experiment."""
    from instrdiv.paths import project_root
    from instrdiv.publishing.class_deck import make_class_deck
    from instrdiv.publishing.slides import make_slides

    build = (options.output or project_root()) / "_build"
    deck = make_class_deck(build / "executed", build / "slides", options.course)
    print(f"slides: {deck}")
    for deck in make_slides(build / "executed" / "notebooks", build / "slides"):
        print(f"slides: {deck}")
    return 0


def assets(options: argparse.Namespace) -> int:
    """Download models, benchmarks and data that packages do not include, once."""
    from instrdiv.data.assets import ASSETS
    from instrdiv.data.fetch import AssetError, fetch

    unknown = [name for name in options.name if name not in ASSETS]
    if unknown:
        raise ValueError(f"no asset {unknown[0]!r}; there are {', '.join(ASSETS)}")
    failed = False
    for name in options.name or ASSETS:  # a failed download does not stop the others
        try:
            print(f"{name}: {fetch(ASSETS[name])}", flush=True)
        except AssetError as error:
            failed = True
            print(f"instrdiv: {error}", file=sys.stderr)
    return 2 if failed else 0


def new(options: argparse.Namespace) -> int:
    """Begin a chapter of your own: experiment, analysis, notebook, grid, exercises."""
    from instrdiv.publishing.new_chapter import new_chapter

    written = new_chapter(options.name)
    for path in written:
        print(path)
    notebook = next(path.stem for path in written if path.suffix == ".ipynb")
    print(f"try it: python -m instrdiv run {options.name} --scale smoke")
    print("its exercises are named in book/data/objectives.yaml: move them to what they serve")
    print(f"a page once its runs are published: add notebooks/{notebook} to _toc.yml")
    return 0


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add these commands to the parser."""
    pages = commands.add_parser("book", help=book.__doc__)
    pages.add_argument(
        "--edition",
        default="published",
        help="student (no solutions), instructor (all open) or published (the default)",
    )
    pages.set_defaults(command=book)

    printed = commands.add_parser("pdf", help=pdf.__doc__)
    printed.set_defaults(command=pdf)

    decks = commands.add_parser("slides", help=slides.__doc__)
    decks.add_argument(
        "--course", type=folder, help="collected records to draw (default: the sample class's)"
    )
    decks.set_defaults(command=slides)

    for made in (pages, printed, decks):
        made.add_argument("--output", type=folder, help="parent of _build (default: the checkout)")

    begun = commands.add_parser("new", help=new.__doc__)
    begun.add_argument("name", help="of the experiment, e.g. first_place")
    begun.set_defaults(command=new)

    fetching = commands.add_parser("assets", help=assets.__doc__)
    fetching.add_argument("name", nargs="*", help="only these (default: all)")
    fetching.set_defaults(command=assets)
