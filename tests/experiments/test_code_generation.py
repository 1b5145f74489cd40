"""Experiment 7: mixtures, running programs, and the likelihood of correct ones."""

import dataclasses
import json
from types import SimpleNamespace

import pytest
import torch
from fetched import with_mbpp

from instrdiv.benchmarks.published import human_eval
from instrdiv.data import instruction_sources as instruction_data
from instrdiv.data.assets import TINY
from instrdiv.data.instruction_sources import DataError, InstructionPair, read_hub
from instrdiv.data.mixtures import ngrams
from instrdiv.evaluation import generation as decoding
from instrdiv.experiments import code_data, programs
from instrdiv.experiments import code_generation as experiment
from instrdiv.experiments.points import make_point
from instrdiv.models.chat_model import load_model
from instrdiv.seeds import stream
from instrdiv.training.device import Machine

CPU = Machine("cpu", "float32")


@pytest.fixture(scope="module")
def smoke():
    config = experiment.configure("smoke", chain_share=0.5, num_samples=2)
    return config, experiment.run(config)[1]


def test_a_run_writes_programs_runs_them_and_scores_correct_ones(smoke):
    config, outcome = smoke
    assert outcome.metrics["graded"].total == 5 * config.num_graded
    assert sum(outcome.metrics[f"graded_{grade}"].total for grade in range(1, 6)) == 5
    assert len(outcome.measures["inside_human_eval"]) == config.num_foretold
    assert all(bits > 0 for bits in outcome.measures["inside_graded"])
    assert all(bits > 0 for bits in outcome.measures["opening_graded"])
    assert [point["step"] for point in outcome.curve] == [2, 4]
    assert {answer["result"] for answer in outcome.answers} - {"passed"}
    assert len(outcome.measures["graded_samples_passed"]) == 5


def test_without_programs_a_run_measures_the_same_likelihoods_and_nothing_else(smoke):
    config, outcome = smoke
    _, alone = experiment.run(dataclasses.replace(config, programs=False, num_samples=1))
    assert not alone.metrics and not alone.answers
    for name, values in alone.measures.items():
        assert values == pytest.approx(outcome.measures[name], rel=1e-5), name


def test_the_first_records_measure_is_kept_under_its_own_name(smoke):
    config, _ = smoke
    bare = dataclasses.replace(config, scored="bare", programs=False, num_samples=1)
    _, outcome = experiment.run(bare)
    kinds = {name.split("_")[0] for name in outcome.measures}
    assert kinds == {"bits", "tokens", "answer", "mixture"}


def test_a_mixture_holds_what_its_shares_say(smoke):
    config, outcome = smoke
    held = {
        name.removeprefix("mixture_"): int(values[0])
        for name, values in outcome.measures.items()
        if name.startswith("mixture_")
    }
    assert held == {"code": 9, "graded": 9, "general": 3, "chains": 3}
    assert sum(held.values()) == config.num_examples


def test_no_training_example_holds_ten_words_of_a_test(monkeypatch):
    problem = human_eval()[int(stream(0, "benchmark sample").permutation(164)[0])]
    leak = InstructionPair(problem.prompt, problem.solution, "code")
    made_up = experiment.sources_of
    monkeypatch.setattr(
        code_data,
        "sources_of",
        lambda config, names: (
            made_up(config, names) | {"code": [leak, *made_up(config, ["code"])["code"]]}
        ),
    )
    _, tokenizer = load_model(TINY)
    config = experiment.configure("smoke", max_tokens=100_000)
    mixture = experiment.make_data(config, tokenizer).mixture
    assert mixture.removed["code"] == 1
    grams = ngrams(problem.prompt)
    assert all(grams.isdisjoint(ngrams(example.instruction)) for example in mixture.examples)


def test_a_right_program_passes_and_a_model_that_writes_nothing_fails(monkeypatch):
    model, tokenizer = load_model(TINY)
    config = experiment.configure("smoke")
    problems = experiment.make_data(config, tokenizer).graded

    class Written:
        def __init__(self, text):
            self.text = text

    def write(answers):
        monkeypatch.setattr(programs, "generate", lambda *given, **more: [*map(Written, answers)])
        return programs.evaluate_pass_at_1(model, tokenizer, problems, config, CPU)[0]

    assert write([f"Here:\n```python\n{p.solution}```" for p in problems]) == [True] * 5
    assert write([f"Here:\n\n{p.solution}\nDone." for p in problems]) == [True] * 5
    assert write([""] * 5) == [False] * 5
    assert write([problem.wrong[0] for problem in problems]) == [False] * 5


