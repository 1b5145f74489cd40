"""A run at desk scale that is killed ten times ends as one that nobody disturbed, bit for bit.

It has fewer steps, examples and tests than the preset, so that it takes minutes; with
``KILLED_STEPS=400 pytest -m soak tests/sweep/test_killed.py`` it has that many steps, and all else
is the preset's. What came of it is kept in ``book/data/killed.json``.
"""

import datetime
import json
import os
import platform
import random
import subprocess
import sys
import time
from importlib.metadata import version

import pytest
import torch

from instrdiv.paths import project_root
from instrdiv.runs.provenance import processor_name

pytestmark = pytest.mark.soak
SHORT = {"steps": 60, "num_examples": 20_000, "num_test": 200}
LONG = os.environ.get("KILLED_STEPS")
SETTINGS = {"steps": int(LONG)} if LONG else SHORT
STEPS = SETTINGS["steps"]
KILLS = 10
SAVE_EVERY = 2.0
"""Seconds; a run that is made by the command line saves its state every two minutes."""
PATIENCE = 600
"""Seconds on a busy machine until a process trains again."""
LIFE = """
import hashlib
import json
import os
import sys
from pathlib import Path

from instrdiv.experiments import recording
from instrdiv.experiments.points import configure
from instrdiv.experiments.rule_diversity import experiment
from instrdiv.training.curve import CurveRecorder

folder, settings, save_every = Path(sys.argv[1]), json.loads(sys.argv[2]), float(sys.argv[3])
told = open(folder / "told", "ab", buffering=0)
add = CurveRecorder.add

def adding(recorder, step, *rest):
    add(recorder, step, *rest)
    told.write(f"{os.getpid()} {step}\\n".encode())

def keep_weights(model, *_):
    content = b"".join(weight.float().numpy().tobytes() for weight in model.state_dict().values())
    (folder / "weights").write_text(hashlib.sha256(content).hexdigest())

CurveRecorder.add, recording.keep_adapters = adding, keep_weights
config = configure(experiment, "desk", settings)
recording.recorded_or_run(experiment, "desk", config, folder / "results", save_every=save_every)
"""
"""One process of a run, which tells each step that it has trained."""


def live(folder, save_every=SAVE_EVERY):
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", LIFE, folder, json.dumps(SETTINGS), str(save_every)],
        env=os.environ | {"PYTHONPATH": str(project_root()), "OMP_NUM_THREADS": "1"},
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # as a sweep starts its runs
    )


def steps_of(folder, process):
    """The steps that a process has trained."""
    told = folder / "told"
    lines = told.read_text().splitlines() if told.exists() else []
    return [int(line.split()[1]) for line in lines if line.startswith(f"{process.pid} ")]


def saved_step(folder):
    """The step after which the run's state was saved last."""
    found = list((folder / "results" / "checkpoints").glob("*.pt"))
    return torch.load(found[0], weights_only=True)["state"]["step"] if found else 0


def kill_at_random(folder, rng):
    """Start a process of the run and kill it; one of five before it trains, the others later.

    Returns:
        The steps that it trained.
    """
    process = live(folder)
    deadline = time.monotonic() + PATIENCE
    number = rng.randint(1, STEPS // (KILLS + 1)) if rng.random() < 0.8 else 0
    while len(steps_of(folder, process)) < number:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(rng.uniform(0, 1 if number else 5))
    assert process.poll() is None, "it has ended before it could be killed"
    process.kill()
    process.wait()
    return steps_of(folder, process)


def outcome(folder):
    """A run's record, and the names of its fields about how it was made."""
    (path,) = (folder / "results" / "rule_diversity" / "desk").iterdir()
    record = json.loads(path.read_text(encoding="utf-8"))
    return path.name, record.pop("provenance"), record, (folder / "weights").read_text()


def test_a_run_at_desk_scale_killed_ten_times_ends_as_if_undisturbed(tmp_path):
    rng = random.Random(STEPS)
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    undisturbed = live(whole, save_every=1e9)
    made = again = 0
    for _ in range(KILLS):
        saved = saved_step(killed)
        steps = kill_at_random(killed, rng)
        assert steps == list(range(saved + 1, saved + 1 + len(steps)))
        made += len(steps)
        again += saved + len(steps) - saved_step(killed)
    saved, last = saved_step(killed), live(killed)
    assert last.wait() == 0
    assert steps_of(killed, last) == list(range(saved + 1, STEPS + 1))
    made += STEPS - saved
    assert made == STEPS + again, "a step that was saved is not trained again"

    assert undisturbed.wait() == 0
    name, provenance, record, weights = outcome(killed)
    assert (name, record, weights) == (outcome(whole)[0], *outcome(whole)[2:])
    assert record["metrics"].keys() == {"unseen", "seen", "training"}
    assert record["curve"][-1]["step"] == STEPS
    assert "parts" not in outcome(whole)[1]
    keep(
        {
            "scale": "desk",
            "steps": STEPS,
            "examples": record["config"]["num_examples"],
            "kills": KILLS,
            "trained": made,
            "again": again,
            "saved_every": SAVE_EVERY,
            "precision": provenance["precision"],
            "processor": processor_name(),
            "version": version("instrdiv"),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        }
    )


def keep(row):
    """Keep what came of it, in the place of what came of as many steps before."""
    path = project_root() / "book" / "data" / "killed.json"
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    rows = {each["steps"]: each for each in [*before, row]}
    kept = [rows[steps] for steps in sorted(rows)]
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
