"""Exact match: an answer counts when every character of it is correct, including the end."""

import torch
from jaxtyping import Bool, Int
from torch import Tensor, nn

from instrdiv.tasks.alphabet import PAD
from instrdiv.tasks.examples import Examples


def exact_matches(model: nn.Module, examples: Examples, batch_size: int = 512) -> Bool[Tensor, "n"]:
    """Whether greedy decoding would give each output, computed in one pass without decoding.

    The model reads the correct output and predicts each of its tokens from those before it. If all
    predictions are correct, greedy decoding from the prompt would write the same tokens; if one is
    wrong, decoding would have deviated from the output there or earlier.
    """
    tokens = torch.from_numpy(examples.tokens).to(next(model.parameters()).device)
    training = model.training
    model.eval()
    with torch.inference_mode():
        parts = [
            _all_correct(model, lines.long(), examples.prompt_length)
            for lines in tokens.split(batch_size)
        ]
    model.train(training)
    return torch.cat(parts).cpu()


def _all_correct(
    model: nn.Module, lines: Int[Tensor, "n time"], prompt_length: int
) -> Bool[Tensor, "n"]:
    target = lines[:, prompt_length:]
    predicted = model(lines[:, :-1], last=target.shape[1]).argmax(dim=-1)
    return ((predicted == target) | (target == PAD)).all(dim=1)


def greedy_outputs(
    model: nn.Module, prompts: Int[Tensor, "n prompt"], num_tokens: int
) -> Int[Tensor, "n num_tokens"]:
    """What the model writes after each prompt, the likeliest token each time."""
    tokens = prompts
    with torch.inference_mode():
        for _ in range(num_tokens):
            likeliest = model(tokens, last=1).argmax(dim=-1)
            tokens = torch.cat([tokens, likeliest], dim=1)
    return tokens[:, prompts.shape[1] :]
