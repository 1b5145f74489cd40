"""Train a GPT-2 from scratch on a symbolic task, and score it."""

import torch

from instrdiv.evaluation.exact_match import exact_matches, greedy_outputs
from instrdiv.experiments.outcome import Outcome
from instrdiv.experiments.symbolic import SymbolicConfig, SymbolicData
from instrdiv.models.gpt2 import GPT2, GPT2Config
from instrdiv.seeds import stream
from instrdiv.statistics.scores import Score
from instrdiv.tasks.alphabet import VOCAB_SIZE, decode, until_end
from instrdiv.tasks.examples import Examples, first
from instrdiv.training.checkpoint import Checkpoint
from instrdiv.training.device import machine_for
from instrdiv.training.loop import train

NUM_ON_CURVE = 500
"""Test examples at each checkpoint of a learning curve; the final scores use all."""

NUM_ANSWERS = 32

NUM_ERRORS = 12


def train_and_score(
    config: SymbolicConfig, data: SymbolicData, checkpoint: Checkpoint | None = None
) -> tuple[GPT2, Outcome]:
    """Train a model and score it on each test and on training examples.

    Args:
        checkpoint: keeps the state of interrupted training. The caller deletes it.
    """
    machine = machine_for(config.precision)
    model = new_model(config, data.training)
    tests = data.tests | {"training": _some_of(data.training, config)}
    few = {name: first(test, NUM_ON_CURVE) for name, test in tests.items()}
    curve = train(
        model,
        data.training,
        config,
        rng=stream(config.training_seed, "batches"),
        machine=machine,
        evaluate=lambda: {name: _score(exact_matches(model, test)) for name, test in few.items()},
        checkpoint=checkpoint,
    )
    right = {name: exact_matches(model, test) for name, test in (tests | data.further).items()}
    wrong = (~right["unseen"]).nonzero()[:NUM_ERRORS, 0].numpy()
    unseen = tests["unseen"]
    outcome = Outcome(
        metrics={name: _score(found) for name, found in right.items()},
        curve=curve,
        answers=answer(model, first(unseen, NUM_ANSWERS)),
        errors=answer(model, Examples(unseen.tokens[wrong], unseen.prompt_length)),
    )
    return model, outcome


def _some_of(training: Examples, config: SymbolicConfig) -> Examples:
    number = min(config.num_test, len(training))
    rows = stream(config.seed, "training sample").choice(len(training), number, replace=False)
    return Examples(training.tokens[rows], training.prompt_length)


def new_model(config: SymbolicConfig, examples: Examples) -> GPT2:
    """An untrained model of a config's sizes, with room for the length of the examples."""
    torch.manual_seed(int(stream(config.training_seed, "model").integers(2**31)))
    sizes = GPT2Config(
        vocab_size=VOCAB_SIZE,
        block_size=examples.tokens.shape[1] - 1,
        n_layer=config.n_layer,
        n_head=config.n_head,
        n_embd=config.n_embd,
        activation=config.activation,
    )
    return GPT2(sizes)


def answer(model: GPT2, examples: Examples) -> list[dict[str, str]]:
    """Each example's prompt, its correct output and the model's output, as text."""
    if not len(examples):
        return []
    device = next(model.parameters()).device
    prompts = torch.from_numpy(examples.tokens[:, : examples.prompt_length]).long().to(device)
    num_tokens = examples.tokens.shape[1] - examples.prompt_length
    written = greedy_outputs(model, prompts, num_tokens).cpu().numpy()
    return [
        {
            "prompt": decode(line[: examples.prompt_length]),
            "target": until_end(line[examples.prompt_length :]),
            "answer": until_end(output),
        }
        for line, output in zip(examples.tokens, written, strict=True)
    ]


def _score(right: torch.Tensor) -> Score:
    return Score(int(right.sum()), len(right))
