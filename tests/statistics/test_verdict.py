"""Rules are dated data, and a verdict is what they make of an interval."""

import datetime

import pytest
import yaml
from made_up import as_runs, made_up_verdict

from instrdiv.experiments.points import experiment_of, notebook_paths
from instrdiv.paths import project_root
from instrdiv.report.verdict_table import verdict_table
from instrdiv.statistics.dated_rules import Rule, read_rules
from instrdiv.statistics.intervals import Estimate
from instrdiv.statistics.verdict import OUTCOMES, Gate, Part, combine, decide, gate_of, judge

MET, MISSED = Gate(0.99), Gate(0.9)


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


def test_what_cannot_be_told_says_its_price_and_what_can_has_none():
    runs = as_runs([dict(seed=seed, score="unseen", share=0.5) for seed in (0, 1)])
    rule = read_rules("rule_diversity")["few"]
    undecided, decided = Part("cannot tell", "x", "2 seeds"), Part("reproduced", "x")
    price = decide(rule, [undecided], runs, MET).price
    assert price == "another seed of these runs takes 2 core-minutes"
    assert decide(rule, [decided], runs, MET).price == ""
    untrained = judge(Estimate(0.3, 0.2, 0.4, 5), "x", within=(0.5, 1), gate=MISSED)
    assert "twice the steps" in decide(rule, [untrained], runs, MISSED).price


def test_a_gain_too_small_to_count_refutes_nothing_without_gate_and_design():
    small = dict(within=(1e-9, 1), excluded_by=(0.05, 1))
    for mean in (-0.01, 0.01):
        found = Estimate(mean, mean - 0.02, mean + 0.02, 5)
        assert judge(found, "", gate=MET, **small).outcome == "not reproduced"
        assert judge(found, "", gate=MET, like_paper=False, **small).outcome == "cannot tell"
        assert judge(found, "", gate=MISSED, success=True, **small).outcome == "cannot tell"


def test_a_reason_of_two_parts_is_named_once_and_the_papers_design_has_its_price():
    runs = as_runs([dict(seed=seed, score="unseen", share=0.5) for seed in (0, 1)])
    low = judge(Estimate(0.3, 0.2, 0.4, 5), "x", within=(0.5, 1), gate=MET, like_paper=False)
    verdict = decide(read_rules("rule_diversity")["few"], [low, low], runs, MET)
    assert verdict.why == low.why and "the paper's design take far more" in verdict.price
    again = decide(read_rules("rule_diversity")["few"], [low], runs, MET, reason="withdrawn")
    assert again.why == f"withdrawn; {low.why}"


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
    assert str(Gate(0.96996)) == "not met, lowest mean training score 0.969"


def test_a_verdict_is_one_of_four_and_its_row_says_when_it_is_exploratory():
    verdict = made_up_verdict(exploratory=True, why="too few")
    table = verdict_table([verdict])
    assert "| 1 | C | P | O | **partly**, *exploratory* |" in table
    assert "1. R *Why:* too few. *Rule of* 2026-11-26; *desk scale*, 4 runs, 2 seeds" in table
    assert "*gate:* met" in table and table.count("<details") == table.count("</details>") == 1
    assert "exploratory" not in verdict_table([made_up_verdict()])
    assert r"| \|z\| = 5 |" in verdict_table([made_up_verdict(ours="|z| = 5")])
    ours = verdict_table([made_up_verdict(outcome="not reproduced", variant="with Muon")])
    assert "| C (*variant:* with Muon) |" in ours and "| **does not hold here** |" in ours
    with pytest.raises(ValueError, match=f"allowed: {', '.join(OUTCOMES)}"):
        made_up_verdict(outcome="proved")


def test_a_reason_withdraws_a_verdict_whatever_was_found():
    rule = Rule("C", "P", "R", "2026-11-26", {})
    table = as_runs([dict(seed=0, score="unseen", share=0.5)])
    given = decide(rule, [Part("reproduced", "found")], table, MET, reason="withdrawn")
    assert (given.outcome, given.why, given.ours) == ("cannot tell", "withdrawn", "found")
