"""Bits per byte: what one pass over a batch gives is what the definition says."""

import math

import pytest
import torch

from instrdiv.data.assets import TINY
from instrdiv.evaluation.likelihood import bits_per_byte
from instrdiv.models.chat_model import load_model
from instrdiv.training.device import Machine

CPU = Machine("cpu", "float32")
PROMPTS = ["a", "Replace a by b in c.", "What is it", "Say: x y z"]
SOLUTIONS = ["abcdefghij klm", "b", "It is.", "x y\nz 12"]


@pytest.fixture(scope="module")
def tiny():
    return load_model(TINY)


@pytest.fixture(scope="module")
def prompts(tiny):
    return [tiny[1](text).input_ids for text in PROMPTS]


@pytest.mark.parametrize("batch_size", [1, 3, 8])
def test_a_batch_gives_what_one_token_after_the_other_gives(batch_size, tiny, prompts):
    model, tokenizer = tiny
    found = bits_per_byte(*tiny, prompts, SOLUTIONS, machine=CPU, batch_size=batch_size)
    slow = []
    for prompt, solution in zip(prompts, SOLUTIONS, strict=True):
        before, bits = list(prompt), 0.0
        for token in tokenizer(solution).input_ids:
            with torch.inference_mode():
                shares = model(torch.tensor([before])).logits[0, -1].double().softmax(dim=-1)
            bits -= math.log2(shares[token])
            before.append(token)
        slow.append(bits / len(solution.encode()))
    assert found.each == pytest.approx(slow, rel=1e-5)
    assert found.mean == pytest.approx(sum(slow) / 4, rel=1e-5)


def test_a_beginning_is_read_but_not_counted(tiny, prompts):
    tokenizer = tiny[1]
    beginnings = ["Sure: ", "", "x", "\n"]
    found = bits_per_byte(*tiny, prompts, SOLUTIONS, machine=CPU, beginnings=beginnings)
    longer = [
        [*prompt, *tokenizer(beginning).input_ids]
        for prompt, beginning in zip(prompts, beginnings, strict=True)
    ]  # this tokeniser has a token for each character, so that none reaches across
    assert found.each == pytest.approx(
        bits_per_byte(*tiny, longer, SOLUTIONS, machine=CPU).each, rel=1e-5
    )


def test_the_beginning_of_another_sequence_is_scored_in_its_pass(tiny, prompts, monkeypatch):
    model = tiny[0]
    fences, solutions = ["It"] * 4, SOLUTIONS
    alone = [
        *bits_per_byte(*tiny, prompts, fences, machine=CPU).each,
        *bits_per_byte(*tiny, prompts, solutions, machine=CPU, beginnings=fences).each,
    ]
    read = []
    forward = model.forward
    monkeypatch.setattr(
        model, "forward", lambda input_ids, **more: read.append(len(input_ids)) or
        forward(input_ids=input_ids, **more)
    )  # fmt: skip
    together = bits_per_byte(
        *tiny, prompts * 2, fences + solutions, machine=CPU, beginnings=[""] * 4 + fences
    )
    assert together.each == pytest.approx(alone, rel=1e-5)
    assert sum(read) == 4


def test_a_token_that_reaches_across_counts_for_the_solution(prompts):
    model, tokenizer = load_model(TINY)
    tokenizer.add_tokens(["ab"])
    model.resize_token_embeddings(len(tokenizer))
    torch.nn.init.zeros_(model.lm_head.weight)
    found = bits_per_byte(model, tokenizer, prompts[:1], ["bc"], machine=CPU, beginnings=["xa"])
    assert found.each == pytest.approx([2 * math.log2(len(tokenizer)) / 2], rel=1e-6)


def test_under_a_uniform_model_every_token_costs_the_vocabularys_bits(tiny, prompts):
    model, tokenizer = load_model(TINY)
    torch.nn.init.zeros_(model.lm_head.weight)
    found = bits_per_byte(model, tokenizer, prompts, SOLUTIONS, machine=CPU)
    # One token a character, one byte a character.
    assert found.each == pytest.approx([math.log2(len(tokenizer))] * 4, rel=1e-6)


def test_bytes_are_those_of_utf8(tiny, prompts, monkeypatch):
    """Two tokens of a uniform model over a text of three bytes."""
    model, tokenizer = load_model(TINY)
    torch.nn.init.zeros_(model.lm_head.weight)
    tokenizer.add_tokens(["é"])
    model.resize_token_embeddings(len(tokenizer))
    torch.nn.init.zeros_(model.lm_head.weight)
    found = bits_per_byte(model, tokenizer, prompts[:1], ["éa"], machine=CPU)
    assert found.each == pytest.approx([2 * math.log2(len(tokenizer)) / 3], rel=1e-6)


@pytest.mark.parametrize(
    ("prompts", "solutions", "said"),
    [
        ([[5]], ["a", "b"], "1 prompts, 2 solutions: equal numbers are needed"),
        ([], [], "0 prompts, 0 solutions"),
        ([[5], []], ["a", "b"], "prompt 1 is empty"),
        ([[5]], [""], "solution 0 is empty"),
        ([[5], [5]], ["a", "é"], "solution 1 has characters that the tokeniser does not know"),
    ],
)
def test_what_cannot_be_is_refused(prompts, solutions, said, tiny):
    with pytest.raises(ValueError, match=said):
        bits_per_byte(*tiny, prompts, solutions, machine=CPU)
