"""The program comes out of an answer as the model wrote it."""

import ast
import contextlib
import io
import time

import pytest
from answers import ADD, ANSWERS, BEGUN, BY_PLUS, CONTINUATIONS, PLUS, TESTS, fenced
from hypothesis import given
from hypothesis import strategies as st

from instrdiv.benchmarks.published import human_eval
from instrdiv.codeexec.extraction import MOST, end_of_program, extract_program
from instrdiv.codeexec.longest import longest_program
from instrdiv.codeexec.markdown import blocks_with_ends, code_blocks
from instrdiv.codeexec.sandbox import Limits, run_program, run_programs
from instrdiv.codeexec.syntax import defines, is_program, missing

PATIENT = Limits(wall_seconds=60)


@pytest.mark.parametrize("start", ["", BEGUN], ids=["asked in words", "begun"])
@pytest.mark.parametrize("name", ANSWERS)
def test_a_right_program_passes_however_the_answer_presents_it(name, start):
    if name == "annotated, nothing imported" and not start:
        start = "import math\n"  # something that its future import must come before
    result = run_program(extract_program(ANSWERS[name], "add", start), TESTS, PATIENT)
    assert result.passed, result.reason


@pytest.mark.parametrize("name", CONTINUATIONS)
def test_an_answer_goes_on_where_the_problem_left_off(name):
    result = run_program(extract_program(CONTINUATIONS[name], "add", BEGUN), TESTS, PATIENT)
    assert result.passed, result.reason


@pytest.mark.parametrize("name", ANSWERS)
def test_where_evalplus_finds_a_passing_program_so_do_we(name, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())  # nothing to read, as in the sandbox
    sanitize = pytest.importorskip("evalplus.sanitize", reason="EvalPlus is not installed").sanitize
    theirs = sanitize(ANSWERS[name], entrypoint="add")
    if passes(theirs):
        assert passes(extract_program(ANSWERS[name], "add"))


def passes(program):
    """In this very process, which only this file's own answers may be run in."""
    names = {"__name__": "program"}
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(EOFError, SystemExit):
            exec(compile(program, "<answer>", "exec", dont_inherit=True), names)
        exec(TESTS, names)
    except Exception:
        return False
    return True


@pytest.mark.parametrize(
    "which",
    [slice(None, None, 8), pytest.param(slice(None), marks=pytest.mark.soak)],
    ids=["every eighth", "all"],
)
@pytest.mark.parametrize("name", ["completion", "whole function", "in a fence"])
def test_human_evals_own_solutions_pass_however_they_are_given(name, which):
    write = {
        "completion": lambda problem: problem.solution,
        "whole function": without_imports,
        "in a fence": lambda problem: f"So:\n\n{fenced(without_imports(problem))}\nDone.",
    }[name]
    problems = human_eval()[which]
    programs = [extract_program(write(p), p.entry_point, p.start) for p in problems]
    results = run_programs(
        [(program, p.tests) for program, p in zip(programs, problems, strict=True)], PATIENT
    )
    assert {p.name: r.reason for p, r in zip(problems, results, strict=True) if not r.passed} == {}


def without_imports(problem):
    """The problem's function alone, as a chat model repeats it."""
    program = problem.prompt + problem.solution
    function = next(
        node
        for node in ast.parse(program).body
        if isinstance(node, ast.FunctionDef) and node.name == problem.entry_point
    )
    return ast.get_source_segment(program, function) + "\n"


words = st.text("ab(:=)# \n", max_size=60)
fences = st.sampled_from(["```", "````", "~~~"])


@given(words, words, fences, st.sampled_from(["", "python", "py", "Python"]))
def test_a_fenced_program_comes_out_whole_whatever_stands_around_it(before, after, fence, language):
    answer = f"{before}\n\n{fence}{language}\n{ADD}{fence}\n{after}"
    assert extract_program(answer, "add") == ADD


@given(st.text("`~py def():\n\r\t>x=1", max_size=60), st.sampled_from(["", BEGUN]))
def test_any_answer_gives_some_text(answer, start):
    assert isinstance(extract_program(answer, "add", start), str)


