"""From a config to its record: read if the run was made before, otherwise the run is made now."""

import json
import shutil
import tempfile
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from instrdiv.experiments.experiment import Experiment
from instrdiv.experiments.outcome import as_record
from instrdiv.experiments.points import every_setting, key_of, left_out
from instrdiv.paths import beside, own_results, published_results
from instrdiv.runs.locks import lock_folder, run_lock
from instrdiv.runs.record import Record, write_record
from instrdiv.runs.store import find_record
from instrdiv.training.config import SAVE_EVERY
from instrdiv.whole_files import nearest_folder

ENOUGH_BYTES = 10_000_000
LIBRARIES = ("torch", "transformers", "peft")
"""What every run that is made imports, and what reading a record does not need."""


def result_folders(into: Path | None = None) -> list[Path]:
    """Where records are searched: the published ones, the reader's own, and a chosen folder."""
    folders = [published_results(), own_results()]
    if into is not None and into.resolve() not in [folder.resolve() for folder in folders]:
        folders.append(into)
    return folders


def recorded_or_run(
    experiment: Experiment[Any],
    scale: str,
    config: Any,
    into: str | Path | None = None,
    *,
    folders: list[Path] | None = None,
    save_every: float = SAVE_EVERY,
) -> Record:
    """The record of a config's run, which is made now if there is none.

    Args:
        experiment: the config's experiment.
        into: folder for a new record; the reader's own results by default.
        folders: where a record is looked for; by default those of `result_folders`.
        save_every: seconds between two saves of the run's checkpoint, from which the same call
            resumes if it is interrupted. The checkpoint is deleted once the record is written.

    Raises:
        AlreadyLocked: another process is making this run now.
        RecordError: a record of that key was made with other settings.
        NotWritable: the folder cannot be written to or is full; nothing was trained.
        RuntimeError: the run must be made, and a library that makes it is not installed.
    """
    folder = Path(into) if into else own_results()
    key = key_of(experiment, config)
    where = (folders or result_folders(folder), experiment.name, scale, key, asdict(config))
    if record := find_record(*where):
        return replace(record, config=every_setting(experiment, record.config))
    require_libraries()
    require_writable(folder)
    # Only making a run needs torch; reading a record must not import it.
    import torch

    from instrdiv.runs.provenance import Provenance
    from instrdiv.training.checkpoint import Checkpoint
    from instrdiv.training.device import machine_for, prepare_process

    with run_lock(lock_folder(folder), experiment.name, key):
        if record := find_record(*where):
            return replace(record, config=every_setting(experiment, record.config))
        prepare_process()
        machine = machine_for(config.precision)
        provenance = Provenance(machine)
        checkpoint = Checkpoint(
            beside(folder, "checkpoints") / f"{key}.pt",
            made_for={
                **json.loads(json.dumps(asdict(config))),
                "experiment": experiment.name,
                "protocol": experiment.protocol,
                "torch": str(torch.__version__),
                "precision": machine.precision,
            },
            part=provenance.part,
            every=save_every,
        )
        model, outcome = experiment.run(config, checkpoint)
        record = Record(
            experiment=experiment.name,
            scale=scale,
            key=key,
            protocol=experiment.protocol,
            config=asdict(config),
            defaults=left_out(config),
            **as_record(outcome),
            provenance=provenance.of_run(checkpoint.earlier),
        )
        write_record(record, folder)
        checkpoint.delete()
        keep_adapters(model, folder, key)
    return record


def keep_adapters(model: Any, results: Path, key: str) -> None:
    """Save a tuned model's adapters for ``PeftModel.from_pretrained``, in ``models/<key>`` beside
    the results; not for published runs, which are kept in git."""
    # Recognised by an attribute, since importing peft would cost every experiment seconds.
    adapted = hasattr(model, "peft_config")
    if adapted and results.resolve() != published_results().resolve():
        model.save_pretrained(beside(results, "models") / key)


def require_libraries() -> None:
    """Find out before a run is made that what makes it is not installed, and say how to get it."""
    for name in LIBRARIES:
        if find_spec(name) is None:
            raise RuntimeError(
                f"this run is not recorded, and making it needs {name}, which is not installed: "
                "pip install 'instrdiv[models]'"
            )


class NotWritable(OSError):
    """No record can be written to a folder now; the fault is not the run's."""


def require_writable(folder: Path, *, dry_run: bool = False) -> None:
    """Check before training that its record can be written.

    Args:
        dry_run: look only, and neither create the folder nor write to it.

    Raises:
        NotWritable: it cannot, or the disk is nearly full.
    """
    try:
        if dry_run:
            free = shutil.disk_usage(nearest_folder(folder)).free
        else:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder):
                free = shutil.disk_usage(folder).free
    except OSError as error:
        a_file = isinstance(error, FileExistsError | NotADirectoryError)
        why = "it is a file, or lies in one" if a_file else error.strerror
        raise NotWritable(f"results folder {folder} cannot be written to: {why}") from error
    if free < ENOUGH_BYTES:
        raise NotWritable(f"results folder {folder}: {free} bytes free, {ENOUGH_BYTES} are needed")
