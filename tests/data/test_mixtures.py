"""Instruction data and mixtures: what is read, drawn, left out and refused."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrdiv.data.assets import INSTRUCTION_DATA
from instrdiv.data.fetch import asset_folder, require
from instrdiv.data.instruction_sources import (
    SOURCES,
    DataError,
    InstructionPair,
    read_code_alpaca,
    read_flan_chains,
    read_jsonl,
    read_t0,
)
from instrdiv.data.mixtures import mix, ngrams, plan, statistics
from instrdiv.data.python_text import is_python, parses_as_python


def some(source, number):
    return [InstructionPair(f"do {source} {i}", f"done {i}", source) for i in range(number)]


@given(st.integers(0, 10_000), st.lists(st.integers(0, 100), min_size=1, max_size=4))
def test_a_plan_gives_every_example_and_none_off_by_more_than_one(total, weights):
    weights[0] += 1
    shares = {str(i): weight / sum(weights) for i, weight in enumerate(weights)}
    counts = plan(total, shares)
    assert sum(counts.values()) == total
    assert all(abs(counts[name] - total * share) < 1 + 1e-6 for name, share in shares.items())


@pytest.mark.parametrize("shares", [{"a": 0.5}, {"a": 1.5, "b": -0.5}, {}])
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(ValueError, match="at least 0 each, and 1 together"):
        plan(10, shares)


def test_more_of_a_collection_keeps_what_less_of_it_held():
    sources = {"code": some("code", 50), "general": some("general", 50)}
    less, more = (
        set(mix(sources, {"code": n, "general": 30 - n}, seed=3).examples) for n in (10, 20)
    )
    code = lambda examples: {e for e in examples if e.source == "code"}  # noqa: E731
    assert len(code(less)) == 10 and code(less) < code(more)
    assert len(less) == len(more) == 30


def test_a_seed_decides_a_mixture():
    sources = {"code": some("code", 50)}
    draw = lambda seed: mix(sources, {"code": 20}, seed).examples  # noqa: E731
    assert draw(1) == draw(1) and draw(1) != draw(2)


def test_what_a_benchmark_holds_is_left_out_and_counted():
    problem = "Write a function that returns the sum of all even numbers in the list given."
    leaked = InstructionPair("Please: " + problem.upper(), "sum(...)", "code")
    near = InstructionPair("Write a function that returns the sum of all odd numbers.", "…", "code")
    mixture = mix({"code": [leaked, near, *some("code", 5)]}, {"code": 6}, 0, [problem])
    assert leaked not in mixture.examples and near in mixture.examples
    assert mixture.removed == {"code": 1}
    assert statistics(mixture).loc["code", ["examples", "removed"]].tolist() == [6, 1]
    with pytest.raises(ValueError, match="7 examples of 'code' are needed; it has 6 beside 1"):
        mix({"code": [leaked, near, *some("code", 5)]}, {"code": 7}, 0, [problem])


@pytest.mark.parametrize(
    "text",
    [
        "console.log(x)",
        "alert('hi');",
        "Math.floor(Math.random() * 11)",
        "db.users.find()",
        "System.out.println(x);",
        "let [{color: color1}] = cars;",
        "document.title = 'x'",
        "x = null",
    ],
)
def test_other_languages_that_parse_are_not_taken_for_python(text):
    assert parses_as_python(text) and not is_python(text)


@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np\nprint(np.zeros(3).sum())",
        "from math import *\nprint(floor(2.5))",
        "def f(g, *rest):\n    return g(rest)",
        "with open('a') as file:\n    file.read()",
        "try:\n    int('x')\nexcept ValueError as error:\n    error.with_traceback(None)",
        "class A:\n    def b(self):\n        return self.b()",
        "[x.upper() for x in 'ab']",
        "(lambda f: f(1))(print)",
    ],
)
def test_programs_that_stand_on_their_own_are_python(text):
    assert is_python(text)


@given(st.text(max_size=200))
def test_a_text_shares_all_its_ngrams_with_itself_in_capitals(text):
    assert ngrams(text.lower()) == ngrams(text)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_each_collection_is_read_in_its_own_form(tmp_path):
    rows = [
        {"instruction": "Add.", "input": "1, 2", "output": "print(1 + 2)"},
        {"instruction": "Select.", "input": "", "output": "SELECT * FROM t"},
    ]
    write(tmp_path / "codealpaca" / "a.json", json.dumps(rows))
    assert read_code_alpaca(tmp_path) == [InstructionPair("Add.\n1, 2", "print(1 + 2)", "code")]
    write(tmp_path / "flan_cot" / "a.tsv", "Why?\\nSay.\tyes\tBecause.\n")
    assert read_flan_chains(tmp_path)[0] == InstructionPair(
        "Why?\nSay.", "Because.\nThe answer is yes.", "chains"
    )
    (tmp_path / "t0").mkdir()
    with gzip.open(tmp_path / "t0" / "a.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"prompt": "Q", "completion": "A<|endoftext|>"}) + "\n")
    assert read_t0(tmp_path) == [InstructionPair("Q", "A", "general")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: not JSON"),
        ('{"instruction": "x"}', "line 2: 'answer' must be a text"),
        ('{"instruction": "", "answer": "y"}', "line 2: 'instruction' must be a text"),
        ("[1]", "line 2: 'instruction' must be a text"),
    ],
)
def test_a_bad_line_is_named_by_file_and_number(line, said, tmp_path):
    path = write(tmp_path / "own.jsonl", f'{{"instruction": "a", "answer": "b"}}\n{line}\n')
    with pytest.raises(DataError, match=rf"own\.jsonl, {said}"):
        read_jsonl(path)


def test_files_that_are_not_there_or_cut_short_are_named(tmp_path):
    with pytest.raises(DataError, match=r"codealpaca: no files \*\.json there"):
        read_code_alpaca(tmp_path)
    (tmp_path / "t0").mkdir()
    (tmp_path / "t0" / "a.jsonl.gz").write_bytes(gzip.compress(b'{"prompt": "Q"' * 99)[:30])
    with pytest.raises(DataError, match=r"a\.jsonl\.gz: cannot be read"):
        read_t0(tmp_path)
    write(tmp_path / "flan_cot" / "a.tsv", "question\tanswer\n")
    with pytest.raises(DataError, match=r"a\.tsv, line 1: .* it has 2 parts"):
        read_flan_chains(tmp_path)


@pytest.mark.skipif(
    not asset_folder(INSTRUCTION_DATA).is_dir(),
    reason="the data is not here: run `python -m instrdiv assets` or set INSTRDIV_DATA",
)
@pytest.mark.parametrize(
    ("source", "least"), [("code", 1_500), ("general", 11_000), ("chains", 33_000)]
)
def test_the_real_collections_are_read_whole(source, least):
    examples = SOURCES[source](require(INSTRUCTION_DATA))
    assert len(examples) >= least and {e.source for e in examples} == {source}
    assert not any("<|endoftext|>" in e.answer for e in examples)
