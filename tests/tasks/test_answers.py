"""The kind of an answer, against trying every position, and for texts that are no prompts."""

from hypothesis import given
from hypothesis import strategies as st

from instrdiv.tasks.answers import ANSWER_KINDS, kind_of_answer

CORRECT, REPLACED, MOVED, SAME, OTHER = ANSWER_KINDS
letters = st.text("ab", max_size=5)
some_letters = st.text("ab", min_size=1, max_size=5)


def tried(x: str, y: str, z: str, answer: str) -> str:
    if answer == (z.replace(x, y, 1)):
        return CORRECT
    if answer == z:
        return SAME
    at = z.find(x)
    if at >= 0 and any(
        answer == z[:at] + other + z[at + len(x) :] and len(other) == len(y)
        for other in [answer[at : at + len(y)]]
    ):
        return REPLACED
    ways = [z[:at] + y + z[at + len(x) :] for at in range(len(z) - len(x) + 1)]
    return MOVED if answer in ways else OTHER


@given(some_letters, letters, letters, letters)
def test_it_is_what_trying_every_position_finds(x, y, z, answer):
    assert kind_of_answer(f"{x}>{y}:{z}=", answer) == tried(x, y, z, answer)


@given(st.text(), st.text())
def test_any_text_has_a_kind(prompt, answer):
    assert kind_of_answer(prompt, answer) in ANSWER_KINDS


def test_a_text_of_a_megabyte_has_one_too():
    z = "a" * 10**6
    assert kind_of_answer(f"b>c:{z}=", z[1:] + "c") == MOVED
    assert kind_of_answer(f"b>c:{z}=", "d" + z[1:]) == OTHER
