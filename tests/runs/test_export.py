"""All runs as one table: nothing of a score is lost on the way to other programs and back."""

import json
from pathlib import Path

import pandas as pd
import pytest

from instrdiv.cli import main
from instrdiv.experiments.chapters import EXPERIMENTS
from instrdiv.paths import published_results
from instrdiv.report.all_runs import all_runs
from instrdiv.runs.export import export_table, write_table

PUBLISHED = published_results()
CHAPTER_5 = next(each for each in EXPERIMENTS if each.name == "occurrences")
ORIGINAL = sorted(PUBLISHED.glob("occurrences/laptop/*.json"))[0]


@pytest.fixture(scope="module")
def table():
    runs, problems = all_runs([CHAPTER_5], ["laptop"])
    assert runs and not problems
    return export_table(runs)


def read(path, table):
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, dtype=table.dtypes.to_dict())


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_that_is_read_again_is_the_same(kind, table, tmp_path):
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"runs.{kind}"
    write_table(table, path, kind)
    pd.testing.assert_frame_equal(read(path, table), table)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_each_score_has_a_row_with_its_counts_settings_and_provenance(table):
    record = json.loads(ORIGINAL.read_text(encoding="utf-8"))
    rows = table[table.key == ORIGINAL.stem].set_index("score")
    assert {name: (row.correct, row.total) for name, row in rows.iterrows()} == {
        name: (counts["correct"], counts["total"]) for name, counts in record["metrics"].items()
    }
    unseen = rows.loc["unseen"]
    for name, value in record["config"].items():
        found = unseen[name]
        if value is not None:
            assert (json.loads(found) if isinstance(value, list) else found) == value, name
    for name, value in record["provenance"].items():
        assert unseen[f"provenance_{name}"] == value, name
    assert unseen.source == "published" and unseen.low <= unseen.share <= unseen.high
    assert unseen.activation == "gelu", "a setting that is younger than the record"


def test_every_published_run_fits_into_one_table_in_both_formats(tmp_path):
    pytest.importorskip("pyarrow")
    for kind in ("csv", "parquet"):
        assert main(["export", str(tmp_path / f"all.{kind}")]) == 0
    whole = pd.read_parquet(tmp_path / "all.parquet")
    assert set(whole.key) == {path.stem for path in PUBLISHED.glob("*/*/*.json")}
    pd.testing.assert_frame_equal(read(tmp_path / "all.csv", whole), whole)


def own_record(results: Path, edit=lambda content: content) -> Path:
    path = results / "occurrences" / "laptop" / ORIGINAL.name
    path.parent.mkdir(parents=True)
    path.write_text(edit(ORIGINAL.read_text(encoding="utf-8")), encoding="utf-8")
    return path


def test_ones_own_runs_are_told_apart_and_a_broken_record_is_named(tmp_path, capsys):
    own_record(tmp_path, lambda content: content[: len(content) // 2])
    command = ["export", "--experiment", "5", "--results", str(tmp_path), str(tmp_path / "o.csv")]
    assert main(command) == 0
    said = capsys.readouterr()
    assert f"{ORIGINAL.name}: not a record" in said.err and said.err.count("\n") == 1
    assert "published), 1 damaged left out: " in said.out
    runs, _ = all_runs([CHAPTER_5], ["laptop"], own_record(tmp_path / "whole").parents[2],
                       published=False)  # fmt: skip
    assert [source for source, _ in runs] == ["own"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["runs.xlsx"], "runs.xlsx: a name ending in .csv or .parquet is needed"),
        (["none/runs.csv"], "none/runs.csv: there is no such folder"),
        (["--scale", "labtop", "runs.csv"], "did you mean 'laptop'?"),
        (["--experiment", "rule_diversiti", "runs.csv"], "did you mean '01_rule_diversity'?"),
        (["--experiment", "3", "--scale", "paper", "runs.csv"], "nothing was written"),
    ],
)
def test_a_slip_is_one_line_and_nothing_is_written(arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["export", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and not list(tmp_path.iterdir())


def test_without_pyarrow_a_line_says_how_to_go_on(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("instrdiv.runs.export.find_spec", lambda name: None)
    assert main(["export", "--experiment", "5", str(tmp_path / "runs.parquet")]) == 2
    error = capsys.readouterr().err
    assert "pip install pyarrow" in error and error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_setting_never_takes_the_place_of_another_column():
    (source, record), *_ = all_runs([CHAPTER_5], ["laptop"])[0]
    record.config["total"] = 5
    with pytest.raises(ValueError, match="setting total: a column has that name already"):
        export_table([(source, record)])


def test_no_text_of_a_record_becomes_a_formula(tmp_path):
    (source, record), *_ = all_runs([CHAPTER_5], ["laptop"])[0]
    record.config["activation"] = '=HYPERLINK("x")'
    write_table(export_table([(source, record)]), tmp_path / "runs.csv", "csv")
    assert "'=HYPERLINK" in (tmp_path / "runs.csv").read_text(encoding="utf-8")
