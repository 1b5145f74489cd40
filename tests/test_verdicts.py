"""From runs to verdicts: rules are dated data, and verdicts of experiment 1 can go either way."""

import datetime

import numpy as np
import pandas as pd
import pytest
import yaml
from made_up import as_runs
from scipy.special import expit

from instrdiv.analysis import rule_diversity as rule_diversity_analysis
from instrdiv.analysis.paper import read_paper
from instrdiv.analysis.rule_diversity import headline, optimizer_finding, verdicts_with_adamw
from instrdiv.experiments.points import experiment_of, make_point, notebook_paths
from instrdiv.paths import project_root
from instrdiv.report.paper_claims import (
    MissingRecords,
    claims_page,
    exploratory_note,
    require_complete,
)
from instrdiv.statistics.intervals import Estimate
from instrdiv.statistics.threshold import fit_threshold
from instrdiv.statistics.verdict import (
    OUTCOMES,
    Gate,
    Part,
    Rule,
    Verdict,
    combine,
    decide,
    gate_of,
    is_exploratory,
    judge,
    read_rules,
    verdict_table,
)

RULES = [10, 30, 100, 200, 300, 400, 500, 600, 700, 1000, 2000, 5000, 10000, 100000]
MET, MISSED = Gate(0.99), Gate(0.9)


def runs(middle, slope=18.0, plateau=0.99, seeds=5, spread=0.05, optimizer="adamw", **settings):
    """A made-up table of scores whose threshold is known."""
    rng = np.random.default_rng(int(middle))
    rows = []
    for seed in range(seeds):
        own = middle * np.exp(rng.normal(0, spread))
        for rules in RULES:
            common = dict(num_rules=rules, optimizer=optimizer, seed=seed)
            share = plateau * expit(slope * np.log(rules / own))
            key = f"{optimizer} {seed} {rules}"
            rows += [
                common | dict(score=score, share=found, key=key)
                for score, found in (("unseen", share), ("seen", 0.98))
            ]
    budget = rule_diversity_analysis.budget_of("laptop")
    return as_runs(rows, num_examples=budget, **{"scale": "laptop", **settings})


def outcomes(table):
    return [verdict.outcome for verdict in verdicts_with_adamw(table)]


# Rules as data


def test_every_rule_is_dated_says_its_numbers_and_belongs_to_an_experiment():
    content = yaml.safe_load(
        (project_root() / "book" / "data" / "rules.yaml").read_text(encoding="utf-8")
    )
    experiments = {experiment_of(path.stem).name for path in notebook_paths()}
    assert set(content) == experiments | {"training_path"}  # a question of our own
    for experiment in content:
        for rule in read_rules(experiment).values():
            assert datetime.date.fromisoformat(rule.date) <= datetime.date.today()
            assert rule.text and "{" not in rule.text and "|" not in rule.claim + rule.paper


def test_a_rule_without_its_number_or_an_unknown_experiment_is_refused():
    with pytest.raises(ValueError, match="no rules for 'walks'; there are some for rule_diversity"):
        read_rules("walks")


def test_a_rule_younger_than_any_run_makes_the_verdict_exploratory():
    dates = pd.DataFrame({"recorded": ["2026-11-27", "2026-11-26"]})
    assert not is_exploratory("2026-11-26", dates) and is_exploratory("2026-11-27", dates)
    assert is_exploratory("2026-11-26", dates.assign(recorded=""))  # nobody knows when
    (few, *_) = verdicts_with_adamw(runs(450, recorded="2026-11-24"))
    assert few.exploratory and not verdicts_with_adamw(runs(450))[0].exploratory


# From an interval to an outcome


