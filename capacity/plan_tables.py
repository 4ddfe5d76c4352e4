"""A laboratory's plan as the arrays that the engine runs on."""

from __future__ import annotations

import datetime as dt
from typing import cast

import numpy as np
from numpy.typing import NDArray

from capacity.laboratory_plan import Category, Plan, PlanError, Role, Staff, Step
from capacity.queueing_engine import ARRIVAL, DAY_END, NOBODY, PART_BITS, TICKS, Tables
from capacity.spreads import Spread, exponential_means, fixed

Whole = NDArray[np.int64]
Small = NDArray[np.int32]
Days = NDArray[np.datetime64]

#: Parts of the time between two arrivals; the engine takes a place from as many bits of a draw.
GAP_PLACES = 1 << 14

#: Ticks of work and shares of a day are kept in 32 bits, and a request's step in 16.
MOST, MOST_STEPS = (1 << 31) - 1, (1 << 15) - 1


def tables_of(plan: Plan) -> Tables:
    """The arrays of a plan; PlanError where work, a delay or the number of steps is beyond all measure."""
    days, steps = days_of(plan), _steps(plan)
    if len(steps) > MOST_STEPS:
        raise PlanError(f"The paths of a plan have at most {MOST_STEPS:,} steps, not {len(steps):,}.")
    staff = _staff(plan, days)
    work_table, work = _distinct([step.minutes for step in steps], TICKS, "Minutes")
    delay_table, delay = _distinct([step.delay for step in steps], 1 << PART_BITS, "Days of delay")
    return Tables(
        categories=_categories(plan),
        steps=_step_rows(plan, work_table, delay_table),
        calendar=_calendar(plan, days, staff[:, :, DAY_END]),
        staff=staff,
        batches=_batches(plan),
        due_day=_due_days(plan, days),
        hazard=_hazard(plan, days),
        work=work,
        delay=delay,
        gaps=_whole(np.round(exponential_means(GAP_PLACES) * ARRIVAL)),
        demand=_whole(np.round(np.array((plan.demand or fixed(1)).values) * (1 << PART_BITS))),
        waiting=_waiting(plan),
    )


def days_of(plan: Plan) -> Days:
    """The days of a plan, one by one."""
    return cast(Days, np.arange(np.datetime64(plan.start, "D"), np.datetime64(month_start(plan, plan.months), "D")))


