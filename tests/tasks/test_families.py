"""Families of rules: their fashion, their number, and how they are shared out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrdiv.experiments import (
    semantic_diversity,
)
from instrdiv.seeds import stream
from instrdiv.tasks.families import (
    FAMILIES,
    RuleKind,
    count_family_rules,
    sample_family_rules,
    unfold,
)


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 5))
def test_sides_have_the_fashion_of_their_family(seed, part, k):
    block = np.random.default_rng(seed).integers(26, size=(5, part), dtype=np.uint8)
    repeated, periodic, mirrored = (unfold(block, RuleKind(family, k)) for family in FAMILIES)
    for position in range(part * k):
        assert (repeated[:, position] == block[:, position // k]).all()
        assert (periodic[:, position] == block[:, position % part]).all()
        turn, place = divmod(position, part)
        assert (mirrored[:, position] == block[:, place if turn % 2 == 0 else -1 - place]).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_count_of_rules_is_the_number_of_distinct_pairs(family):
    blocks = np.stack(np.meshgrid(*[np.arange(26, dtype=np.uint8)] * 2), axis=-1).reshape(-1, 2)
    sides = len(np.unique(unfold(blocks, RuleKind(family, 3)), axis=0))
    assert count_family_rules(3, 6) == sides * (sides - 1)


def test_a_family_can_be_drawn_to_its_last_rule_and_no_further():
    kinds = [RuleKind(family, 4) for family in FAMILIES]
    rules = sample_family_rules(stream(0, "rules"), 650, 4, kinds)
    assert len(np.unique(np.concatenate([rules.x, rules.y], axis=1), axis=0)) == 650
    with pytest.raises(ValueError, match=r"651 rules of any family with k=4 .* only 650 exist"):
        sample_family_rules(stream(0, "rules"), 651, 4, kinds)


def test_rules_are_shared_evenly_among_the_kinds():
    config = semantic_diversity.experiment.configure(
        "smoke", num_rules=60, families=["periodic", "mirrored"]
    )
    rules = semantic_diversity.make_data(config).rules
    periodic = (rules.x[:, :2] == rules.x[:, 2:4]).all(axis=1)
    palindromes = (rules.x[:, 0] == rules.x[:, 1]).sum()
    assert 30 <= periodic.sum() <= 30 + palindromes
