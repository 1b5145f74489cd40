"""What stands is said, what is missing is refused, and a tight shell is not taken for an old
kernel."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from attacks import RIGHT, attempt
from test_hostile import HERE

from instrdiv.codeexec import process, protection, sandbox
from instrdiv.codeexec.protection import (
    PROTECTIONS,
    RUN_WITHOUT,
    NoProtection,
    described,
    missing,
    require_protection,
)
from instrdiv.codeexec.sandbox import Limits, run_program

TESTS = "assert answer() == 42"
HOSTILE = yaml.safe_load((HERE / "hostile.yaml").read_text(encoding="utf-8"))


def lacking(monkeypatch, *names):
    monkeypatch.setattr(protection, "missing", lambda: dict.fromkeys(names, "not here"))


def test_this_machine_protects():
    """What the tests claim means something only where they ran under protection."""
    assert missing() == {}, sys.platform


def test_the_line_says_each_defence_and_what_it_keeps_out():
    line = described(6, {})
    assert all(what in line for what in protection.KEEPS_OUT.values())
    assert "WITHOUT" not in line and line.endswith("; limits")


@pytest.mark.parametrize("name", PROTECTIONS)
def test_without_one_nothing_is_run_unless_it_is_allowed(name, monkeypatch):
    lacking(monkeypatch, name)
    with pytest.raises(NoProtection, match=rf"would run without {name} here \({name}: not here\)"):
        require_protection()
    assert f"WITHOUT {name}; limits" in require_protection(allow_none=True)


def test_the_refusal_names_the_setting_that_allows_just_what_is_missing(monkeypatch):
    lacking(monkeypatch, *PROTECTIONS)
    with pytest.raises(NoProtection) as refusal:
        run_program(RIGHT, TESTS)
    name, value = str(refusal.value).split(" set ")[1].split("=")
    monkeypatch.setenv(name, "landlock")
    with pytest.raises(NoProtection, match="without landlock and seccomp"):
        run_program(RIGHT, TESTS)
    monkeypatch.setenv(name, value)
    assert require_protection() == f"WITHOUT {', '.join(PROTECTIONS)}; limits"
    assert run_program(RIGHT, TESTS, Limits(wall_seconds=30)).passed


def test_a_protection_that_does_not_exist_is_not_allowed_to_be_missing(monkeypatch):
    monkeypatch.setenv(RUN_WITHOUT, "all")
    with pytest.raises(ValueError, match="names all; allowed: landlock, seccomp, identity"):
        require_protection()


def test_a_defence_that_fails_for_one_program_is_not_that_programs_failure(monkeypatch):
    assert missing() == {}  # they were tried before
    monkeypatch.setattr(process, "_readable", lambda: ["/there is no such folder"])
    with pytest.raises(NoProtection, match=r"the program was not run: .*no such folder"):
        run_program(RIGHT, TESTS)


def test_a_program_cannot_read_this_package_where_it_is_installed_among_the_libraries(monkeypatch):
    """It holds the solutions of the graded benchmark; another package stands for it."""
    monkeypatch.setattr(process, "PACKAGE", Path(yaml.__file__).resolve().parent)
    program = f"import numpy\ndef f(): return open({yaml.__file__!r}).read()"
    assert run_program(program, "f()").reason == "tests: PermissionError"
    monkeypatch.undo()
    assert run_program(program, "assert f()").passed


@pytest.mark.parametrize(
    ("option", "limit", "name"),
    [
        ("-v", 900_000, "RLIMIT_AS"),
        ("-t", 5, "RLIMIT_CPU"),
        ("-n", 20, "RLIMIT_NOFILE"),
        ("-u", 100, "RLIMIT_NPROC"),
    ],
)
def test_a_tight_shell_is_called_by_its_name(option, limit, name):
    code = (
        "import resource\n"
        "from instrdiv.codeexec.protection import require_protection\n"
        f"limit = {limit} * (1024 if {name!r} == 'RLIMIT_AS' else 1)\n"
        f"resource.setrlimit(resource.{name}, (limit, limit))\n"
        "require_protection()\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said = ran.stderr.splitlines()[-1]
    assert f"ulimit {option}" in said and "the kernel lacks nothing" in said
    assert resource.getrlimit(getattr(resource, name))[1] != limit


@pytest.mark.parametrize("version", [1, 2])
def test_where_landlock_knows_of_no_truncation_the_list_of_calls_does(version, monkeypatch):
    """Landlock's rights are masked as on kernels before 6.2."""
    monkeypatch.setattr(process, "landlock_version", lambda: version)
    bank = {name: code for name, code in HOSTILE["files"].items() if "empty" in name}
    assert len(bank) >= 4 and attempt(bank) == {}
    alone = described(version, {"seccomp": ""})
    assert "but can empty what it reads" in alone
    assert "can empty" not in described(version, {}) + described(3, {"seccomp": ""})


def test_truncation_is_a_threat_that_the_emulation_shows(monkeypatch):
    """Else the test above would prove nothing."""
    monkeypatch.setattr(process, "landlock_version", lambda: 1)
    lacking(monkeypatch, "seccomp", "identity", "namespaces")
    monkeypatch.setenv(RUN_WITHOUT, "seccomp,identity,namespaces")
    name = "empty Python's by opening to read"
    assert "readable.txt content" in attempt({name: HOSTILE["files"][name]})[name]


@pytest.mark.soak
@pytest.mark.parametrize("without", ["namespaces", "landlock"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_the_other_defences_hold_where_one_is_missing(without, kind, monkeypatch):
    if os.geteuid() != 0 and without == "namespaces" and kind == "processes":
        pytest.skip("threads of an ordinary user are counted in namespaces alone")
    lacking(monkeypatch, without)
    monkeypatch.setattr(sandbox, "require_protection", lambda _: "")
    reads = "read", "list", "walk"  # what Landlock alone keeps a program from
    bank = {
        name: code for name, code in HOSTILE[kind].items()
        if without == "namespaces" or not (
            name.startswith(reads) or any(place in code for place in ("/proc", "/dev"))
        )
    }  # fmt: skip
    assert attempt(bank) == {}
