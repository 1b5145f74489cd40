"""Experiment 1: verdicts can go either way."""

import numpy as np
import pandas as pd
import pytest
from made_up import as_runs
from scipy.special import expit

from instrdiv.analysis import rule_diversity as rule_diversity_analysis
from instrdiv.analysis.paper import read_paper
from instrdiv.analysis.rule_diversity import headline, optimizer_finding, verdicts
from instrdiv.statistics.dated_rules import read_rules
from instrdiv.statistics.threshold import fit_threshold
from instrdiv.statistics.verdict import is_exploratory

RULES = [10, 30, 100, 200, 300, 400, 500, 600, 700, 1000, 2000, 5000, 10000, 100000]


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
    return [verdict.outcome for verdict in verdicts(table)]


def test_runs_like_the_papers_reproduce_every_claim():
    assert outcomes(runs(450)) == ["reproduced"] * 4


def test_a_threshold_elsewhere_is_not_reproduced_at_the_papers_lengths():
    assert outcomes(runs(150)) == ["not reproduced", "reproduced", "reproduced", "not reproduced"]
    assert outcomes(runs(1500)) == ["reproduced", "not reproduced", "reproduced", "not reproduced"]


def test_shorter_strings_cannot_refute_what_names_a_number_of_rules():
    elsewhere = runs(1500, x_length=4, z_length=8)
    assert outcomes(elsewhere)[1:] == ["cannot tell", "reproduced", "cannot tell"]
    assert "shorter" in verdicts(elsewhere)[3].why
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


@pytest.mark.parametrize(("worst", "said"), [(0.9075, "90%"), (0.91, "91%"), (0.57, "57%")])
def test_the_headline_quotes_the_worst_run_and_no_better(worst, said):
    table = runs(450)
    many = (table.score == "unseen") & (table.num_rules >= 5000)
    table.loc[many, "share"] = 0.98
    table.loc[table[many].index[0], "share"] = worst
    assert f"at least {said}." in headline(table)


def test_the_papers_curve_has_its_threshold_and_width_where_the_paper_says():
    paper = read_paper("rule_diversity")
    assert len(paper) == 16
    rules, given = read_rules("rule_diversity"), paper.x.to_numpy(dtype=float)
    theirs = fit_threshold(given, paper.value.to_numpy(), np.zeros(len(paper), dtype=int))
    assert rules["place"]["low"] < theirs.rules < rules["place"]["high"]
    assert theirs.width == pytest.approx(1.3, abs=0.05) and not theirs.known
    with pytest.raises(ValueError, match="no values of the paper for 'no_op'"):
        read_paper("no_op")


def test_a_rule_younger_than_any_run_makes_the_verdict_exploratory():
    dates = pd.DataFrame({"recorded": ["2026-11-27", "2026-11-26"]})
    assert not is_exploratory("2026-11-26", dates) and is_exploratory("2026-11-27", dates)
    assert is_exploratory("2026-11-26", dates.assign(recorded=""))  # nobody knows when
    (few, *_) = verdicts(runs(450, recorded="2026-11-24"))
    assert few.exploratory and not verdicts(runs(450))[0].exploratory
