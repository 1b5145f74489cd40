"""Intervals, thresholds, comparisons and verdicts, from scores and dated rules; knows of no run.

`scores` counts the correct answers of one run; `intervals` compares seeds; `threshold` estimates
from how many rules on unseen rules are followed, and `shifts` how far two thresholds differ;
`verdict` applies a rule that was written down beforehand to what was found.
"""