def month_start(plan: Plan, month: int) -> dt.date:
    """The first day of the plan's month of that number, from 0."""
    months = plan.start.year * 12 + plan.start.month - 1 + month
    return dt.date(months // 12, months % 12 + 1, 1)


def due_date(plan: Plan, category: Category, clock_start: dt.date) -> dt.date:
    """The last day on which a request is in time: so many calendar days, or working days, after the clock's start."""
    if category.day_type == "calendar":
        return clock_start + dt.timedelta(days=category.target_days)
    due = np.busday_offset(
        np.datetime64(clock_start, "D"), category.target_days, roll="backward", busdaycal=_working_calendar(plan)
    )
    return cast(dt.date, due.item())


def _steps(plan: Plan) -> list[Step]:
    return [step for category in plan.categories for step in category.path]


def _first_steps(plan: Plan) -> Whole:
    """The number of each category's first step, and that of all steps."""
    return _whole(np.cumsum([0, *(len(category.path) for category in plan.categories)]))


def _categories(plan: Plan) -> Whole:
    first = _first_steps(plan)
    clock = [at + category.clock_place for at, category in zip(first, plan.categories, strict=False)]
    priority = [category.priority for category in plan.categories]
    return _columns(first, [*clock, NOBODY], [*priority, NOBODY])


def _step_rows(plan: Plan, work_table: Whole, delay_table: Whole) -> Whole:
    roles = {role.code: place for place, role in enumerate(plan.roles)}
    batches = {batch.code: place for place, batch in enumerate(plan.batches)}
    steps = _steps(plan)
    role = [NOBODY if step.role is None else roles[step.role] for step in steps]
    batch = [NOBODY if step.batch is None else batches[step.batch] for step in steps]
    is_working_delay = [step.delay_in == "working" for step in steps]
    # A request's draws: 0 of the gap before the next, then two for each step of its path.
    first_draw = [2 * place + 1 for category in plan.categories for place in range(len(category.path))]
    return _columns(role, batch, work_table, delay_table, is_working_delay, first_draw)


def _distinct(spreads: list[Spread | None], scale: int, what: str) -> tuple[Whole, Small]:
    """Which row of a table holds each spread, and the table: each different spread once."""
    rows = list(dict.fromkeys(spread for spread in spreads if spread is not None))
    place = {spread: row for row, spread in enumerate(rows)}
    table = np.array([np.round(np.array(spread.values) * scale) for spread in rows or [fixed(0)]])
    if table.max() > MOST:
        raise PlanError(f"{what} of a step are at most {MOST // scale:,}.")
    return _whole([NOBODY if spread is None else place[spread] for spread in spreads]), table.astype(np.int32)


def _batches(plan: Plan) -> Whole:
    rows = [
        [*(day in batch.weekdays for day in range(7)), batch.at_least or 0, _or_below(batch.longest_wait_days)]
        for batch in plan.batches
    ]
    return _whole(rows).reshape(-1, 9)


def _or_below(number: int | None) -> int:
    return -1 if number is None else number


def _staff(plan: Plan, days: Days) -> Whole:
    """By day and role: people who work a whole day, when it ends, and when that of the person of a part ends."""
    each = [_standing(role, days) for role in plan.roles]
    wte, minutes = (
        np.array([[getattr(row, name) for row in rows] for rows in each]).T.reshape(len(days), len(each))
        for name in ("wte", "minutes")
    )
    # 3.9999999999 WTE, as sums of fractions come, are four.
    people = np.floor(wte + 1e-6)
    end = np.round(minutes * TICKS)
    return _whole(np.stack([people, end, np.round(np.maximum(wte - people, 0) * end)], axis=2))


def _standing(role: Role, days: Days) -> list[Staff]:
    """The row of staff in force on each day."""
    starts = np.array([row.from_date for row in role.staff], "datetime64[D]")
    return [role.staff[place - 1] for place in np.searchsorted(starts, days, side="right")]


def _calendar(plan: Plan, days: Days, day_end: Whole) -> Whole:
    is_working = np.is_busday(days, busdaycal=_working_calendar(plan))
    length = len(days)
    worked = np.flatnonzero(is_working)
    before = np.cumsum([0, *is_working])
    nth = np.full(length + 1, length)
    nth[: len(worked)] = worked
    month = (days.astype("datetime64[M]") - np.datetime64(plan.start, "M")).astype(np.int64)
    next_working = nth[before]
    end = np.append(np.maximum(day_end.max(axis=1, initial=0), 1), 1)
    weekday = (np.arange(length + 1) + plan.start.weekday()) % 7
    return _columns([*month, plan.months], weekday, [*is_working, False], before, nth, next_working, end)


def _due_days(plan: Plan, days: Days) -> Whole:
    """By day and category; what falls due after the plan's end, at its end."""
    due = [_due(plan, category, days) for category in plan.categories]
    return _whole(np.minimum(np.array(due) - days[0], np.timedelta64(len(days), "D")).T)


def _due(plan: Plan, category: Category, days: Days) -> Days:
    if category.day_type == "calendar":
        return days + np.timedelta64(category.target_days, "D")
    calendar = _working_calendar(plan)
    return np.busday_offset(days, category.target_days, roll="backward", busdaycal=calendar)


def _hazard(plan: Plan, days: Days) -> Whole:
    month = (days.astype("datetime64[M]") - np.datetime64(plan.start, "M")).astype(np.int64)
    rates = np.array([category.arrivals for category in plan.categories]).T[month]
    is_working = np.is_busday(days, busdaycal=_working_calendar(plan))
    return _whole(np.round(rates * ARRIVAL) * is_working[:, None])


def _waiting(plan: Plan) -> Whole:
    """Open requests one by one, the oldest first, as category, step, day of clock start and due day."""
    codes = [category.code for category in plan.categories]
    first = _first_steps(plan)
    rows: list[tuple[int, int, int, int]] = []
    for group in sorted(plan.open_requests, key=lambda row: -row.age_days):
        place = codes.index(group.category)
        category = plan.categories[place]
        due = due_date(plan, category, plan.start - dt.timedelta(days=group.age_days))
        step = int(first[place]) + category.place_of(group.step)
        rows += [(place, step, -group.age_days, (due - plan.start).days)] * group.count
    return _whole(rows).reshape(-1, 4)


def _working_calendar(plan: Plan) -> np.busdaycalendar:
    week = [day in plan.weekdays for day in range(7)]
    return np.busdaycalendar(week, sorted(np.datetime64(day, "D") for day in plan.holidays))


def _columns(*columns: object) -> Whole:
    return _whole(np.stack([np.asarray(column, np.int64) for column in columns], axis=1))


def _whole(values: object) -> Whole:
    return np.ascontiguousarray(values, dtype=np.int64)
