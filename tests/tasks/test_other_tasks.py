"""Other instructions than rules: what they do and how they are written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrdiv.experiments import domains
from instrdiv.tasks.alphabet import CHARACTERS, LETTERS, decode
from instrdiv.tasks.other_tasks import (
    BETWEEN_POSITIONS,
    OTHER_TASKS,
    instruction,
    perform,
    sample_other_tasks,
)

KNOWN = {
    "reverse": "bcdaab",
    "sort": "bacdab",
    "turn": "bdcaab",
    "put": "dadcad",
    "exchange": "dabcad",
    "leave out": "aca",
    "number": "cb",
}


@pytest.mark.parametrize("domain", OTHER_TASKS)
def test_each_kind_does_what_a_reader_would_do_by_hand(domain):
    assert perform(domain, "b", "d", "badcab") == KNOWN[domain]


def test_kinds_begin_with_different_letters_since_that_is_how_they_are_written():
    assert len({domain[0] for domain in OTHER_TASKS}) == len(OTHER_TASKS)


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.integers(4, 12), st.integers(2, 12))
def test_lines_hold_an_instruction_its_input_and_what_it_makes_of_it(seed, number, width, length):
    examples = sample_other_tasks(np.random.default_rng(seed), number, width, length)
    names = {domain[0]: domain for domain in OTHER_TASKS}
    assert examples.tokens.shape == (number, width + 2 * length + 3)
    for line in examples.tokens:
        text = decode(line)
        asked, _, rest = text.partition(":")
        z, _, output = rest.partition("=")
        domain, p, q = names[asked[1]], asked[2], asked[3]
        assert asked == instruction(domain, p, q, width) and len(asked) == width
        assert output == perform(domain, p, q, z) + "." and len(output) <= length + 1
        assert len(z) == length and set(z) <= set(LETTERS)
        if domain not in BETWEEN_POSITIONS:
            assert p in z and q in z
    assert examples.prompt_length == width + length + 2


def test_domains_are_equally_frequent():
    examples = sample_other_tasks(np.random.default_rng(0), 70, 9, 8)
    kinds = [CHARACTERS[line[1]] for line in examples.tokens]
    assert {kinds.count(domain[0]) for domain in OTHER_TASKS} == {10}


def test_no_rule_can_be_taken_for_another_instruction():
    data = domains.make_data(domains.experiment.configure("smoke", other_share=0.5))
    lines = [decode(line) for line in data.training.tokens]
    assert sum(line.startswith(">") for line in lines) == len(lines) // 2
    assert all(line[0] in LETTERS + ">" for line in lines)
