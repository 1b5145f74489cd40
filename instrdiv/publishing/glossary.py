"""Words of the glossary carry their meaning wherever they are used: a Sphinx extension that
`_config.yml` names.

The glossary, on the page of notation, is the only list. The first use of a word in each section
becomes a link to it, and the meanings of a page's words are put at its end, where nobody sees them:
``terms.js`` shows each beside its word. Texts need no markup for this, which JupyterLab could not
show.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from docutils import nodes
from sphinx.addnodes import glossary
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

LEFT_OUT = ("book/api/", "book/bibliography", "book/changelog", "book/threat-model")
"""How the pages' names begin that are for looking something up, or mean something else by a word of
ours: the sandbox has verdicts too."""
KEPT = (nodes.reference, nodes.literal, nodes.raw, nodes.target)
"""What is no running text, or leads somewhere already."""


@dataclass(frozen=True)
class Word:
    """An entry of the glossary by one of its names.

    Attributes:
        page: the glossary's.
        meaning: its identifier there, which all names of an entry share.
        text: what the word means.
    """

    page: str
    meaning: str
    text: str


@dataclass
class Glossary:
    """The words of a book, by their names in small letters."""

    words: dict[str, Word] = field(default_factory=dict)

    def read(self, app: Sphinx, env: BuildEnvironment) -> None:
        """Find the words on the pages that hold a glossary."""
        terms = [each for each in env.domains["std"].get_objects() if each[2] == "term"]
        for page in sorted({each[3] for each in terms}):
            for entry in env.get_doctree(page).findall(nodes.definition_list_item):
                if not isinstance(entry.parent.parent, glossary):
                    continue
                *names, definition = entry.children
                for name in names:
                    word = Word(page, names[0]["ids"][0], definition.astext())
                    self.words[name.astext().lower()] = word

    def mark(self, app: Sphinx, doctree: nodes.document, page: str) -> None:
        """Make the first use of each word in each section of a page a link to its meaning."""
        pages = {word.page for word in self.words.values()}
        if not self.words or page in pages or page.startswith(LEFT_OUT):
            return
        found = pattern(self.words)
        used: dict[str, str] = {}
        before: set[tuple[nodes.Node, str]] = set()
        for section, text in list(running_text(doctree)):
            pieces: list[nodes.Node] = []
            end = 0
            for match in found.finditer(text):
                name = match[0].lower()
                word = self.words[name]
                if (section, word.meaning) in before:
                    continue
                before.add((section, word.meaning))
                used[word.meaning] = word.text
                place = f"{app.builder.get_relative_uri(page, word.page)}#{word.meaning}"
                link = nodes.reference("", match[0], refuri=place, internal=True, classes=["term"])
                pieces += [nodes.Text(text[end : match.start()]), link]
                end = match.end()
            if pieces:
                text.parent.replace(text, [*pieces, nodes.Text(text[end:])])
        if used:
            doctree.append(nodes.raw("", meanings(used), format="html"))


def pattern(names: dict[str, Word] | list[str]) -> re.Pattern[str]:
    """Finds any of the names as whole words, the longest first.

    >>> pattern(["no-op", "seen rules", "unseen rules"]).findall("No-op, unseen rules, no-ops")
    ['No-op', 'unseen rules']
    """
    longest_first = sorted(names, key=len, reverse=True)
    either = "|".join(re.escape(name) for name in longest_first)
    return re.compile(rf"(?<![\w-])(?:{either})(?![\w-])", re.IGNORECASE)


def running_text(doctree: nodes.document) -> Iterator[tuple[nodes.Node, nodes.Text]]:
    """The texts of all paragraphs, those in a table's cells included, that are no links or code,
    each with the section of the page that it is in."""
    for paragraph in doctree.findall(nodes.paragraph):
        above = list(ancestors(paragraph))
        # A card may be a link as a whole, in which there can be no other; names of columns are
        # labels.
        if any("sd-card" in each["classes"] or isinstance(each, nodes.thead) for each in above):
            continue
        sections = [each for each in above if isinstance(each, nodes.section)]
        section = sections[-2] if len(sections) > 1 else doctree
        for text in paragraph.findall(nodes.Text):
            if not any(isinstance(each, KEPT) for each in ancestors(text)):
                yield section, text


def ancestors(node: nodes.Node) -> Iterator[nodes.Element]:
    """What a node is in, from the inside out."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def meanings(used: dict[str, str]) -> str:
    """The meanings of a page's words as HTML that is not shown.

    >>> meanings({"term-gate": "a < b"})
    '<div class="meanings"><p id="meaning-term-gate" role="tooltip" hidden>a &lt; b</p></div>'
    """
    each = [
        f'<p id="meaning-{name}" role="tooltip" hidden>{escape(text)}</p>'
        for name, text in used.items()
    ]
    return f'<div class="meanings">{"".join(each)}</div>'


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this when it loads the extension."""
    words = Glossary()
    app.connect("env-check-consistency", words.read)
    app.connect("doctree-resolved", words.mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
