"""Experiment 7: mixtures, running programs, and the likelihood of correct ones."""

import dataclasses
import json
from dataclasses import asdict
from types import SimpleNamespace

import pytest
import torch
from fetched import with_mbpp

from instrdiv.analysis import code_generation as analysis
from instrdiv.analysis import code_generation as code_results
from instrdiv.analysis.paper import read_paper
from instrdiv.benchmarks.published import human_eval
from instrdiv.data import instruction_sources as instruction_data
from instrdiv.data.assets import TINY
from instrdiv.data.instruction_sources import DataError, InstructionPair, read_hub
from instrdiv.data.mixtures import ngrams
from instrdiv.evaluation import generation as decoding
from instrdiv.experiments import code_generation as experiment
from instrdiv.experiments import programs
from instrdiv.experiments.points import key_of, left_out, make_point
from instrdiv.models.chat_model import load_model
from instrdiv.paths import published_results
from instrdiv.report.recorded import comparable_records, grid_keys
from instrdiv.runs.record import Record, write_record
from instrdiv.runs.store import find_record, score_table
from instrdiv.seeds import stream
from instrdiv.training.device import Machine

CPU = Machine("cpu", "float32")
TODAY = experiment.EXTRACTION


@pytest.fixture(scope="module")
def smoke():
    config = experiment.configure("smoke", chain_share=0.5, num_samples=2)
    return config, experiment.run(config)[1]


def test_a_run_writes_programs_runs_them_and_scores_correct_ones(smoke):
    config, outcome = smoke
    assert outcome.metrics["graded"].total == 5 * config.num_graded
    assert sum(outcome.metrics[f"graded_{grade}"].total for grade in range(1, 6)) == 5
    assert len(outcome.measures["bits_human_eval"]) == config.num_foretold
    assert all(bits > 0 for bits in outcome.measures["bits_graded"])
    assert [point["step"] for point in outcome.curve] == [2, 4]
    assert {answer["result"] for answer in outcome.answers} - {"passed"}
    assert len(outcome.measures["graded_samples_passed"]) == 5


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
        programs,
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


def test_programs_are_found_by_todays_extraction_alone():
    """What was recorded by the first one keeps its key, and nothing new is made with it."""
    first = experiment.configure("laptop", extraction=1)
    now = experiment.configure("laptop", extraction=TODAY)
    assert experiment.configure("laptop") == now
    assert key_of(experiment.experiment, first) != key_of(experiment.experiment, now)
    assert find_record(
        [published_results()],
        experiment.experiment.name,
        "laptop",
        key_of(experiment.experiment, first),
        asdict(first),
    )
    with pytest.raises(ValueError, match="extraction=1: it lost programs"):
        experiment.run(experiment.configure("smoke", extraction=1))


def test_a_run_made_anew_stands_in_for_the_one_of_the_first_extraction(tmp_path, monkeypatch):
    (old, *_) = comparable_records(experiment.experiment, "laptop", analysis.AXES, tmp_path)
    config = experiment.configure("laptop", **old.config | {"extraction": TODAY, "seed": 77})
    asked = [
        dataclasses.replace(config, extraction=extraction, chain_share=chain_share)
        for extraction, chain_share in ((1, 0), (2, 0), (TODAY, 0.0))
    ]
    for each in asked:
        record = dataclasses.replace(
            old,
            key=key_of(experiment.experiment, each),
            config=asdict(each),
            defaults=left_out(each),
        )
        write_record(record, tmp_path)
    grid = grid_keys(experiment.experiment, "laptop", analysis.AXES)
    grid |= {key_of(experiment.experiment, each) for each in asked}
    monkeypatch.setattr("instrdiv.report.recorded.grid_keys", lambda *given: grid)
    found = comparable_records(experiment.experiment, "laptop", analysis.AXES, tmp_path)
    assert [r.config["extraction"] for r in found if r.config["seed"] == 77] == [TODAY]
    assert {r.config["extraction"] for r in found if r.config["seed"] < 77} >= {1}


def test_scores_of_the_first_extraction_are_told_apart():
    records = [made_up(0.0, 0, 0.0), made_up(0.25, 0, 1.0)]
    records[0].config["extraction"] = 1
    scores = score_table(records)
    table = code_results.benchmarks_table(scores, code_results.bits_table(records))
    first, now = (table[code_results.passed_by(number)].graded for number in (1, TODAY))
    assert first.notna().tolist() == [True, False] and now.notna().tolist() == [False, True]
    assert table["bits per byte"].notna().all(axis=None)
    assert code_results.counted_by(scores).startswith("Programs of 1 of 2 runs")


def test_samples_of_a_problem_are_counted_for_pass_at_k(monkeypatch):
    model, tokenizer = load_model(TINY)
    config = experiment.configure("smoke", num_samples=4)
    problems = experiment.make_data(config, tokenizer).graded[:2]
    right, wrong = problems[0].solution, "x ="
    drawn = [right, wrong, right, wrong, *[wrong] * 4]  # two of the first problem's four

    def write(*given, temperature, **more):
        assert temperature == config.temperature and len(given[2]) == 8
        return [SimpleNamespace(text=text) for text in drawn]

    monkeypatch.setattr(programs, "generate", write)
    passed = programs.samples_passed(model, tokenizer, problems, config, CPU)
    assert passed == [2.0, 0.0]
    record = made_up(0.0, 0, 0.0)
    with pytest.raises(ValueError, match="num_samples=1: this run wrote the likeliest"):
        code_results.pass_at_k_table(record)
    record.measures["graded_samples_passed"] = passed
    record.config["num_samples"] = 4
    found = code_results.pass_at_k_table(record)["pass@k"].tolist()
    assert found == pytest.approx([2 / 8, (1 - 1 / 6) / 2, 0.5, 0.5])


