"""The loop of a sweep, over an executor that ends runs as it is told to."""

import math
from collections import Counter

import pytest
from cheap import points, record_of

from instrdiv.experiments.points import make_point
from instrdiv.runs.locks import lock_folder, run_lock
from instrdiv.runs.record import write_record
from instrdiv.sweep.costs import Costs, makespan
from instrdiv.sweep.ending import KILLED, LOCKED, MACHINE, Ended
from instrdiv.sweep.failures import failure_log
from instrdiv.sweep.forecast import Forecast
from instrdiv.sweep.guard import TIMED_OUT
from instrdiv.sweep.schedule import ATTEMPTS, sweep


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr("instrdiv.sweep.schedule.POLL_SECONDS", 0.01)


class Scripted:
    """An executor whose runs end with the statuses that are written down for their grid points,
    then with a record."""

    def __init__(self, results, endings=None, workers=2):
        self.results, self.workers, self.endings = results, workers, endings or {}
        self.submitted, self.running, self.most, self.stops = [], [], 0, 0

    def free(self):
        return self.workers - len(self.running)

    def submit(self, points):
        self.submitted += points
        self.running += points
        self.most = max(self.most, len(self.running))

    def ended(self, timeout):
        point = self.running.pop(0)
        nth = sum(each.key == point.key for each in self.submitted) - 1
        script = self.endings.get(point.key, [])
        status = script[nth] if nth < len(script) else 0
        if isinstance(status, BaseException):
            raise status
        if status == 0:
            write_record(record_of(point), self.results)
        return [Ended(point, status, "its last words")]

    def stop(self):
        self.stops += 1

    kill = stop


def times_submitted(executor):
    return Counter(point.key for point in executor.submitted)


def test_every_point_is_made_once_and_no_more_at_once_than_there_are_workers(tmp_path):
    executor = Scripted(tmp_path)
    report = sweep(points(7), tmp_path, executor)
    assert len(report.done) == 7 and set(times_submitted(executor).values()) == {1}
    assert executor.most == 2
    again = sweep(points(7), tmp_path, executor)
    assert len(again.recorded) == 7 and len(executor.submitted) == 7


@pytest.mark.parametrize("status", [LOCKED, KILLED, TIMED_OUT, 137, -9])
def test_a_run_that_was_killed_or_kept_out_is_repeated(tmp_path, status):
    (point,) = points(1)
    executor = Scripted(tmp_path, {point.key: [status]})
    report = sweep([point], tmp_path, executor)
    assert report.done == [point] and times_submitted(executor)[point.key] == 2


def test_a_point_kept_out_by_a_process_that_then_dies_is_made_however_often(tmp_path):
    (point,) = points(1)
    executor = Scripted(tmp_path, {point.key: [LOCKED] * 10})
    assert sweep([point], tmp_path, executor).done == [point]


def test_a_run_that_is_killed_each_time_is_left_to_the_next_sweep(tmp_path):
    bad, good = points(2)
    executor = Scripted(tmp_path, {bad.key: [KILLED] * ATTEMPTS})
    report = sweep([bad, good], tmp_path, executor)
    assert [point for point, _ in report.stopped] == [bad] and report.done == [good]
    assert times_submitted(executor)[bad.key] == ATTEMPTS
    assert sweep([bad, good], tmp_path, executor).done == [bad]


def test_a_run_that_reaches_its_time_limit_twice_is_not_started_again(tmp_path):
    (point,) = points(1)
    executor = Scripted(tmp_path, {point.key: [TIMED_OUT] * ATTEMPTS})
    report = sweep([point], tmp_path, executor)
    assert "--time-limit allows more" in report.stopped[0][1] and len(executor.submitted) == 2


def test_a_fault_of_the_machine_is_no_failure_of_the_point(tmp_path):
    (point,) = points(1)
    executor = Scripted(tmp_path, {point.key: [MACHINE]})
    report = sweep([point], tmp_path, executor)
    assert "its last words" in report.stopped[0][1]
    assert not failure_log(point, tmp_path).exists()
    assert sweep([point], tmp_path, executor).done == [point]


def test_a_failing_point_is_kept_with_its_reason_until_it_is_asked_for(tmp_path):
    bad, good = points(2)
    executor = Scripted(tmp_path, {bad.key: [2]})
    first = sweep([bad, good], tmp_path, executor)
    again = sweep([bad, good], tmp_path, executor)
    for report in (first, again):
        assert report.failed == [(bad, "its last words\n(exit status 2)")]
    assert sweep([bad, good], tmp_path, executor, retry_failed=True).done == [bad]
    assert not failure_log(bad, tmp_path).exists()


def test_a_point_that_another_process_is_making_is_waited_for(tmp_path):
    mine, theirs = points(2)
    executor = Scripted(tmp_path)
    lock = run_lock(lock_folder(tmp_path), "domains", theirs.key)
    lock.__enter__()
    looked = executor.free

    def made_meanwhile():
        if executor.submitted and not executor.running:
            write_record(record_of(theirs), tmp_path)
            lock.__exit__(None, None, None)
        return looked()

    executor.free = made_meanwhile
    report = sweep([theirs, mine], tmp_path, executor)
    assert report.done == [mine] and report.recorded == [theirs]
    assert executor.submitted == [mine]


