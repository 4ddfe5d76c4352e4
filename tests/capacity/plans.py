"""Small plans that the tests of the simulation share."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from capacity.laboratory_plan import Batch, Category, OpenRequests, Plan, Role, Staff, Step
from capacity.spreads import between, exponential, fixed, mean_and_cv

#: A Sunday; the first working day is Monday 2 November 2026, and Monday 30 November is St Andrew's Day.
START = dt.date(2026, 11, 1)
ST_ANDREW = dt.date(2026, 11, 30)


def scientists(*staff: tuple[dt.date, float, float]) -> Role:
    return Role("clinical_scientist", tuple(Staff(*row) for row in staff or ((START, 1, 400),)))


def waiting_only(count: int, *path: Step, roles: tuple[Role, ...] = (), age: int = 0, **more: Any) -> Plan:
    """A plan in which nothing arrives and so many wait, in November 2026 if not told otherwise."""
    category = {name: more.pop(name) for name in ("target_days", "day_type", "clock_starts_at") if name in more}
    months = more.pop("months", 1)
    kind = Category("rare", (0.0,) * months, path, **{"target_days": 20, **category})
    waiting = (OpenRequests("rare", path[0].code, age, count),)
    return Plan("GLA", START, months, (kind,), roles, open_requests=waiting, **more)


def queue(rate: float, minutes: float, people: int, months: int = 240, day: float = 400) -> Plan:
    """One queue with Poisson arrivals, exponential work and so many people: what Erlang C describes."""
    path = (Step("reporting", "clinical_scientist", exponential(minutes)),)
    kind = Category("rare", (rate,) * months, path, 42)
    return Plan("GLA", START, months, (kind,), (scientists((START, people, day)),))


def mixed_plan() -> Plan:
    """A little of everything."""
    support = Role("laboratory_support", (Staff(START, 1.4, 300), Staff(dt.date(2026, 12, 7), 2, 310)))
    scientist = Role("clinical_scientist", (Staff(START, 2.5, 250), Staff(dt.date(2027, 1, 4), 1.5, 240)))
    quick = (
        Step("extraction", "laboratory_support", between(5, 10, 30)),
        Step("sequencing", delay=fixed(1), batch="run"),
        Step("reporting", "clinical_scientist", mean_and_cv(60, 0.8)),
    )
    slow = (
        Step("extraction", "laboratory_support", between(5, 10, 30), delay=between(0, 1, 2.5)),
        Step("sequencing", "laboratory_support", fixed(20), delay=fixed(3), delay_in="working", batch="run"),
        Step("analysis", "clinical_scientist", mean_and_cv(90, 1.2)),
        Step("reporting", "clinical_scientist", fixed(15)),
    )
    return Plan(
        "GLA",
        START,
        3,
        (
            Category("urgent", (1.2, 1.3, 1.5), quick, 10),
            Category("rare", (3.0, 2.5, 2.0), slow, 15, "working", priority=2, clock_starts_at="sequencing"),
        ),
        (support, scientist),
        (Batch("run", (1, 3), at_least=8, longest_wait_days=4),),
        (OpenRequests("rare", "analysis", 12, 5), OpenRequests("urgent", "extraction", 30, 2)),
        frozenset({ST_ANDREW, dt.date(2026, 12, 25), dt.date(2026, 12, 28)}),
        demand=between(0.8, 1, 1.3),
    )


SPREADS = st.one_of(
    st.integers(0, 900).map(fixed),
    st.tuples(st.integers(0, 60), st.integers(60, 90), st.integers(90, 700)).map(lambda three: between(*three)),
)
DELAYS = st.none() | st.integers(0, 9).map(fixed) | st.floats(0.1, 3).map(lambda high: between(0, high / 2, high))
ROLES = ("a", "b")


@st.composite
def steps(draw: Any, code: str) -> Step:
    role = draw(st.sampled_from([None, *ROLES]))
    return Step(
        code,
        role,
        None if role is None else draw(SPREADS),
        draw(DELAYS),
        draw(st.sampled_from(["calendar", "working"])),
        draw(st.sampled_from([None, None, "run"])),
    )


@st.composite
def plans(draw: Any) -> Plan:
    """Any small plan of one or two months."""
    months = draw(st.integers(1, 2))
    categories, waiting = [], []
    for code in ("x", "y")[: draw(st.integers(1, 2))]:
        path = tuple(draw(steps(f"step_{place}")) for place in range(draw(st.integers(1, 3))))
        clock = draw(st.sampled_from([None, *(step.code for step in path)]))
        rates = tuple(draw(st.floats(0, 4)) for _ in range(months))
        target, day_type = draw(st.integers(1, 30)), draw(st.sampled_from(["calendar", "working"]))
        categories.append(Category(code, rates, path, target, day_type, draw(st.integers(0, 7)), clock))
        waiting.append(OpenRequests(code, path[-1].code, draw(st.integers(0, 50)), draw(st.integers(0, 6))))
    changes = [START - dt.timedelta(days=40), START + dt.timedelta(days=draw(st.integers(1, 40)))]
    roles = tuple(
        Role(code, tuple(Staff(day, draw(st.floats(0, 3)), draw(st.integers(0, 450))) for day in changes))
        for code in ROLES
    )
    conditions = draw(
        st.tuples(st.sets(st.integers(0, 6)), st.none() | st.integers(1, 9), st.none() | st.integers(0, 9)).filter(any)
    )
    run = Batch("run", tuple(sorted(conditions[0])), conditions[1], conditions[2])
    return Plan(
        "GLA",
        draw(st.sampled_from([START, dt.date(2027, 3, 1)])),
        months,
        tuple(categories),
        tuple(Role(role.code, role.staff) for role in roles),
        (run,),
        tuple(waiting),
        draw(st.frozensets(st.sampled_from([ST_ANDREW, dt.date(2026, 11, 4), dt.date(2027, 3, 2)]))),
        demand=draw(st.none() | st.just(between(0.5, 1, 2))),
    )
