"""A record's file is checked field by field: what is wrong is one error, and others go on."""

import json
import os
import warnings

import pytest

from instrdiv.analysis import occurrences as analysis
from instrdiv.cli import main
from instrdiv.experiments.chapters import EXPERIMENTS
from instrdiv.experiments.occurrences import experiment
from instrdiv.experiments.points import SCALES, make_point
from instrdiv.paths import published_results
from instrdiv.report.recorded import comparable_records, with_every_setting
from instrdiv.runs.record import RecordError, read_record
from instrdiv.runs.schema import MOST_BYTES, checked
from instrdiv.runs.store import read_records
from instrdiv.sweep.command import is_recorded

POINT = make_point("05", "laptop", {"num_rules": 1000, "seed": 0})
OTHER = make_point("05", "laptop", {"num_rules": 200, "seed": 0})


@pytest.fixture
def content():
    path = published_results() / "occurrences" / "laptop" / f"{POINT.key}.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A folder in place of the published one, with one good record in it."""
    name = f"occurrences/laptop/{OTHER.key}.json"
    (tmp_path / "occurrences" / "laptop").mkdir(parents=True)
    (tmp_path / name).write_bytes((published_results() / name).read_bytes())
    for module in ("sweep.status", "experiments.recording"):
        monkeypatch.setattr(f"instrdiv.{module}.published_results", lambda: tmp_path)
        monkeypatch.setattr(f"instrdiv.{module}.own_results", lambda: tmp_path / "own")
    return tmp_path


def changed(**fields):
    return lambda content: json.dumps(content | fields).encode()


def within(name, **fields):
    return lambda content: json.dumps(content | {name: content[name] | fields}).encode()


def score(**counts):
    return within("metrics", unseen={"correct": 1, "total": 2} | counts)


BROKEN = {
    "truncated": (lambda content: json.dumps(content).encode()[:500], "EOF"),
    "not UTF-8": (lambda content: json.dumps(content).encode("utf-16"), "expected value"),
    "half a character": (changed(answers=[dict.fromkeys(("prompt", "target", "answer"), "\ud800")]),
                         "hex escape"),
    "a list": (lambda content: b"[1, 2]", "object"),
    "deep": (lambda content: b'{"config":' + b'{"a":' * 100_000, "recursion limit"),
    "a nested setting": (within("config", ks={"a": {}}), r"ks=\{'a': \{\}\}: one finite number"),
    "50 MB": (lambda content: b" " * 50_000_000, f"50,000,000 bytes, of which {MOST_BYTES:,}"),
    "a text for a number": (changed(protocol="1"), "protocol is '1'"),
    "a number for a list": (changed(curve=3), "curve is 3"),
    "a negative count": (score(correct=-1), "metrics.unseen is .*-1.*0 <= correct"),
    "more than all": (score(correct=3), "metrics.unseen is .*0 <= correct <= total"),
    "out of none": (score(correct=0, total=0), "total above 0"),
    "part of one": (score(correct=0.5), "metrics.unseen.correct is 0.5"),
    "NaN": (within("provenance", wall_seconds=float("nan")), "wall_seconds is nan: .*finite"),
    "infinite": (changed(measures={"bits": [float("inf")]}), "measures.bits.0 is inf: .*finite"),
    "a setting that is none": (within("config", alpha=float("nan")), "alpha=nan: one finite"),
    "a missing field": (within("provenance", precision=None), "precision is None"),
    "an unknown field": (changed(html="<b>"), "html is '<b>': Extra"),
    "separators in a name": (changed(experiment="../occurrences"), "experiment is '../occ"),
    "markup in a name": (within("metrics", **{"<b>": {"correct": 1, "total": 2}}), "metrics.<b>"),
    "no day of any year": (within("provenance", date="2026-02-30T00:00:00+00:00"),
                           "date is '2026-02-30T00:00:00.00:00': day is out of range"),
    "a field twice": (lambda content: json.dumps(content)[:-1].encode() + b', "protocol": 1}',
                      "protocol is there twice"),
    "a count twice": (
        lambda content: json.dumps(content).replace('"total":', '"total": 1, "total":', 1).encode(),
        "total is there twice"),
    "a terminal's sequence": (changed(key="\x1b[31m\u202e"), r"key is '\\x1b\[31m\\u202e'"),
}  # fmt: skip


