"""Many records: finding one, reading all, and making the tables that figures are drawn from."""

import json
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from instrdiv.runs.record import Record, RecordError, read_record, record_path
from instrdiv.statistics.scores import Score
from instrdiv.tasks.answers import kind_of_answer
from instrdiv.untrusted import visible


def find_record(
    folders: Iterable[Path], experiment: str, scale: str, key: str, settings: dict[str, Any]
) -> Record | None:
    """The record of a run, from the first folder that has it.

    A file that cannot be read is ignored with a warning that names it, so the run is repeated and
    the file replaced.

    Args:
        settings: all settings of the run, including those that its key leaves out.

    Raises:
        RecordError: there is a record of that key, but it was made with other settings.
    """
    for folder in folders:
        path = record_path(folder, experiment, scale, key)
        if path.exists():
            try:
                record = read_record(path)
            except RecordError as error:
                warnings.warn(str(error), stacklevel=2)
                continue
            if other := differing(record, settings):
                raise RecordError(
                    f"{visible(path)}: made with {_listed(record.config, other)}, not "
                    f"{_listed(settings, other)}: a default changed without "
                    "`instrdiv.checks.before`, or the file was edited"
                )
            return record
    return None


def readable_record(
    folders: Iterable[Path], experiment: str, scale: str, key: str, settings: dict[str, Any]
) -> Record | None:
    """As `find_record`, for those who go on without a run: a record that was made with other
    settings is left out too, with a warning."""
    try:
        return find_record(folders, experiment, scale, key, settings)
    except RecordError as error:
        warnings.warn(str(error), stacklevel=2)
        return None


def differing(record: Record, settings: dict[str, Any]) -> list[str]:
    """Names of the settings that have another value in a record.

    A setting that the record lacks was added later and does not count as different.
    """
    plain = json.loads(json.dumps(settings))
    return [name for name, value in record.config.items() if plain.get(name, value) != value]


def _listed(settings: dict[str, Any], names: list[str]) -> str:
    return ", ".join(f"{name}={visible(repr(settings[name]), 100)}" for name in names)


def read_records(
    folders: Iterable[Path], experiment: str, scale: str
) -> tuple[list[Record], list[RecordError]]:
    """All records of an experiment at one scale, one per key, and the files that cannot be read.

    They are sorted by key, so that no figure or fit depends on the folder of a record.
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


def _settings(record: Record) -> dict[str, Any]:
    """A run's settings as columns, with the precision that was used for ``auto``."""
    return record.config | {"precision": record.provenance["precision"]}


def score_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each score of each run.

    Returns:
        Columns: ``key``, ``scale``, ``recorded`` (the day, empty if not known), ``core_seconds``
        (see `instrdiv.runs.record.Record.core_seconds`), every setting,
        ``precision`` as used in the run, then ``score`` (its name), ``correct``, ``total``,
        ``share`` and the 95 % Wilson interval ``low``–``high``.
    """
    rows = []
    columns: dict[str, None] = {}
    for record in records:
        run = {
            "key": record.key,
            "scale": record.scale,
            "recorded": record.provenance.get("date", "")[:10],
            "core_seconds": record.core_seconds,
            **_settings(record),
        }
        columns |= dict.fromkeys([*run, "score", "correct", "total", "share", "low", "high"])
        for name, counts in record.metrics.items():
            score = Score(**counts)
            low, high = score.interval()
            scored = {"score": name, **counts, "share": score.share, "low": low, "high": high}
            rows.append(run | scored)
    # A run without scores still has its settings as columns.
    return pd.DataFrame(rows, columns=None if rows else pd.Index(columns, dtype=object))


def curve_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each score at each checkpoint of each learning curve.

    Returns:
        Columns: ``key``, every setting, ``step``, ``loss``, ``score``, ``share``.
    """
    rows = [
        {
            "key": record.key,
            **_settings(record),
            "step": checkpoint["step"],
            "loss": checkpoint["loss"],
            "score": name,
            "share": Score(**counts).share,
        }
        for record in records
        for checkpoint in record.curve
        for name, counts in checkpoint["scores"].items()
    ]
    return pd.DataFrame(rows)


def answer_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each recorded answer to an unseen example.

    Returns:
        Columns: ``key``, every setting, ``prompt``, ``target``, ``answer`` and ``kind``, one of
        `instrdiv.tasks.answers.ANSWER_KINDS`.
    """
    rows = [
        {
            "key": record.key,
            **_settings(record),
            **answer,
            "kind": kind_of_answer(answer["prompt"], answer["answer"]),
        }
        for record in records
        for answer in record.answers
    ]
    return pd.DataFrame(rows)
