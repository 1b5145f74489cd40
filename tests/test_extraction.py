"""A program comes out of an answer as the model wrote it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrdiv.programs.extraction import extract_program, fenced_blocks

words = st.text("ab(:=)# \n", max_size=60)
fences = st.sampled_from(["```", "````", "~~~"])


@given(words, words, words, fences, st.sampled_from(["", "python", "py", "Python"]))
def test_a_fenced_program_comes_out_whole_whatever_stands_around_it(
    before, program, after, fence, language
):
    answer = f"{before}\n{fence}{language}\n{program}\n{fence}\n{after}"
    assert extract_program(answer) == f"{program}\n"


@given(words, words)
def test_a_block_that_was_never_closed_goes_on_to_the_end(before, program):
    assert extract_program(f"{before}\n```python\n{program}") == program


@given(words)
def test_an_answer_without_a_fence_is_the_program(answer):
    assert extract_program(answer) == answer


@given(st.text("`~py\n \r", max_size=40))
def test_any_answer_gives_a_part_of_itself(answer):
    assert extract_program(answer) in answer
    assert all(program in answer for _, program in fenced_blocks(answer))


@pytest.mark.parametrize(
    ("answer", "program"),
    [
        ("```bash\nls\n```\n```python\nx = 1\n```", "x = 1\n"),
        ("```bash\nls\n```\n```\nx = 1\n```", "ls\n"),
        ("Use `print`:\n```py\nx = '```'\n```", "x = '```'\n"),
        ("````\n```\nx\n```\n````", "```\nx\n```\n"),
        ("Use ```x = 1``` here.", "Use ```x = 1``` here."),
        ("```python\n", ""),
        ("```", ""),
        ("", ""),
    ],
)
def test_of_several_readings_the_first_python_block_is_taken(answer, program):
    assert extract_program(answer) == program
