"""A number in a text that looks like a result is computed, compared with its source, or a fact.

Computed numbers stand in no source, so whatever is found there was typed. What a section or line
sets as a task (exercises, quizzes, times to plan with) claims nothing and is left out; so is what
a chapter reports of the paper, where it cites it.
"""

import json
import re

import nbformat
import pytest

from instrdiv.bench.timings import as_markdown
from instrdiv.paths import project_root
from instrdiv.statistics.verdict import GATE
from instrdiv.sweep.grids import read_group

ROOT = project_root()
RESULT = re.compile(
    r"\d[\d.,\s]*(?:%|×(?! \d)|times\b|(?:core )?(?:second|minute|hour|day)s?\b"
    r"|(?:different )?rules\b)"
)
IN_WORDS = re.compile(r"\b(?:a|one|two|three) (?:tenth|quarter|third|fifth)s?\b|\bhalf\b|\bseeds\b")
TASKS = (
    "Exercises", "Quiz", "Hints", "Ninety minutes", "Predict, then run",
    "The class exercise",  # whose numbers tests/report/test_class_sample.py holds
)  # fmt: skip
FACTS = {
    # Confidence that an interval is made for.
    "95 %": "instrdiv/statistics/scores.py",
    # The training score from which a training counts as done.
    "97 %": "instrdiv/statistics/verdict.py",
    # What the desk preset was chosen on.
    "10 000 rules": "notebooks/grids.yaml",
    # What the live models were trained on; `tests/demo` holds them against it.
    "10 000 different rules": "book/models",
    # What a model that copies, or one that always acts, scores by definition.
    "0 %": "definition of the scores",
    "100 %": "definition of the scores",
    "50 %": "notebooks/grids.yaml",  # the largest share of no-ops that is tried
    "650 rules": "26 letters, each with 25 others",
    "90 minutes": "plan of the class",
    "90 %": "instrdiv/bench/to90.py",  # the goal of a timing
}


def texts():
    for path in sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("book/*.ipynb")]):
        cells = nbformat.read(path, as_version=4).cells
        yield path.name, "\n\n".join(c.source for c in cells if c.cell_type == "markdown")
    for path in sorted([*ROOT.glob("book/*.md"), ROOT / "README.md"]):
        yield path.name, path.read_text(encoding="utf-8")


def claims_of(text: str) -> str:
    """A page without what claims nothing."""
    text = re.sub(r"(?ms)^```.*?^```", "", text)
    text = re.sub(r"(?m)^\*\*Time\b.*$", "", text)
    sections = re.split(r"(?m)^(?=#{1,3} )", text)
    kept = []
    for section in sections:
        title = section.split("\n")[0].lstrip("# ")
        paper = title == "The paper's claim" and "references.bib#" in section
        if title not in TASKS and not paper:
            kept.append(section)
    return re.sub(r"`[^`]*`", "", "".join(kept))


def found_in(text: str) -> set[str]:
    return {" ".join(match.split()) for match in RESULT.findall(claims_of(text))}


def test_typed_results_are_found():
    text = "# A\n\nIt follows 93 % from 450 rules on, 2.3 × as fast, in 26 days.\n\n## Quiz\n\n5 %"
    assert found_in(text) == {"93 %", "450 rules", "2.3 ×", "26 days"}


@pytest.mark.parametrize(("name", "text"), [pytest.param(*each, id=each[0]) for each in texts()])
def test_no_number_of_a_text_is_typed_without_a_source(name, text):
    typed = found_in(text) - set(FACTS)
    assert not typed - (compared() if name == "README.md" else set())


@pytest.mark.parametrize("name", ["07_code_generation.ipynb", "08_domains.ipynb"])
def test_summaries_of_mixtures_leave_shares_and_seeds_to_computed_text(name):
    text = dict(texts())[name].split("## Summary")[1].split("\n## ")[0]
    assert not IN_WORDS.findall(text) and not re.search(r"\d", text)


def test_facts_are_what_their_sources_say():
    assert 26 * 25 == 650 and GATE == 0.97
    tuned = read_group("01_rule_diversity", "desk", "tuning")
    assert {point.config.num_rules for point in tuned} == {10_000}
    assert "GOAL = 0.9\n" in (ROOT / "instrdiv/bench/to90.py").read_text(encoding="utf-8")
    assert "0.5" in (ROOT / "notebooks/grids.yaml").read_text(encoding="utf-8")


def timings(name: str) -> dict:
    return json.loads((ROOT / "book" / "data" / name).read_text(encoding="utf-8"))


def speeds() -> str:
    """What the README says of speed, as the measurements give it."""
    return as_markdown(timings("bench.json"))


def compared() -> set[str]:
    return found_in(speeds())


def test_speeds_in_the_readme_are_the_measured_ones():
    assert speeds() in (ROOT / "README.md").read_text(encoding="utf-8")
    assert not timings("bench.json")["quick"]
