"""The simulation of a laboratory: a five-year scenario, and a queue beside SimPy's in the same run."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from benchmarks.measuring import Measure, in_turn, processor, wall
from capacity.laboratory_plan import Batch, Category, OpenRequests, Plan, Role, Staff, Step
from capacity.simulation import simulate
from capacity.spreads import exponential, fixed, mean_and_cv

START = dt.date(2026, 11, 1)
YEARS, REPLICATIONS, REQUESTS_A_YEAR, CATEGORIES = 5, 100, 24_000, 17
#: Whole-time equivalents and casework minutes a day.
STAFF = {
    "genetic_technologist": (36.4, 280),
    "clinical_scientist": (52.0, 260),
    "bioinformatician": (12.5, 300),
    "laboratory_support": (15.0, 320),
}
#: One queue for the comparison: minutes of each request, people, share of their time taken, months.
MINUTES, PEOPLE, LOAD, MONTHS, DAY = 60.0, 5, 0.8, 60, 400.0


def measure() -> list[Measure]:
    """The scenario by the clock; the queue in processor seconds of one thread, as SimPy's of as many requests."""
    plan, queue = scenario(), one_queue()
    first = wall(lambda: simulate(queue, 1))
    simulate(plan, 1)
    seconds, worked = (
        statistics.median(timer(lambda: simulate(plan, REPLICATIONS)) for _ in range(3)) for timer in (wall, processor)
    )
    rows = simulate(queue, 1).months
    requests = int(rows.filter(rows["category"] == "all")["received_count"].sum())
    ours, peer = in_turn(
        lambda: simulate(queue, 50, threads=1),
        lambda: InSimPy(requests).env.run(),
        processor,
        runs=3,
    )
    asked = f"{requests:,} requests in one queue, processor time"
    return [
        Measure(
            f"simulation of {CATEGORIES} categories for {YEARS} years, {REPLICATIONS} replications",
            "",
            "under 5 s",
            seconds,
            None,
            f"{worked:.1f} processor seconds; the first simulation of a process compiles for {first:.1f} s more",
        ),
        Measure(asked, "the same queue in SimPy", "at most 0.05", ours / 50, peer),
    ]


def scenario() -> Plan:
    """A laboratory as large as the largest: paths of five steps, four roles, a batch twice a week and a backlog."""
    months = YEARS * 12
    total = sum(range(CATEGORIES, 2 * CATEGORIES))
    categories = tuple(
        Category(
            f"category_{place}",
            (REQUESTS_A_YEAR / 252 * (CATEGORIES + place) / total,) * months,
            (
                Step("extraction", "laboratory_support", mean_and_cv(25, 0.5)),
                Step(
                    "sequencing",
                    "genetic_technologist",
                    mean_and_cv(90, 0.6),
                    mean_and_cv(3 + place % 3, 0.5),
                    batch="run" if place % 2 else None,
                ),
                Step("analysis", "bioinformatician", mean_and_cv(30, 1.0), fixed(1)),
                Step("authorisation", "clinical_scientist", mean_and_cv(60 + 3 * place, 0.8)),
                Step("reporting", "clinical_scientist", mean_and_cv(20 + place, 0.5)),
            ),
            42,
            priority=place % 4,
        )
        for place in range(CATEGORIES)
    )
    roles = tuple(Role(code, (Staff(START, wte, minutes),)) for code, (wte, minutes) in STAFF.items())
    backlog = tuple(OpenRequests(category.code, "authorisation", 20, 60) for category in categories)
    return Plan("GLA", START, months, categories, roles, (Batch("run", (0, 3)),), backlog)


def one_queue() -> Plan:
    """Poisson arrivals, exponential work, a few people."""
    path = (Step("reporting", "clinical_scientist", exponential(MINUTES)),)
    kind = Category("rare_standard", (LOAD * PEOPLE * DAY / MINUTES,) * MONTHS, path, 42)
    role = Role("clinical_scientist", (Staff(START, PEOPLE, DAY),))
    return Plan("GLA", START, MONTHS, (kind,), (role,))


class InSimPy:
    """That queue, for as many requests."""

    def __init__(self, requests: int) -> None:
        self.env = simpy.Environment()
        self.pool = simpy.Resource(self.env, capacity=PEOPLE)
        draws = np.random.default_rng(1)
        self.gaps = draws.exponential(MINUTES / PEOPLE / LOAD, requests).tolist()
        self.work = draws.exponential(MINUTES, requests).tolist()
        self.env.process(self.arrivals())

    def arrivals(self) -> Generator[Any, Any, None]:
        """Requests come one by one."""
        for gap, minutes in zip(self.gaps, self.work, strict=True):
            yield self.env.timeout(gap)
            self.env.process(self.path(minutes))

    def path(self, minutes: float) -> Generator[Any, Any, None]:
        """A request waits for its turn and is worked on."""
        with self.pool.request() as turn:
            yield turn
            yield self.env.timeout(minutes)


if __name__ == "__main__":
    for found in measure():
        print(found.row)