@pytest.mark.parametrize(
    ("found", "gate", "like_paper", "success", "outcome"),
    [
        (Estimate(0.7, 0.6, 0.8, 5), MET, True, False, "reproduced"),
        (Estimate(0.7, 0.6, 0.8, 5), MISSED, True, False, "cannot tell"),
        (Estimate(0.7, 0.6, 0.8, 5), MISSED, True, True, "reproduced"),
        (Estimate(0.3, 0.2, 0.4, 5), MET, True, False, "not reproduced"),
        (Estimate(0.3, 0.2, 0.4, 5), MISSED, True, True, "cannot tell"),
        (Estimate(0.3, 0.2, 0.4, 5), Gate(None), True, True, "cannot tell"),
        (Estimate(0.3, 0.2, 0.4, 5), MET, False, True, "cannot tell"),
        (Estimate(0.5, 0.1, 0.9, 5), MET, True, False, "cannot tell"),
        (Estimate(0.7, float("nan"), float("nan"), 2), MET, True, False, "cannot tell"),
        (Estimate(float("nan"), float("nan"), float("nan"), 0), MET, True, False, "cannot tell"),
    ],
)
def test_only_an_interval_on_one_side_decides_and_failures_need_gate_and_design(
    found, gate, like_paper, success, outcome
):
    part = judge(found, "x", within=(0.5, 1), gate=gate, like_paper=like_paper, success=success)
    assert part.outcome == outcome and bool(part.why) == (outcome == "cannot tell")


def test_a_wide_interval_is_never_rewarded():
    narrow, wide = (Estimate(0.5, 0.5 - half, 0.5 + half, 5) for half in (0.01, 0.4))
    assert judge(narrow, "", within=(0.4, 0.6), gate=MET).outcome == "reproduced"
    assert judge(wide, "", within=(0.4, 0.6), gate=MET).outcome == "cannot tell"


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [
        (["reproduced"] * 2, "reproduced"),
        (["not reproduced"] * 2, "not reproduced"),
        (["reproduced", "not reproduced", "cannot tell"], "partly"),
        (["reproduced", "cannot tell"], "cannot tell"),
        (["not reproduced", "cannot tell"], "cannot tell"),
        ([], "cannot tell"),
    ],
)
def test_partly_says_that_one_part_was_reproduced_and_another_was_not(parts, outcome):
    assert combine([Part(part, "") for part in parts]) == outcome


def test_the_gate_is_the_lowest_mean_over_seeds_of_any_setting():
    table = as_runs([dict(num_rules=n, seed=s, score="unseen", share=0.5)
                     for n in (10, 20) for s in (0, 1)])  # fmt: skip
    trained = table.score == "training"
    table.loc[trained, "share"] = [0.99, 0.97, 0.95, 0.98]
    unseen = table[~trained]
    assert gate_of(table, unseen, ("num_rules", "seed")) == (pytest.approx(0.965),)
    assert not gate_of(table, unseen, ("num_rules", "seed")).holds
    assert gate_of(table, unseen[unseen.num_rules == 10], ("num_rules", "seed")).holds
    assert gate_of(table[~trained], unseen, ("num_rules", "seed")).lowest is None
    # A setting that is not set is a setting too.
    bare = table.assign(alpha=None)
    assert gate_of(bare, bare[~trained], ("num_rules", "alpha", "seed")).lowest < 0.97


def test_a_training_score_just_under_the_gate_does_not_look_like_it():
    assert str(Gate(0.96996)) == "not met, lowest training score 0.969"


def made_up_verdict(**changes):
    given = dict(claim="C", paper="P", ours="O", outcome="partly", rule="R", date="2026-11-26",
                 exploratory=False, scale="desk", runs=4, seeds=2, gate="met")  # fmt: skip
    return Verdict(**given | changes)


def test_a_verdict_is_one_of_four_and_its_row_says_when_it_is_exploratory():
    verdict = made_up_verdict(exploratory=True, why="too few")
    table = verdict_table([verdict])
    assert "| 1 | C | P | O | **partly**, *exploratory* |" in table
    assert "1. R *Why:* too few. *Rule of* 2026-11-26; *desk scale*, 4 runs, 2 seeds" in table
    assert "*gate:* met" in table and table.count("<details") == table.count("</details>") == 1
    assert "exploratory" not in verdict_table([made_up_verdict()])
    with pytest.raises(ValueError, match=f"allowed: {', '.join(OUTCOMES)}"):
        made_up_verdict(outcome="proved")


def test_a_reason_withdraws_a_verdict_whatever_was_found():
    rule = Rule("C", "P", "R", "2026-11-26", {})
    table = as_runs([dict(seed=0, score="unseen", share=0.5)])
    given = decide(rule, [Part("reproduced", "found")], table, MET, reason="withdrawn")
    assert (given.outcome, given.why, given.ours) == ("cannot tell", "withdrawn", "found")


