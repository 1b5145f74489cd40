"""A table whose rows are settings, as readers see it."""

import pandas as pd
from pandas.io.formats.style import Styler

HEADS: dict[str | int, str] = {
    "num_rules": "different rules",
    "no_op_share": "no-ops in training",
    "other_share": "other tasks",
}
"""What stands above a column of settings, where the words of an axis would be too long."""


def setting_table(rows: pd.DataFrame) -> Styler:
    """A table with its index in words, shares in percent and large numbers with thousands apart.

    >>> rows = pd.DataFrame({"num_rules": [1000], "no_op_share": [0.3], "runs": [2]})
    >>> shown = setting_table(rows.set_index(["num_rules", "no_op_share"])).to_html()
    >>> [text in shown for text in ("different rules", "no-ops in training", "1,000", "30%")]
    [True, True, True, True]
    """
    shown = rows.rename_axis(index=HEADS).style
    for level, name in enumerate(rows.index.names):
        style = "{:.0%}" if str(name).endswith("_share") else "{:,}"
        shown = shown.format_index(style, level=level)
    return shown
