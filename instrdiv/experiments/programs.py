"""Tune a model on a mixture, have it write programs and run them, and score right programs by their
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
    Example,
)
from instrdiv.data.mixtures import Mixture, mix, plan, statistics
from instrdiv.evaluation.generation import Continuation, decode
from instrdiv.evaluation.likelihood import bits_per_byte, require_known
from instrdiv.experiments.code_generation import EXTRACTION, Config, sources_of
from instrdiv.experiments.outcome import Outcome
from instrdiv.models.chat import prompt_tokens
from instrdiv.models.chat_model import SplitDecoder, Tokenizer
from instrdiv.runs.vocabulary import MIXTURE_COLUMNS
from instrdiv.seeds import stream
from instrdiv.statistics.scores import Score
from instrdiv.training.device import Machine, machine_for
from instrdiv.training.lora import Line, load_tunable, tune

NUM_ANSWERS = 24

PATIENCE = Limits(wall_seconds=60.0, cpu_seconds=10)
"""A busy machine must not make a right program wrong: processor time is what bounds it."""


@dataclass(frozen=True)
class Data:
    """What a run learns from and is tested on."""

    mixture: Mixture
    graded: list[GradedProblem]
    written: list[Problem]
    mutated: list[Problem]
    """The same problems with more tests, if they are asked for."""
    foretold: dict[str, list[Problem]]
    plus: dict[str, list[Problem]]
    """The problems of each of EvalPlus's benchmarks, if they are asked for."""


def mixture_and_tests(config: Config, tokenizer: Tokenizer) -> Data:
    """Draw the mixture and the tests; no example holds what a test asks for."""
    graded = split().problems(seed=config.seed, per_grade=config.num_graded)
    foretold = {"human_eval": _some(human_eval(), config.num_foretold, config.seed)}
    if config.data != "made up":
        foretold["mbpp"] = _some(mbpp(), config.num_foretold, config.seed)
    for problem in itertools.chain(*foretold.values()):  # before a training, not after it
        whose = f"model={config.model!r}: the solution of {problem.name}"
        require_known(tokenizer, problem.solution, whose)
    plus = {name: plus_problems(name) for name in BENCHMARKS if config.plus}
    tested = [*foretold.values(), *plus.values()]
    held_out = [*graded, *human_eval(), *(problem for some in tested for problem in some)]
    counts = {
        name: count for name, count in plan(config.num_examples, config.shares).items() if count
    }
    sources = sources_of(config, counts)
    short = {
        name: [
            example
            for example, line in zip(
                sources[name], write_lines(tokenizer, sources[name]), strict=True
            )
            if len(line.tokens) <= config.max_tokens
        ]
        for name in counts
    }
    # Graded examples and tests share the frame of their wording, and are held apart by families:
    # of these problems, only the solution tells that an example gives one away.
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
    return Data(mixture, graded, written, mutated, foretold, plus)


def _some(problems: list[Problem], number: int, seed: int) -> list[Problem]:
    order = stream(seed, "benchmark sample").permutation(len(problems))
    return [problems[row] for row in order[:number]]


def write_lines(tokenizer: Tokenizer, examples: Sequence[Example]) -> list[Line]:
    """Examples as lines of tokens; programs stand in a fence, as a model is asked to write them."""
    lines = []
    for example in examples:
        prompt = prompt_tokens(tokenizer, example.instruction)
        code = example.source in ("code", "graded")
        answer = f"```python\n{example.answer.strip()}\n```" if code else example.answer
        tail = tokenizer(answer, add_special_tokens=False).input_ids
        lines.append(Line([*prompt, *tail, tokenizer.eos_token_id], len(prompt)))
    return lines


def up_to(lines: list[Line], most: int | None) -> list[Line]:
    """The first lines, as long as their answers have no more tokens together.

    >>> [len(up_to([Line([1, 2, 3], 1)] * 9, most)) for most in (None, 4, 5)]
    [9, 2, 2]

    Raises:
        ValueError: the lines have fewer, or not even the first one fits.
    """
    if most is None:
        return lines
    sums = np.cumsum([len(line.tokens) - line.prompt_length for line in lines])
    kept = int((sums <= most).sum())
    if not kept or sums[-1] < most:
        raise ValueError(
            f"num_answer_tokens={most}: the first answer has {sums[0]}, all have {sums[-1]}"
        )
    return lines[:kept]


def tune_and_score(config: Config, checkpoint: Path | None = None) -> tuple[Any, Outcome]:
    """Tune one model on one mixture; have it write programs, run them; let it foretell others.

    Args:
        checkpoint: where a tuning that is cut short goes on; removed at the end.

    Raises:
        ValueError: the run would find programs as only the first records do.
    """
    if config.extraction != EXTRACTION:
        raise ValueError(
            f"extraction={config.extraction}: it lost programs, so no run is made with it any more;"
            f" {EXTRACTION} is"
        )
    print(f"programs run under: {require_protection()}")
    machine = machine_for(config.precision)
    tuned, tokenizer = load_tunable(
        config.model, config, machine, seed=config.seed, load_in_8bit=config.load_in_8bit
    )
    data = mixture_and_tests(config, tokenizer)
    lines = up_to(write_lines(tokenizer, data.mixture.examples), config.num_answer_tokens)
    curve = tune(
        tuned,
        SplitDecoder(tuned, config.tuned_layers),
        lines,
        config,
        rng=stream(config.seed, "batches"),
        machine=machine,
        evaluate=dict,
        checkpoint=checkpoint,
    )
    metrics: dict[str, Score] = {}
    passed, answers = solve(tuned, tokenizer, data.graded, config, machine)
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
        "tokens": [float(sum(len(line.tokens) for line in lines))],
        "answer_tokens": [float(sum(len(line.tokens) - line.prompt_length for line in lines))],
    }
    for source, row in statistics(data.mixture).iterrows():
        measures[f"mixture_{source}"] = [float(row[column]) for column in MIXTURE_COLUMNS]
    for name, given in (data.foretold | {"graded": data.graded}).items():
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


def solve(
    model: Any, tokenizer: Tokenizer, problems: Sequence[Problem], config: Config, machine: Machine
) -> tuple[list[bool], list[dict[str, str]]]:
    """Write a program for each problem, run them all, and say which passed their tests.

    Returns:
        Whether each passed; and each with what was asked, the reference, the answer, the outcome.
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
    """How many of `num_samples` programs drawn for each problem passed its tests."""
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
    """Write a program for each problem; returned with the whole answers that hold them."""
    written = decode(
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
