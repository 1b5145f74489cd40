"""Who reads records needs no library of models; who makes a run is told how to get them."""

import subprocess
import sys

from declared import refusing

READING = [
    "statistics.verdict",
    "analysis.chapters",
    "charts.common",
    "runs.store",
    "experiments.points",
    "sweep.grids",
    "sweep.schedule",
    "report.chapter",
    "cli",
]


def without_models(code: str) -> subprocess.CompletedProcess:
    """Code run as where the package was installed without any extra."""
    program = f"{refusing(())}\n{code}"
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False
    )


def command(*words: str) -> subprocess.CompletedProcess:
    return without_models(f"from instrdiv.cli import main; sys.exit(main({list(words)!r}))")


def test_what_reads_evidence_is_imported_without_a_library_of_models():
    finished = without_models("".join(f"import instrdiv.{module}\n" for module in READING))
    assert finished.returncode == 0, finished.stderr


def test_a_recorded_point_is_told_of_without_a_library_of_models():
    finished = command("run", "01", "--dry-run")
    assert finished.returncode == 0 and "is recorded" in finished.stdout, finished.stderr


def test_a_run_that_must_be_made_says_in_one_line_how_to_get_the_libraries(tmp_path):
    finished = command("run", "01", "-p", "seed", "987654", "--results", str(tmp_path))
    assert finished.returncode == 2
    assert finished.stderr == (
        "instrdiv: this run is not recorded, and making it needs torch, which is not installed: "
        "pip install 'instrdiv[models]'\n"
    )


def test_a_notebook_whose_run_must_be_made_says_it_too(tmp_path):
    """What the command line asks first, whoever opens the notebook meets in the notebook."""
    finished = without_models(
        "from instrdiv.experiments.points import make_point, experiment_of\n"
        "from instrdiv.experiments.recording import recorded_or_run\n"
        "point = make_point('01', 'smoke', {'seed': 987654})\n"
        "experiment = experiment_of(point.notebook)\n"
        f"recorded_or_run(experiment, 'smoke', point.config, {str(tmp_path)!r})"
    )
    assert "pip install 'instrdiv[models]'" in finished.stderr.splitlines()[-1]


def test_a_command_that_needs_an_extra_names_it():
    finished = command("bench", "--quick")
    assert finished.returncode == 2
    (line,) = finished.stderr.splitlines()
    assert line.startswith("instrdiv: No module named") and "pip install 'instrdiv[" in line
