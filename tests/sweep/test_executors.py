"""Executors: what is missing is one line, and what comes back from a node is checked."""

import json
import socket
import sys
from dataclasses import replace
from types import ModuleType

import cheap
import pytest
from cheap import points, record_of
from one_node import free_port

from instrdiv.cli import main
from instrdiv.experiments.experiment import Estimate
from instrdiv.experiments.points import experiment_of, make_point
from instrdiv.runs.locks import lock_folder, run_lock
from instrdiv.runs.record import read_record, record_path, write_record
from instrdiv.sweep.command import run_command
from instrdiv.sweep.ending import KILLED, LOCKED, MACHINE, Ended, Ending, status_of
from instrdiv.sweep.execute import NotebookFailed
from instrdiv.sweep.executors.choose import NAMES, make_executor
from instrdiv.sweep.executors.on_node import NodeRun, received
from instrdiv.sweep.executors.ray import refusal
from instrdiv.sweep.needs import LIBRARIES_BYTES, all_needs
from instrdiv.sweep.simulation import simulate

SWEEP = ["sweep", "08", "--scale", "smoke"]


@pytest.mark.parametrize(
    ("name", "library"), [("ray", "ray"), ("slurm", "submitit")], ids=["ray", "slurm"]
)
def test_without_its_extra_an_executor_is_one_line(name, library, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    assert main([*SWEEP, "--executor", name, "--results", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and f"pip install 'instrdiv[{name}]'" in error


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Has commands of Slurm be scripts of a test, and no others be found."""
    pytest.importorskip("submitit", reason="submitit is missing: pip install 'instrdiv[slurm]'")
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def write(**scripts):
        for name, script in scripts.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)

    return write


@pytest.mark.parametrize(
    ("scripts", "said"),
    [
        ({}, "sbatch is not found"),
        ({"sbatch": "exit 0"}, "scontrol is not found"),
        ({"sbatch": "exit 0", "scontrol": "echo 'scontrol: fatal: no source' >&2; exit 1"},
         "no Slurm takes jobs here: no source"),
        ({"sbatch": "exit 0", "scontrol": "exec /bin/sleep 60"}, "no answer in 0.5 s"),
    ],
    ids=["not installed", "in part", "not set up", "silent"],
)  # fmt: skip
def test_where_no_slurm_is_that_is_one_line_before_anything_is_written(
    scripts, said, programs, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("instrdiv.sweep.executors.slurm.ANSWER_SECONDS", 0.5)
    programs(**scripts)
    results = tmp_path / "results"
    assert main([*SWEEP, "--executor", "slurm", "--results", str(results)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and said in error and not results.exists()


def test_what_sbatch_refuses_is_not_started_and_leaves_no_files(programs, tmp_path, capsys):
    refuse = "echo 'sbatch: error: invalid partition: none' >&2; exit 1"
    programs(sbatch=refuse, scontrol="exit 0", srun="exit 0")
    results = tmp_path / "results"
    assert main([*SWEEP, "--executor", "slurm", "--results", str(results)]) == 2
    error = capsys.readouterr().err
    assert "sbatch takes no job: invalid partition: none" in error and "started" not in error
    assert {path.name for path in results.iterdir()} <= {".locks"}


@pytest.mark.parametrize(
    ("connect", "said"),
    [
        ("import time; time.sleep(60)", "(no answer in 0.5 s)"),
        ("raise SystemExit('ConnectionError: refused')", "(ConnectionError: refused)"),
        ("raise SystemExit(3)", "(exit status 3)"),
    ],
    ids=["silent", "refused", "died"],
)
def test_a_ray_cluster_that_is_not_there_is_given_up_soon_and_said_from_the_start(
    connect, said, tmp_path, capsys, monkeypatch
):
    monkeypatch.setitem(sys.modules, "ray", ModuleType("ray"))
    seconds = 0.5 if "sleep" in connect else 100
    monkeypatch.setattr("instrdiv.sweep.executors.ray.ANSWER_SECONDS", seconds)
    monkeypatch.setattr("instrdiv.sweep.executors.ray.CONNECT", connect)
    monkeypatch.setattr("instrdiv.sweep.executors.ray.refusal", lambda address: "")
    results = tmp_path / "results"
    command = [*SWEEP, "--executor", "ray", "--address", "10.0.0.1:6379"]
    assert main([*command, "--results", str(results)]) == 2
    first, last = capsys.readouterr().err.splitlines()
    assert first == (
        f"instrdiv: looking for the Ray cluster at 10.0.0.1:6379, for at most {seconds} s"
    )
    assert last.startswith("instrdiv: no Ray cluster at 10.0.0.1:6379: ") and said in last
    assert not results.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_ray_address_that_refuses_is_said_at_once_in_one_line(
    host, tmp_path, capsys, monkeypatch
):
    monkeypatch.setitem(sys.modules, "ray", ModuleType("ray"))
    monkeypatch.setattr("instrdiv.sweep.executors.ray.CONNECT", "raise SystemExit('was tried')")
    results, address = tmp_path / "results", f"{host}:{free_port()}"
    command = [*SWEEP, "--executor", "ray", "--address", address, "--results", str(results)]
    assert main(command) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"instrdiv: no Ray cluster at {address}: ") and error.count("\n") == 1
    assert "(Connection refused)" in error and not results.exists()


def test_auto_means_the_address_in_rays_own_variable(monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{free_port()}")
    assert refusal("auto") == "Connection refused"
    monkeypatch.delenv("RAY_ADDRESS")
    assert refusal("auto") == ""


@pytest.mark.parametrize(
    "address", ["ray://127.0.0.1:1", "local", "", "host", "a b:1", "host:port"]
)
def test_what_is_no_host_and_port_is_left_to_ray(address):
    assert refusal(address) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a second address of this machine")
@pytest.mark.parametrize("listening", ["127.0.0.1", "its own address"])
def test_this_machine_refuses_only_if_all_of_its_addresses_do(listening, monkeypatch):
    monkeypatch.setattr("instrdiv.sweep.executors.ray._own_addresses", lambda: ["127.0.0.2"])
    with socket.create_server(("127.0.0.1" if listening == "127.0.0.1" else "127.0.0.2", 0)) as one:
        assert refusal(f"127.0.0.1:{one.getsockname()[1]}") == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--address", "auto"], "--address with --executor local: it goes with ray"),
        (["--gpus", "1"], "--gpus with --executor local: it goes with ray or slurm"),
        (["--slurm", "a=b"], "--slurm with --executor local: it goes with slurm"),
        (["--executor", "slurm", "--budget", "3h"], "it goes with local or ray"),
    ],
)
def test_an_option_of_another_executor_is_refused(options, said, tmp_path, capsys):
    assert main([*SWEEP, *options, "--results", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and said in error


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("--budget", ["", "0", "-3h", "3 h", "nan", "3x", "1e3"]),
        ("--gpus", ["-1", "nan", "inf", "x"]),
        ("--slurm", ["partition", "=gpu", "partition="]),
        ("--executor", ["kubernetes"]),
    ],
)
def test_a_value_that_is_none_is_named(option, values, capsys):
    for value in values:
        with pytest.raises(SystemExit):
            main([*SWEEP, f"{option}={value}"])
        assert repr(value) in capsys.readouterr().err


def test_every_executor_that_can_be_named_can_be_made(tmp_path):
    assert NAMES[0] == "local"
    with make_executor("local", tmp_path, points(1), workers=3) as executor:
        assert executor.free() == executor.workers == 3


def test_what_a_node_runs_is_the_command_that_this_machine_would_run(tmp_path):
    (point,) = points(1)
    told = []

    def command(*given):
        told.append(given)
        return [sys.executable, "-c", "print('its words'); raise SystemExit(3)"]

    (tmp_path / "mark").touch()
    run = NodeRun(
        *(point.notebook, point.scale, point.overrides, point.key),
        *(tmp_path, "mark", 100, command),
    )
    assert run() == (3, "its words", None)
    assert told == [(point, tmp_path)]
    assert NodeRun.__dataclass_fields__["command"].default is run_command
    status, tail, _ = replace(run, key="0" * 16)()
    assert status == 2 and "another version of the code" in tail


def test_a_node_that_does_not_see_the_folder_sends_the_very_bytes(tmp_path, monkeypatch):
    (point,) = points(1)
    cheap.lay_ready(tmp_path, [point])
    monkeypatch.setenv("CHEAP_FOLDER", str(tmp_path))
    results = tmp_path / "results"
    run = NodeRun(
        *(point.notebook, point.scale, point.overrides, point.key),
        *(results, "mark", 100, cheap.command),
    )
    status, tail, content = run()
    assert status == 0 and not results.exists()
    ended = received(point, results, status, tail, content)
    path = record_path(results, "domains", "smoke", point.key)
    assert ended.ending is Ending.MADE and path.read_bytes() == content
    assert read_record(path) == record_of(point)


def test_what_is_no_record_or_another_ones_is_not_taken_in(tmp_path):
    mine, other = points(2)
    foreign = write_record(record_of(other), tmp_path / "elsewhere").read_bytes()
    edited = json.loads(write_record(record_of(mine), tmp_path / "elsewhere").read_bytes())
    edited["config"]["seed"] = 99
    for content in (b"", b"{}", foreign, json.dumps(edited).encode()):
        ended = received(mine, tmp_path, 0, "", content)
        assert ended.ending is Ending.FAILED and not list(tmp_path.glob("domains/**/*.json"))


def test_a_record_that_comes_while_another_process_makes_the_run_waits(tmp_path):
    (point,) = points(1)
    content = write_record(record_of(point), tmp_path / "elsewhere").read_bytes()
    with run_lock(lock_folder(tmp_path), "domains", point.key):
        assert received(point, tmp_path, 0, "", content).ending is Ending.LOCKED


@pytest.mark.parametrize(
    ("error", "said", "status"),
    [
        ("AlreadyLocked", "another process is running", LOCKED),
        ("DeadKernel", "its kernel died", KILLED),
        ("OSError", "[Errno 28] No space left on device", MACHINE),
        ("OSError", "[Errno 27] File too large", MACHINE),
        ("NotWritable", "results folder x: 3 bytes free", MACHINE),
        ("MemoryError", "", MACHINE),
        ("OutOfMemoryError", "CUDA out of memory", MACHINE),
        ("FileNotFoundError", "[Errno 2] No such file or directory", 2),
        ("ValueError", "steps=-1: at least 0", 2),
    ],
)
def test_a_fault_of_the_machine_is_told_from_one_of_the_point(error, said, status):
    assert status_of(NotebookFailed("01", f"{error}: {said}", error=error)) == status


def test_a_folder_without_room_is_a_fault_of_the_machine():
    assert status_of(OSError("results folder x: 3 bytes free")) == MACHINE


def test_a_run_that_finds_no_room_at_its_start_ends_as_by_a_fault_of_the_machine(capsys):
    """A disk that fills up between the sweep's look and the run's must not fail the point."""
    assert main(["run", "08", "--scale", "smoke", "--results", "/proc/nowhere"]) == MACHINE
    error = capsys.readouterr().err
    assert error.startswith("instrdiv: results folder /proc/nowhere") and error.count("\n") == 1


def test_how_a_run_ended_is_said_to_the_user():
    (point,) = points(1)
    assert "--time-limit allows more" in Ended(point, 124).reason
    assert "too little memory" in Ended(point, KILLED).reason
    assert Ended(point, 2, "ValueError: x").reason == "ValueError: x\n(exit status 2)"


def test_a_run_is_given_the_memory_of_like_runs_or_the_estimate_if_it_is_more(
    tmp_path, monkeypatch
):
    (point,) = points(1)
    assert all_needs([point], tmp_path, 0)[point.key].memory_bytes == LIBRARIES_BYTES
    record = record_of(make_point("08", "smoke", {"seed": 7}))
    write_record(replace(record, provenance=record.provenance | {"peak_memory_gb": 5.0}), tmp_path)
    assert all_needs([point], tmp_path, 0)[point.key].memory_bytes == 6 * 10**9
    experiment = replace(
        experiment_of("08_domains"), estimate=lambda config: Estimate(memory_bytes=10**10)
    )
    monkeypatch.setattr("instrdiv.sweep.needs.experiment_of", lambda notebook: experiment)
    needs = all_needs([point], tmp_path, 0.5)[point.key]
    assert (needs.memory_bytes, needs.gpus) == (LIBRARIES_BYTES + 10**10, 0.5)


def test_an_estimate_has_the_memory_that_it_tells():
    estimate = experiment_of("06_pretrained").estimate(make_point("06", "smoke", {}).config)
    assert f"about {estimate.memory_bytes / 1e9:.1f} GB" in estimate.lines[-1]


def test_more_workers_never_take_longer_and_never_less_than_the_ideal_or_the_longest_run():
    seconds = [float(each) for each in (7, 3, 3, 2, 2, 2, 11)]
    found = simulate(seconds, [1, 2, 3, 50])
    first = found[found.order == "longest first"]
    assert list(first.hours) == sorted(first.hours, reverse=True)
    assert (first.hours >= first.ideal - 1e-12).all() and first.efficiency.iloc[0] == 1
    assert first.hours.iloc[-1] == max(seconds) / 3600
    slower = simulate(seconds, [1], overhead=1.0)
    assert slower.hours.iloc[0] * 3600 == sum(seconds) + len(seconds)
