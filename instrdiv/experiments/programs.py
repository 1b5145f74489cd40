"""Tune a model on a mixture, run the programs that it writes, and score correct programs by their
likelihood: how a run of experiment 7 is made."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from instrdiv.benchmarks.graded.family import GradedProblem
from instrdiv.benchmarks.graded.split import split
from instrdiv.benchmarks.mutated import human_eval_mut
from instrdiv.benchmarks.plus import BENCHMARKS, judge, plus_problems
from instrdiv.benchmarks.published import Problem, human_eval, mbpp
from instrdiv.codeexec.extraction import end_of_program, extract_program
from instrdiv.codeexec.sandbox import Limits, Result, require_protection, run_programs
from instrdiv.data.instruction_sources import (
    InstructionPair,
)
from instrdiv.data.mixtures import Mixture, mix, plan, statistics
from instrdiv.evaluation.generation import Continuation, generate
from instrdiv.evaluation.likelihood import bits_per_byte, require_known
from instrdiv.experiments.code_generation import EXTRACTION, Config, sources_of
from instrdiv.experiments.outcome import Outcome
from instrdiv.models.chat import prompt_tokens
from instrdiv.models.chat_model import SplitDecoder, Tokenizer
from instrdiv.runs.vocabulary import MIXTURE_COLUMNS
from instrdiv.seeds import stream
from instrdiv.statistics.scores import Score
from instrdiv.training.device import Machine, machine_for
from instrdiv.training.lora import TokenSequence, load_tunable, tune

NUM_ANSWERS = 24

PATIENCE = Limits(wall_seconds=60.0, cpu_seconds=10)
"""Processor time is the limit, so that a busy machine does not fail correct programs."""


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
        answer = f"```python\n{example.answer.strip()}\n```" if code else example.answer
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


def tune_and_score(config: Config, checkpoint: Path | None = None) -> tuple[Any, Outcome]:
    """Tune one model on one mixture; run the programs that it writes; score correct programs.

    Args:
        checkpoint: file from which interrupted tuning resumes; removed at the end.

    Raises:
        ValueError: the config has a former way of extracting programs.
    """
    if config.extraction != EXTRACTION:
        raise ValueError(
            f"extraction={config.extraction}: it lost programs; new runs are made with "
            f"extraction={EXTRACTION} only"
        )
    print(f"programs run under: {require_protection()}")
    machine = machine_for(config.precision)
    tuned, tokenizer = load_tunable(
        config.model, config, machine, seed=config.seed, load_in_8bit=config.load_in_8bit
    )
    data = make_mixture_and_tests(config, tokenizer)
    sequences = up_to(tokenize_examples(tokenizer, data.mixture.examples), config.num_answer_tokens)
    curve = tune(
        tuned,
        SplitDecoder(tuned, config.tuned_layers),
        sequences,
        config,
        rng=stream(config.seed, "batches"),
        machine=machine,
        evaluate=dict,
        checkpoint=checkpoint,
    )
    metrics: dict[str, Score] = {}
    passed, answers = evaluate_pass_at_1(tuned, tokenizer, data.graded, config, machine)
    metrics["graded"] = Score(sum(passed), len(passed))
    for grade in sorted({problem.grade for problem in data.graded}):
        of = [p for p, problem in zip(passed, data.graded, strict=True) if problem.grade == grade]
        metrics[f"graded_{grade}"] = Score(sum(of), len(of))
    if data.written:
        programs, _ = write_programs(tuned, tokenizer, data.written, config, machine)
        for name, problems in (("human_eval", data.written), ("human_eval_mut", data.mutated)):
            if problems:
                results = run_tests(programs, problems)
                metrics[name] = Score(sum(r.passed for r in results), len(results))
    for name, problems in data.plus.items():
        programs, _ = write_programs(tuned, tokenizer, problems, config, machine)
        names = [problem.name for problem in problems]
        judged = judge(name, dict(zip(names, programs, strict=True))).values()
        metrics[f"{name}_base"] = Score(sum(each.base for each in judged), len(judged))
        metrics[f"{name}_plus"] = Score(sum(each.plus for each in judged), len(judged))
    measures = {
        "graded_passed": [float(p) for p in passed],
        "tokens": [float(sum(len(each.tokens) for each in sequences))],
        "answer_tokens": [float(sum(len(each.tokens) - each.prompt_length for each in sequences))],
    }
    for source, row in statistics(data.mixture).iterrows():
        measures[f"mixture_{source}"] = [float(row[column]) for column in MIXTURE_COLUMNS]
    for name, given in (data.scored | {"graded": data.graded}).items():
        found = bits_per_byte(
            tuned,
            tokenizer,
            [prompt_tokens(tokenizer, problem.prompt) for problem in given],
            [problem.solution for problem in given],
            machine=machine,
        )
        measures[f"bits_{name}"] = found.each
    if config.num_samples > 1:
        measures["graded_samples_passed"] = samples_passed(
            tuned, tokenizer, data.graded, config, machine
        )
    if checkpoint:
        checkpoint.unlink(missing_ok=True)
    wrong = [answer for answer in answers if answer["result"] != "passed"]
    return tuned, Outcome(metrics, curve, answers[:NUM_ANSWERS], wrong[:NUM_ANSWERS], measures)


def evaluate_pass_at_1(
    model: Any, tokenizer: Tokenizer, problems: Sequence[Problem], config: Config, machine: Machine
) -> tuple[list[bool], list[dict[str, str]]]:
    """Write one program for each problem, run all, and report which passed their tests.

    Returns:
        Whether each passed; and for each its prompt, reference solution, answer and result.
    """
    programs, written = write_programs(model, tokenizer, problems, config, machine)
    results = run_tests(programs, problems)
    answers = [
        {
            "name": problem.name,
            "prompt": problem.prompt,
            "target": problem.solution,
            "answer": continuation.text,
            "result": result.reason,
        }
        for problem, continuation, result in zip(problems, written, results, strict=True)
    ]
    return [result.passed for result in results], answers


def samples_passed(
    model: Any, tokenizer: Tokenizer, problems: Sequence[Problem], config: Config, machine: Machine
) -> list[float]:
    """How many of the `num_samples` programs sampled for each problem passed its tests."""
    repeated = [problem for problem in problems for _ in range(config.num_samples)]
    programs, _ = write_programs(
        model, tokenizer, repeated, config, machine, temperature=config.temperature
    )
    passed = [result.passed for result in run_tests(programs, repeated)]
    number = np.reshape(passed, (len(problems), -1)).sum(axis=1)
    return [float(n) for n in number]


def run_tests(programs: Sequence[str], problems: Sequence[Problem]) -> list[Result]:
    """Run each problem's tests on the program written for it."""
    pairs = zip(programs, problems, strict=True)
    return run_programs(
        [(program, problem.tests) for program, problem in pairs], PATIENCE, workers=1
    )


def write_programs(
    model: Any,
    tokenizer: Tokenizer,
    problems: Sequence[Problem],
    config: Config,
    machine: Machine,
    temperature: float = 0.0,
) -> tuple[list[str], list[Continuation]]:
    """Write a program for each problem; returned with the complete answers."""
    written = generate(
        model,
        tokenizer,
        [prompt_tokens(tokenizer, problem.prompt) for problem in problems],
        max_new_tokens=config.max_new_tokens,
        machine=machine,
        ends_of=[
            partial(end_of_program, entry_point=problem.entry_point, start=problem.start)
            for problem in problems
        ],
        temperature=temperature,
        seed=config.seed,
    )
    programs = [
        extract_program(continuation.text, problem.entry_point, problem.start)
        for continuation, problem in zip(written, problems, strict=True)
    ]
    return programs, written
