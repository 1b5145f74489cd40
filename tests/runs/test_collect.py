"""Records of many people in one place: each checked, none lost or replaced, and who made which."""

import csv
import json
import re

import pytest

from instrdiv.cli import main
from instrdiv.paths import published_results
from instrdiv.runs.collect import LIST, collect
from instrdiv.runs.record import read_record

RECORDS = sorted(published_results().glob("occurrences/laptop/*.json"))[:3]


@pytest.fixture
def students(tmp_path):
    """Two folders; of one run, both have a record, with equal results; a third has another."""
    folders = [tmp_path / name / "results" for name in ("ann", "bob", "cem")]
    for folder, records in zip(folders, (RECORDS[:2], RECORDS[1:], RECORDS[:1]), strict=True):
        (folder / "occurrences" / "laptop").mkdir(parents=True)
        for path in records:
            (folder / "occurrences" / "laptop" / path.name).write_bytes(path.read_bytes())
    edit(folders[2] / "occurrences" / "laptop" / RECORDS[0].name, answers=[])
    return folders


def edit(path, **changes):
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(content | changes), encoding="utf-8")


def listed(results):
    with (results / LIST).open(encoding="utf-8", newline="") as file:
        return {(row["folder"].split("/")[-2], row["key"]): row for row in csv.DictReader(file)}


def test_every_record_is_there_once_and_the_list_says_who_made_it(students, tmp_path, capsys):
    results = tmp_path / "all"
    command = ["collect", *map(str, students), "--results", str(results)]
    assert main(command) == 0
    found = {path.stem: path for path in results.glob("*/*/*.json")}
    assert set(found) == {path.stem for path in RECORDS}
    for path in RECORDS:
        assert read_record(found[path.stem]) == read_record(path)
    keys = [path.stem for path in RECORDS]
    outcomes = {who: row["outcome"] for who, row in listed(results).items()}
    assert outcomes["ann", keys[0]] == outcomes["ann", keys[1]] == "collected"
    assert outcomes["bob", keys[2]] == "collected"
    assert outcomes["bob", keys[1]].endswith("/ann/results), with equal results")
    assert outcomes["cem", keys[0]].endswith("/ann/results), with OTHER results")
    printed = capsys.readouterr()
    assert "3 collected, 2 there already, 0 refused" in printed.out
    assert printed.err.count("\n") == 2

    before = (results / LIST).read_text(encoding="utf-8")
    assert main(command) == 0 and main([*command[:2], *command[-2:]]) == 0
    assert (results / LIST).read_text(encoding="utf-8") == before, "once more changes nothing"


def test_what_is_no_record_is_named_and_the_others_are_collected(students, tmp_path, capsys):
    ann, bob, _ = students
    first, second = (ann / "occurrences" / "laptop" / path.name for path in RECORDS[:2])
    edit(first, protocol="one")
    edit(second, experiment="../../../elsewhere")
    (bob / "occurrences" / "laptop" / "0.json").symlink_to("/dev/zero")
    (bob / "occurrences" / "laptop" / "=1+1\n.json").symlink_to("nothing")
    results = tmp_path / "all"
    assert main(["collect", str(ann), str(bob), "--results", str(results)]) == 1
    printed = capsys.readouterr()
    assert "2 collected, 0 there already, 4 refused" in printed.out
    assert printed.err.count("\n") == 4 and "protocol is 'one'" in printed.err
    assert {path.name for path in tmp_path.iterdir()} == {"all", "ann", "bob", "cem"}
    assert len(list(results.glob("*/*/*.json"))) == 2
    assert sum(row["outcome"].startswith("refused: ") for row in listed(results).values()) == 4


def test_a_folder_that_does_not_exist_is_refused_before_anything_is_copied(students, tmp_path):
    with pytest.raises(ValueError, match="no such folder"):
        collect([students[0], tmp_path / "none"], tmp_path / "all")
    assert not (tmp_path / "all").exists()
    with pytest.raises(ValueError, match="records are collected in this folder"):
        collect([students[0]], students[0])


def test_a_folder_without_records_is_said(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["collect", str(tmp_path / "empty"), "--results", str(tmp_path / "all")]) == 0
    assert "no records there" in capsys.readouterr().err


def test_one_command_draws_all_that_was_ever_collected(students, tmp_path, capsys):
    figure, results = tmp_path / "class.html", ["--results", str(tmp_path / "all")]
    assert main(["collect", str(students[0]), *results]) == 0
    assert main(["collect", str(students[1]), *results, "--figure", str(figure)]) == 0
    page = figure.read_text(encoding="utf-8")
    assert all(path.stem in page for path in RECORDS) and "unseen rules" in page
    assert not re.search(r"<(script|link)[^>]* (src|href)=", page), "it needs no network"
    assert str(figure) in capsys.readouterr().out


def test_where_no_record_was_collected_nothing_is_drawn(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    command = ["collect", str(tmp_path / "empty"), "--results", str(tmp_path / "all")]
    assert main([*command, "--figure", str(tmp_path / "class.html")]) == 2
    assert "no records to draw" in capsys.readouterr().err
    assert not (tmp_path / "class.html").exists()
