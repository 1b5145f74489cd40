"""The lean GPT-2 is GPT-2: equal to transformers' in logits and gradients, and convertible."""

import copy

import pytest
import torch
from transformers import GPT2LMHeadModel

from instrdiv.models.gpt2 import GPT2, GPT2Config
from instrdiv.models.hub import to_transformers

SIZES = [
    GPT2Config(vocab_size=31, block_size=12, n_layer=1, n_head=1, n_embd=8),
    GPT2Config(vocab_size=31, block_size=27, n_layer=3, n_head=4, n_embd=32),
    GPT2Config(vocab_size=31, block_size=40, n_layer=6, n_head=4, n_embd=64, activation="gelu_new"),
]


@pytest.fixture(params=SIZES, ids=lambda c: f"{c.n_layer}x{c.n_embd}")
def model(request):
    torch.manual_seed(0)
    model = GPT2(request.param)
    for parameter in model.parameters():  # no gain at one, no bias at zero: all must be carried
        torch.nn.init.normal_(parameter, std=0.3)
    return model.double()


def tokens_for(model, batch=3):
    return torch.randint(model.config.vocab_size, (batch, model.config.block_size))


def test_logits_and_gradients_equal_transformers(model):
    theirs = to_transformers(model)
    tokens = tokens_for(model)
    targets = torch.randint(model.config.vocab_size, tokens.shape)
    ours_logits, their_logits = model(tokens), theirs(tokens).logits
    torch.testing.assert_close(ours_logits, their_logits, atol=1e-5, rtol=1e-5)

    for logits in (ours_logits, their_logits):
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()).backward()
    gradients = copy.deepcopy(model)
    for parameter, ours in zip(gradients.parameters(), model.parameters(), strict=True):
        parameter.data = ours.grad
    for (name, ours), parameter in zip(
        to_transformers(gradients).named_parameters(), theirs.parameters(), strict=True
    ):
        torch.testing.assert_close(ours, parameter.grad, atol=1e-5, rtol=1e-5, msg=name)


def test_last_positions_equal_the_whole(model):
    tokens = tokens_for(model)
    whole = model(tokens)
    for last in (1, 5, tokens.shape[1]):
        torch.testing.assert_close(model(tokens, last=last), whole[:, -last:], atol=1e-9, rtol=0)


def test_gradients_through_the_last_positions_equal_the_whole(model):
    tokens = tokens_for(model)
    model(tokens)[:, -5:].square().mean().backward()
    expected = [parameter.grad.clone() for parameter in model.parameters()]
    model.zero_grad()
    model(tokens, last=5).square().mean().backward()
    for parameter, gradient in zip(model.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, atol=1e-9, rtol=0)


def test_a_converted_model_is_the_same_after_it_was_saved_and_loaded(model, tmp_path):
    to_transformers(model).save_pretrained(tmp_path)
    theirs = GPT2LMHeadModel.from_pretrained(tmp_path, dtype=torch.float64)
    tokens = tokens_for(model)
    torch.testing.assert_close(theirs(tokens).logits, model(tokens), atol=1e-5, rtol=1e-5)


def test_the_future_is_not_seen(model):
    tokens = tokens_for(model, batch=1)
    changed = tokens.clone()
    changed[0, -1] = (changed[0, -1] + 1) % model.config.vocab_size
    torch.testing.assert_close(model(tokens)[:, :-1], model(changed)[:, :-1], atol=0, rtol=0)


def test_untrained_model_starts_near_chance():
    torch.manual_seed(0)
    model = GPT2(SIZES[1])
    tokens = tokens_for(model, batch=16)
    loss = torch.nn.functional.cross_entropy(
        model(tokens).flatten(0, 1), torch.randint(31, tokens.shape).flatten()
    )
    assert abs(loss.item() - torch.log(torch.tensor(31.0)).item()) < 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_layer": 0}, "n_layer=0"),
        ({"activation": "relu"}, "activation='relu'; allowed: gelu, gelu_new"),
        ({"n_head": 3}, "n_embd=32 is not a multiple of n_head=3"),
    ],
)
def test_impossible_sizes_are_refused(change, message):
    sizes = dict(vocab_size=31, block_size=27, n_layer=3, n_head=4, n_embd=32)
    with pytest.raises(ValueError, match=message):
        GPT2Config(**(sizes | change))
