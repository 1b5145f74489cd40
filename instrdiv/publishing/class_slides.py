"""The slides of a class of ninety minutes.

Every figure and answer is that of a page; what a slide says besides are the class's tasks. Notes
for the speaker are below each slide's content.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt

from instrdiv.experiments.points import find_notebook, listed_notebooks
from instrdiv.experiments.rule_diversity import experiment
from instrdiv.paths import project_root
from instrdiv.publishing.executed_page import Page, plain
from instrdiv.publishing.slide_figures import chart_of, picture
from instrdiv.report.own_figure import default_axis, draw, select_runs
from instrdiv.runs.store import read_records
from instrdiv.sweep.grids import read_group
from instrdiv.tasks.rewriting import rewrite

RULES = (("ba", "ck", "dbabae"), ("aa", "b", "caaab"), ("xyz", "q", "xyxyzz"), ("ef", "gh", "feed"))
"""Rules and inputs to apply by hand: the leftmost of two, overlapping ones, a shorter output, and a
rule that does not apply."""
WIDE, HIGH, ALONE = 1200, 470, 600
"""Pixels of a figure on a slide of 1280 × 720, three fifths of it; and its height without text."""


@dataclass(frozen=True)
class Slide:
    """One slide.

    Attributes:
        html: what everybody sees.
        notes: what the speaker sees, in Markdown.
    """

    html: str
    notes: str

    def section(self) -> str:
        """The slide as reveal.js reads it."""
        kind = ' class="drawn"' if "<svg" in self.html else ""
        notes = f'<aside class="notes">{_markdown(self.notes)}</aside>'
        return f"<section{kind}>{self.html}{notes}</section>"


def class_slides(executed: Path, course: Path | None = None) -> Iterator[Slide]:
    """The slides, in the order of the plan on the lecturers' page."""
    chapters = {
        path.stem: Page.read(executed / "notebooks" / path.name) for path in listed_notebooks()
    }
    questions = _questions()
    yield _title()
    yield from _operation()
    yield _vote()
    first = chapters[find_notebook("01").stem]
    yield _figure(
        "What happens between few rules and many", first.front, first.answer, first.reading
    )
    yield _figure("The same, run by run", first.figure, "", first.caption + "\n\n" + first.reading)
    yield from _how_to_read()
    yield from _class_exercise()
    yield _class_figure(course)
    for stem, page in chapters.items():
        if page is not first:
            question, said = questions[stem]
            yield _figure(
                question, page.figure, page.answer or said, page.caption + "\n\n" + page.reading
            )
    yield from _verdicts(Page.read(executed / "book" / "what-we-learned.ipynb"))
    yield _home()


def _title() -> Slide:
    page = (project_root() / "book" / "teaching.md").read_text(encoding="utf-8")
    plan = page.split("## Ninety minutes\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| (.+?)[:.?|]", plan, re.MULTILINE)
    listed = "".join(f"<tr><td>{time}</td><td>{plain(what)}</td></tr>" for time, what in rows)
    return Slide(
        "<h1>Many instructions</h1><p>How many must a model see before it follows one that it has "
        f'never seen?</p><table class="plan">{listed}</table>',
        "The plan, and all that is needed, is on the book's page for lecturers. S opens these "
        "notes in a window of their own, which follows this one; Esc shows all slides.",
    )


