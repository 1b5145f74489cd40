"""A Slurm of this machine alone, without accounts, started by hand and ended with its tests."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch")
START_SECONDS = 120
CONFIG = """
ClusterName=here
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/none
JobRequeue=1
KillWait=5
MinJobAge=3600
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=8000
PartitionName=here Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""
"""MinJobAge is how long the queue remembers a job that has ended."""


def lacking():
    """Why no Slurm can be started here; empty if one can."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=path())]
    if missing:
        return f"{', '.join(missing)} not found (Debian: apt install slurm-wlm munge)"
    return "" if os.geteuid() == 0 else "only root can"


def path():
    return os.pathsep.join([os.environ["PATH"], "/usr/sbin"])


@contextlib.contextmanager
def slurm():
    """Within this context, the commands of Slurm talk to one of this machine alone."""
    with tempfile.TemporaryDirectory(prefix="slurm-") as name, contextlib.ExitStack() as running:
        folder = Path(name)
        for each in ("state", "spool"):
            (folder / each).mkdir()
        (folder / "munge.key").write_bytes(os.urandom(128))
        (folder / "munge.key").chmod(0o400)
        config = folder / "slurm.conf"
        config.write_text(
            CONFIG.format(
                folder=folder,
                host=socket.gethostname().split(".")[0],
                cpus=os.cpu_count(),
                controller_port=free_port(),
                node_port=free_port(),
            )
        )
        files = {
            "key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log",
            "seed-file": "seed",
        }  # fmt: skip
        munged = [f"--{option}={folder}/munge.{end}" for option, end in files.items()]
        start(running, "munged", "--foreground", "--force", *munged)
        wait_for((folder / "munge.socket").exists)
        for daemon in ("slurmctld", "slurmd"):
            start(running, daemon, "-D", "-f", str(config))
        before = os.environ.get("SLURM_CONF")
        os.environ["SLURM_CONF"] = str(config)
        try:
            wait_for(is_idle)
            yield
        finally:
            subprocess.run(["scancel", "--user=root"], check=False)
            os.environ.pop("SLURM_CONF")
            if before is not None:
                os.environ["SLURM_CONF"] = before


def is_idle():
    states = ["sinfo", "--noheader", "--format", "%t"]
    return subprocess.run(states, capture_output=True, text=True).stdout.strip() == "idle"


def wait_for(condition):
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"no Slurm in {START_SECONDS} s"
        time.sleep(0.2)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start(running, program, *arguments):
    """Start a daemon that ends with the context."""
    process = subprocess.Popen(
        [shutil.which(program, path=path()), *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def end():
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    running.callback(end)
