"""The benchmark: a trial run of the command is whole and consistent, and FLOP are counted right."""

import json
import math
import statistics
import subprocess
import sys

import pytest
import torch

from instrdiv import bench
from instrdiv.bench import adapters, decoding, pairs, sizes, systems, to90, variants
from instrdiv.bench.peak import step_flops
from instrdiv.bench.timings import as_text
from instrdiv.cli import main


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """stdout and JSON of one short run of everything."""
    path = tmp_path_factory.mktemp("bench") / "bench.json"
    options = ["--quick", "--threads", "1", "--variants", "--to-90", "--time-limit", "1"]
    command = [sys.executable, "-m", "instrdiv", "bench", *options, "--output", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def small():
    return sizes.laptop(quick=True)


def test_every_comparison_is_there_once_with_times_and_ratio(trial):
    _, report = trial
    every = {"laptop", "desk", "paper"}
    found = [(row["size"], row["other"]) for row in report["training"] + report["evaluation"]]
    others = {*systems.TRAINING, *decoding.DECODING}
    assert sorted(found) == sorted((size, other) for size in every for other in others)
    assert [row["other"] for row in report["adapters"]] == [*adapters.OTHERS]
    measured = [
        *report["training"],
        *report["evaluation"],
        *report["variants"],
        *report["adapters"],
    ]
    for row in measured:
        if "skipped" in row:
            continue
        ours, other = row["seconds"]["ours"], row["seconds"]["other"]
        assert len(ours) == len(other) == report["repeats"]
        assert all(seconds > 0 for seconds in [*ours, *other])
        ratio = row["ratio"]
        assert 0 < ratio["min"] <= ratio["median"] <= ratio["max"] < math.inf
        assert row["ours_per_second"] == pytest.approx(row["work"] / statistics.median(ours))
        assert row["other_per_second"] == pytest.approx(row["work"] / statistics.median(other))


def test_variants_are_all_accounted_for(trial):
    _, report = trial
    named = {row["other"] for row in report["variants"]}
    assert named >= set(variants.VARIANTS)
    skipped = {row["other"]: row["skipped"] for row in report["variants"] if "skipped" in row}
    assert skipped == {"torch.compile": "compiling takes minutes"}


def test_share_of_peak_is_rate_over_the_peak_of_the_same_precision(trial):
    _, report = trial
    for row in report["share_of_peak"]:
        (peaks,) = (peaks for peaks in report["peaks"] if peaks["threads"] == row["threads"])
        assert row["precision"] == report["machine"]["precision"]
        assert row["share"] == pytest.approx(row["flops_per_second"] / peaks[row["precision"]])
        assert row["share"] > 0
    assert report["whole_run"]["days_here"] > 0


def test_the_profile_shares_out_a_step(trial):
    _, report = trial
    for size in report["sizes"]:
        shares = [row["share"] for row in report["profile"] if row["size"] == size]
        assert len(shares) == 10 and shares == sorted(shares, reverse=True) and sum(shares) <= 1


def test_table_names_the_machine_and_every_row(trial):
    text, report = trial
    assert report["machine"]["processor"] in text
    assert report["machine"]["precision"] in text
    assert "QUICK" in text
    assert all(name in text for name in report["sizes"])
    for row in report["training"] + report["evaluation"] + report["variants"]:
        assert row["other"] in text


def test_the_pretrained_model_can_be_timed_alone():
    report = bench.measure(threads=[1], repeats=1, quick=True, pretrained=True)
    assert set(report) == {"quick", "repeats", "machine", "adapters"}
    assert [row["other"] for row in report["adapters"]] == [*adapters.OTHERS]
    text = as_text(report)
    assert adapters.TRAINER in text and "Exact match" not in text


def test_a_goal_not_reached_is_said(trial):
    text, report = trial
    assert [row["reached"] for row in report["to_90"]] == [False] * 3
    assert text.count("not reached in") == 3


@pytest.mark.parametrize("make", [sizes.laptop, sizes.desk, sizes.paper])
def test_flops_equal_the_formula(make):
    size = make(quick=True)
    config, time = size.config, size.line_length - 1
    batch, embd, last = config.batch_size, config.n_embd, size.num_scored
    products = 2 * embd * embd  # of a token and a square matrix
    attention = 4 * time * embd  # of a token's query: scores, then values
    full = (config.n_layer - 1) * time * (12 * products + attention)
    final = time * 2 * products + last * (10 * products + attention)
    head = last * 2 * embd * 31
    expected = 3 * batch * (full + final + head)  # backward is twice forward
    assert step_flops(size) == pytest.approx(expected, rel=0.02)


def test_flops_of_a_changed_step_differ(small):
    """The count is of what runs: without its short cut the step has more products."""
    whole = small.model()
    whole.__class__ = variants.FullHead
    assert step_flops(small, whole) > 1.1 * step_flops(small)


@pytest.mark.parametrize(
    "kind", [variants.PlainAttention, variants.AddedMaskAttention, variants.FusedAttention]
)
def test_attention_variants_compute_the_same(small, kind):
    changed = small.model()
    for block in changed.blocks:
        block.attention.__class__ = kind
    tokens = small.batch()[:2, :-1]
    for last in (tokens.shape[1], 5):
        torch.testing.assert_close(changed(tokens, last=last), small.model()(tokens, last=last))


@pytest.mark.parametrize("make", [sizes.laptop, sizes.desk, sizes.paper])
def test_both_sides_have_the_same_activation(make):
    size = make(quick=True)
    assert size.model().config.activation == "gelu"
    assert systems.Tuned(size, "sdpa").inner.config.activation_function == "gelu"
    assert systems.shipped_model(size.config, 8).config.activation_function == "gelu_new"


def test_tuned_is_the_same_model(small):
    tokens = small.batch()[:2, :-1]
    tuned = systems.Tuned(small, "eager")
    torch.testing.assert_close(
        tuned(tokens, last=5), small.model()(tokens, last=5), atol=1e-5, rtol=1e-4
    )


def test_both_ways_of_decoding_write_the_same(small):
    same = decoding.generate_with_cache(small)() == decoding.greedy(small)()
    assert same.shape == (len(small.test), small.num_scored)
    assert same.all(dim=1).float().mean() > 0.9  # ties of an untrained model may fall either way


def test_trainer_learns_from_outputs_alone(small):
    lines = systems.LabelledExamples(small.training)
    item, start = lines[0], small.training.prompt_length
    learned = item["labels"] != systems.IGNORED
    assert not learned[:start].any() and learned[start:].all()
    assert torch.equal(item["labels"][start:], item["input_ids"][start:])


def test_pairs_alternate():
    log = []
    pairs.time_pairs(lambda: log.append("A") or 1.0, lambda: log.append("B") or 2.0, repeats=3)
    assert "".join(log) == "AB" * 4  # the first turn is not recorded


def test_watch_stops_at_the_goal(small, monkeypatch):
    from instrdiv.experiments.rule_diversity import experiment, make_data

    data = make_data(experiment.configure("smoke"))
    monkeypatch.setattr(to90, "exact_matches", lambda model, test: torch.ones(len(test)) > 0)
    watch = to90.Watch(small.model(), data, limit=1e9, every=7)
    row = watch.row("ours", lambda: [watch() for _ in range(3)])
    assert row["reached"] and row["steps"] == 7 and row["best"] == 1.0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--threads", "4096"], "--threads 4096: this machine has"),
        (["--output", "."], "a file is needed"),
        (["--output", "no/such/folder/b.json"], "cannot be written to: No such file"),
    ],
)
def test_bad_requests_are_one_line(given, message, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bench, "measure", pytest.fail)
    assert main(["bench", "--quick", *given]) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
