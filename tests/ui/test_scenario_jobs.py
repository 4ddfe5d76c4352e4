"""Work in the background: done once, told of, failed openly, and bounded."""

from __future__ import annotations

import threading

import pytest

from ui import scenario_jobs
from ui.scenario_jobs import Jobs, QueueFullError


def test_what_is_asked_for_twice_is_done_once():
    done, jobs = [], Jobs()
    first = jobs.start("a", lambda progress: done.append(progress(0.5)) or 7)
    assert first.ended.wait(5)
    assert jobs.start("a", lambda _: 8) is first
    assert (first.result, first.done, len(done)) == (7, 1.0, 1)
    assert jobs.get("b") is None


def test_work_that_failed_keeps_its_problem_and_may_be_tried_again():
    def fails(_):
        raise ValueError("no")

    jobs = Jobs()
    job = jobs.start("a", fails)
    assert job.ended.wait(5)
    assert isinstance(job.problem, ValueError)
    again = jobs.start("a", lambda _: 1)
    assert again.ended.wait(5)
    assert again.result == 1


def test_one_thing_at_a_time_in_the_order_asked_for():
    order, jobs = [], Jobs()
    every = [jobs.start(str(n), lambda _, n=n: order.append(n)) for n in range(5)]
    assert all(job.ended.wait(5) for job in every)
    assert order == [0, 1, 2, 3, 4]


def test_a_full_queue_is_refused_and_old_results_go(monkeypatch):
    monkeypatch.setattr(scenario_jobs, "MOST_WAITING", 2)
    monkeypatch.setattr(scenario_jobs, "MOST_KEPT", 2)
    gate, jobs = threading.Event(), Jobs()
    waiting = [jobs.start(str(n), lambda _: gate.wait(5)) for n in range(2)]
    with pytest.raises(QueueFullError):
        jobs.start("more", lambda _: None)
    gate.set()
    assert all(job.ended.wait(5) for job in waiting)
    assert jobs.start("2", lambda _: None).ended.wait(5)
    assert jobs.start("3", lambda _: None).ended.wait(5)
    assert jobs.get("0") is None
