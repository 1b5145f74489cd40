"""Folders and files that readers name: meant from where they stand, and no other is written to."""

import json
import os
import subprocess
import sys

import pytest

from instrdiv.checks import absolute
from instrdiv.experiments.points import make_point
from instrdiv.paths import beside, own_results, project_root

LINE = json.dumps({"instruction": "Größe?", "answer": "Größer."}, ensure_ascii=False)


def test_a_folder_is_meant_from_where_the_user_stands(tmp_path, monkeypatch):
    (tmp_path / "my-model").mkdir()
    (tmp_path / "SmolLM2-135M-Instruct").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for given in ("./my-model", "~/my-model", str(tmp_path / "my-model")):
        assert absolute(given) == str(tmp_path / "my-model")
    point = make_point("06", "smoke", {"model": "./my-model"})
    assert point.config.model == str(tmp_path / "my-model")
    assert absolute("SmolLM2-135M-Instruct") == "SmolLM2-135M-Instruct", "a name, not a folder"
    with pytest.raises(ValueError, match=r"'\./none': there is no such file or folder"):
        make_point("06", "smoke", {"model": "./none"})


def test_a_run_with_results_elsewhere_writes_nothing_into_the_checkout(tmp_path):
    """A course's checkout may be read-only; a watched run of the package shows what it opens."""
    watched = tmp_path / "sitecustomize.py"
    watched.write_text(
        "import os, sys\n"
        "from pathlib import Path\n"
        "def hook(event, arguments):\n"
        "    if event in ('open', 'os.mkdir', 'os.rename', 'os.remove'):\n"
        "        path, *more = arguments\n"
        "        writes = event != 'open' or any(c in str(more[0]) for c in 'wax+')\n"
        f"        inside = isinstance(path, str) and path.startswith({os.getcwd()!r} + '/')\n"
        "        if writes and inside and '__pycache__' not in path and '.venv' not in path:\n"
        f"            os.write(os.open({str(tmp_path / 'written')!r}, 1 | 64 | 1024),\n"
        "                     f'{event} {path}\\n'.encode())\n"
        "sys.addaudithook(hook)\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}:{os.getcwd()}"}
    command = [sys.executable, "-m", "instrdiv", "run", "08", "--scale", "smoke"]
    command += ["-p", "steps", "2", "--results", str(tmp_path / "elsewhere" / "results")]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert not (tmp_path / "written").exists(), (tmp_path / "written").read_text(encoding="utf-8")
    assert list((tmp_path / "elsewhere" / "results" / "notebooks").rglob("*.ipynb"))


def test_what_a_run_leaves_lies_in_a_folder_that_was_named(tmp_path):
    assert beside(tmp_path, "notebooks") == tmp_path / "notebooks"
    assert beside(own_results(), "checkpoints") == project_root() / "runs" / "checkpoints"


def test_a_file_or_model_right_here_is_meant_without_a_dot(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.jsonl").write_text(LINE, encoding="utf-8")
    assert absolute("mine.jsonl") == absolute("./mine.jsonl") == str(tmp_path / "mine.jsonl")
    (tmp_path / "mine").mkdir()
    assert absolute("mine") == "mine"  # a name of the hub, for all we know
    (tmp_path / "mine" / "config.json").write_text("{}", encoding="utf-8")
    assert absolute("mine") == str(tmp_path / "mine")
