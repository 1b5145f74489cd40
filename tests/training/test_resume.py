"""A run that is killed and resumed ends as one that nobody disturbed, bit for bit."""

import dataclasses
import json
import multiprocessing
import os
import signal
import warnings

import pytest
import torch

from instrdiv.experiments import pretrained, rule_diversity
from instrdiv.experiments.points import configure
from instrdiv.experiments.recording import recorded_or_run
from instrdiv.experiments.scratch import new_model
from instrdiv.runs.record import read_record
from instrdiv.seeds import stream
from instrdiv.training.checkpoint import Checkpoint
from instrdiv.training.curve import CurveRecorder
from instrdiv.training.device import Machine
from instrdiv.training.loop import train

SHORT = {"steps": 8, "num_evaluations": 3, "num_test": 10}
SYMBOLIC = {"num_rules": 20, "num_examples": 50}
RUNS = {
    "AdamW": (rule_diversity.experiment, SYMBOLIC | {"precision": "float32"}),
    "Muon": (rule_diversity.experiment, SYMBOLIC | {"optimizer": "muon", "precision": "bfloat16"}),
    "LoRA": (pretrained.experiment, {"tuned_layers": 1, "precision": "bfloat16"}),
    "from scratch": (pretrained.experiment, {"model": "from-scratch", "precision": "float32"}),
}
"""Both loops and both optimisers, each in one precision: every example is seen several times, so
that the batches cross the end of an epoch."""


def config_of(name):
    experiment, settings = RUNS[name]
    return experiment, configure(experiment, "smoke", SHORT | settings)


@pytest.fixture(scope="module", params=RUNS)
def undisturbed(request, tmp_path_factory):
    torch.set_num_threads(1)
    experiment, config = config_of(request.param)
    folder = tmp_path_factory.mktemp("undisturbed")
    record = recorded_or_run(experiment, "smoke", config, folder)
    assert not list(folder.rglob("checkpoints")), "a short run saves nothing"
    return request.param, record


def outcome(record):
    parts = (record.metrics, record.curve, record.answers, record.errors, record.measures)
    return json.loads(json.dumps(parts))