pieces = st.sampled_from(
    ["[\n", "]", "(", "\'\'\'", "f'{a b}'", "\\\n", "try:\n", "  x\n", "def f():\n", " return 1\n",
     "```\n", "```py\n", "> ", "- ", ">>> ", "\t", "\0", "\ud800", "nonlocal x\n",
     "é", "\r", "0x", "async "]
)  # fmt: skip


@given(st.lists(pieces, max_size=30).map("".join), st.sampled_from(["", BEGUN]))
def test_no_answer_ends_in_a_traceback(answer, start):
    assert isinstance(extract_program(answer, "add", start), str)
    end = end_of_program(answer, "add", start)
    assert end is None or 0 < end < len(answer)


@pytest.mark.parametrize(
    "piece",
    ["[\n", "'''\n", "x = 1\n", "return x\n", "try:\n  x\n", "```\nx\n```\n", "> ", "(", " x\n"],
)
def test_a_text_that_is_made_up_to_take_long_takes_seconds_of_the_processor(piece):
    """Trying all runs of lines takes hours."""
    answer = piece * (8000 // len(piece))
    started = time.process_time()
    extract_program(answer, "add", BEGUN)
    end_of_program(answer + "\n```\n", "add")
    assert time.process_time() - started < 20


def test_a_program_after_such_a_text_is_found():
    answer = "[\n" * 500 + f"\n{fenced(ADD)}\n"
    assert extract_program(answer, "add") == ADD


def test_what_comes_after_the_longest_answer_is_left_out():
    assert len(extract_program("x" * 10 * MOST, "add")) == MOST


NAMES = st.sampled_from(["add", "plus", "one", "two", "len"])
USES = NAMES | st.just("x")


@st.composite
def blocks(draw):
    name, other = draw(NAMES), draw(USES)
    code = draw(
        st.sampled_from(
            [f"def {name}(a, b):\n    return {other}(a)\n", f"{name} = {other}\n", f"{name}(1)\n",
             f"if True:\n    {name} = {other}.one\n", f"from {other} import *\n",
             f"import {name}\n", f"{name} = (\n", "x = 1\n", "\n"]
        )
    )  # fmt: skip
    return f"{draw(st.sampled_from(['```', '```py', '```bash']))}\n{code}```\n"


@given(st.lists(blocks(), max_size=6).map("\nSo it goes:\n".join))
def test_an_answer_ends_with_the_first_block_after_which_its_program_lacks_nothing(answer):
    """Held against extracting the program anew for each block."""
    ends = [end for _, end in blocks_with_ends(answer) if end is not None]
    programs = {end: extract_program(answer[:end], "add") for end in ends}
    expected = (end for end, p in programs.items() if defines(p, "add") and not missing(p))
    assert end_of_program(answer, "add") == next(expected, None)


@pytest.mark.parametrize(
    "block",
    ["add(1)", "add = lacking", "f{0} = f{1}\nadd = f0", "def f{0}():\n    return f{1}(add)"],
)
def test_many_blocks_that_name_the_function_take_seconds_of_the_processor(block):
    """Whether each brings what is missing, brings something else, or nothing."""
    answer = "".join(f"```\n{block.format(n, n + 1)}\n```\n" for n in range(3_000))
    started = time.process_time()
    assert end_of_program(answer, "add") is None
    assert time.process_time() - started < 20


def test_an_answer_goes_on_until_a_later_block_says_what_the_first_uses():
    answer = f"{fenced(BY_PLUS)}\nwhere\n\n{fenced(PLUS)}\n"
    end = end_of_program(answer, "add")
    assert end is not None and end > answer.index(PLUS)
    assert run_program(extract_program(answer[:end], "add"), TESTS, PATIENT).passed


lines_of = st.lists(
    st.sampled_from(
        ["x = 1", "def f():", "    return 1", "if a:", "else:", "try:", "finally:", "(", ")", "[1,",
         "\'\'\'", "a b", "f'{a b}'", "a = \\", "@d", "    nonlocal x", "global x", "", "# c",
         "   # c"]
    ),
    max_size=7,
).map("\n".join)  # fmt: skip


@given(st.text("ab=1 :\n", max_size=40) | lines_of)
def test_the_longest_program_is_the_one_that_trying_all_runs_of_lines_finds(text):
    lines = text.split("\n")
    runs = [
        lines[first:end]
        for first in range(len(lines))
        for end in range(first + 1, len(lines) + 1)
        if is_program("\n".join(lines[first:end]))
    ]
    filled = [sum(bool(line.strip()) for line in run) for run in runs]
    found = longest_program(text)
    assert is_program(found)
    assert sum(bool(line.strip()) for line in found.split("\n")) == max(filled, default=0)


@pytest.mark.parametrize(
    ("answer", "program"),
    [
        ("I can't.", "I can't."),
        ("```bash\nls\n```", "ls\n"),
        ("```python\n", ""),
        ("", ""),
    ],
)
def test_an_answer_without_the_function_comes_back_to_fail(answer, program):
    assert extract_program(answer, "add") == program


def test_a_use_of_the_function_does_not_replace_what_it_uses():
    use, function = "sum = 3\nn = int(input())\n", "def add(n):\n    return sum(n)\n"
    assert extract_program(f"{fenced(use)}\n{fenced(function)}", "add") == function


def test_blocks_are_closed_where_commonmark_says():
    text = "~~~\n```\n~~~\n\n```py\nx\n    ```\n``\n````\n\n- \n  ```\n  y\n"
    assert [(block.code, block.closed_at is not None) for block in code_blocks(text)] == [
        ("```\n", True),
        ("x\n    ```\n``\n", True),
        ("y\n", False),
    ]


@pytest.mark.parametrize("name", [*ANSWERS, *CONTINUATIONS])
def test_an_answer_is_cut_only_where_a_program_is_closed(name):
    answer = (ANSWERS | CONTINUATIONS)[name] + "\n"
    start = BEGUN if name in CONTINUATIONS else ""
    ends = [end_of_program(answer[:length], "add", start) for length in range(len(answer) + 1)]
    end = next((end for end in ends if end is not None), None)
    assert set(ends) <= {None, end}, "it must not move as more is written"
    if end is not None:
        blocks = code_blocks(answer[:end])
        assert blocks[-1].closed_at is None and blocks[-1].may_be_python
        assert answer[end] in "\r\n" and answer[end:].lstrip("\r\n> \t")[0] in "`~"


@pytest.mark.parametrize(
    "answer",
    [
        f"Here:\n\n{fenced(ADD)}\n",
        f"\n{fenced(ADD)}\n",
        f"Run this:\n```bash\npip install x\n```\n{fenced(ADD)}\n",
        f"Run this:\n```\npip install x\n```\n{fenced(ADD)}\n",
        f"Usage:\n```\nadd(1, 2)  # 3\n```\n{fenced(ADD)}\n",
        f"Example:\n```python\nadd(1, 2)\n```\n{fenced(ADD)}\n",
        "1. So:\n\n   ```python\n   def add(a, b):\n       return a + b\n   ```\n2.",
    ],
)
def test_cutting_an_answer_loses_no_program(answer):
    cut = answer[: end_of_program(answer, "add")]
    assert len(cut) < len(answer)
    assert extract_program(cut, "add").strip() == ADD.strip()


def test_what_shares_a_line_with_a_future_import_stays():
    answer = "from __future__ import annotations; ZERO = 0\ndef add(a, b):\n    return a + b\n"
    program = extract_program(answer, "add", BEGUN)
    assert run_program(program, "assert add(1, 2) == 3 and ZERO == 0", PATIENT).passed


def test_an_answer_goes_on_after_a_helper_to_what_was_asked_for():
    helper, asked = (f"def {name}(a, b):\n    return {of}\n" for name, of in
                     (("plus", "a + b"), ("add", "plus(a, b)")))  # fmt: skip
    answer = f"{fenced(helper)}\nThen:\n{fenced(asked)}\n"
    cut = answer[: end_of_program(answer, "add")]
    assert run_program(extract_program(cut, "add"), TESTS, PATIENT).passed


@pytest.mark.parametrize("tail", ["1" + "+1" * 350, "x" + ".b" * 350, "-" * 1000 + "1"])
def test_an_answer_that_is_nested_too_deeply_is_run_as_it_is(tail):
    answer = f"def f():\n    return 1\nprint({tail})\n"
    assert "def f()" in extract_program(answer, "f")
    assert end_of_program(f"```python\n{answer}```\n", "f") in (None, len(answer) + 10 - 1)