def test_what_stands_after_prose_is_decoded_and_passes(monkeypatch):
    """Token by token, as a model writes it: an opening fence must not end an answer."""
    model, tokenizer = load_model(TINY)
    problem = human_eval()[0]
    answer = f"Here:\n\n```python\n{problem.prompt}{problem.solution}```\nIt compares all pairs."
    tokens = tokenizer(answer, add_special_tokens=False).input_ids
    written = tokenizer.decode(tokens)
    assert written.index("```\nIt") > 0
    script = iter(tokens)
    monkeypatch.setattr(decoding, "choose", lambda *given: torch.tensor([next(script)]))
    config = experiment.configure("smoke", max_new_tokens=1_000)
    (program,), (found,) = programs.write_programs(model, tokenizer, [problem], config, CPU)
    assert found.ended == "stop"
    assert found.text == written[: written.index("\n```\nIt")]
    (result,) = programs.run_tests([program], [problem])
    assert result.passed, result.reason


def test_the_beginning_that_a_problem_gives_counts(monkeypatch):
    """HumanEval's convention; a problem in words gives none."""
    model, tokenizer = load_model(TINY)
    graded = experiment.make_data(experiment.configure("smoke"), tokenizer).graded[0]
    assert graded.start == ""
    monkeypatch.setattr(programs, "generate", lambda *given, **more: [SimpleNamespace(text="x")])
    problem = human_eval()[0]
    (program,), _ = programs.write_programs(
        model, tokenizer, [problem], experiment.configure("smoke"), CPU
    )
    assert program.startswith("from typing import List")


def test_samples_of_a_problem_are_counted(monkeypatch):
    model, tokenizer = load_model(TINY)
    config = experiment.configure("smoke", num_samples=4)
    problems = experiment.make_data(config, tokenizer).graded[:2]
    right, wrong = problems[0].solution, "x ="
    drawn = [right, wrong, right, wrong, *[wrong] * 4]  # two of the first problem's four

    def write(*given, temperature, **more):
        assert temperature == config.temperature and len(given[2]) == 8
        return [SimpleNamespace(text=text) for text in drawn]

    monkeypatch.setattr(programs, "generate", write)
    assert programs.samples_passed(model, tokenizer, problems, config, CPU) == [2.0, 0.0]


def test_programs_are_learned_in_a_fence_and_the_answer_alone():
    _, tokenizer = load_model(TINY)
    code, other = code_data.tokenize_examples(
        tokenizer,
        [InstructionPair("Add.", "x + 1", "code"), InstructionPair("Say hi.", "hi", "general")],
    )
    assert tokenizer.decode(code.tokens[code.prompt_length : -1]) == "```python\nx + 1\n```"
    assert tokenizer.decode(other.tokens[other.prompt_length : -1]) == "hi"
    assert code.tokens[-1] == tokenizer.eos_token_id


def test_the_papers_collections_are_named_when_they_cannot_be_had(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    for source, (name, _, _) in instruction_data.HUB.items():
        with pytest.raises(DataError, match=f"{name} cannot be loaded from the hub"):
            read_hub(source)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"general_share": 1.5}, "general_share=1.5: at most 1 is allowed"),
        ({"general_share": 0.0, "chain_share": 0.5}, "chain_share=0.5 needs general_share above 0"),
        ({"num_written": 165}, "HumanEval has 164 problems"),
        ({"data": "web"}, "data='web': allowed are collections, hub, made up"),
    ],
)
def test_bad_settings_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        experiment.configure("smoke", **changes)


def test_the_papers_scale_is_the_papers():
    config = experiment.configure("paper")
    assert (config.num_examples, config.batch_size, config.learning_rate) == (20_000, 4, 1e-5)
    assert config.steps == 3 * config.num_examples // config.batch_size
    assert config.max_tokens == 768 and config.load_in_8bit and config.data == "hub"


@with_mbpp  # whose problems the mixture must not hold
def test_a_file_of_ones_own_takes_the_place_of_the_general_collection(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [{"instruction": f"Say {n}.", "answer": f"It is {n}."} for n in range(400)]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "mine.jsonl").write_text(lines, encoding="utf-8")
    changes = {"data": "./mine.jsonl", "general_share": 1.0, "num_graded": 1}
    point = make_point("07", "smoke", changes)
    assert point.config.data == str(tmp_path / "mine.jsonl") and point.config.data_sha256
    _, tokenizer = load_model(TINY)
    found = experiment.sources_of(point.config, ["general"])["general"]
    assert found[0] == InstructionPair("Say 0.", "It is 0.", "general") and len(found) == 400
    data = experiment.make_data(dataclasses.replace(point.config, data_sha256=None), tokenizer)
    assert {example.source for example in data.mixture.examples} == {"general"}


def test_a_file_of_ones_own_that_changes_is_another_run(tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text("{}", encoding="utf-8")
    before = make_point("07", "smoke", {"data": str(path)})
    path.write_text("{} ", encoding="utf-8")
    assert make_point("07", "smoke", {"data": str(path)}).key != before.key
    with pytest.raises(ValueError, match="has changed: its SHA-256 is"):
        known = {"data": str(path), "data_sha256": before.config.data_sha256}
        make_point("07", "smoke", known)


@pytest.mark.parametrize("data", ["mine.csv", "collection", ""])
def test_data_of_another_kind_are_refused(data):
    with pytest.raises(ValueError, match="allowed are collections, hub, made up, or a file that"):
        make_point("07", "smoke", {"data": data})
