"""A plan that cannot be simulated says what to mend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from capacity.laboratory_plan import Batch, Category, OpenRequests, Plan, PlanError, Role, Staff, Step, with_change
from capacity.plan_tables import due_date
from capacity.spreads import fixed
from tests.capacity.plans import START, mixed_plan, scientists

STEP = Step("sequencing", delay=fixed(1))
RARE = Category("rare", (1.0,), (STEP,), 42)
PLAN = Plan("GLA", START, 1, (RARE,), (scientists(),))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: Staff(START, -1, 300), "WTE is from 0"),
        (lambda: Staff(START, float("nan"), 300), "WTE is from 0"),
        (lambda: Staff(START, 1, 1_441), "1,440 minutes"),
        (lambda: Role("a", ()), "no staff"),
        (lambda: Role("a", (Staff(START, 1, 1), Staff(START, 2, 1))), "each day once"),
        (lambda: Batch("run"), "never starts"),
        (lambda: Batch("run", (7,)), "Monday"),
        (lambda: Batch("run", at_least=0), "at_least"),
        (lambda: Batch("run", longest_wait_days=-1), "longest_wait_days"),
        (lambda: Step("analysis", "a"), "neither"),
        (lambda: Step("analysis", minutes=fixed(1)), "neither"),
        (lambda: replace(RARE, path=()), "no path"),
        (lambda: replace(RARE, path=(STEP, STEP)), "twice"),
        (lambda: replace(RARE, clock_starts_at="receipt"), "never starts"),
        (lambda: replace(RARE, arrivals=(-1.0,)), "arrivals"),
        (lambda: replace(RARE, arrivals=(float("nan"),)), "arrivals"),
        (lambda: replace(RARE, target_days=0), "target_days"),
        (lambda: replace(RARE, priority=8), "priority"),
        (lambda: OpenRequests("rare", "sequencing", -1, 1), "age_days"),
        (lambda: OpenRequests("rare", "sequencing", 1, -1), "count"),
        (lambda: replace(PLAN, start=dt.date(2026, 11, 2)), "first of a month"),
        (lambda: replace(PLAN, months=0), "1 to"),
        (lambda: replace(PLAN, months=2), "arrivals of 1 months"),
        (lambda: replace(PLAN, categories=()), "at least one"),
        (lambda: replace(PLAN, categories=(RARE, RARE)), "twice"),
        (lambda: replace(PLAN, weekdays=()), "Weekdays"),
        (lambda: replace(PLAN, demand=fixed(5)), "factor"),
        (lambda: replace(PLAN, categories=(replace(RARE, path=(Step("x", "nobody", fixed(1)),)),)), "no role nobody"),
        (lambda: replace(PLAN, categories=(replace(RARE, path=(Step("x", batch="run"),)),)), "no batch run"),
        (lambda: replace(PLAN, roles=(scientists((dt.date(2026, 12, 1), 1, 1)),)), "after the plan's start"),
        (lambda: replace(PLAN, open_requests=(OpenRequests("urgent", "x", 1, 1),)), "no category"),
        (lambda: replace(PLAN, open_requests=(OpenRequests("rare", "x", 1, 1),)), "no step x"),
    ],
)
def test_a_fault_is_told(wrong: Callable[[], object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        wrong()


def test_a_start_and_a_vacancy_change_the_staff_from_their_day_on() -> None:
    role = scientists((START, 3, 300), (dt.date(2027, 4, 1), 3, 290))
    started = with_change(role, dt.date(2027, 1, 4), 1)
    assert [(row.wte, row.minutes) for row in started.staff] == [(3, 300), (4, 300), (4, 290)]
    left = with_change(started, dt.date(2027, 4, 1), -2)
    assert [row.wte for row in left.staff] == [3, 4, 2]
    with pytest.raises(PlanError, match="WTE"):
        with_change(left, dt.date(2027, 5, 3), -3)
    with pytest.raises(PlanError, match="nobody is known"):
        with_change(role, dt.date(2026, 1, 1), 1)


def test_due_dates_by_hand() -> None:
    """Five working days from Friday 27 November 2026, St Andrew's Day left out, end on Monday 7 December."""
    plan = mixed_plan()
    urgent, rare = plan.categories
    friday = dt.date(2026, 11, 27)
    assert due_date(plan, replace(rare, target_days=5), friday) == dt.date(2026, 12, 7)
    assert due_date(plan, replace(rare, target_days=5), friday + dt.timedelta(days=1)) == dt.date(2026, 12, 7)
    assert due_date(plan, urgent, friday) == dt.date(2026, 12, 7)
