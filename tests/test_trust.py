"""Nothing that is read is run: no record, checkpoint, model or file of data is a program."""

import ast
import json
import pickle
from pathlib import Path

import pytest
import torch

from instrdiv.data.assets import TINY
from instrdiv.data.fetch import AssetError
from instrdiv.experiments.chapters import EXPERIMENTS
from instrdiv.experiments.points import make_point
from instrdiv.models.chat_model import load_model
from instrdiv.paths import beside, project_root
from instrdiv.runs.record import RecordError, read_record, record_path
from instrdiv.sweep.failures import failure_log
from instrdiv.sweep.grids import read_grids
from instrdiv.training.checkpoint import Checkpoint
from instrdiv.training.memory import shape_of

PACKAGE = project_root() / "instrdiv"
EXECUTE = {"eval", "exec", "compile", "__import__"}
MODULES = {"pickle", "dill", "cloudpickle", "marshal", "shelve", "joblib", "code", "runpy"}


def calls(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func), {word.arg: word.value for word in node.keywords}


# Two packages are left out: one runs programs on purpose, see the page on its threat model; the
# other runs the reference solutions of its own benchmarks.
FILES = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.relative_to(PACKAGE).parts[0] not in ("codeexec", "benchmarks")
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_can_run_what_it_reads(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        name.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    } | {
        (node.module or "").split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    assert not imported & MODULES
    for node, called, words in calls(path):
        where = f"{path.name}:{node.lineno}: {called}"
        assert called not in EXECUTE, where
        if called == "torch.load":
            assert ast.unparse(words["weights_only"]) == "True", where
        if called.endswith("yaml.load") or called == "numpy.load" or called == "np.load":
            raise AssertionError(where)
        if called.endswith(".from_pretrained") and called.startswith("Auto"):
            given = words.get("trust_remote_code") or source_of(tree, words)
            assert given is not None and ast.unparse(given) == "False", where
        if "trust_remote_code" in words:
            assert ast.unparse(words["trust_remote_code"]) == "False", where


def source_of(tree, words):
    """The value of ``trust_remote_code`` in a dictionary that a call unpacks."""
    if None not in words or not isinstance(words[None], ast.Name):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == words[None].id:
            made = {word.arg: word.value for word in getattr(node.value, "keywords", [])}
            return made.get("trust_remote_code")
    return None


class Bomb:
    """Touches a file when it is unpickled."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return Path.touch, (self.target,)


def test_the_bomb_is_one(tmp_path):
    pickle.loads(pickle.dumps(Bomb(tmp_path / "run")))
    assert (tmp_path / "run").exists()


@pytest.mark.parametrize("packed", [True, False])
def test_a_checkpoint_runs_nothing(tmp_path, packed):
    path = tmp_path / "run.pt"
    content = {"made_for": {}, "parts": [], "state": Bomb(tmp_path / "run")}
    if packed:
        torch.save(content, path)
    else:
        path.write_bytes(pickle.dumps(content))
    with pytest.warns(UserWarning, match="no checkpoint of this run"):
        assert Checkpoint(path).load() is None
    assert not (tmp_path / "run").exists()


def test_a_record_and_a_grid_file_run_nothing(tmp_path):
    path = tmp_path / "x" / "smoke" / "0.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(pickle.dumps(Bomb(tmp_path / "run")))
    with pytest.raises(RecordError):
        read_record(path)
    grid = tmp_path / "grid.yaml"
    grid.write_text(f"01: !!python/object/apply:pathlib.Path.touch [{tmp_path / 'run'}]")
    with pytest.raises(ValueError, match="not YAML"):
        read_grids(grid)
    assert not (tmp_path / "run").exists()


@pytest.fixture
def folder_with_code(tmp_path):
    """A model whose configuration names code beside it."""
    folder = tmp_path / "model"
    model, tokenizer = load_model(TINY)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "own.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w')", encoding="utf-8")
    path = folder / "config.json"
    about = json.loads(path.read_text(encoding="utf-8")) | {
        "model_type": "own",
        "auto_map": {"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"},
    }
    path.write_text(json.dumps(about), encoding="utf-8")
    return folder


def test_a_model_runs_no_code_of_its_own(folder_with_code, tmp_path):
    with pytest.raises(AssetError, match="cannot be loaded"):
        load_model(str(folder_with_code))
    with pytest.raises(AssetError, match="cannot be determined"):
        shape_of(str(folder_with_code))
    assert not (tmp_path / "run").exists()


def test_pickled_weights_of_a_model_are_not_read(tmp_path):
    folder = tmp_path / "model"
    model, tokenizer = load_model(TINY)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    assert load_model(str(folder))
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb(tmp_path / "run")))
    with pytest.raises(AssetError, match="safetensors"):
        load_model(str(folder))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda each: each.name)
def test_no_setting_leads_out_of_the_results_folder(experiment, tmp_path):
    """What a run writes is named after its key."""
    names = [name for name, of in experiment.config.__annotations__.items() if of is str]
    for name in ["model", "data", *names]:
        for value in ("../../outside", "/outside", "a/../../..", ".."):
            try:
                point = make_point(experiment.notebook, "smoke", {name: value})
            except ValueError:
                continue
            written = [
                record_path(tmp_path, experiment.name, point.scale, point.key),
                failure_log(point, tmp_path),
                *(beside(tmp_path, kind) / f"{point.key}.pt" for kind in ("checkpoints", "models")),
                beside(tmp_path, "notebooks") / point.notebook / point.scale / point.key,
            ]
            assert all(path.resolve().is_relative_to(tmp_path) for path in written)
