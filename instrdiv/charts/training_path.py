"""Figures of the page that asks whether a number of rules decides, or a path of training."""

import altair as alt
import pandas as pd

from instrdiv.charts.common import NUM_RULES, PERCENT, SHARE, heat_map, layered, ordinal_axis
from instrdiv.whole_numbers import count


def changes_chart(table: pd.DataFrame, order: list[str]) -> alt.LayerChart:
    """Scores on unseen rules, a line of runs for each thing that was changed of the preset.

    Args:
        table: what `instrdiv.analysis.training_path.changes` returns.
        order: the changes, from top to bottom.
    """
    unseen = table[table.score == "unseen"][["change", "num_rules", "seed", "share", "key"]]
    unseen = unseen.assign(rules=unseen.num_rules.map(lambda number: f"{count(number)} rules"))
    color = alt.Color("rules:N", title="trained on", sort=None)
    base = alt.Chart(unseen).encode(
        y=alt.Y("change:N", title="", sort=order),
        color=color,
    )
    x = alt.X("share:Q", title="exact match, unseen rules", scale=SHARE, axis=PERCENT)
    runs = base.mark_point(filled=True, size=45, opacity=0.8).encode(
        x=x,
        tooltip=[
            alt.Tooltip("change:N"),
            NUM_RULES,
            alt.Tooltip("seed:Q"),
            alt.Tooltip("share:Q", title="unseen rules", format=".1%"),
            alt.Tooltip("key:N", title="record"),
        ],
    )
    means = base.mark_tick(thickness=3, size=14).encode(
        x=alt.X("mean(share):Q", title="exact match, unseen rules", scale=SHARE, axis=PERCENT)
    )
    height = 30 * len(order) + 20
    return layered(runs, means).properties(width="container", height=height)


def crossed_chart(table: pd.DataFrame) -> alt.LayerChart:
    """Scores on unseen rules by the seed of the rules and the seed of the weights.

    Args:
        table: rows of `instrdiv.runs.store.score_table`, every seed with every seed.
    """
    cells = table[table.score == "unseen"][["seed", "weight_seed", "share", "key"]]
    return heat_map(
        cells.astype({"weight_seed": int}),
        x=alt.X("weight_seed:O", title="seed of the weights and batches", axis=ordinal_axis()),
        y=alt.Y("seed:O", title="seed of the rules and inputs"),
        tooltip=[
            alt.Tooltip("seed:O", title="rules"),
            alt.Tooltip("weight_seed:O", title="weights"),
            alt.Tooltip("share:Q", title="unseen rules", format=".1%"),
            alt.Tooltip("key:N", title="record"),
        ],
    )


def few_rules_chart(table: pd.DataFrame) -> alt.LayerChart:
    """Scores of runs on few rules, on unseen rules and on their own training examples.

    Args:
        table: rows of `instrdiv.runs.store.score_table` with a column ``trained``, by what tells
            ways of training apart.
    """
    names = {"unseen": "unseen rules", "training": "training examples"}
    rows = table[table.score.isin(names)].assign(tested=lambda t: t.score.map(names))
    rows = rows[["num_rules", "trained", "tested", "seed", "share", "key"]]
    base = alt.Chart(rows).encode(
        x=alt.X("num_rules:O", title="different rules, I", axis=ordinal_axis()),
        color=alt.Color("trained:N", title="trained by", sort=None),
        shape=alt.Shape("tested:N", title="tested on", sort=list(names.values())),
        y=alt.Y("share:Q", title="exact match", scale=SHARE, axis=PERCENT),
        tooltip=[
            NUM_RULES,
            alt.Tooltip("trained:N"),
            alt.Tooltip("tested:N"),
            alt.Tooltip("seed:Q"),
            alt.Tooltip("share:Q", format=".1%"),
            alt.Tooltip("key:N", title="record"),
        ],
    )
    return layered(base.mark_point(size=55, filled=True, opacity=0.75)).properties(
        width="container", height=300
    )
