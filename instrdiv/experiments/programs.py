"""Tune a model on a mixture, run the programs that it writes, and score correct programs by their
likelihood: how a run of experiment 7 is made."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from instrdiv.benchmarks.plus import judge, require_trust
from instrdiv.benchmarks.published import Problem
from instrdiv.codeexec.extraction import end_of_program, extract_program
from instrdiv.codeexec.sandbox import Limits, Result, require_protection, run_programs
from instrdiv.data.mixtures import statistics
from instrdiv.evaluation.generation import Continuation, generate
from instrdiv.evaluation.likelihood import bits_per_byte
from instrdiv.experiments.code_data import (
    FENCE,
    CodeData,
    make_mixture_and_tests,
    tokenize_examples,
    up_to,
)
from instrdiv.experiments.code_generation import EXTRACTION, Config
from instrdiv.experiments.outcome import Outcome
from instrdiv.models.chat import prompt_tokens
from instrdiv.models.chat_model import SplitDecoder, Tokenizer
from instrdiv.runs.vocabulary import MIXTURE_COLUMNS
from instrdiv.seeds import stream
from instrdiv.statistics.scores import Score
from instrdiv.training.checkpoint import Checkpoint
from instrdiv.training.device import Machine, machine_for
from instrdiv.training.lora import load_tunable, tune

NUM_ANSWERS = 24


def tune_and_score(config: Config, checkpoint: Checkpoint | None = None) -> tuple[Any, Outcome]:
    """Tune one model on one mixture; score correct programs; run the programs that it writes.

    Args:
        checkpoint: keeps the state of interrupted tuning. The caller deletes it.

    Raises:
        ValueError: the config has a former way of extracting programs.
    """
    if config.extraction != EXTRACTION:
        raise ValueError(
            f"extraction={config.extraction}: it lost programs; new runs are made with "
            f"extraction={EXTRACTION} only"
        )
    if config.programs:
        if config.plus:
            require_trust()
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
    measures = {
        "tokens": [float(sum(len(each.tokens) for each in sequences))],
        "answer_tokens": [float(sum(len(each.tokens) - each.prompt_length for each in sequences))],
    }
    for source, row in statistics(data.mixture).iterrows():
        measures[f"mixture_{source}"] = [float(row[column]) for column in MIXTURE_COLUMNS]
    measures |= likelihoods(tuned, tokenizer, data, config, machine)
    metrics: dict[str, Score] = {}
    answers: list[dict[str, str]] = []
    if config.programs:
        metrics, answers, passed = written_programs(tuned, tokenizer, data, config, machine)
        measures |= passed
    wrong = [answer for answer in answers if answer["result"] != "passed"]
    return tuned, Outcome(metrics, curve, answers[:NUM_ANSWERS], wrong[:NUM_ANSWERS], measures)


def likelihoods(
    model: Any, tokenizer: Tokenizer, data: CodeData, config: Config, machine: Machine
) -> dict[str, list[float]]:
    """The likelihood of each problem's correct solution, by benchmark.

    Returns:
        ``bits_…``: bits per byte of the bare solution; or ``inside_…``: of the solution inside its
        fence, and ``opening_…``: bits of the opening fence, which come apart, since whether a model
        begins with a fence says nothing about whether it can program.
    """
    found = {}
    for name, problems in (data.scored | {"graded": data.graded}).items():
        prompts = [prompt_tokens(tokenizer, problem.prompt) for problem in problems]
        solutions = [problem.solution for problem in problems]
        measure = partial(bits_per_byte, model, tokenizer, machine=machine)
        if config.scored == "bare":
            found[f"bits_{name}"] = measure(prompts, solutions).each
            continue
        # Together, so that a prompt that both begin with is read once.
        fence = [FENCE] * len(problems)
        starts = [FENCE + problem.start for problem in problems]
        bits = measure(prompts * 2, fence + solutions, beginnings=[""] * len(fence) + starts).each
        found[f"opening_{name}"] = [each * len(FENCE.encode()) for each in bits[: len(fence)]]
        found[f"inside_{name}"] = bits[len(fence) :]
    return found


def written_programs(
    model: Any, tokenizer: Tokenizer, data: CodeData, config: Config, machine: Machine
) -> tuple[dict[str, Score], list[dict[str, str]], dict[str, list[float]]]:
    """Write a program for each problem, and run it.

    Returns:
        How many passed, by benchmark; the answers to graded problems; and which of these passed.
    """
    metrics: dict[str, Score] = {}
    passed, answers = evaluate_pass_at_1(model, tokenizer, data.graded, config, machine)
    metrics["graded"] = Score(sum(passed), len(passed))
    for grade in sorted({problem.grade for problem in data.graded}):
        of = [p for p, problem in zip(passed, data.graded, strict=True) if problem.grade == grade]
        metrics[f"graded_{grade}"] = Score(sum(of), len(of))
    if data.written:
        programs, _ = write_programs(model, tokenizer, data.written, config, machine)
        for name, problems in (("human_eval", data.written), ("human_eval_mut", data.mutated)):
            if problems:
                results = run_tests(programs, problems)
                metrics[name] = Score(sum(r.passed for r in results), len(results))
    for name, problems in data.plus.items():
        programs, _ = write_programs(model, tokenizer, problems, config, machine)
        names = [problem.name for problem in problems]
        judged = judge(name, dict(zip(names, programs, strict=True))).values()
        metrics[f"{name}_base"] = Score(sum(each.base for each in judged), len(judged))
        metrics[f"{name}_plus"] = Score(sum(each.plus for each in judged), len(judged))
    measures = {"graded_passed": [float(p) for p in passed]}
    if config.num_samples > 1:
        measures["graded_samples_passed"] = samples_passed(
            model, tokenizer, data.graded, config, machine
        )
    return metrics, answers, measures


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
        [(program, problem.tests) for program, problem in pairs], Limits(), workers=1
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
