"""Nothing drawn depends on where records lie; a figure says where it holds two precisions."""

import dataclasses
import shutil

import altair as alt
import pandas as pd
import pytest

from instrdiv.charts.common import rules_x, runs_chart
from instrdiv.experiments import rule_diversity
from instrdiv.paths import published_results
from instrdiv.report.chapter import ChapterReport, cost, precisions
from instrdiv.report.paper_claims import claims
from instrdiv.runs.store import read_records, score_table
from instrdiv.statistics.threshold import fit_each


@pytest.fixture(scope="module")
def scattered(tmp_path_factory):
    """The published records, every second one in another folder."""
    folders = [tmp_path_factory.mktemp(name) for name in ("even", "odd")]
    for number, path in enumerate(sorted(published_results().rglob("*.json"))):
        copy = folders[number % 2] / path.relative_to(published_results())
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return folders


def test_records_come_in_one_order_wherever_they_lie(scattered):
    there, _ = read_records([published_results()], "rule_diversity", "laptop")
    for folders in (scattered, scattered[::-1]):
        found, _ = read_records(folders, "rule_diversity", "laptop")
        assert found == there


def test_claims_are_the_same_wherever_records_lie(scattered, monkeypatch):
    names = ["08_domains", "05_occurrences"]
    expected = claims(names)
    monkeypatch.setattr(
        "instrdiv.report.recorded.result_folders", lambda into=None: scattered[::-1]
    )
    pd.testing.assert_frame_equal(claims(names), expected)


def test_a_fit_is_the_same_on_every_page_of_a_chapter():
    """Whichever run the page reports, and as on pages that report none."""
    pages = [
        ChapterReport(rule_diversity.experiment, "laptop", {"num_rules": rules}, {}, None).records
        for rules in (100, 10_000)
    ]
    assert pages[0] == pages[1] == sorted(pages[0], key=lambda record: record.key)
    fits = [fit_each(score_table(page), "optimizer") for page in pages]
    assert repr(fits[0]) == repr(fits[1])


@pytest.fixture
def two_precisions():
    records, _ = read_records([published_results()], "rule_diversity", "laptop")
    return [
        dataclasses.replace(
            record,
            provenance=record.provenance | {"precision": "bfloat16" if i < 8 else "float32"},
        )
        for i, record in enumerate(records[:20])
    ]


def test_small_print_counts_runs_of_each_precision_where_there_are_two(two_precisions):
    assert precisions(two_precisions) == ": 12 in float32, 8 in bfloat16"
    assert precisions(two_precisions[:8]) == ""
    assert "in float32 and bfloat16." in cost(two_precisions)
    assert "in bfloat16." in cost(two_precisions[:8])


def test_small_print_of_a_figure_names_the_precisions(two_precisions):
    lab = ChapterReport(rule_diversity.experiment, "laptop", {}, {}, None)
    lab.records = two_precisions
    said = lab.made_from(score_table(two_precisions))
    assert said.endswith(": 12 in float32, 8 in bfloat16.")


@pytest.mark.parametrize("both", [True, False])
def test_a_marker_tells_its_precision_where_a_figure_holds_two(two_precisions, both):
    records = two_precisions if both else two_precisions[:8]
    named = {record.key: record.provenance["precision"] for record in records}
    table = score_table(records)
    table["precision"] = table.key.map(named)
    chart = str(runs_chart(table, x=rules_x(), by=alt.Color("optimizer:N")).to_dict())
    assert ("'field': 'precision'" in chart) == both
