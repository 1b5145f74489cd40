"""Runs as tasks of a Ray cluster."""

import contextlib
import logging
import os
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from instrdiv.experiments.points import GridPoint
from instrdiv.sweep.command import run_command
from instrdiv.sweep.ending import KILLED, MACHINE, Ended
from instrdiv.sweep.executors.on_node import NodeRun, received
from instrdiv.sweep.guard import GRACE
from instrdiv.sweep.needs import Needs
from instrdiv.untrusted import visible

NO_STATISTICS = {"RAY_USAGE_STATS_ENABLED": "0"}
RESOURCES = ("CPU", "GPU", "memory")
ANSWER_SECONDS = 30
"""How long a cluster may take to answer; on an idle machine it takes some 3."""
REFUSAL_SECONDS = 2
HOST_AND_PORT = re.compile(r"(?P<host>[\w.-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d+)", re.ASCII)
LOOPBACK = ("localhost", "127.0.0.1", "::1")
CONNECT = """
import logging, sys, ray
ray.init(address=sys.argv[1], log_to_driver=False, logging_level=logging.ERROR)
"""


class RayExecutor:
    """Makes each run in a task that asks Ray for what the run needs.

    Nodes have the same version of the project installed. A node that sees the results folder writes
    into it; from another the record's bytes come back. Of a node that is lost, the sweep repeats
    the runs.

    Args:
        results: folder for records.
        needs: of each grid point's run, by key.
        address: of the cluster; None for the one of this machine.
        workers: runs at once; None for as many as the cluster has processors.
        time_limit: seconds after which a run is killed.
        command: the command line of a grid point's run.

    Raises:
        RuntimeError: Ray is not installed, or there is no cluster.
        ValueError: no node of the cluster has what a run needs.
    """

    def __init__(
        self,
        results: Path,
        needs: dict[str, Needs],
        *,
        address: str | None,
        workers: int | None,
        time_limit: float,
        command: Callable[[GridPoint, Path], list[str]] = run_command,
    ) -> None:
        os.environ.update(NO_STATISTICS)
        try:
            import ray
        except ModuleNotFoundError:
            raise RuntimeError(
                "--executor ray needs Ray, which is not installed: pip install 'instrdiv[ray]'"
            ) from None
        self._ray: Any = ray
        _require_cluster(address)
        ray.init(
            address=address or "auto",
            log_to_driver=False,
            logging_level=logging.ERROR,
            ignore_reinit_error=True,
        )
        self.results, self.needs, self.time_limit = results, needs, time_limit
        self.command, self._asked = command, workers
        self._running: dict[Any, GridPoint] = {}
        self._require_room()
        results.mkdir(parents=True, exist_ok=True)
        self.mark = f".sweep-{uuid.uuid4().hex}"
        (results / self.mark).touch()

    @property
    def workers(self) -> int:
        return self._asked or max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def free(self) -> int:
        return self.workers - len(self._running)

    def submit(self, points: Sequence[GridPoint]) -> None:
        for point in points:
            needs = self.needs[point.key]
            task = self._ray.remote(
                num_cpus=needs.cpus,
                num_gpus=needs.gpus,
                memory=needs.memory_bytes,
                max_retries=0,  # the sweep repeats what was killed, as with any executor
            )(_make)
            run = NodeRun(
                *(point.notebook, point.scale, point.overrides, point.key),
                *(self.results, self.mark, self.time_limit, self.command),
            )
            self._running[task.remote(run)] = point

    def ended(self, timeout: float) -> list[Ended]:
        if not self._running:
            return []
        self._ray.wait(list(self._running), num_returns=1, timeout=timeout)
        every = list(self._running)
        done, _ = self._ray.wait(every, num_returns=len(every), timeout=0)
        return [self._end_of(reference) for reference in done]

    def stop(self) -> None:
        every = list(self._running)
        for reference in every:
            self._ray.cancel(reference)
        if every:
            self._ray.wait(every, num_returns=len(every), timeout=GRACE)
        self.kill()
        self._running = {}

    def kill(self) -> None:
        # Killed with its worker is whatever a task started, see `instrdiv.sweep.guard`.
        for reference in list(self._running):
            with contextlib.suppress(ValueError):  # it has ended
                self._ray.cancel(reference, force=True)

    def close(self) -> None:
        """Leave the cluster."""
        (self.results / self.mark).unlink(missing_ok=True)
        self._ray.shutdown()

    def _end_of(self, reference: Any) -> Ended:
        point = self._running.pop(reference)
        try:
            return received(point, self.results, *self._ray.get(reference))
        except self._ray.exceptions.RayTaskError as error:
            cause = error.cause
            status = MACHINE if isinstance(cause, OSError) else 2
            return Ended(point, status, f"{type(cause).__name__}: {cause}")
        except self._ray.exceptions.RayError as error:  # its node, its worker, too little memory
            return Ended(point, KILLED, str(error).splitlines()[0])

    def _require_room(self) -> None:
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        for needs in set(self.needs.values()):
            asked = (needs.cpus, needs.gpus, needs.memory_bytes)
            if not any(
                all(
                    node.get(name, 0) >= number
                    for name, number in zip(RESOURCES, asked, strict=True)
                )
                for node in nodes
            ):
                raise ValueError(
                    f"no node of the Ray cluster has {needs.cpus} CPU, {needs.gpus:g} GPU and "
                    f"{needs.memory_gb:.1f} GB of memory for a run"
                )


