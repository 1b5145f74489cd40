"""All runs as one flat table, for programs that know nothing of records: one row for each score."""

import json
from collections import Counter
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from instrdiv.runs.record import Record
from instrdiv.statistics.scores import Score
from instrdiv.untrusted import as_cell, visible
from instrdiv.whole_files import replacing

FORMATS = ("csv", "parquet")
MADE = "provenance_"
"""Begins the names of the columns that say where a result comes from."""


def export_table(records: Iterable[tuple[str, Record]]) -> pd.DataFrame:
    """One row for each score of each run, with all settings and the run's provenance.

    A run that counted nothing, such as one that measured likelihoods alone, has one row without a
    score. A list, such as a setting of several values, is its JSON text, so that both formats hold
    the same. Learning curves, answers and measures that are not counts stay in the records.

    Args:
        records: each with the word that says whose it is, such as ``published``.

    Returns:
        Columns: ``source`` (that word), ``experiment``, ``scale``, ``key``, ``protocol``,
        ``score`` (its name), ``correct``, ``total``, ``share``, its 95 % Wilson interval ``low`` to
        ``high``, every setting by its name, and the provenance as ``provenance_commit``, …
        A cell is empty where a run has no such setting.

    Raises:
        ValueError: a setting has the name of another column.
    """
    rows: list[dict[str, Any]] = []
    settings: dict[str, None] = {}
    provenances: dict[str, None] = {}
    for source, record in records:
        made = {MADE + name: value for name, value in record.provenance.items()}
        settings |= dict.fromkeys(record.config)
        provenances |= dict.fromkeys(made)
        scores: list[tuple[str | None, Score | None]] = [
            (name, Score(**counts)) for name, counts in record.metrics.items()
        ]
        for name, score in scores or [(None, None)]:
            bounds = score.interval() if score else (None, None)
            row = {
                "source": source,
                "experiment": record.experiment,
                "scale": record.scale,
                "key": record.key,
                "protocol": record.protocol,
                "score": name,
                "correct": score.correct if score else None,
                "total": score.total if score else None,
                "share": score.share if score else None,
                "low": bounds[0],
                "high": bounds[1],
            }
            if twice := [name for name in record.config if name in row or name in made]:
                raise ValueError(f"setting {visible(twice[0])}: a column has that name already")
            rows.append({**row, **record.config, **made})
    table = pd.DataFrame(rows)
    own = [name for name in table if name not in settings and name not in provenances]
    table = table[[*own, *(name for name in (*settings, *provenances) if name in table)]]
    return table.apply(_typed)


def _typed(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column of one type, which both formats can hold, with gaps where a value is missing."""
    values = [None if _is_gap(value) else value for value in column]
    kinds = Counter(type(value) for value in values if value is not None)
    dtype = (
        "boolean" if set(kinds) == {bool}
        else "Int64" if set(kinds) == {int}
        else "Float64" if kinds and set(kinds) <= {int, float}
        else "string"
    )  # fmt: skip
    if dtype == "string":
        values = [v if v is None or isinstance(v, str) else json.dumps(v) for v in values]
    return pd.Series(values, index=column.index, dtype=dtype)


def _is_gap(value: Any) -> bool:
    return value is None or value is pd.NA or value != value  # NaN, where other runs have a value


def write_table(table: pd.DataFrame, path: Path, kind: str) -> None:
    """Write a table completely or not at all.

    Args:
        kind: one of `FORMATS`.

    Raises:
        RuntimeError: Parquet is asked for, and what writes it is not installed.
    """
    if kind == "parquet" and find_spec("pyarrow") is None:
        raise RuntimeError(
            "Parquet needs pyarrow, which is not installed: `pip install pyarrow`, or take "
            "--format csv"
        )
    with replacing(path) as unfinished:
        if kind == "parquet":
            table.to_parquet(unfinished, engine="pyarrow", index=False)
        else:
            texts: list[str] = list(table.select_dtypes("string"))
            cells = table.assign(**{n: table[n].map(as_cell, na_action="ignore") for n in texts})
            cells.to_csv(unfinished, index=False, encoding="utf-8", lineterminator="\n")
