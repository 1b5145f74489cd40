"""Records of many people in one place: each checked, none lost or replaced, and who made which."""

import csv
import json
import re

import pytest
from made_up import by_the_preset

from instrdiv.cli import main
from instrdiv.runs.collect import LIST, collect
from instrdiv.runs.record import read_record

RECORDS = by_the_preset("occurrences", "laptop")[:3]


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
    assert main(["collect", str(ann), str(bob), "--results", str(results)]) == 0
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


def test_where_there_is_no_record_that_is_said_and_nothing_is_made(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["collect", str(tmp_path / "empty"), "--results", str(tmp_path / "all")]) == 2
    assert "empty: no records there" in capsys.readouterr().err
    assert not (tmp_path / "all").exists()


def test_nothing_is_collected_into_a_folder_that_somebody_handed_in(students, tmp_path, capsys):
    before = sorted(students[0].rglob("*"))
    assert main(["collect", *map(str, students), "--results", str(students[0])]) == 2
    error = capsys.readouterr().err
    assert f"--results {students[0]}: this is one of the folders to collect from" in error
    assert sorted(students[0].rglob("*")) == before


def test_what_becomes_of_a_record_is_said_with_the_folder_that_it_came_from(
    students, tmp_path, capsys
):
    ann, bob = students[:2]
    edit(bob / "occurrences" / "laptop" / RECORDS[2].name, protocol="one")
    main(["collect", str(ann), str(bob), "--results", str(tmp_path / "all")])
    refused = [line for line in capsys.readouterr().err.splitlines() if "refused" in line]
    assert [line.split(": ")[0] for line in refused] == [str(bob)]


def test_the_figure_is_drawn_whatever_was_wrong_and_each_wrong_is_a_line(
    students, tmp_path, capsys
):
    ann, bob, cem = students
    edit(bob / "occurrences" / "laptop" / RECORDS[2].name, protocol="one")
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    results, figure = tmp_path / "all", tmp_path / "class.svg"
    results.mkdir()
    given = [ann, bob, cem, tmp_path / "nobody", tmp_path / "notes.txt", results, ann.parent,
             ann / "occurrences" / "laptop"]  # fmt: skip
    command = ["collect", *map(str, given), "--results", str(results), "--figure", str(figure)]
    assert main([*command, "--notebook", "5", "--scale", "laptop"]) == 0
    said = capsys.readouterr()
    assert "2 collected, 2 there already, 1 refused" in said.out
    drawn, left_out = 0, [line for line in said.err.splitlines() if line.startswith("left out: ")]
    if found := re.search(r"(\d+) runs? drawn: ", said.out):
        drawn = int(found[1])
    assert drawn + sum(int(line.split()[2]) for line in left_out) == 2 and drawn
    assert "What 3 of us found" in figure.read_text(encoding="utf-8")
    others = sorted(line for line in said.err.splitlines() if line not in left_out)
    assert len(others) == 8
    for part in (
        "nobody: there is no such folder", "notes.txt: a file, and a folder is needed",
        "all: records are collected in this folder", "with equal results", "with OTHER results",
        "refused: ", f"{ann.parent}: no records there; did you mean {ann}?",
        f"laptop: no records there; did you mean {ann}?",
    ):  # fmt: skip
        assert sum(part in line for line in others) == 1, part


def test_without_any_folder_of_records_nothing_is_made(tmp_path, capsys):
    results = tmp_path / "all"
    assert main(["collect", str(tmp_path / "none"), "--results", str(results)]) == 2
    assert "nothing was collected" in capsys.readouterr().err and not results.exists()


def test_a_figure_of_another_kind_is_refused_before_anything_is_collected(
    students, tmp_path, capsys
):
    results, figure = tmp_path / "all", str(tmp_path / "class.gif")
    assert main(["collect", str(students[0]), "--results", str(results), "--figure", figure]) == 2
    assert "a name that ends in .svg, .png, .html" in capsys.readouterr().err
    assert not results.exists()


@pytest.mark.parametrize(("place", "said"), [("", "Is a dir"), ("file/", "Not a dir")])
def test_a_place_that_no_figure_can_have_is_refused_before_anything_is_collected(
    place, said, students, tmp_path, capsys
):
    (tmp_path / "file").touch()
    (tmp_path / "class.svg").mkdir()
    results, figure = tmp_path / "all", f"{tmp_path}/{place}class.svg"
    assert main(["collect", str(students[0]), "--results", str(results), "--figure", figure]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"instrdiv: {figure}: {said}") and error.count("\n") == 1
    assert not results.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [(["--notebook", "99"], "unknown notebook '99'"), (["--scale", "labtop"], "'laptop'?")],
)
def test_what_is_to_be_drawn_is_checked_before_anything_is_collected(
    wrong, said, students, tmp_path, capsys
):
    results, figure = tmp_path / "all", str(tmp_path / "class.svg")
    command = ["collect", str(students[0]), "--results", str(results), "--figure", figure]
    assert main([*command, *wrong]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and not results.exists()


def test_a_place_that_cannot_be_written_to_is_named(students, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["collect", str(students[0]), "--results", str(tmp_path / "file")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "file cannot be written to: it is a file" in error
