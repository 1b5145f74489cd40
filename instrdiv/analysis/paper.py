"""The paper's numbers, as far as they could be recovered from its text and figures."""

import pandas as pd

from instrdiv.paths import project_root


def read_paper(experiment: str) -> pd.DataFrame:
    """The paper's values for one experiment.

    Returns:
        Columns: ``experiment``, ``figure``, ``series``, ``x_name``, ``x``, ``metric``, ``value``,
        ``low`` and ``high`` (its error bars where they could be read) and ``source``.

    Raises:
        ValueError: no values were recovered for that experiment.
    """
    table = pd.read_csv(project_root() / "book" / "data" / "paper_results.csv")
    rows = table[table.experiment == experiment]
    if rows.empty:
        raise ValueError(
            f"no values of the paper for {experiment!r}; "
            f"there are some for {', '.join(table.experiment.unique())}"
        )
    return rows
