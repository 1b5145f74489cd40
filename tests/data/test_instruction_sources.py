"""Collections as readers have them: read right, or refused in one line."""

import gzip
import json
import warnings
from codecs import BOM_UTF8

import pytest

from instrdiv.data.instruction_sources import (
    DataError,
    InstructionPair,
    examples_of_rows,
    read_code_alpaca,
    read_flan_chains,
    read_jsonl,
    read_t0,
    read_t0_first_edition,
)

MARK = "<|endoftext|>"
ROWS = [{"instruction": "Größe?", "answer": "Größer."}, {"instruction": "b", "answer": "c"}]
LINES = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS)


@pytest.mark.parametrize(
    "content",
    [
        LINES.encode(),
        (LINES + "\n\n \n").encode(),
        BOM_UTF8 + LINES.encode(),
        LINES.replace("\n", "\r\n").encode() + b"\r\n",
    ],
    ids=["as it is", "blank lines at the end", "byte order mark", "CRLF"],
)
@pytest.mark.parametrize("packed", [False, True])
def test_json_lines_are_read_however_they_were_saved(tmp_path, content, packed):
    path = tmp_path / ("own.jsonl.gz" if packed else "own.jsonl")
    path.write_bytes(gzip.compress(content) if packed else content)
    assert read_jsonl(path) == [InstructionPair(*row.values(), "own") for row in ROWS]


def test_a_table_of_tabs_loses_its_byte_order_mark_and_line_ends(tmp_path):
    (tmp_path / "flan_cot").mkdir()
    file = tmp_path / "flan_cot" / "a.tsv"
    file.write_bytes(BOM_UTF8 + b"Why?\tyes\tBecause.\r\n\r\nHow?\tso\tThus.\r\n")
    assert [(e.instruction, e.answer) for e in read_flan_chains(tmp_path)] == [
        ("Why?", "Because.\nThe answer is yes."),
        ("How?", "Thus.\nThe answer is so."),
    ]


def damaged(content: bytes) -> bytes:
    packed = bytearray(gzip.compress(content * 50))
    packed[len(packed) // 2] ^= 0xFF
    return bytes(packed)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", LINES.encode("latin-1"), r"a\.jsonl, line 1: not UTF-8"),
        ("a.jsonl", LINES.encode("utf-16"), r"a\.jsonl, line 1: not UTF-8"),
        ("a.jsonl", b'{"instruction": ' + b"[" * 100_000, r"a\.jsonl, line 1: not JSON"),
        ("a.jsonl.gz", damaged(LINES.encode()), r"a\.jsonl\.gz(: cannot be read|, line \d+: not)"),
        ("a.jsonl.gz", LINES.encode(), r"a\.jsonl\.gz: cannot be read after line 0"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=said) as caught:
        read_jsonl(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_rows_that_answer_nothing_are_left_out_and_counted():
    rows = [{"q": "a", "a": "b"}, {"q": "a", "a": ""}, {"q": "a", "a": None}, {"q": "", "a": "b"}]
    with pytest.warns(UserWarning, match="some: 3 of 4 rows have no instruction or no answer"):
        assert len(examples_of_rows(rows, "some", ["q"], "a", "general")) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(examples_of_rows(rows[:1], "some", ["q"], "a", "general")) == 1


def test_a_column_that_is_not_there_is_named_beside_those_that_are():
    with pytest.raises(DataError, match=r"some: no column 'answer'; there are q, a"):
        examples_of_rows([{"q": "a", "a": "b"}], "some", ["q"], "answer", "general")
    with pytest.raises(DataError, match="some, row 1: q, a must be texts"):
        examples_of_rows([{"q": "a", "a": 3}], "some", ["q"], "a", "general")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"instruction": "a", "output": "b"}, "line 1: 'answer' .* it has 'instruction', 'output'"),
        ({"instruction": "a", "answer": "\ud800"}, "line 1: 'answer' holds no text"),
        ({"instruction": "a", "input": 3, "answer": "b"}, "line 1: 'input' must be a text"),
        ([1], "line 1: 'instruction' .* it has no names"),
    ],
)
def test_a_row_says_what_it_lacks(tmp_path, row, said):
    (tmp_path / "a.jsonl").write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_jsonl(tmp_path / "a.jsonl")


def test_the_input_of_an_instruction_is_asked_after_it(tmp_path):
    row = {"instruction": "Add.", "input": "1, 2", "answer": "3"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row), encoding="utf-8")
    assert read_jsonl(tmp_path / "a.jsonl") == [InstructionPair("Add.\n1, 2", "3", "a")]


@pytest.mark.parametrize("ending", ["<|endoftext|>", "<|endoftext|>\n"])
def test_an_end_mark_is_no_answer_and_no_part_of_one(tmp_path, ending):
    def read(completion):
        (tmp_path / "t0").mkdir(exist_ok=True)
        with gzip.open(tmp_path / "t0" / "a.jsonl.gz", "wt", encoding="utf-8") as file:
            file.write(json.dumps({"prompt": "Q", "completion": completion}))
        return read_t0(tmp_path)

    assert read("A" + ending) == [InstructionPair("Q", "A", "general")]
    with pytest.warns(UserWarning, match="T0: 1 of 1 rows have no answer"):
        assert read(ending) == []
    assert read_t0_first_edition(tmp_path) == [
        InstructionPair("Q", ending.removesuffix(MARK), "general")
    ]


def test_a_collection_nested_too_deeply_is_refused_in_one_line(tmp_path):
    (tmp_path / "codealpaca").mkdir()
    (tmp_path / "codealpaca" / "a.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.json: not JSON"):
        read_code_alpaca(tmp_path)
