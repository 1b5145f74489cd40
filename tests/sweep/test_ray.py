"""The same sweep on a Ray cluster: nodes with and without the results folder, one of them lost."""

import os
import threading

import cheap
import pytest
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


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """Two nodes of one processor each, on this machine."""
    from ray.cluster_utils import Cluster

    paths = [str(project_root()), os.path.dirname(cheap.__file__)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("CHEAP_FOLDER", str(tmp_path))
    monkeypatch.setenv("CHEAP_SECONDS", "0.5")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    one = {"num_cpus": 1, "memory": 10**9, "object_store_memory": 10**8}
    made = Cluster(initialize_head=True, head_node_args=one)
    made.add_node(**one)
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture
def sweeps(tmp_path):
    return Sweeps(tmp_path, 8)


def executor_for(sweeps, cluster):
    from instrdiv.sweep.executors.ray import RayExecutor

    needs = {point.key: LITTLE for point in sweeps.points}
    return RayExecutor(
        *(sweeps.results, needs),
        address=cluster.address, workers=None, time_limit=300, command=cheap.command,
    )  # fmt: skip


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


def test_nodes_without_the_results_folder_send_their_records(cluster, sweeps):
    executor = executor_for(sweeps, cluster)
    (sweeps.results / executor.mark).rename(sweeps.results / "not seen by the nodes")
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
    from instrdiv.sweep.executors.ray import RayExecutor

    needs = {sweeps.points[0].key: Needs(memory_bytes=10**15)}
    with pytest.raises(ValueError, match="GB of memory"):
        RayExecutor(sweeps.results, needs, address=cluster.address, workers=1, time_limit=9)