def _make(run: NodeRun) -> tuple[int, str, bytes | None]:
    return run()


def _require_cluster(address: str | None) -> None:
    """Say that a cluster is looked for, and find out within `ANSWER_SECONDS` that there is none.

    Another process connects first: Ray tries an address without a cluster for many minutes, in
    which its library neither speaks nor can be interrupted.

    Raises:
        RuntimeError: no cluster answers.
    """
    where = visible(address or "auto")
    if refused := refusal(address or "auto"):
        raise _no_cluster(where, refused)
    print(
        f"instrdiv: looking for the Ray cluster at {where}, for at most {ANSWER_SECONDS} s",
        file=sys.stderr,
        flush=True,
    )
    try:
        subprocess.run(
            [sys.executable, "-c", CONNECT, address or "auto"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            encoding="utf-8", errors="replace", check=True, timeout=ANSWER_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        said = f"no answer in {ANSWER_SECONDS} s"
    except subprocess.CalledProcessError as error:
        (*_, said) = error.stderr.strip().splitlines() or [f"exit status {error.returncode}"]
    else:
        return
    raise _no_cluster(where, said)


def _no_cluster(where: str, said: str) -> RuntimeError:
    return RuntimeError(
        f"no Ray cluster at {where}: `ray start --head` starts one, --address names another "
        f"({visible(said, 300)})"
    )


def refusal(address: str) -> str:
    """Why nothing can be at an address, if a plain connection finds it out at once; else empty.

    Ray itself goes on trying where a connection is refused. An address that is no host and port,
    such as ``auto`` or one of Ray's client, is Ray's own to look up: empty.

    >>> refusal("auto"), refusal("ray://10.0.0.1:10001")
    ('', '')
    """
    if address == "auto":
        address = os.environ.get("RAY_ADDRESS", "")  # which Ray looks up then
    if not (parts := HOST_AND_PORT.fullmatch(address)):
        return ""
    host, port = parts["host"].strip("[]"), int(parts["port"])
    # For Ray this host is all of its addresses, and it may listen at one of them alone.
    hosts = [host, *(_own_addresses() if host in LOOPBACK else ())]
    reasons = []
    for each in hosts:
        try:
            socket.create_connection((each, port), REFUSAL_SECONDS).close()
        except TimeoutError:
            return ""  # a slow one has ANSWER_SECONDS
        except (OSError, OverflowError) as error:
            reasons.append(getattr(error, "strerror", None) or str(error))
        else:
            return ""
    return reasons[0]


def _own_addresses() -> list[str]:
    return [
        each.address
        for interface in psutil.net_if_addrs().values()
        for each in interface
        if each.family == socket.AF_INET
    ]
