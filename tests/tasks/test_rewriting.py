"""String rewriting: the oracle by eye, and the fast path equal to the oracle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrdiv.tasks.alphabet import decode, encode
from instrdiv.tasks.examples import write_examples
from instrdiv.tasks.rewriting import find_leftmost, rewrite, rewrite_batch

CASES = [
    # x, y, z, output
    ("aa", "bac", "caaba", "cbacba"),  # the paper's example
    ("aa", "b", "aaaa", "baa"),  # overlapping matches: the leftmost, once
    ("ab", "cd", "abab", "cdab"),  # adjacent matches
    ("ab", "xaby", "zab", "zxaby"),  # y contains x and is not rewritten again
    ("ab", "c", "aabb", "acb"),  # shorter y
    ("ab", "", "cabd", "cd"),  # empty y
    ("ab", "cdef", "ab", "cdef"),  # the whole input
    ("ab", "cd", "baba", "bcda"),  # match not at the start
    ("ab", "cd", "ba", "ba"),  # absent: a no-op
    ("abc", "z", "ab", "ab"),  # longer than the input
]


@pytest.mark.parametrize(("x", "y", "z", "output"), CASES)
def test_oracle_rewrites_leftmost_once(x, y, z, output):
    assert rewrite(x, y, z) == output


@pytest.mark.parametrize(("x", "y", "z", "output"), [c for c in CASES if len(c[0]) <= len(c[2])])
def test_batch_equals_cases(x, y, z, output):
    assert decode(rewrite_batch(encode(x)[None], encode(y)[None], encode(z)[None])[0]) == output


# Two letters make matches, overlaps and accidental earlier matches common.
two_letters = st.sampled_from("ab")


@st.composite
def batches(draw):
    x_length = draw(st.integers(1, 4))
    y_length = draw(st.integers(0, 6))
    z_length = draw(st.integers(x_length, 9))
    text = lambda length: st.lists(two_letters, min_size=length, max_size=length).map("".join)  # noqa: E731
    row = st.tuples(text(x_length), text(y_length), text(z_length))
    return draw(st.lists(row, min_size=1, max_size=8))


@given(batches())
def test_batch_equals_oracle(rows):
    x, y, z = (np.stack([encode(row[i]) for row in rows]) for i in range(3))
    found = [decode(output) for output in rewrite_batch(x, y, z)]
    assert found == [rewrite(*row) for row in rows]
    assert find_leftmost(x, z).tolist() == [row[2].find(row[0]) for row in rows]


@given(batches())
def test_lines_hold_prompt_output_and_end(rows):
    x, y, z = (np.stack([encode(row[i]) for row in rows]) for i in range(3))
    examples = write_examples(x, y, z)
    for line, row in zip(examples.tokens, rows, strict=True):
        assert decode(line[: examples.prompt_length]) == f"{row[0]}>{row[1]}:{row[2]}="
        assert decode(line[examples.prompt_length :]) == rewrite(*row) + "."


def test_encoding_refuses_unknown_characters():
    with pytest.raises(ValueError, match="unknown characters 'é'"):
        encode("abé")
