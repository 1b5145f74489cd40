"""Decoding in batches writes what ``generate()`` writes for each prompt alone."""

import pytest
import torch

from instrdiv.data.assets import TINY
from instrdiv.evaluation.generation import generate
from instrdiv.experiments.pretrained import LLAMA_MODULES
from instrdiv.models.chat_model import adapt, load_model
from instrdiv.training.device import Machine

CPU = Machine("cpu", "float32")
PROMPTS = ["a", "Replace a by b.", "What is it? x y z 12", "", "to be, or not to be: Question", "9"]
MOST = 24


@pytest.fixture(scope="module", params=["plain", "adapted"])
def tiny(request):
    """A model that ends some answers and not others, with and without adapters."""
    model, tokenizer = load_model(TINY)
    if request.param == "adapted":
        model = adapt(model, rank=4, alpha=8, modules=LLAMA_MODULES, layers=2, seed=0)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            for name, parameter in model.named_parameters():
                if "lora_" in name:  # they start as zero; let them do something
                    torch.nn.init.normal_(parameter, std=0.3)
    return model.eval(), tokenizer


@pytest.fixture(scope="module")
def prompts(tiny):
    return [tiny[1](f"<start>{text}").input_ids for text in PROMPTS]


def generated(model, pad, prompt, **options):
    given = torch.tensor([prompt])
    return model.generate(
        input_ids=given,
        attention_mask=torch.ones_like(given),
        max_new_tokens=MOST,
        do_sample=False,
        pad_token_id=pad.pad_token_id,
        **options,
    )[0, len(prompt) :].tolist()


@pytest.fixture(scope="module")
def ending(tiny, prompts):
    """The model with an end token that about half its answers hold, and what it writes alone."""
    model, tokenizer = tiny
    before = model.generation_config.eos_token_id
    written = [set(generated(*tiny, prompt)) for prompt in prompts]
    shared = [sum(token in found for found in written) for token in range(len(tokenizer))]
    half = min(range(len(tokenizer)), key=lambda token: abs(shared[token] - len(prompts) / 2))
    model.generation_config.eos_token_id = [before, half]
    yield model, tokenizer, [generated(*tiny, prompt) for prompt in prompts]
    model.generation_config.eos_token_id = before


@pytest.mark.parametrize("batch_size", [1, 2, 6])
def test_every_row_is_what_generate_writes_for_it_alone(batch_size, ending, prompts):
    *given, alone = ending
    found = generate(*given, prompts, max_new_tokens=MOST, machine=CPU, batch_size=batch_size)
    assert [row.tokens for row in found] == alone
    assert {row.ended for row in found} == {"end", "length"}, "the comparison needs both"
    assert len({len(row.tokens) for row in found}) > 2, "rows must leave at different times"
    for row in found:
        tokens = row.tokens[:-1] if row.ended == "end" else row.tokens
        assert row.text == given[1].decode(tokens, skip_special_tokens=True)


def test_a_row_ends_where_its_text_does_as_with_generates_stop_strings(tiny, prompts):
    whole = generate(*tiny, prompts, max_new_tokens=MOST, machine=CPU)
    longest, next_one = sorted(whole, key=lambda row: -len(row.text))[:2]
    stops = [longest.text[5:8], next_one.text[9:11]]

    def end_of(text):
        return min((text.index(stop) for stop in stops if stop in text), default=None)

    every = [end_of] * len(prompts)
    found = generate(*tiny, prompts, max_new_tokens=MOST, machine=CPU, ends_of=every)
    options = {"stop_strings": stops, "tokenizer": tiny[1]}
    assert [r.tokens for r in found] == [generated(*tiny, prompt, **options) for prompt in prompts]
    assert sum(row.ended == "stop" for row in found) >= 2
    for row, longer in zip(found, whole, strict=True):
        assert longer.text.startswith(row.text) and not any(stop in row.text for stop in stops)


def test_drawn_rows_depend_on_the_seed_and_not_on_their_batch(tiny, prompts):
    def draw(**options):
        given = {"max_new_tokens": 12, "machine": CPU, "temperature": 1.0, **options}
        return [row.tokens for row in generate(*tiny, prompts * 2, **given)]

    assert draw(batch_size=1) == draw(batch_size=5) != draw(seed=99)
    first, second = draw()[: len(prompts)], draw()[len(prompts) :]
    assert all(a != b for a, b in zip(first, second, strict=True)), "samples of one prompt differ"
    assert draw(temperature=1e-4) == draw(temperature=0.0)


def test_drawn_tokens_are_as_frequent_as_the_model_says(tiny):
    model, tokenizer = tiny
    prompt = tokenizer("<start>a").input_ids
    with torch.inference_mode():
        shares = (model(torch.tensor([prompt])).logits[0, -1] / 0.7).softmax(dim=-1)
    found = generate(
        *tiny, [prompt] * 2_000, max_new_tokens=1, machine=CPU, temperature=0.7, batch_size=500
    )
    counts = torch.bincount(torch.tensor([r.tokens[0] for r in found]), minlength=len(tokenizer))
    assert (counts / 2_000 - shares).abs().max() < 4 * (0.25 / 2_000) ** 0.5


def test_decoding_leaves_a_model_in_training_in_training(tiny, prompts):
    model, tokenizer = tiny
    model.train()
    generate(model, tokenizer, prompts, max_new_tokens=1, machine=CPU)
    assert model.training
    model.eval()
    assert generate(model, tokenizer, [], max_new_tokens=1, machine=CPU) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"max_new_tokens": 0}, "max_new_tokens=0: at least 1"),
        ({"batch_size": 0}, "batch_size=0: at least 1"),
        ({"temperature": -1.0}, "temperature=-1.0: a finite number from 0"),
        ({"prompts": [[5], []]}, "prompt 1 has no tokens"),
        (
            {"max_new_tokens": 5_000},
            "prompt 0 has 1 tokens and may get 5000 more; .* room for 2048",
        ),
    ],
)
def test_what_cannot_be_is_refused(changes, said, tiny):
    given = {"prompts": [[5]], "max_new_tokens": 4, "machine": CPU, **changes}
    with pytest.raises(ValueError, match=said):
        generate(*tiny, given.pop("prompts"), **given)