@pytest.mark.parametrize("damage", BROKEN)
def test_what_is_wrong_is_one_error_and_whoever_reads_many_goes_on(
    damage, content, results, capsys
):
    damaged, reason = BROKEN[damage]
    path = results / "occurrences" / "laptop" / f"{POINT.key}.json"
    path.write_bytes(damaged(content))
    with pytest.raises(RecordError, match=reason) as caught:
        read_record(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: not a record (") and said.endswith("repeat its run")
    assert said.isprintable() and len(said) < 900

    with pytest.warns(UserWarning, match="not a record"):
        records = comparable_records(experiment, "laptop", analysis.AXES)
    assert [record.key for record in records] == [OTHER.key]
    with pytest.warns(UserWarning, match="not a record"):
        assert not is_recorded(POINT, results)
    assert is_recorded(OTHER, results)
    capsys.readouterr()
    assert main(["status"]) == 0
    printed = capsys.readouterr()
    assert "05_occurrences" in printed.out
    assert printed.err == f"instrdiv: left out: {said}\n"


MEASURED = {
    "half a mixture": (changed(measures={"mixture_code": [1.0, 2.0]}), "has 2 values, but 4"),
    "fewer than none": (changed(measures={"mixture_code": [-1.0] * 4}), "numbers of examples"),
    "a measure of nothing": (changed(measures={"bits_mbpp": []}), "at least 1"),
    "a measure beyond measure": (changed(measures={"bits_mbpp": [1e300]}), "less than or equal"),
    "two numbers of tokens": (changed(measures={"tokens": [1.0, 2.0]}), "2 values, but 1"),
    "solutions without their fences": (changed(measures={"inside_mbpp": [1.0]}), "but 0"),
    "samples that are no number": (
        lambda content: json.dumps(
            content
            | {"measures": {"graded_samples_passed": [1.0]}}
            | {"metrics": {"graded": {"correct": 1, "total": 1}}}
            | {"config": {"num_samples": "many"}}
        ).encode(), "num_samples='many': a whole number"),
    "other problems than were counted": (changed(measures={"graded_passed": [1.0]}), "for 0 prob"),
}  # fmt: skip


@pytest.mark.parametrize("damage", MEASURED)
def test_measures_have_the_values_that_figures_take(damage, content):
    damaged, reason = MEASURED[damage]
    checked(json.dumps(content | {"measures": {"mixture_code": [3.0, 2.0, 1.5, 0.0]}}).encode())
    with pytest.raises(ValueError, match=reason):
        checked(damaged(content))


def test_a_setting_that_the_key_leaves_out_cannot_be_edited_unseen(content, results):
    """The published records pass, so this says what the key does not."""
    path = results / "occurrences" / "laptop" / f"{POINT.key}.json"
    path.write_bytes(within("config", activation="<img src=x>")(content))
    assert read_record(path).config["activation"] == "<img src=x>"
    with pytest.warns(UserWarning, match="it was edited"):
        records = comparable_records(experiment, "laptop", analysis.AXES)
    assert [record.key for record in records] == [OTHER.key]
    with pytest.warns(UserWarning, match="the file was edited"):
        assert not is_recorded(POINT, results)


def test_what_is_no_file_is_not_opened(content, results):
    path = results / "occurrences" / "laptop" / f"{POINT.key}.json"
    os.mkfifo(path)
    with pytest.raises(RecordError, match="not a file"):
        read_record(path)


def test_every_published_record_passes_with_its_settings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for each in EXPERIMENTS:
            for scale in SCALES:
                records, problems = read_records([published_results()], each.name, scale)
                assert problems == []
                for record in records:
                    assert with_every_setting(each, record).key == record.key
