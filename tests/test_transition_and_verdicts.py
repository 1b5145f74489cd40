"""From scores to statements: transitions found where they are, verdicts that can go either way."""

import numpy as np
import pandas as pd
import pytest
from instrdiv.transition import NoTransition, fit_transition
from scipy.special import expit

from instrdiv.claims import MissingRecords, claims_page, require_complete
from instrdiv.experiments import rule_diversity
from instrdiv.experiments.catalog import make_point
from instrdiv.experiments.rule_diversity import headline, optimizer_finding, verdicts
from instrdiv.paper import read_paper
from instrdiv.statistics.verdict import OUTCOMES, Verdict, verdict_table

RULES = [10, 30, 100, 200, 300, 500, 700, 1000, 2000, 5000, 10000, 100000]


def runs(middle, slope=3.0, plateau=0.97, seeds=3, noise=0.02, optimizer="adamw"):
    """A made-up table of scores whose transition is known."""
    rng = np.random.default_rng(int(middle))
    rows = []
    for seed in range(seeds):
        for rules in RULES:
            shift = rng.normal(0, 0.1)
            share = plateau * expit(slope * (np.log(rules / middle) - shift))
            share = float(np.clip(share + rng.normal(0, noise) * (0.05 < share < 0.9), 0, 1))
            common = dict(num_rules=rules, optimizer=optimizer, seed=seed, num_examples=100_000)
            rows.append(common | dict(score="unseen", share=share))
            rows.append(common | dict(score="seen", share=0.96))
    return pd.DataFrame(rows).assign(scale="laptop", low=lambda t: t.share, high=lambda t: t.share)


@pytest.mark.parametrize("middle", [60, 450, 3000])
def test_a_known_transition_is_found_within_its_interval(middle):
    unseen = runs(middle).query("score == 'unseen'")
    fit = fit_transition(unseen.num_rules.to_numpy(), unseen.share.to_numpy(), draws=200)
    assert fit.low <= fit.rules <= fit.high
    assert fit.low / 1.1 < middle < fit.high * 1.1
    assert abs(fit.plateau - 0.97) < 0.03 and fit.runs == 36
    assert fit.share(np.array([fit.rules]))[0] == pytest.approx(fit.plateau / 2)


def test_the_width_is_the_factor_between_a_tenth_and_nine_tenths():
    unseen = runs(450, slope=4.0, noise=0, seeds=1).query("score == 'unseen'")
    fit = fit_transition(unseen.num_rules.to_numpy(), unseen.share.to_numpy(), draws=20)
    tenth, nine = fit.rules / fit.width**0.5, fit.rules * fit.width**0.5
    found = fit.share(np.array([tenth, nine])) / fit.plateau
    assert found == pytest.approx([0.1, 0.9], abs=1e-6)


@pytest.mark.parametrize("shares", [[0.0, 0.0, 0.0, 0.0], [0.9] * 4, [0.0, 0.1, 0.2, 0.5]])
def test_no_transition_is_no_number(shares):
    with pytest.raises(NoTransition, match="no transition in 4 numbers of rules"):
        fit_transition(np.array([10.0, 100.0, 1000.0, 10000.0]), np.array(shares))


def outcomes(table):
    return [verdict.outcome for verdict in verdicts(table, table)]


def test_runs_like_the_papers_reproduce_every_claim():
    assert outcomes(runs(450, slope=6.0)) == ["reproduced"] * 4


def test_another_place_of_the_transition_is_partly():
    assert outcomes(runs(800, slope=6.0))[3] == "partly"
    assert outcomes(runs(4000, slope=6.0))[3] == "not reproduced"


def test_a_flat_curve_reproduces_nothing():
    table = runs(450)
    table.loc[table.score == "unseen", "share"] = 0.5
    assert outcomes(table) == ["not reproduced", "partly", "cannot tell", "cannot tell"]


def test_models_that_learned_nothing_prove_nothing():
    table = runs(450, slope=6.0)
    table.loc[table.score == "seen", "share"] = 0.1
    assert outcomes(table)[0] == "partly"


def test_without_runs_nothing_can_be_told():
    table = runs(450).query("num_rules == 500")
    assert outcomes(table) == ["cannot tell"] * 4
    assert "too few" in headline(table) and "too few" in optimizer_finding(table)


def test_the_optimizers_are_said_to_differ_only_when_they_do():
    apart = pd.concat([runs(800), runs(300, optimizer="muon")])
    alike = pd.concat([runs(450), runs(450, optimizer="muon")])
    assert "**moves** the transition" in optimizer_finding(apart)
    assert "does not measurably move" in optimizer_finding(alike)


def test_optimizers_are_not_compared_across_different_seeds():
    table = pd.concat([runs(800, seeds=1), runs(300, optimizer="muon")])
    assert "too few runs to compare the optimisers: 1 seeds" in optimizer_finding(table)


def test_the_headline_quotes_the_worst_runs():
    table = runs(450, slope=6.0, noise=0)
    worst = table.query("score == 'unseen' and num_rules >= 5000").share.min()
    assert f"at least {worst:.0%}" in headline(table)


def test_a_verdict_is_one_of_four_and_has_its_row():
    verdict = Verdict("claim", "paper", "ours", "partly", "rule")
    assert "| claim | paper | ours | **partly** | rule |" in verdict_table([verdict])
    with pytest.raises(ValueError, match=f"allowed: {', '.join(OUTCOMES)}"):
        Verdict("claim", "paper", "ours", "proved", "rule")


def test_the_papers_curve_has_its_transition_where_the_paper_says():
    assert len(read_paper("rule_diversity")) == 16
    assert 400 < rule_diversity.paper_transition().rules < 500
    with pytest.raises(ValueError, match="no values of the paper for 'no_op'"):
        read_paper("no_op")


def test_a_grid_with_a_missing_record_is_not_summed_up():
    point = make_point("01", "smoke", {"seed": 987_654})
    with pytest.raises(MissingRecords, match=r"1 of 1 points of 01_rule_diversity .*seed=987654"):
        require_complete([point])


def test_every_claim_is_summed_up_under_its_experiment():
    row = dict(claim="C", paper="P", ours="O", scale="laptop", runs=4, seeds=2, verdict="partly")
    page = claims_page(pd.DataFrame([row | dict(notebook="02_no_op"), row | dict(notebook="03_x")]))
    assert page.count("| C | **partly** | P | O |") == 2
    assert "### [](../notebooks/02_no_op.ipynb)\n\nlaptop scale, 4 runs, 2 seeds" in page