def _operation() -> Iterator[Slide]:
    x, y, z = RULES[0]
    place = z.index(x)
    before = f"{z[:place]}<mark>{x}</mark>{z[place + len(x) :]}"
    after = f"{z[:place]}<ins>{y}</ins>{z[place + len(x) :]}"
    assert rewrite(x, y, z) == plain(after)
    yield Slide(
        '<h2>An instruction is a rule</h2><p class="minutes">10 minutes</p>'
        f"<p><strong>{x} → {y}</strong>: replace the leftmost <code>{x}</code> by "
        f"<code>{y}</code>, once.</p>"
        '<table class="rules"><tr><th>rule</th><th>input</th><th>output</th></tr>'
        f"<tr><td>{x} → {y}</td><td>{before}</td><td>{after}</td></tr></table>"
        "<p>To <strong>follow</strong> a rule that one has never seen is to do this with any "
        "<em>x</em> and <em>y</em>.</p><p>The test: rules of which neither side was in training. "
        "An answer counts if every letter is right.</p>",
        "Nothing here needs language, so we can count what is usually unclear: how many different "
        "instructions there are, and whether one was seen before.",
    )
    asked = [(f"{x} → {y}", z, "") for x, y, z in RULES[1:]]
    yield Slide(
        "<h2>Your turn, on paper</h2>" + _table(asked),
        "Two minutes, then compare with your neighbour. One input holds its x twice over, and one "
        "rule does not apply.",
    )
    solved = [(f"{x} → {y}", z, rewrite(x, y, z)) for x, y, z in RULES[1:]]
    yield Slide(
        "<h2>Your turn, checked</h2>" + _table(solved) + "<p>Whoever got these has understood a "
        "sentence. Has a model that gets its own rules right?</p>",
        "The rule is applied once, at the leftmost place; where it does not apply, the input stays "
        "as it is. The book's page *See the idea* has more to try.",
    )


def _table(rows: Sequence[tuple[str, str, str]]) -> str:
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell) or '&nbsp;'}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f'<table class="rules"><tr><th>rule</th><th>input</th><th>output</th></tr>{body}</table>'


def _ballot(options: Sequence[str]) -> str:
    """A row of options, with room below each for its votes."""
    names = "".join(f"<th>{option}</th>" for option in options)
    room = "<td>&nbsp;</td>" * len(options)
    return f'<table class="votes"><tr>{names}</tr><tr>{room}</tr></table>'


def _vote() -> Slide:
    numbers = read_group(find_notebook("01").stem, "laptop", "the paper's optimiser")
    shown = sorted({point.config.num_rules for point in numbers})
    powers = [f"{number:,}" for number in shown if str(number).strip("0") == "1"]
    return Slide(
        '<h2>Vote: how many different rules?</h2><p class="minutes">10 minutes</p>'
        "<p>Every model gets the same number of examples, of few rules or of many. From how many "
        "rules on does it follow most of those that it never saw?</p>"
        f"{_ballot(powers)}<p>And what happens at half of that number?</p>",
        "Hands up for each number; write the counts on the board. Then the page *Live*: give its "
        "five models a rule that somebody makes up.",
    )


def _how_to_read() -> Iterator[Slide]:
    yield Slide(
        '<h2>How to read such a figure</h2><p class="minutes">20 minutes</p><ul>'
        "<li><strong>A marker is a run</strong>: one model, trained from scratch with its own "
        "seed.</li>"
        "<li><strong>Two scores.</strong> On rules of its training: has it learned anything? On "
        "rules that it never saw: has it learned to follow rules?</li>"
        "<li><strong>To the right</strong> there are more rules, and fewer examples of each. The "
        "number of examples is the same.</li>"
        "<li><strong>The scatter</strong> between seeds at one number of rules is wider than the "
        "bar of one run. Which of the two does a paper show?</li></ul>"
        "<p>What do the dashed lines rule out? Where is the threshold, and how sure is that?</p>",
        "Go back one slide and let somebody point at each. The dashed lines rule out that models "
        "fail for lack of a skill on inputs. A bar covers chance in the test of one run; chance "
        "between runs shows in the markers.",
    )


