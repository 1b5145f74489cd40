"""Runs in place of those that had not learned their training examples."""

from collections.abc import Sequence

import pandas as pd

from instrdiv.statistics.verdict import GATE


def until_learned(table: pd.DataFrame, longer: pd.DataFrame, axes: Sequence[str]) -> pd.DataFrame:
    """In place of each run that misses the gate of training, a longer one of the same settings and
    seed, if there is one.

    Args:
        table: rows of `instrdiv.runs.store.score_table`.
        longer: rows of the runs that may take their places.
        axes: the settings, the seed among them, in which runs are the same.

    >>> runs = pd.DataFrame({"scale": "laptop", "num_rules": [200, 500], "seed": 0,
    ...                      "key": ["a", "b"], "score": "training", "share": [0.99, 0.88]})
    >>> longer = runs[1:].assign(key="c", share=0.98)
    >>> until_learned(runs, longer, ["num_rules", "seed"]).key.tolist()
    ['a', 'c']
    """
    if longer.empty:
        return table
    missed = table[(table.score == "training") & (table.share < GATE)]
    settings = ["scale", *axes]
    replaced = missed.merge(longer[settings].drop_duplicates(), on=settings)
    instead = longer.merge(replaced[settings], on=settings)
    return pd.concat([table[~table.key.isin(replaced.key)], instead], ignore_index=True)
