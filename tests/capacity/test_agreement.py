"""The simulation against Erlang's formulas and against SimPy, on the queues that they describe."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import numpy as np
import polars as pl
import pytest
import simpy

from capacity.laboratory_plan import Category, Plan, Step
from capacity.simulation import simulate
from capacity.spreads import exponential, mean_and_cv
from methods.queues import erlang_c
from tests.capacity.plans import START, queue, scientists

#: Minutes of casework a day, and months before the queue is taken to have settled.
DAY, SETTLED = 400, 24


def open_at_month_ends(plan: Plan, replications: int, category: str, seed: int = 1) -> np.ndarray:
    """By replication and month, once the queue has settled."""
    months = simulate(plan, replications, seed).months.filter(pl.col("category") == category)
    return months["open_count"].to_numpy().reshape(replications, plan.months)[:, SETTLED:]


def mean_and_error(by_replication: np.ndarray) -> tuple[float, float]:
    return float(by_replication.mean()), float(by_replication.std(ddof=1) / math.sqrt(len(by_replication)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("people", "load", "replications"),
    [
        (1, 0.5, 400),
        (1, 0.8, 400),
        (2, 0.7, 300),
        (5, 0.6, 150),
        (5, 0.8, 150),
        (5, 0.9, 200),
        (20, 0.85, 30),
        (40, 0.92, 20),
    ],
)
def test_open_requests_are_as_erlang_c_has_them(people: int, load: float, replications: int) -> None:
    """The mean number, and by Little's law the mean time, within 2%; the shares of time with nobody there and with all
    at work within five standard errors. Month ends are far enough apart to be nearly independent."""
    minutes = 60.0
    rate = load * people * DAY / minutes
    found = open_at_month_ends(queue(rate, minutes, people), replications, "rare", seed=3)
    want = pl.select(erlang_c(rate, DAY / minutes, people).alias("q")).unnest("q").row(0, named=True)
    mean, error = mean_and_error(found.mean(axis=1))
    assert error / want["mean_number"] < 0.006
    assert mean == pytest.approx(want["mean_number"], rel=0.02)
    for share, expected in (((found >= people), "prob_wait"), ((found == 0), "prob_empty")):
        got, error = mean_and_error(share.mean(axis=1))
        assert abs(got - want[expected]) < 5 * error + 1e-6


@pytest.mark.slow
def test_people_work_the_share_of_the_time_that_the_load_says() -> None:
    found = simulate(queue(16.0, 60.0, 3, months=120), 40).roles
    assert found["worked_hours"].sum() / found["available_hours"].sum() == pytest.approx(16 * 60 / (3 * DAY), rel=0.002)


def test_a_queue_that_grows_grows_by_what_is_too_much() -> None:
    """Five people do 33.3 a day of 40 that come: the backlog grows by 6.67 a day, and nobody is ever idle."""
    plan = queue(40.0, 60.0, 5, months=24)
    found = simulate(plan, 60)
    at_end = found.months.filter(pl.col("category") == "rare", pl.col("month") == pl.col("month").max())["open_count"]
    days = np.busday_count(START, "2028-11-01")
    error = float(np.std(at_end.to_numpy(), ddof=1)) / math.sqrt(60)
    assert abs(float(at_end.to_numpy().mean()) - days * (40 - 5 * DAY / 60)) < 4 * error
    late = found.roles.filter(pl.col("month") > START)
    assert (late["utilisation_pct"] > 99.5).all()


# SimPy --------------------------------------------------------------------------------------------------------------
PEOPLE = 4
FIRST_MINUTES, FIRST_CV, SECOND_MINUTES = 45.0, 0.7, 30.0
KINDS = {"urgent": (0.3, 0), "rare": (0.7, 1)}


def two_steps(months: int) -> Plan:
    """Two categories of different priority pass two steps that one pool of people takes."""
    path = (
        Step("analysis", "clinical_scientist", mean_and_cv(FIRST_MINUTES, FIRST_CV)),
        Step("reporting", "clinical_scientist", exponential(SECOND_MINUTES)),
    )
    scale = DAY / (FIRST_MINUTES + SECOND_MINUTES) * PEOPLE * 0.9
    kinds = tuple(
        Category(code, (share * scale,) * months, path, 42, priority=priority)
        for code, (share, priority) in KINDS.items()
    )
    return Plan("GLA", START, months, kinds, (scientists((START, PEOPLE, DAY)),))


class InSimPy:
    """The same queue, the clock running through working hours alone."""

    def __init__(self, seed: int, days: int) -> None:
        self.env = simpy.Environment()
        self.draws = np.random.default_rng(seed)
        self.pool = simpy.PriorityResource(self.env, capacity=PEOPLE)
        self.there = dict.fromkeys(KINDS, 0)
        self.seen: list[dict[str, int]] = []
        scale = DAY / (FIRST_MINUTES + SECOND_MINUTES) * PEOPLE * 0.9
        for code, (share, priority) in KINDS.items():
            self.env.process(self.arrivals(code, priority, share * scale / DAY))
        self.env.process(self.look())
        self.env.run(until=days * DAY)

    def arrivals(self, code: str, priority: int, rate: float) -> Generator[Any, Any, None]:
        while True:
            yield self.env.timeout(self.draws.exponential(1 / rate))
            self.env.process(self.path(code, priority))

    def path(self, code: str, priority: int) -> Generator[Any, Any, None]:
        sigma = math.sqrt(math.log1p(FIRST_CV**2))
        first = self.draws.lognormal(math.log(FIRST_MINUTES) - sigma**2 / 2, sigma)
        self.there[code] += 1
        for minutes in (first, self.draws.exponential(SECOND_MINUTES)):
            with self.pool.request(priority=priority) as turn:
                yield turn
                yield self.env.timeout(minutes)
        self.there[code] -= 1

    def look(self) -> Generator[Any, Any, None]:
        yield self.env.timeout(100 * DAY)
        while True:
            self.seen.append(dict(self.there))
            yield self.env.timeout(DAY)


@pytest.mark.slow
def test_priorities_and_steps_that_share_people_are_as_simpy_has_them() -> None:
    """The mean numbers of both categories within four standard errors of the difference, which is under 4% of each."""
    looks = [InSimPy(seed, 700).seen for seed in range(24)]
    plan = two_steps(240)
    for code in KINDS:
        peer, peer_error = mean_and_error(np.array([np.mean([each[code] for each in seen]) for seen in looks]))
        ours, error = mean_and_error(open_at_month_ends(plan, 60, code).mean(axis=1))
        spread = math.hypot(error, peer_error)
        assert spread / peer < 0.04, (code, ours, peer, spread)
        assert abs(ours - peer) < 4 * spread, (code, ours, peer, spread)
