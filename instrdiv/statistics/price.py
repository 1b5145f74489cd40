"""What it would cost to decide a claim that is still open, from what its runs have cost."""

import pandas as pd


def price(
    runs: pd.DataFrame, *, untrained: bool = False, anew: bool = False, longer: bool = False
) -> str:
    """The price of deciding a claim, in core-time of the processors that made its runs.

    An interval is narrowed by another seed of every run. Models that have not learned their
    training examples must be trained longer first, all of them, so that they stay comparable.

    Args:
        runs: rows of `instrdiv.runs.store.score_table` that the claim rests on.
        untrained: whether some models had not learned their training examples.
        anew: whether these runs cannot decide it, however many there are.
        longer: whether no runs of this design can, since the paper's is larger, as its strings are.

    >>> runs = pd.DataFrame({"key": list("abcd"), "seed": [0, 0, 1, 1], "core_seconds": 600.0})
    >>> price(runs)
    'another seed of these runs takes 20 core-minutes'
    >>> price(runs, untrained=True)
    'with twice the steps, these runs take 80 core-minutes'
    >>> price(runs, anew=True)
    'as many runs made anew take 40 core-minutes'
    >>> price(runs, longer=True)
    "these runs took 40 core-minutes, and as many by the paper's design take far more"
    >>> price(runs.iloc[:0])
    ''
    """
    if runs.empty:
        return ""
    by_seed = runs.drop_duplicates("key").groupby("seed").core_seconds.sum()
    if longer:
        spent = core_time(by_seed.sum())
        return f"these runs took {spent}, and as many by the paper's design take far more"
    if anew:
        return f"as many runs made anew take {core_time(by_seed.sum())}"
    if untrained:
        return f"with twice the steps, these runs take {core_time(2 * by_seed.sum())}"
    return f"another seed of these runs takes {core_time(by_seed.max())}"


def core_time(seconds: float) -> str:
    """
    >>> core_time(20), core_time(3_000), core_time(36_000)
    ('under a core-minute', '50 core-minutes', '10 core-hours')
    """
    if seconds < 60:
        return "under a core-minute"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} core-minutes"
    return f"{seconds / 3600:.0f} core-hours"
