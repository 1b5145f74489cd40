"""Text that nobody of us has written is shown as it is, in Markdown, HTML and scripts."""

import html
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as some
from markdown_it import MarkdownIt
from markupsafe import Markup
from myst_parser.config.main import MdParserConfig
from myst_parser.mdit_to_docutils.base import DocutilsRenderer
from myst_parser.parsers.mdit import create_md_parser

from instrdiv.untrusted import all_visible, as_block, as_html, as_markdown, visible

HOSTILE = [
    "```{literalinclude} /etc/passwd\n```", "{raw}`html <b>`", "<script>alert(1)</script>",
    "[a](javascript:alert(1))", "![a](x.png)", "# head", "1. one", "- one", "> said", "+++",
    "% remark", "(target)=", ":::{note}", "| a |\n|---|", "{{ name }}", "$x$ $$y$$", "&lt;&#60;",
    "https://example.org", "<https://example.org>", "a\\\nb", "---", "[^1]", "    code", "a  \nb",
]  # fmt: skip
VISIBLE = some.characters(
    categories=["L", "N", "P", "S", "Zs"], exclude_characters="\u115f\u1160\u3164\uffa0"
)
TEXTS = some.text(max_size=60) | some.text("<>&`{}[]()!\\|*_~^$:%#+-=1. \n\"'", max_size=40)


def text_of(tokens):
    """The text of a parsed Markdown, of which nothing may be more than a paragraph of text."""
    assert [token.type for token in tokens] in (
        [],
        ["paragraph_open", "inline", "paragraph_close"],
    )
    inner = [child for token in tokens for child in token.children or []]
    assert {token.type for token in inner} <= {"text"}
    return "".join(token.content for token in inner)


PARSERS = {
    "commonmark": MarkdownIt("commonmark").enable("table"),
    "myst": create_md_parser(
        MdParserConfig(enable_extensions={"colon_fence", "deflist"}), DocutilsRenderer
    ),
}


@pytest.mark.parametrize("dialect", PARSERS)
@given(text=TEXTS)
@example(text=HOSTILE[0])
def test_in_markdown_a_text_is_a_paragraph_of_that_text(dialect, text):
    tokens = [
        token for token in PARSERS[dialect].parse(as_markdown(text)) if token.type != "front_matter"
    ]
    # Markdown drops spaces at the ends.
    assert text_of(tokens).strip() == visible(text).strip()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_is_a_paragraph_of_its_own_text(text):
    for parser in PARSERS.values():
        assert text_of(parser.parse(as_markdown(text))).strip() == visible(text).strip()


@given(text=TEXTS)
def test_in_html_there_is_no_markup_and_the_text_comes_back(text):
    for shown, kept in (
        (as_html(text), visible(text)),
        (as_block(text), visible(text, keep="\n\t")),
    ):
        inner = shown.removeprefix(as_block("").split("\n")[0]).removesuffix("\n</pre></div></div>")
        assert not set("<>\"'") & set(inner)
        assert html.unescape(inner) == kept


def test_markup_of_ours_stays():
    assert as_html(Markup("<i>x</i>")) == "<i>x</i>"


@given(text=some.text())
def test_every_character_can_be_seen(text):
    assert all(
        character.isprintable() or unicodedata.category(character) == "Zs"
        for character in visible(text)
    )
    visible(text).encode()  # nor is anything left that no file can hold


@given(text=some.text(VISIBLE, max_size=200))
def test_a_harmless_text_stays_as_it_is(text):
    assert visible(text) == text


@pytest.mark.parametrize("hidden", ["\u034f", "\u115f", "\u3164", "\uffa0", "\ufe00", "\U000e0100"])
def test_what_python_calls_printable_and_nobody_sees_is_an_escape(hidden):
    assert hidden.isprintable()
    assert visible(f"a{hidden}b") == f"a{hidden.encode('unicode_escape').decode()}b"


def test_a_long_text_is_cut_with_a_note():
    assert visible("x" * 1_000_000) == "x" * 20_000 + " … (980,000 characters more)"
    assert len(as_block("x" * 1_000_000)) < 21_000


def test_a_structure_is_shown_all_the_way_down():
    assert all_visible({"a": ["\x1b", {"b": "\u202e"}], "n": 1.5}) == {
        "a": ["\\x1b", {"b": "\\u202e"}],
        "n": 1.5,
    }