def test_a_full_disk_leaves_the_rest_and_says_so(tmp_path, monkeypatch):
    chosen = points(5)
    executor = Scripted(tmp_path, workers=1)
    ended = executor.ended

    def full_after_two(timeout):
        if len(executor.submitted) == 2:
            monkeypatch.setattr("instrdiv.experiments.recording.ENOUGH_BYTES", 10**30)
        return ended(timeout)

    executor.ended = full_after_two
    report = sweep(chosen, tmp_path, executor)
    assert len(report.done) == 2 and len(report.left) == 3 and "bytes free" in report.problem


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a mistake")])
def test_whatever_ends_a_sweep_stops_its_runs(tmp_path, error):
    (point,) = points(1)
    executor = Scripted(tmp_path, {point.key: [error]})
    with pytest.raises(type(error)):
        sweep([point], tmp_path, executor)
    assert executor.stops == 1


def lasting(*steps):
    return [make_point("08", "smoke", {"steps": number}) for number in steps]


class PerStep(Costs):
    """One second a step."""

    def seconds(self, point):
        return float(point.config.steps)


def test_the_longest_start_first_and_before_them_those_that_nothing_is_known_of(tmp_path):
    chosen = lasting(10, 30, 20)
    forecast = Forecast(PerStep([]))
    assert [p.config.steps for p in forecast.longest_first(chosen)] == [30, 20, 10]
    known = [record_of(point) for point in chosen]
    other = make_point("06", "smoke", {})
    assert Forecast(Costs(known)).longest_first([*chosen, other])[0] is other


def test_a_budget_starts_what_fits_and_names_the_rest_with_their_times(tmp_path):
    long, *others = lasting(7000, 50, 400)
    write_record(record_of(make_point("08", "smoke", {"steps": 1})), tmp_path)  # a second a step
    executor = Scripted(tmp_path, {long.key: [AssertionError("was started")]})
    report = sweep([long, *others], tmp_path, executor, budget=3600)
    assert report.left == [long] and report.times[0] > 0
    assert {point.key for point in report.done} == {point.key for point in others}


def test_a_point_of_unknown_time_is_not_started_within_a_budget(tmp_path):
    point = make_point("06", "smoke", {})
    executor = Scripted(tmp_path)
    report = sweep([point], tmp_path, executor, budget=10**6)
    assert report.left == [point] and math.isnan(report.times[0]) and not executor.submitted


def test_expected_times_follow_the_pace_of_this_machine(monkeypatch):
    (point,) = lasting(100)
    now = [0.0]
    monkeypatch.setattr("instrdiv.sweep.forecast.time.monotonic", lambda: now[0])
    monkeypatch.setattr("instrdiv.sweep.forecast.START_SECONDS", 0)
    forecast = Forecast(PerStep([]), budget=1000)
    assert forecast.seconds(point) == 100 and forecast.fits(point)
    forecast.started(point)
    now[0] = 300.0
    forecast.ended(point, made=True)
    assert forecast.seconds(point) == 300
    now[0] = 701.0
    assert not forecast.fits(point)


def test_the_makespan_is_that_of_a_list_schedule():
    assert makespan([4, 3, 3], workers=2) == 6
    assert makespan([4, 3, 3], workers=3) == 4
    assert makespan([1], workers=2, busy=[5, 2]) == 5
    assert makespan([], workers=3) == 0


def test_the_time_left_is_said_as_far_as_it_is_known():
    (known,), unknown = lasting(7200), make_point("06", "smoke", {})
    forecast = Forecast(Costs([record_of(make_point("08", "smoke", {"steps": 1}))]))
    assert forecast.left([unknown], [], 1) == "no like run is recorded"
    assert forecast.left([unknown], [unknown], 1) == "no like run is recorded"
    assert forecast.left([], [], 1) == ""
    assert forecast.left([known], [], 1).startswith("2 h 00 min left, until ")
    for running, waiting in ((unknown, known), (known, unknown)):
        said = forecast.left([running], [waiting], 1)
        assert said.startswith("2 h 00 min left") and said.endswith("without 1 of unknown time")


def test_what_an_executor_refuses_is_not_called_started(tmp_path, capsys):
    executor = Scripted(tmp_path)

    def refuse(points):
        raise RuntimeError("no job is taken")

    executor.submit = refuse
    with pytest.raises(RuntimeError, match="no job is taken"):
        sweep(points(1), tmp_path, executor)
    assert "started" not in capsys.readouterr().err


def test_the_first_run_of_its_kind_tells_how_long_the_others_take(monkeypatch):
    short, long = lasting(100, 300)
    now = [0.0]
    monkeypatch.setattr("instrdiv.sweep.forecast.time.monotonic", lambda: now[0])
    monkeypatch.setattr("instrdiv.sweep.forecast.START_SECONDS", 5.0)
    forecast = Forecast(Costs([]))
    for made in (False, True):
        assert math.isnan(forecast.seconds(long))
        forecast.started(short)
        now[0] += 55.0
        forecast.ended(short, made=made)
    assert forecast.seconds(long) == pytest.approx(3 * 50 + 5)