def run_and_die(name, folder, steps_made, *, after=None, in_save=None):
    """Run in a process of its own, which may be killed without notice.

    Args:
        after: the step after which it is killed, before the state is saved.
        in_save: the step whose state is half written when it is killed.
    """

    def run():
        add, save = CurveRecorder.add, torch.save

        def adding(recorder, step, *rest):
            add(recorder, step, *rest)
            with open(steps_made, "a", encoding="utf-8") as file:
                file.write(f"{step} ")
            if step == after:
                os.kill(os.getpid(), signal.SIGKILL)

        def saving(content, file):
            save(content, file)
            if content["state"]["step"] == in_save:
                file.truncate(file.tell() // 2)
                os.kill(os.getpid(), signal.SIGKILL)

        CurveRecorder.add, torch.save = adding, saving
        experiment, config = config_of(name)
        recorded_or_run(experiment, "smoke", config, folder, save_every=0)

    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join()
    return process.exitcode


def test_killed_at_any_step_it_ends_as_if_undisturbed(undisturbed, tmp_path):
    name, whole = undisturbed
    steps_made = tmp_path / "steps"
    for death in ({"after": 1}, {"after": 2}, {"in_save": 3}, {"after": 5}, {"after": 8}):
        assert run_and_die(name, tmp_path, steps_made, **death) == -signal.SIGKILL
    assert run_and_die(name, tmp_path, steps_made) == 0
    # Each process goes on after the last state that is whole.
    assert steps_made.read_text(encoding="utf-8") == "1 1 2 2 3 3 4 5 5 6 7 8 8 "
    (path,) = (tmp_path / whole.experiment / "smoke").iterdir()
    resumed = read_record(path)
    assert outcome(resumed) == outcome(whole)
    assert not list((tmp_path / "checkpoints").iterdir())
    # The first process saved nothing; of the others, the time up to what they saved counts.
    parts = resumed.provenance["parts"]
    assert len(parts) == 5
    for seconds in ("cpu_seconds", "wall_seconds"):
        assert resumed.provenance[seconds] == pytest.approx(sum(each[seconds] for each in parts))


def trained(path=None, *, every=0.0, stop=None, optimizer="muon", compiled=False, **made_for):
    """The weights and the learning curve of a short training, and its model."""
    config = configure(
        rule_diversity.experiment, "smoke", SHORT | SYMBOLIC | {"optimizer": optimizer}
    )
    examples = rule_diversity.make_data(config).training
    model = new_model(config, examples)

    def evaluate():
        if stop is not None and len(evaluations) == stop:
            raise KeyboardInterrupt
        evaluations.append(1)
        return {}

    evaluations = []
    curve = train(
        torch.compile(model) if compiled else model,
        examples,
        config,
        rng=stream(0, "batches"),
        machine=Machine("cpu", "float32"),
        evaluate=evaluate,
        checkpoint=Checkpoint(path, made_for, every=every) if path else None,
    )
    return {name: weight.detach() for name, weight in model.named_parameters()}, curve


def interrupt(path, **settings):
    with pytest.raises(KeyboardInterrupt):
        trained(path, stop=1, **settings)
    assert path.exists()


def same(one, other):
    return one[1] == other[1] and all(torch.equal(one[0][name], other[0][name]) for name in one[0])


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_weights_are_the_same_bit_for_bit(tmp_path, optimizer):
    path = tmp_path / "run.pt"
    interrupt(path, optimizer=optimizer)
    with warnings.catch_warnings(action="error"):
        assert same(trained(path, optimizer=optimizer), trained(optimizer=optimizer))


def test_a_compiled_model_resumes_as_well(tmp_path):
    compiled = dict(compiled=True)
    torch.compiler.set_stance("force_eager")  # what the compiler makes of it is not in question
    try:
        interrupt(tmp_path / "run.pt", **compiled)
        assert same(trained(tmp_path / "run.pt", **compiled), trained(**compiled))
    finally:
        torch.compiler.set_stance("default")


def test_a_file_that_cannot_be_read_is_set_aside(tmp_path):
    whole = trained()
    path = tmp_path / "run.pt"
    interrupt(path)
    content = path.read_bytes()
    middle = len(content) // 2
    flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    for number, damaged in enumerate([b"", b"no", content[:middle], flipped], start=1):
        path.write_bytes(damaged)
        with pytest.warns(
            UserWarning, match=rf"run\.pt is no .*: set aside as run.unusable-{number}"
        ):
            assert same(trained(path, every=1e9), whole)
        assert (tmp_path / f"run.unusable-{number}").read_bytes() == damaged


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"step": 9}, "step 9 of 8"),
        ({"step": 0}, "step 0 of 8"),
        ({"step": 2}, "step 2 of 8, with a curve of 1"),
        ({"step": 3}, "1 losses at step 3"),
        ({"weights": {}}, "weights of other names"),
        ({"optimizers": []}, "shorter"),
        ({"optimizers": "another"}, "weights of other sizes"),
        ({"generator": torch.zeros(3, dtype=torch.uint8)}, "RNG"),
    ],
)
def test_a_state_that_is_not_this_runs_changes_nothing_of_it(tmp_path, change, reason):
    path = tmp_path / "run.pt"
    interrupt(path)
    content = torch.load(path, weights_only=True)
    if change == {"optimizers": "another"}:
        for moments in content["state"]["optimizers"][0]["state"].values():
            moments["exp_avg"] = torch.zeros(3)
        change = {}
    content["state"] |= change
    torch.save(content, path)
    with pytest.warns(UserWarning, match=reason):
        assert same(trained(path, every=1e9), trained())


def test_a_state_for_another_protocol_or_version_is_not_continued(tmp_path):
    path = tmp_path / "run.pt"
    interrupt(path, protocol=1, torch="2.0")
    with pytest.warns(
        UserWarning, match=r"made for protocol=1, not 2, torch=2\.0, not 2\.1\): set"
    ):
        assert same(trained(path, every=1e9, protocol=2, torch="2.1"), trained())


def test_the_run_goes_on_where_its_state_cannot_be_saved(tmp_path):
    (tmp_path / "file").touch()
    with pytest.warns(UserWarning, match="run.pt cannot be saved"):
        assert same(trained(tmp_path / "file" / "run.pt"), trained())


def test_another_precision_starts_anew(tmp_path, monkeypatch):
    """A grid point counts in either precision, but no run is made half in one, half in another."""
    experiment, config = (
        rule_diversity.experiment,
        configure(rule_diversity.experiment, "smoke", SHORT | SYMBOLIC),
    )
    monkeypatch.setenv("INSTRDIV_PRECISION", "bfloat16")

    def no_room(*_):
        raise OSError("no room")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="no room"):
        patch.setattr("instrdiv.experiments.recording.write_record", no_room)
        recorded_or_run(experiment, "smoke", config, tmp_path, save_every=0)
    monkeypatch.setenv("INSTRDIV_PRECISION", "float32")
    with pytest.warns(UserWarning, match="made for precision=bfloat16, not float32"):
        record = recorded_or_run(experiment, "smoke", config, tmp_path)
    assert record.provenance["precision"] == "float32" and "parts" not in record.provenance
    assert dataclasses.asdict(record)["curve"][-1]["step"] == 8
