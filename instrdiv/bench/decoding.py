"""The alternative to our evaluation: generating the answers token by token."""

from collections.abc import Callable

import torch
from torch import Tensor

from instrdiv.bench.pairs import Timed, timed
from instrdiv.bench.sizes import Size
from instrdiv.evaluation.exact_match import exact_matches, greedy_outputs
from instrdiv.models.hub import to_transformers
from instrdiv.tasks.alphabet import PAD


def teacher_forced(size: Size) -> Timed:
    """Our exact match: one pass over the correct answers."""
    model = size.model()
    return timed(lambda: exact_matches(model, size.test))


def generate_with_cache(size: Size) -> Callable[[], Tensor]:
    """transformers' greedy ``generate()`` with its key-value cache, all prompts in one batch.

    All answers of a size have the same length (|x| = |y|), so stopping at an end saves nothing.
    """
    model = to_transformers(size.model())
    prompts = _prompts(size)

    def run() -> Tensor:
        written = model.generate(
            prompts,
            attention_mask=torch.ones_like(prompts),
            max_new_tokens=size.num_scored,
            do_sample=False,
            use_cache=True,
            pad_token_id=PAD,
        )
        return written[:, prompts.shape[1] :]

    return run


def greedy(size: Size) -> Callable[[], Tensor]:
    """Our plain greedy decoding, without a cache."""
    model, prompts = size.model(), _prompts(size)
    return lambda: greedy_outputs(model, prompts, size.num_scored)


def _prompts(size: Size) -> Tensor:
    return torch.from_numpy(size.test.tokens[:, : size.test.prompt_length]).long()


DECODING: dict[str, Callable[[Size], Timed]] = {
    "transformers' generate(), with cache": lambda size: timed(generate_with_cache(size)),
    "our greedy decoding, no cache": lambda size: timed(greedy(size)),
}