# Experiment 1


def test_runs_like_the_papers_reproduce_every_claim():
    assert outcomes(runs(450)) == ["reproduced"] * 4


def test_a_threshold_elsewhere_is_not_reproduced_at_the_papers_lengths():
    assert outcomes(runs(150)) == ["not reproduced", "reproduced", "reproduced", "not reproduced"]
    assert outcomes(runs(1500)) == ["reproduced", "not reproduced", "reproduced", "not reproduced"]


def test_shorter_strings_cannot_refute_what_names_a_number_of_rules():
    elsewhere = runs(1500, x_length=4, z_length=8)
    assert outcomes(elsewhere)[1:] == ["cannot tell", "reproduced", "cannot tell"]
    assert "shorter" in verdicts_with_adamw(elsewhere)[3].why
    assert outcomes(runs(450, x_length=4, z_length=8))[3] == "cannot tell"


def test_a_gradual_rise_is_no_sharp_threshold():
    assert outcomes(runs(450, slope=3.0))[2] == "not reproduced"


def test_a_wide_interval_of_the_threshold_tells_nothing():
    assert outcomes(runs(450, spread=0.6, seeds=3))[3] == "cannot tell"


def test_models_that_learned_nothing_prove_nothing():
    table = runs(1500)
    table.loc[table.score == "training", "share"] = 0.5
    assert outcomes(table) == ["cannot tell"] * 4


@pytest.mark.parametrize("seeds", [1, 2])
def test_one_or_two_seeds_tell_nothing(seeds):
    assert outcomes(runs(450, seeds=seeds)) == ["cannot tell"] * 4


def test_without_runs_nothing_can_be_told():
    table = runs(450).query("num_rules == 500")
    assert outcomes(table) == ["cannot tell"] * 4
    assert "too few" in headline(table) and "too few" in optimizer_finding(table)


def test_the_optimizers_are_said_to_differ_only_when_they_do():
    apart = pd.concat([runs(800), runs(300, optimizer="muon")])
    alike = pd.concat([runs(450), runs(451, optimizer="muon")])
    assert "**moves** the threshold" in optimizer_finding(apart)
    assert "does not measurably move" in optimizer_finding(alike)


def test_optimizers_are_not_compared_across_different_seeds():
    table = pd.concat([runs(800, seeds=2), runs(300, optimizer="muon")])
    assert "2 seeds were run with both" in optimizer_finding(table)


def test_the_headline_quotes_the_worst_runs():
    table = runs(450)
    worst = table.query("score == 'unseen' and num_rules >= 5000").share.min()
    assert f"at least {worst:.0%}" in headline(table)


def test_the_papers_curve_has_its_threshold_and_width_where_the_paper_says():
    paper = read_paper("rule_diversity")
    assert len(paper) == 16
    rules, given = read_rules("rule_diversity"), paper.x.to_numpy(dtype=float)
    theirs = fit_threshold(given, paper.value.to_numpy(), np.zeros(len(paper), dtype=int))
    assert rules["place"]["low"] < theirs.rules < rules["place"]["high"]
    assert theirs.width == pytest.approx(1.3, abs=0.05) and not theirs.known
    with pytest.raises(ValueError, match="no values of the paper for 'no_op'"):
        read_paper("no_op")


# The summary


def test_a_grid_with_a_missing_record_is_not_summed_up():
    point = make_point("01", "smoke", {"seed": 987_654})
    with pytest.raises(MissingRecords, match=r"1 of 1 points of 01_rule_diversity .*seed=987654"):
        require_complete([point])


def test_every_claim_is_summed_up_under_its_experiment():
    row = vars(made_up_verdict(exploratory=True))
    table = pd.DataFrame([row | dict(notebook="02_no_op"), row | dict(notebook="03_x")])
    page = claims_page(table)
    assert page.count("| 1 | C | P | O | **partly**, *exploratory* |") == 2
    assert "### [](../notebooks/02_no_op.ipynb)\n\n| No. |" in page and "2 seeds" in page
    assert "**2 of 2 verdicts are exploratory**" in exploratory_note(table)
    assert "older than the runs" in exploratory_note(table.assign(exploratory=False))
