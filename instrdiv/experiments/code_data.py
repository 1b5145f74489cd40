"""The data of experiment 7: a mixture of instructions as token sequences, and the benchmarks."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from instrdiv.benchmarks.graded.family import GradedProblem
from instrdiv.benchmarks.graded.split import split
from instrdiv.benchmarks.mutated import human_eval_mut
from instrdiv.benchmarks.plus import BENCHMARKS, plus_problems
from instrdiv.benchmarks.published import Problem, human_eval, mbpp
from instrdiv.data.instruction_sources import InstructionPair
from instrdiv.data.mixtures import Mixture, mix, plan
from instrdiv.evaluation.likelihood import require_known
from instrdiv.experiments.code_generation import Config, sources_of
from instrdiv.models.chat import prompt_tokens
from instrdiv.models.chat_model import Tokenizer
from instrdiv.seeds import stream
from instrdiv.training.lora import TokenSequence

FENCE = "```python\n"
"""The beginning of every answer that is a program."""


@dataclass(frozen=True)
class CodeData:
    """Training and test data of a run."""

    mixture: Mixture
    graded: list[GradedProblem]
    written: list[Problem]
    mutated: list[Problem]
    """The same problems with more tests, if the config includes them."""
    scored: dict[str, list[Problem]]
    """Problems whose solutions are scored by likelihood, by benchmark."""
    plus: dict[str, list[Problem]]
    """The problems of each of EvalPlus's benchmarks, if the config includes them."""


def make_mixture_and_tests(config: Config, tokenizer: Tokenizer) -> CodeData:
    """Make the mixture and the tests; no training example contains a test problem."""
    graded = split().problems(seed=config.seed, per_grade=config.num_graded)
    scored = {"human_eval": _some(human_eval(), config.num_foretold, config.seed)}
    if config.data != "made up":
        scored["mbpp"] = _some(mbpp(), config.num_foretold, config.seed)
    for problem in itertools.chain(*scored.values()):  # before training
        what = f"model={config.model!r}: the solution of {problem.name}"
        require_known(tokenizer, problem.solution, what)
    plus = {name: plus_problems(name) for name in BENCHMARKS if config.plus}
    tested = [*scored.values(), *plus.values()]
    held_out = [*graded, *human_eval(), *(problem for some in tested for problem in some)]
    counts = {
        name: count for name, count in plan(config.num_examples, config.shares).items() if count
    }
    sources = sources_of(config, counts)
    short = {
        name: [
            example
            for example, sequence in zip(
                sources[name], tokenize_examples(tokenizer, sources[name]), strict=True
            )
            if len(sequence.tokens) <= config.max_tokens
        ]
        for name in counts
    }
    # Graded examples and tests share their prompts' frames and are separated by families. For these
    # problems, only the solution shows that an example gives it away.
    benchmarks = [
        problem.solution
        if isinstance(problem, GradedProblem)
        else f"{problem.prompt}\n{problem.solution}"
        for problem in held_out
    ]
    mixture = mix(short, counts, config.seed, benchmarks)
    written, mutated = (
        _some(problems, config.num_written, config.seed)
        for problems in (human_eval(), human_eval_mut() if config.mutated else [])
    )
    return CodeData(mixture, graded, written, mutated, scored, plus)


def _some(problems: list[Problem], number: int, seed: int) -> list[Problem]:
    order = stream(seed, "benchmark sample").permutation(len(problems))
    return [problems[row] for row in order[:number]]


def tokenize_examples(
    tokenizer: Tokenizer, examples: Sequence[InstructionPair]
) -> list[TokenSequence]:
    """Examples as token sequences; programs are in a code fence, as in the answers of a model."""
    sequences = []
    for example in examples:
        prompt = prompt_tokens(tokenizer, example.instruction)
        code = example.source in ("code", "graded")
        answer = f"{FENCE}{example.answer.strip()}\n```" if code else example.answer
        tail = tokenizer(answer, add_special_tokens=False).input_ids
        sequences.append(TokenSequence([*prompt, *tail, tokenizer.eos_token_id], len(prompt)))
    return sequences


def up_to(sequences: list[TokenSequence], most: int | None) -> list[TokenSequence]:
    """The first sequences whose answers together have at most `most` tokens.

    >>> [len(up_to([TokenSequence([1, 2, 3], 1)] * 9, most)) for most in (None, 4, 5)]
    [9, 2, 2]

    Raises:
        ValueError: all answers together have fewer, or the first one alone has more.
    """
    if most is None:
        return sequences
    sums = np.cumsum([len(each.tokens) - each.prompt_length for each in sequences])
    kept = int((sums <= most).sum())
    if not kept or sums[-1] < most:
        raise ValueError(
            f"num_answer_tokens={most}: the first answer has {sums[0]}, all have {sums[-1]}"
        )
    return sequences[:kept]
