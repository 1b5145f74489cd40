"""The summary of claims: computed from complete grids alone, and saying what it leaves out."""

import shutil

import pandas as pd
import pytest
from made_up import made_up_verdict

from instrdiv.charts.claims import verdicts_chart
from instrdiv.experiments.points import make_point
from instrdiv.paths import published_results
from instrdiv.report import paper_claims as module
from instrdiv.report.paper_claims import (
    MissingRecords,
    claims,
    claims_page,
    exploratory_note,
    in_short,
    not_summed_up,
    require_complete,
)
from instrdiv.statistics.verdict import HERE, OUTCOMES

FIRST = "01_rule_diversity"


def test_every_claim_of_a_complete_grid_is_summed_up_with_its_interval_and_link():
    table = claims([FIRST])
    assert set(table.outcome) <= set(OUTCOMES) and len(table) == 8
    measured = table[table.seeds >= 3]  # fewer give no interval
    assert len(measured) >= 4
    interval = r"\d to \d.*; \d seeds|\d to \d+ % of such models"
    assert measured.ours.str.contains(interval).all()
    page = claims_page(table)
    assert f"### [Rule diversity](../notebooks/{FIRST}.ipynb)" in page
    assert all(
        f"{row.claim}{' (*variant' * bool(row.variant)}" in page
        and f"**{HERE.get(row.outcome, row.outcome) if row.variant else row.outcome}**" in page
        for row in table.itertuples()
    )
    verdicts_chart(table).to_dict()


def test_one_missing_record_stops_the_summary(tmp_path, monkeypatch):
    shutil.copytree(published_results() / "rule_diversity", tmp_path / "rule_diversity")
    monkeypatch.setattr(module, "published_results", lambda: tmp_path)
    claims([FIRST])
    next((tmp_path / "rule_diversity" / "laptop").glob("*.json")).unlink()
    with pytest.raises(MissingRecords, match=r"1 of \d+ grid points of 01_rule_diversity have no"):
        claims([FIRST])


def test_a_broken_record_takes_its_experiments_claims_along_and_no_others(tmp_path, monkeypatch):
    for name in ("occurrences", "domains"):
        shutil.copytree(published_results() / name, tmp_path / name)
    monkeypatch.setattr(module, "published_results", lambda: tmp_path)
    for broken in (tmp_path / "occurrences" / "laptop").glob("*.json"):
        broken.write_text("[]", encoding="utf-8")
    with pytest.warns(UserWarning) as warned:
        table = claims(["05_occurrences", "08_domains"])
    # Each broken file is named; that its grid is incomplete, the page says in a sentence.
    assert all(".json: not a record" in str(each.message) for each in warned)
    assert set(table.notebook) == {"08_domains"}
    assert "[Occurrences](../notebooks/05_occurrences.ipynb)" in not_summed_up(set(table.notebook))


def test_what_is_left_out_is_named():
    assert "[No-ops](../notebooks/02_no_op.ipynb)" in not_summed_up([FIRST])
    assert FIRST not in not_summed_up([FIRST])
    assert not_summed_up([path.stem for path in module.listed_notebooks()]).startswith(
        "These are all"
    )


def test_no_verdict_is_reached_by_fewer_than_three_seeds():
    table = claims([path.stem for path in module.listed_notebooks()])
    assert not table[(table.seeds < 3) & (table.outcome != "cannot tell")].shape[0]
    # Rules older than the runs that they judge, and unchanged since, are only those of designs that
    # were written down whole before they were run.
    confirmatory = table[~table.exploratory].groupby("notebook").size().to_dict()
    assert confirmatory == {
        "01_rule_diversity": 1, "03_imbalance": 3, "05_occurrences": 3, "07_code_generation": 2,
        "08_domains": 2,
    }  # fmt: skip


def test_a_grid_with_a_missing_record_is_not_summed_up():
    point = make_point("01", "smoke", {"seed": 987_654})
    with pytest.raises(MissingRecords, match=r"1 of 1 grid points of 01_.* seed=987654"):
        require_complete([point])


def test_every_claim_is_summed_up_under_its_experiment():
    row = vars(made_up_verdict(exploratory=True))
    table = pd.DataFrame([row | dict(notebook="02_no_op"), row | dict(notebook="03_imbalance")])
    page = claims_page(table)
    assert page.count("| 1 | C | P | O | **partly**, *exploratory* |") == 2
    assert "### [No-ops](../notebooks/02_no_op.ipynb)\n\n| No. |" in page and "2 seeds" in page
    assert "**2 of 2 verdicts are exploratory**" in exploratory_note(table)
    assert "older than the runs" in exploratory_note(table.assign(exploratory=False))


def test_in_short_a_decided_claim_says_what_was_found_and_an_open_one_its_price():
    rows = [
        dict(claim="A", ours="12 %", outcome="reproduced", price=""),
        dict(claim="B", ours="34 %", outcome="cannot tell", price="5 core-minutes"),
        dict(claim="C", ours="56 %", outcome="cannot tell", price="6 core-minutes"),
    ]
    table = pd.DataFrame(rows).assign(notebook=FIRST, variant="", exploratory=True)
    text = in_short(table)
    link = f"- [Rule diversity](../notebooks/{FIRST}.ipynb)\n"
    assert f"**What holds: 1 of 3 claims.**\n\n{link}  - A: *12 %; exploratory*." in text
    listed = f"{link}  - B: *5 core-minutes*.\n  - C: *6 core-minutes*."
    assert f": 2 of 3 claims.**\n\n{listed}" in text
    ours = in_short(pd.concat([table, table[:1].assign(variant="with Muon", claim="D")]))
    assert ours.startswith(text) and ours.endswith(
        f"1.**\n\n{link}  - D (holds here): *12 %; exploratory*."
    )
