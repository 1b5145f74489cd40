"""Files, paths and formats as readers have them: read right, or refused in one line."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import warnings
from codecs import BOM_UTF8
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast

from instrdiv.checks import absolute
from instrdiv.cli import main
from instrdiv.data.fetch import CACHE_VARIABLE, AssetError, cache_folder
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
from instrdiv.data.places import download
from instrdiv.experiments.points import make_point
from instrdiv.models.chat import prompt_tokens
from instrdiv.models.chat_model import tiny_tokenizer
from instrdiv.paths import beside, own_results, project_root
from instrdiv.publishing.build import BookError, build_book, stage
from instrdiv.sweep.execute import NotebookFailed, execute

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


def test_a_folder_is_meant_from_where_the_user_stands(tmp_path, monkeypatch):
    (tmp_path / "my-model").mkdir()
    (tmp_path / "SmolLM2-135M-Instruct").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for given in ("./my-model", "~/my-model", str(tmp_path / "my-model")):
        assert absolute(given) == str(tmp_path / "my-model")
    point = make_point("06", "smoke", {"model": "./my-model"})
    assert point.config.model == str(tmp_path / "my-model")
    assert absolute("SmolLM2-135M-Instruct") == "SmolLM2-135M-Instruct", "a name, not a folder"
    with pytest.raises(ValueError, match=r"'\./none': there is no file or folder"):
        make_point("06", "smoke", {"model": "./none"})


@pytest.mark.parametrize("given", ["cache", "./cache", "~/cache"])
def test_the_cache_is_meant_from_where_the_user_stands(given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(CACHE_VARIABLE, given)
    monkeypatch.setattr("instrdiv.data.assets.ASSETS", {})
    assert main(["assets"]) == 0
    monkeypatch.chdir("/")  # as a notebook's kernel does
    assert cache_folder() == tmp_path / "cache"


REFUSES_SYSTEM = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}"
    "{% endif %}<{{ m.role }}>{{ m.content }}{% endfor %}"
)
DEMANDS_ALTERNATION = (
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}<{{ m.role }}>{{ m.content }}"
    "{% endfor %}"
)


@pytest.mark.parametrize("template", [REFUSES_SYSTEM, DEMANDS_ALTERNATION])
def test_a_chat_format_without_a_system_is_written_without_one(template):
    tokenizer: PreTrainedTokenizerFast = tiny_tokenizer()
    tokenizer.chat_template = template
    plain = tokenizer("<user>Hi?<assistant>Ho.<user>So?", add_special_tokens=False).input_ids
    assert prompt_tokens(tokenizer, "Hi?", "Ho.", "So?") == plain


def notebook_of(path: Path, source: str) -> Path:
    import nbformat

    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


def test_a_kernel_that_is_killed_is_named_with_its_notebook(tmp_path):
    path = notebook_of(tmp_path / "deadly.ipynb", "import os\nos.kill(os.getpid(), 9)")
    with pytest.raises(NotebookFailed, match="deadly failed: its kernel died"):
        execute(path, {}, tmp_path / "out.ipynb")


def test_an_error_of_several_lines_is_told_whole(tmp_path):
    path = notebook_of(tmp_path / "bad.ipynb", "raise ValueError('first line\\nsecond line')")
    with pytest.raises(NotebookFailed, match="bad failed: ValueError: first line\nsecond line"):
        execute(path, {}, tmp_path / "out.ipynb")


def test_a_run_with_results_elsewhere_writes_nothing_into_the_checkout(tmp_path):
    """A course's checkout may be read-only; a watched run of the package shows what it opens."""
    watched = tmp_path / "sitecustomize.py"
    watched.write_text(
        "import os, sys\n"
        "from pathlib import Path\n"
        "def hook(event, arguments):\n"
        "    if event in ('open', 'os.mkdir', 'os.rename', 'os.remove'):\n"
        "        path, *more = arguments\n"
        "        writes = event != 'open' or any(c in str(more[0]) for c in 'wax+')\n"
        f"        inside = isinstance(path, str) and path.startswith({os.getcwd()!r} + '/')\n"
        "        if writes and inside and '__pycache__' not in path and '.venv' not in path:\n"
        f"            os.write(os.open({str(tmp_path / 'written')!r}, 1 | 64 | 1024),\n"
        "                     f'{event} {path}\\n'.encode())\n"
        "sys.addaudithook(hook)\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{os.getcwd()}"}
    command = [sys.executable, "-m", "instrdiv", "run", "08", "--scale", "smoke"]
    command += ["-p", "steps", "2", "--results", str(tmp_path / "elsewhere" / "results")]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert not (tmp_path / "written").exists(), (tmp_path / "written").read_text(encoding="utf-8")
    assert list((tmp_path / "elsewhere" / "results" / "notebooks").rglob("*.ipynb"))


def test_what_a_run_leaves_lies_in_a_folder_that_was_named(tmp_path):
    assert beside(tmp_path, "notebooks") == tmp_path / "notebooks"
    assert beside(own_results(), "checkpoints") == project_root() / "runs" / "checkpoints"


def test_a_file_or_model_right_here_is_meant_without_a_dot(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.jsonl").write_text(LINES, encoding="utf-8")
    assert absolute("mine.jsonl") == absolute("./mine.jsonl") == str(tmp_path / "mine.jsonl")
    (tmp_path / "mine").mkdir()
    assert absolute("mine") == "mine"  # a name of the hub, for all we know
    (tmp_path / "mine" / "config.json").write_text("{}", encoding="utf-8")
    assert absolute("mine") == str(tmp_path / "mine")


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


@pytest.mark.parametrize("command", ["run", "sweep", "status", "book", "pdf", "slides", "bench"])
def test_help_can_be_printed_in_any_encoding(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert capsys.readouterr().out.isascii()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sweep", "all", "--only", "num_rules=100"], "num_rules"),
        (["run", "01", "-p", "seed", "9" * 5_000], "seed"),
        (["run", "01", "-p", "seed", "[" * 100_000], "seed"),
        (["sweep", "02", "--scale", "desk"], "there are some at laptop, paper, smoke"),
    ],
)
def test_a_slip_on_the_command_line_is_one_line(arguments, said, capsys):
    assert main([*arguments, "--dry-run"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("instrdiv: ") and error.count("\n") == 1 and said in error


def test_no_folder_is_no_folder(capsys):
    with pytest.raises(SystemExit):
        main(["run", "01", "--results", ""])
    assert "'': a folder is needed" in capsys.readouterr().err


def test_a_checkout_for_reading_alone_can_be_staged(tmp_path):
    checkout = tmp_path / "checkout"
    shutil.copytree(project_root() / "book" / "_static", checkout / "book" / "_static")
    for name in ("_toc.yml", "_config.yml"):
        shutil.copy(project_root() / name, checkout)
    for path in (checkout / "book" / "_static", *(checkout / "book" / "_static").iterdir()):
        path.chmod(0o555)
    for _ in range(2):  # the second time over what the first has left
        staged = stage(checkout, [], tmp_path / "source") / "_static"
        assert all(path.stat().st_mode & 0o200 for path in (staged, *staged.iterdir()))


def test_a_place_that_the_book_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BookError, match=r"file/_build cannot be written to .* with --output"):
        build_book(tmp_path / "file")


def test_a_python_without_pip_is_told_how_to_get_it(tmp_path, monkeypatch):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'python: No module named pip' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(AssetError, match=r"No module named pip.* has no pip; .* -m ensurepip"):
        download("words==1", tmp_path)