def _class_exercise() -> Iterator[Slide]:
    points = read_group(find_notebook("01").stem, "demo", "a class")
    numbers = [f"{n:,}" for n in sorted({point.config.num_rules for point in points})]
    several = ", ".join(numbers[:-1]) + " and " + numbers[-1]
    middle = numbers[len(numbers) // 2].replace(",", "")
    yield Slide(
        '<h2>Predict and vote</h2><p class="minutes">15 minutes</p>'
        f"<p>Write down three shares: how many of the rules that it never saw will a model follow "
        f"that was trained on {several} rules?</p><p>Then vote, for {middle} rules:</p>"
        f"{_ballot(('hardly any', 'about half', 'nearly all'))}"
        "<p>Will all of you get the same, if you differ in nothing but the seed?</p>",
        "Write the three counts on the board, and keep them until the figure.",
    )
    yield Slide(
        "<h2>Run and collect</h2><p>One run each, with a seed of your own:</p>"
        f"<pre>python -m instrdiv run 01 --scale demo -p num_rules {middle} "
        "-p seed 17 --results mine</pre>"
        "<p>Call out how many unseen rules were right, and hand in the folder <code>mine</code> "
        "under your name. Then all of us:</p>"
        "<pre>python -m instrdiv collect handed-in/*/mine \\\n"
        "    --results class-runs --figure class.html</pre>",
        "Well under a minute each. Whoever is done takes another number of rules. With "
        "`slides --course class-runs`, the next slide shows this class's runs, not the sample's.",
    )


def _class_figure(course: Path | None) -> Slide:
    folders = [course] if course else sorted((project_root() / "book/data/class").glob("*/"))
    records, _ = zip(
        *(read_records([folder], experiment.name, "demo") for folder in folders), strict=True
    )
    runs = [("", record) for found in records for record in found]
    x = default_axis(experiment)
    selection = select_runs(experiment, "demo", runs, axes=[x], fixed={}, only={})
    if not selection.number:
        raise ValueError(f"{course}: no run of chapter 1 at demo scale to draw")
    chart = draw(
        experiment, "demo", selection, x=x, color=None, score=None, fixed={}, title="class"
    )
    who = "What we found" if course else f"What {len(folders)} students found"
    return Slide(
        f"<h2>{who}</h2>{picture(chart.to_dict(), WIDE, HIGH)}"
        f'<div class="answer"><p>{selection}. At one number of rules, they differ in their seed '
        "alone. What would one of them have told us? How many would you ask for?</p></div>",
        "Seen rules are answered well everywhere, so no model failed to learn. At both ends all "
        "runs agree; in the middle the seed decides. Compare with the votes on the board.",
    )


def _figure(heading: str, html: str, answer: str, notes: str) -> Slide:
    drawn = picture(chart_of(html), WIDE, HIGH if answer else ALONE)
    said = f'<div class="answer">{_markdown(answer)}</div>' if answer else ""
    return Slide(f"<h2>{escape(heading)}</h2>{drawn}{said}", notes)


def _questions() -> dict[str, tuple[str, str]]:
    """By chapter, what the tour asks, and what it says where that is not computed."""
    tour = (project_root() / "book" / "tour.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| \[… (.+?)\]\(\.\./notebooks/(\w+)\.ipynb\) \| (.+) \|$", tour, re.MULTILINE
    )
    return {
        stem: (f"What if {plain(question)}", "" if said.startswith("{glue") else said)
        for question, stem, said in rows
    }


Listed = list[tuple[str, list[str]]]
"""Headings, each with the lines below it."""


def _verdicts(page: Page) -> Iterator[Slide]:
    yield _figure("Does the paper hold?", page.figure, "", page.caption + "\n\n" + page.reading)
    told, untold, ours = _claims("\n\n".join(page.lists))
    yield from _listed(
        told,
        "A verdict follows from a rule that was written down with its date. *Does not hold* needs "
        "an interval that leaves the claim out, models that had learned their examples, and the "
        "paper's design.",
    )
    for heading, lines in untold:
        by_chapter = {line[-2]: line for line in reversed(lines)}
        some = "\n".join(by_chapter[chapter] for chapter in sorted(by_chapter))
        yield Slide(
            f'<h2>{escape(heading)}</h2><div class="listed"><p>One of each chapter:</p>'
            f"{_markdown(some)}</div>",
            "What would we have to run to decide? The book's page *What we learned* has all of "
            "them, each with its price.",
        )
    yield from _listed(
        ours, "A variant has another optimiser, measure or task. It is no verdict on the paper."
    )


def _listed(listed: Listed, notes: str) -> Iterator[Slide]:
    """Claims under their headings, on as few slides as they fit."""
    for parts in _packed(listed):
        lists = [
            f'<h2>{escape(heading)}</h2><div class="listed">{_markdown(chr(10).join(lines))}</div>'
            for heading, lines in parts
        ]
        yield Slide("".join(lists), notes)


FIT = 8
"""Claims that fit on one slide, each in two lines at most; a further heading takes two."""


def _packed(told: Listed) -> list[Listed]:
    """Headings and their claims, on as few slides as they fit.

    >>> [[len(lines) for _, lines in slide] for slide in _packed([("A", ["a"] * 9), ("B", ["b"])])]
    [[8], [1, 1]]
    """
    slides: list[Listed] = []
    room = 0
    for heading, lines in told:
        for start in range(0, len(lines), FIT):
            part = lines[start : start + FIT]
            if not slides or len(part) + 2 > room:
                slides.append([])
                room = FIT + 2
            slides[-1].append((heading, part))
            room -= len(part) + 2
    return slides


def _claims(lists: str) -> tuple[Listed, Listed, Listed]:
    """The page's claims by heading, each with its chapter: what could be told, what not, and
    variants of our own.

    >>> _claims("**What holds: 1 of 2.**\\n\\n- [A](../06_a.ipynb)\\n  - More helps: *9 %*.")
    ([('What holds: 1 of 2', ['- More helps (chapter\\xa06)'])], [], [])

    Raises:
        ValueError: a claim's chapter cannot be read.
    """
    told: Listed = []
    untold: Listed = []
    ours: Listed = []
    for heading, part in re.findall(r"\*\*(.+?)\.?\*\*\n\n((?: *- .+\n?)+)", lists):
        lines, chapter = [], ""
        for line in part.splitlines():
            if begun := re.match(r"- \[[^\]]*\]\([^)]*?/0?(\d+)_", line):
                chapter = begun[1]
            elif chapter and (claim := re.match(r"  (- .+): \*", line)):
                lines.append(f"{claim[1]} (chapter\N{NO-BREAK SPACE}{chapter})")
            else:
                raise ValueError(f"what-we-learned: {line!r} is neither a chapter nor its claim")
        name, _, count = heading.rpartition(": ")
        if name.startswith("What cannot"):
            untold.append((f"What cannot be told yet: {count}", lines))
        elif name.startswith("Beside"):
            ours.append((f"Variants of our own: {count}", lines))
        else:
            told.append((f"{name}: {count}", lines))
    return told, untold, ours


def _home() -> Slide:
    tour = (project_root() / "book" / "tour.md").read_text(encoding="utf-8")
    taken = tour.split("**What to take home.** ")[1].split("\n")[0]
    listed = "\n".join(f"- {sentence}" for sentence in re.findall(r"[^.]+\.", taken))
    return Slide(
        f"<h2>What to take home</h2>{_markdown(listed)}"
        "<p><strong>Next:</strong> the quiz, five minutes; the exercises of your chapter; in "
        "pairs, a setting that no grid of the book varies.</p>",
        "Near the threshold, one run proves little: that is what the class figure shows. Quiz, "
        "homework and its points are on the book's page for lecturers.",
    )


def _markdown(text: str) -> str:
    text = re.sub(r"\s*\{cite:\w+\}`[^`]*`", "", text)
    text = re.sub(r"figure (?=\d)", "the book's figure number ", text, flags=re.IGNORECASE)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return str(MarkdownIt("commonmark").render(text))
