"""A file is written completely or not at all, and what cannot be written is named as asked for."""

import os

import pytest

from instrdiv.cli import main
from instrdiv.whole_files import replacing, require_place


def test_what_fails_half_way_leaves_the_file_as_it_was_and_nothing_beside_it(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("before", encoding="utf-8")
    with pytest.raises(KeyError), replacing(file) as unfinished:
        unfinished.write_text("half", encoding="utf-8")
        raise KeyError
    assert file.read_text(encoding="utf-8") == "before" and os.listdir(tmp_path) == ["table.csv"]


def unwritable(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder.csv").mkdir()
    return [tmp_path / "none" / "a.csv", tmp_path / "file" / "a.csv", tmp_path / "folder.csv"]


@pytest.mark.parametrize("case", range(3), ids=["no folder", "in a file", "a folder"])
def test_an_error_names_the_file_that_was_asked_for(case, tmp_path):
    file = unwritable(tmp_path)[case]
    with pytest.raises(OSError) as raised, replacing(file) as unfinished:
        unfinished.write_text("some", encoding="utf-8")
    assert raised.value.filename == str(file) and raised.value.errno
    assert "unfinished" not in str(raised.value) and type(raised.value) is not OSError


def test_pyarrow_too_names_the_file_that_was_asked_for(tmp_path):
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    with pytest.raises(OSError) as raised, replacing(tmp_path / "none" / "a.parquet") as unfinished:
        pd.DataFrame({"a": [1]}).to_parquet(unfinished)
    assert "unfinished" not in str(raised.value)


@pytest.mark.parametrize("case", [1, 2], ids=["in a file", "a folder"])
def test_a_place_is_refused_before_the_work_exactly_as_it_would_be_after_it(case, tmp_path):
    file = unwritable(tmp_path)[case]
    with pytest.raises(OSError) as before:
        require_place(file)
    with pytest.raises(OSError) as after, replacing(file) as unfinished:
        unfinished.write_text("some", encoding="utf-8")
    assert str(before.value) == str(after.value)


def test_a_place_in_folders_that_can_be_made_is_none_to_refuse(tmp_path):
    require_place(tmp_path / "new" / "newer" / "figure.svg")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("command", [["plot", "1", "--out"], ["export"]], ids=["plot", "export"])
def test_a_command_names_the_place_it_was_given_in_one_line(command, tmp_path, capsys):
    folder = tmp_path / ("runs.csv" if command == ["export"] else "figure.svg")
    folder.mkdir()
    assert main([*command, str(folder)]) == 2
    error = capsys.readouterr().err
    assert error == f"instrdiv: {folder}: Is a directory\n"
