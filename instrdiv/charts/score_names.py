"""What readers call a score. Records, exports and code keep the names that records have."""

import re

SCORES = {
    "unseen": "unseen rules",
    "seen": "seen rules, new inputs",
    "training": "training examples",
    "unseen_has_op": "unseen rules that apply",
    "unseen_no_op": "unseen rules that do not apply",
    "unseen_key": "unseen rules, new keys",
    "others": "other tasks",
    "graded": "graded benchmark",
    "human_eval": "HumanEval",
    "seen_no_op": "seen rules that do not apply",
}
"""Those that figures name in their legends, in this order."""
FURTHER = {
    "unseen_near_miss": "unseen rules, near misses",
    "unseen_free": "unseen rules, free",
    "unseen_enciphered": "unseen rules, enciphered though they do not apply",
    "unseen_cipher_missing": "unseen rules, rewritten, not enciphered",
    "unseen_rewriting_missing": "unseen rules, enciphered, not rewritten",
    "unseen_both_missing": "unseen rules, copied though they apply",
    "unseen_key_has_op": "unseen rules that apply, new keys",
    "unseen_key_no_op": "unseen rules that do not apply, new keys",
    "seen_has_op": "seen rules that apply",
    "seen_near_miss": "seen rules, near misses",
    "training_has_op": "training examples, the rule applies",
    "training_no_op": "training examples, the rule does not apply",
    "human_eval_plus": "HumanEval+",
    "human_eval_mut": "HumanEval-mut",
    "mbpp": "MBPP",
    "mbpp_plus": "MBPP+",
}
"""Those that only tables show."""
NUMBERED = (
    (r"unseen_(\d+)", r"unseen rules, occurrences: \1"),
    (r"unseen_([a-z]+)_(\d+)", r"unseen rules, \1, k = \2"),
    (r"graded_(\d+)", r"graded benchmark, grade \1"),
)
"""Scores of which an experiment has one for each number that it tests."""


def score_name(score: str) -> str:
    """What readers call a score; one that has no name here keeps its own.

    >>> score_name("unseen_near_miss"), score_name("unseen_mirrored_2"), score_name("graded_4")
    ('unseen rules, near misses', 'unseen rules, mirrored, k = 2', 'graded benchmark, grade 4')
    >>> score_name("first_place")
    'first_place'
    """
    named = SCORES | FURTHER
    if score in named:
        return named[score]
    for pattern, name in NUMBERED:
        if found := re.fullmatch(pattern, score):
            return found.expand(name)
    return score
