"""The same sweep on a Ray cluster: nodes with and without the results folder, one of them lost."""

import inspect
import os
import threading
import time

import cheap
import pytest
import real
from one_node import free_port
from test_faults import Sweeps

from instrdiv.paths import project_root
from instrdiv.sweep.needs import Needs
from instrdiv.sweep.schedule import sweep

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'instrdiv[ray]'")
pytestmark = [
    pytest.mark.soak,
    pytest.mark.filterwarnings("ignore"),  # Ray's own
]
LITTLE = Needs(memory_bytes=100_000_000)
START_SECONDS = 300
"""For each node; on an idle machine it takes some 3."""


def patient(function):
    """Ray's functions that wait for a node give up after 30 seconds, whatever the machine does."""

    def wait(*given, **_):
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return function(*given)
            except (RuntimeError, TimeoutError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    return wait


def with_known_ports(start_raylet):
    """A node waits 15 seconds for its agents' ports, and dies if the machine is too busy to start
    these meanwhile. Of all but this one, it need not wait if they are given."""
    from ray._raylet import DASHBOARD_AGENT_LISTEN_PORT_NAME, persist_port

    def start(*given, **named):
        node = inspect.signature(start_raylet).bind(*given, **named).arguments
        port = node["dashboard_agent_listen_port"]
        persist_port(node["session_dir"], node["node_id"], DASHBOARD_AGENT_LISTEN_PORT_NAME, port)
        return start_raylet(*given, **named)

    return start


def a_node():
    """Of one processor."""
    agents = ("metrics_agent", "metrics_export", "dashboard_agent_listen", "runtime_env_agent")
    sizes = {"num_cpus": 1, "memory": 2 * 10**9, "object_store_memory": 10**8}
    return sizes | {f"{name}_port": free_port() for name in agents}


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """Three nodes of one processor each, on this machine."""
    from ray._private import services
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_gcs_server_port_wait_time_s", str(START_SECONDS))
    monkeypatch.setattr("instrdiv.sweep.executors.ray.ANSWER_SECONDS", START_SECONDS)
    for name in ("get_node", "wait_for_node"):
        monkeypatch.setattr(services, name, patient(getattr(services, name)))
    monkeypatch.setattr(services, "start_raylet", with_known_ports(services.start_raylet))
    paths = [str(project_root()), os.path.dirname(cheap.__file__)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("CHEAP_FOLDER", str(tmp_path))
    monkeypatch.setenv("CHEAP_SECONDS", "0.5")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    made = Cluster(initialize_head=True, head_node_args=a_node())
    for _ in range(2):
        made.add_node(**a_node())
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture
def sweeps(tmp_path):
    return Sweeps(tmp_path, 8)


def ray_executor(cluster, results, needs, **options):
    from instrdiv.sweep.executors.ray import RayExecutor

    options = {"workers": None, "time_limit": 600} | options
    return RayExecutor(results, needs, address=cluster.address, **options)


def executor_for(sweeps, cluster):
    needs = {point.key: LITTLE for point in sweeps.points}
    return ray_executor(cluster, sweeps.results, needs, command=cheap.command)


def test_a_node_is_lost_in_mid_sweep_and_every_point_is_made_once(cluster, sweeps):
    executor = executor_for(sweeps, cluster)
    lost = next(iter(cluster.worker_nodes))

    def lose():
        sweeps.wait_for("started", 3)
        cluster.remove_node(lost, allow_graceful=False)

    losing = threading.Thread(target=lose)
    losing.start()
    report = sweep(sweeps.points, sweeps.results, executor)
    losing.join()
    executor.close()
    assert len(report.done) + len(report.recorded) == 8 and not report.stopped
    sweeps.check()
    # Ray kills the guard, as it does with all processes of a worker; what the kernel started is the
    # kernel's to end.
    assert sweeps.left_behind(but="sleep") == []


def hide(results, executor):
    """By its mark, nodes know the results folder."""
    (results / executor.mark).rename(results / "not seen by the nodes")


@pytest.mark.parametrize("shared", [True, False], ids=["shared folder", "no shared folder"])
def test_a_real_run_has_the_record_that_this_machine_makes(cluster, tmp_path, shared):
    executor = ray_executor(cluster, tmp_path / "there", real.NEEDS)
    if not shared:
        hide(tmp_path / "there", executor)
    assert real.made_by(executor, tmp_path / "there") == real.made_here(tmp_path)
    notebooks = list((tmp_path / "there").rglob("*.ipynb"))
    assert len(notebooks) == shared, "an executed notebook stays on the node that has made it"


def test_nodes_without_the_results_folder_send_their_records(cluster, sweeps):
    executor = executor_for(sweeps, cluster)
    hide(sweeps.results, executor)
    report = sweep(sweeps.points, sweeps.results, executor)
    assert len(report.done) == 8
    sweeps.check()


def test_what_is_stopped_leaves_nothing_behind(cluster, sweeps, monkeypatch):
    executor = executor_for(sweeps, cluster)
    executor.submit(sweeps.points[:2])
    sweeps.wait_for("started", 1)
    executor.stop()
    assert sweeps.left_behind(but="sleep") == []


def test_a_run_that_no_node_has_room_for_is_refused_at_once(cluster, sweeps):
    needs = {sweeps.points[0].key: Needs(memory_bytes=10**15)}
    with pytest.raises(ValueError, match="GB of memory"):
        ray_executor(cluster, sweeps.results, needs)