def test_programs_are_learned_in_a_fence_and_the_answer_alone():
    _, tokenizer = load_model(TINY)
    code, other = programs.tokenize_examples(
        tokenizer,
        [InstructionPair("Add.", "x + 1", "code"), InstructionPair("Say hi.", "hi", "general")],
    )
    assert tokenizer.decode(code.tokens[code.prompt_length : -1]) == "```python\nx + 1\n```"
    assert tokenizer.decode(other.tokens[other.prompt_length : -1]) == "hi"
    assert code.tokens[-1] == tokenizer.eos_token_id


def test_bits_per_byte_have_an_interval_over_problems():
    config = dict.fromkeys(analysis.AXES, 0)
    each = torch.linspace(1, 2, 50).tolist()
    record = Record(
        experiment="code_generation", scale="smoke", key="k", protocol=1, config=config,
        defaults=[], metrics={}, curve=[], answers=[], errors=[],
        provenance={"precision": "float32"}, measures={"bits_mbpp": each},
    )  # fmt: skip
    (row,) = code_results.bits_table([record]).itertuples()
    assert row.bits == pytest.approx(1.5) and row.problems == 50
    assert row.low < row.bits < row.high


def made_up(share, seed, gain, *, chains=0.0, tokens=None, steps=9):
    """A run that spares `gain` bits on each of 40 very different problems."""
    config = dataclasses.asdict(
        experiment.configure("smoke", general_share=share, seed=seed, steps=steps)
    ) | {"chain_share": chains, "num_answer_tokens": tokens}
    each = [difficulty - gain + 0.001 * (-1) ** i for i, difficulty in enumerate(range(1, 41))]
    return Record(
        experiment="code_generation", scale="smoke", protocol=1, config=config, defaults=[],
        key=f"{share} {seed} {chains} {tokens} {steps}",
        metrics={"graded": {"correct": 1, "total": 10}},
        curve=[], answers=[], errors=[], provenance={"precision": "float32"},
        measures={"bits_human_eval": each, "bits_mbpp": each},
    )  # fmt: skip


def test_a_gain_holds_each_problem_against_itself():
    """Problems differ a hundred times more than runs do, and still the interval is narrow."""
    alone = [made_up(0.0, seed, 0.0) for seed in (0, 1)]
    without_partner = made_up(0.1, 2, 9)
    gains = code_results.bits_reduction_table([*alone, without_partner, made_up(0.1, 1, 0.02)])
    assert gains.benchmark.tolist() == ["HumanEval", "MBPP"]
    assert gains.gain.tolist() == pytest.approx([0.02, 0.02])
    assert (gains.low > 0.019).all() and (gains.high < 0.021).all()


def test_no_verdict_hangs_on_programs_without_the_fence_that_answers_begin_with():
    """However clear the gains, they are the fence's; models are the unit, not benchmarks."""
    records = [
        record
        for seed in range(5)
        for record in (
            made_up(0.0, seed, 0.0),
            made_up(0.1, seed, 0.02 + 0.001 * seed),
            made_up(0.5, seed, -0.03),
            made_up(0.1, seed, 0.03, chains=0.5),
            made_up(0.0, seed, 5.0, tokens=100),  # other questions, which no claim hangs on
            made_up(0.5, seed, -5.0, steps=0),
        )
    ]
    found = code_results.verdicts(score_table(records), code_results.bits_reduction_table(records))
    assert [verdict.outcome for verdict in found] == ["cannot tell"] * 3
    assert all("code fence" in verdict.why for verdict in found)
    assert (
        "bits per byte of the bare program reduced by +0.022 (5 pairs of models)" in found[0].ours
    )


def test_every_mixture_has_one_row_with_means_over_seeds():
    records = [made_up(0.0, 0, 0.0), made_up(0.25, 0, 1.0), made_up(0.25, 1, 2.0, chains=0.0),
               made_up(0.25, 0, 0.0, chains=0.5), made_up(0.0, 0, 0.0, tokens=100, steps=5),
               made_up(0.0, 0, 0.0, steps=0)]  # fmt: skip
    table = code_results.benchmarks_table(score_table(records), code_results.bits_table(records))
    assert set(table.index) == {
        "not tuned", "code alone", "code alone, 100 tokens of answers", "25 % not code",
        "25 % not code, half of it chains",
    }  # fmt: skip
    bits = table["bits per byte"].HumanEval
    assert bits["code alone"] - bits["25 % not code"] == pytest.approx(1.5)
    assert (table["passed"].graded == 0.1).all()


def test_the_papers_mixtures_are_read_as_shares():
    found = code_results.paper_mixtures(read_paper("code_generation"))
    three = found[(found.chain_share == 0.5) & found.tuned.str.startswith("CodeQwen")]
    assert three.general_share.tolist() == pytest.approx([0.1, 0.2])
    assert three.passed.iloc[0] == pytest.approx((63.4 + 64.2) / 2)
    assert len(found) == 21


def test_the_papers_collections_are_named_when_they_cannot_be_had(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    for source, (name, _, _) in instruction_data.HUB.items():
        with pytest.raises(DataError, match=f"{name} cannot be loaded from the hub"):
            read_hub(source)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"general_share": 1.5}, "general_share=1.5: at most 1 is allowed"),
        ({"general_share": 0.0, "chain_share": 0.5}, "chain_share=0.5 of no general examples"),
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
