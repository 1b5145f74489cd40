"""A real run that takes seconds, and what its record says beside how it was made."""

from dataclasses import asdict

from instrdiv.experiments.points import experiment_of, make_point
from instrdiv.runs.record import read_record, record_path
from instrdiv.sweep.executors.local import LocalExecutor
from instrdiv.sweep.needs import Needs
from instrdiv.sweep.schedule import sweep

POINT = make_point("08", "smoke", {"num_rules": 10, "steps": 10, "num_evaluations": 2})
NEEDS = {POINT.key: Needs()}


def made_by(executor, results):
    """The fields of the record that an executor makes, without its provenance, and the names of
    what the provenance says."""
    report = sweep([POINT], results, executor)
    assert report.done == [POINT], report
    name = experiment_of(POINT.notebook).name
    path = record_path(results, name, POINT.scale, POINT.key)
    assert list(results.glob("*/*/*.json")) == [path]
    fields = asdict(read_record(path))
    return fields, sorted(fields.pop("provenance"))


def made_here(folder):
    """The same of the local executor."""
    return made_by(LocalExecutor(folder / "here", 1, 600), folder / "here")
