"""Many records: finding one, reading all, and the table that figures are drawn from."""

import warnings
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from instrdiv.runs.record import Record, RecordError, read_record, record_path
from instrdiv.stats import Score
from instrdiv.tasks.answers import kind_of_answer


def find_record(folders: Iterable[Path], experiment: str, scale: str, key: str) -> Record | None:
    """The record of a run in the first folder that holds it.

    A file that cannot be read counts as none, with a warning that names it: the run is repeated
    and the file replaced.
    """
    for folder in folders:
        path = record_path(folder, experiment, scale, key)
        if path.exists():
            try:
                return read_record(path)
            except RecordError as error:
                warnings.warn(str(error), stacklevel=2)
    return None


def read_records(
    folders: Iterable[Path], experiment: str, scale: str
) -> tuple[list[Record], list[RecordError]]:
    """All records of an experiment at one scale, one a key, and what could not be read.

    They come in the order of their keys, whichever folder each lies in, so that nothing drawn or
    fitted from them depends on where they lie.
    """
    records: dict[str, Record] = {}
    problems: list[RecordError] = []
    for folder in folders:
        for path in sorted((folder / experiment / scale).glob("*.json")):
            try:
                records.setdefault(path.stem, read_record(path))
            except RecordError as error:
                problems.append(error)
    return [records[key] for key in sorted(records)], problems


def score_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each score of each run.

    Returns:
        Columns: ``key``, ``scale``, every setting, then ``score`` (its name), ``correct``,
        ``total``, ``share`` and the 95 % Wilson interval ``low``–``high``.
    """
    rows = []
    for record in records:
        for name, counts in record.metrics.items():
            score = Score(**counts)
            low, high = score.interval()
            rows.append(
                {
                    "key": record.key,
                    "scale": record.scale,
                    **record.config,
                    "score": name,
                    **counts,
                    "share": score.share,
                    "low": low,
                    "high": high,
                }
            )
    return pd.DataFrame(rows)


def curve_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each score at each point of each learning curve.

    Returns:
        Columns: ``key``, every setting, ``step``, ``loss``, ``score``, ``share``.
    """
    rows = [
        {
            "key": record.key,
            **record.config,
            "step": point["step"],
            "loss": point["loss"],
            "score": name,
            "share": Score(**counts).share,
        }
        for record in records
        for point in record.curve
        for name, counts in point["scores"].items()
    ]
    return pd.DataFrame(rows)


def answer_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each recorded answer to an unseen example.

    Returns:
        Columns: ``key``, every setting, ``prompt``, ``target``, ``answer`` and ``kind``, one of
        `instrdiv.tasks.answers.KINDS`.
    """
    rows = [
        {
            "key": record.key,
            **record.config,
            **answer,
            "kind": kind_of_answer(answer["prompt"], answer["answer"]),
        }
        for record in records
        for answer in record.answers
    ]
    return pd.DataFrame(rows)
