"""Intervals, thresholds, comparisons and verdicts, from scores alone; knows of no experiment.

`scores` counts right answers of one run; `intervals` speaks about seeds; `threshold` is where
unseen rules begin to be followed, and `shifts` how far two of them lie apart; `verdict` holds a
rule that was written down beforehand against what was found.
"""
