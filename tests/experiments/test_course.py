"""A course on one server: one checkout that nobody can write to, and a folder for each student."""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from instrdiv.paths import project_root
from instrdiv.sweep.ending import MACHINE

STUDENTS = {"ann": 4001, "bob": 4002}
AS_ROOT = hasattr(os, "getuid") and os.getuid() == 0


@pytest.fixture(scope="module")
def course():
    """A folder that all users can enter, with a read-only copy of the checkout."""
    if AS_ROOT and not shutil.which("setpriv"):
        pytest.skip("as root: without setpriv, nobody else can run this interpreter")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        tracked = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=project_root(), capture_output=True, text=True, check=True,
        )  # fmt: skip
        for path in tracked.stdout.splitlines():
            if (project_root() / path).is_file() and not path.startswith("book/results/"):
                (folder / "checkout" / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(project_root() / path, folder / "checkout" / path)
        git = ["git", "-C", str(folder / "checkout"), "-c", "user.name=x", "-c", "user.email=x@x"]
        subprocess.run([*git, "init", "--quiet"], check=True)
        subprocess.run([*git, "add", "--all"], check=True)
        subprocess.run([*git, "commit", "--quiet", "--message", "all"], check=True)
        subprocess.run(["chmod", "-R", "a+rX,a-w", str(folder / "checkout")], check=True)
        for student, uid in STUDENTS.items():
            (folder / student).mkdir()
            if AS_ROOT:
                os.chown(folder / student, uid, uid)
        yield folder
        subprocess.run(["chmod", "-R", "u+w", str(folder / "checkout")], check=True)


def start(course, student, *arguments):
    """A command that a student types; as root, one with the student's own identity."""
    uid = STUDENTS[student]
    # The interpreter may lie in root's home. Reading is allowed there, and writing nowhere.
    become = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    become += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    home = course / student
    return subprocess.Popen(
        [*(become if AS_ROOT else []), sys.executable, "-m", "instrdiv", *arguments],
        cwd=home,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": str(course / "checkout"),
            "INSTRDIV_RESULTS": "results",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.soak
def test_students_run_points_of_their_own_and_the_lecturer_collects_them(course, tmp_path):
    def everything():
        return {
            path: path.stat().st_mtime_ns
            for path in (course / "checkout").rglob("*")
            if path.is_file()
        }

    before = everything()
    tiny = ["run", "08", "--scale", "smoke", "-p", "steps", "2", "-p", "num_evaluations", "1"]
    made = [start(course, student, *tiny) for student in STUDENTS]
    for process in made:
        said, _ = process.communicate(timeout=500)
        assert process.returncode == 0, said
    assert everything() == before
    folders = [course / student / "results" for student in STUDENTS]
    for folder, uid in zip(folders, STUDENTS.values(), strict=True):
        (record,) = folder.glob("domains/smoke/*.json")
        assert record.stat().st_uid == (uid if AS_ROOT else os.getuid())
        commit = json.loads(record.read_text(encoding="utf-8"))["provenance"]["commit"]
        assert len(commit) == 12, "the checkout belongs to somebody else, and its commit is known"
        assert list((folder / "notebooks").rglob("*.ipynb"))

    lecturer = [sys.executable, "-m", "instrdiv", "collect", *map(str, folders)]
    results = tmp_path / "all"
    subprocess.run([*lecturer, "--results", str(results)], check=True)
    assert len(list(results.glob("domains/smoke/*.json"))) == 1
    with (results / "collected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["folder"] for row in rows] == [str(folder.resolve()) for folder in folders]
    assert rows[0]["outcome"] == "collected" and rows[1]["outcome"].endswith("with equal results")
    if AS_ROOT:
        assert [row["owner"] for row in rows] == [f"user {uid}" for uid in STUDENTS.values()]


def test_a_run_into_the_checkout_is_refused_before_training(course):
    process = start(course, "ann", "run", "08", "--results", str(course / "checkout" / "mine"))
    said, _ = process.communicate(timeout=300)
    assert process.returncode == MACHINE and "cannot be written to" in said
