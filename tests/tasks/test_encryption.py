"""Encrypted rewriting: ciphers, oracle, partial answers, and what is drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrdiv.experiments import pretrained
from instrdiv.seeds import stream
from instrdiv.tasks.alphabet import LETTERS
from instrdiv.tasks.encryption import (
    CIPHERS,
    PHRASINGS,
    Task,
    cipher_alphabet,
    encipher,
    sample_keys,
    spaced,
    task_in_words,
)
from instrdiv.tasks.rewriting import rewrite

texts = st.text(LETTERS, min_size=1, max_size=8)


@pytest.mark.parametrize("cipher", CIPHERS)
def test_every_key_is_a_permutation_of_the_alphabet(cipher):
    for key in sample_keys(stream(0, "keys"), cipher, 25):
        assert sorted(cipher_alphabet(cipher, key)) == sorted(LETTERS)


@given(texts, st.integers(1, 25))
def test_two_caesar_shifts_that_make_26_cancel(text, shift):
    back = str(26 - shift)
    assert encipher(encipher(text, "caesar", str(shift)), "caesar", back) == text


@given(texts, texts, texts, st.integers(1, 25))
def test_a_no_op_comes_back_in_clear_and_all_else_rewritten_and_shifted(x, y, z, shift):
    task = Task(x, y, "caesar", str(shift), z)
    if x in z:
        shifted = [LETTERS[(LETTERS.index(c) + shift) % 26] for c in rewrite(x, y, z)]
        assert task.answer == "".join(shifted)
    else:
        assert task.answer == z


@given(texts, texts, texts, st.integers(1, 25), st.sampled_from(range(4)))
def test_an_instruction_in_words_holds_rule_input_and_key(x, y, z, shift, phrasing):
    said = task_in_words(Task(x, y, "caesar", str(shift), z), phrasing)
    assert all(spaced(part) in said for part in (x, y, z)) and str(shift) in said


def test_phrasings_are_as_many_for_each_cipher():
    assert {len(PHRASINGS[cipher]) for cipher in CIPHERS} == {4}


@pytest.mark.parametrize(
    ("cipher", "key", "said"),
    [
        ("caesar", "26", "key '26': a shift from 1 to 25"),
        ("caesar", "x", "key 'x': a shift"),
        ("substitution", "aba", "key 'aba': a word of different letters"),
        ("vigenere", "a", "cipher 'vigenere'; allowed: caesar, substitution"),
    ],
)
def test_bad_keys_and_ciphers_are_refused(cipher, key, said):
    with pytest.raises(ValueError, match=said):
        cipher_alphabet(cipher, key)


def test_more_keys_than_a_cipher_has_are_refused():
    with pytest.raises(ValueError, match="26 keys are needed; the caesar cipher has 25"):
        pretrained.configure("smoke", num_keys=13)


def test_unseen_rules_and_keys_are_unseen_and_no_ops_are_a_fixed_share():
    data = pretrained.make_data(pretrained.configure("smoke", num_rules=20, num_examples=200))
    trained = [task for task, _ in data.training]
    sides = {side for task in trained for side in (task.x, task.y)}
    for name in ("unseen", "unseen_key"):
        assert not sides & {side for task, _ in data.tests[name] for side in (task.x, task.y)}
    keys = {task.key for task in trained}
    assert {task.key for task, _ in data.tests["unseen"]} <= keys
    assert not keys & {task.key for task, _ in data.tests["unseen_key"]}
    assert {(t.x, t.y, t.key) for t, _ in data.tests["seen"]} <= {
        (t.x, t.y, t.key) for t in trained
    }
    assert set(data.tests["training"]) <= set(data.training)
    for name, tasks in {"": data.training, **data.tests}.items():
        if name == "training":  # drawn from it, whatever comes
            continue
        assert sum(not task.applies for task, _ in tasks) == 0.4 * len(tasks)
