"""The simulation over again, slow and plain: dates, dictionaries and lists, straight from the plan.

It shares with the engine the plan, the values of its spreads and the rule by which a draw is made, and none of its
code.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from capacity.laboratory_plan import Category, Plan, Step
from capacity.spreads import exponential_means

DAY = dt.timedelta(days=1)
BITS = (1 << 64) - 1


def mixed(x: int) -> int:
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & BITS
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & BITS
    return x ^ (x >> 31)


def drawn(key: int, number: int) -> int:
    return mixed((key + 0x9E3779B97F4A7C15 * (number + 1)) & BITS)


@dataclass
class Request:
    category: Category
    key: int
    place: int = 0
    received: dt.date | None = None
    clock_start: dt.date | None = None
    due: dt.date | None = None
    reported: dt.date | None = None
    left: int = 0
    since: dt.date | None = None

    @property
    def step(self) -> Step:
        return self.category.path[self.place]


@dataclass
class Plain:
    plan: Plan
    replication: int
    requests: list[Request] = field(default_factory=list)
    worked: Counter[tuple[dt.date, str]] = field(default_factory=Counter)
    available: Counter[tuple[dt.date, str]] = field(default_factory=Counter)
    waiting: Counter[tuple[dt.date, str]] = field(default_factory=Counter)
    open_at_end: Counter[tuple[dt.date, str]] = field(default_factory=Counter)
    overdue_at_end: Counter[tuple[dt.date, str]] = field(default_factory=Counter)

    def run(self) -> None:
        plan = self.plan
        self.queues: dict[tuple[str, int], list[Request]] = defaultdict(list)
        self.unfinished: dict[str, list[Request]] = defaultdict(list)
        self.gathered: dict[str, list[Request]] = defaultdict(list)
        self.delayed: dict[dt.date, list[Request]] = defaultdict(list)
        self.gaps = [round(gap * 2**30) for gap in exponential_means(1 << 14)]
        self.factor = round(plan.demand.values[mixed(self.replication) >> 54] * 1024) if plan.demand else 1024
        self.numbers = [0] * len(plan.categories)
        self.to_come = [self.gap(place, 0) for place in range(len(plan.categories))]
        groups = sorted(plan.open_requests, key=lambda row: -row.age_days)
        number = 0
        for group in groups:
            for _ in range(group.count):
                self.take_over(group.category, group.step, group.age_days, number)
                number += 1
        day = plan.start
        while (day.year - plan.start.year) * 12 + day.month - plan.start.month < plan.months:
            if self.is_working(day):
                self.work(day)
            if (day + DAY).day == 1:
                self.count(day)
            day += DAY

    def take_over(self, category: str, step: str, age: int, number: int) -> None:
        [which] = [each for each in self.plan.categories if each.code == category]
        request = Request(which, drawn(self.replication, (len(self.plan.categories) << 32) + number))
        request.place = [each.code for each in which.path].index(step)
        starts = which.clock_starts_at or which.path[0].code
        if request.place >= [each.code for each in which.path].index(starts):
            request.clock_start = self.plan.start - age * DAY
            request.due = self.due(which, request.clock_start)
        self.requests.append(request)
        step, eve = request.step, self.plan.start - DAY
        if step.role is not None or step.batch is not None:
            self.delayed[self.next_working(self.plan.start)].append(request)
            return
        days = self.delay(request)
        request.place += 1
        until = self.next_working(eve + days * DAY) if step.delay_in == "calendar" else self.working_days_on(eve, days)
        self.delayed[self.next_working(max(until, self.plan.start))].append(request)

    def is_working(self, day: dt.date) -> bool:
        return day.weekday() in self.plan.weekdays and day not in self.plan.holidays

    def next_working(self, day: dt.date) -> dt.date:
        while not self.is_working(day):
            day += DAY
        return day

    def due(self, category: Category, day: dt.date) -> dt.date:
        if category.day_type == "calendar":
            return day + category.target_days * DAY
        return self.working_days_on(day, category.target_days)

    def working_days_on(self, day: dt.date, days: int) -> dt.date:
        while days > 0:
            day += DAY
            days -= self.is_working(day)
        return day

    def gap(self, place: int, number: int) -> int:
        key = drawn(self.replication, (place << 32) + number)
        return self.gaps[drawn(key, 0) >> 50]

    def people(self, day: dt.date) -> None:
        self.free: dict[str, list[int]] = {}
        for role in self.plan.roles:
            row = [each for each in role.staff if each.from_date <= day][-1]
            ticks = round(row.minutes * 100)
            whole = math.floor(row.wte + 1e-6)
            part = round(max(row.wte - whole, 0) * ticks)
            self.free[role.code] = [end for end in [ticks] * whole + [part] if end > 0]
            self.available[day.replace(day=1), role.code] += sum(self.free[role.code])
        self.length = max([round(self.minutes(role.code, day) * 100) for role in self.plan.roles] + [1])

    def minutes(self, code: str, day: dt.date) -> float:
        [role] = [each for each in self.plan.roles if each.code == code]
        return [each for each in role.staff if each.from_date <= day][-1].minutes

    def work(self, day: dt.date) -> None:
        self.people(day)
        self.order = 0
        self.events: list[tuple[int, int, int | Request, int]] = []
        for request in self.delayed.pop(day, []):
            self.begin(request, day)
        for batch in self.plan.batches:
            held = self.gathered[batch.code]
            if held and (
                day.weekday() in batch.weekdays
                or (batch.at_least is not None and len(held) >= batch.at_least)
                or (batch.longest_wait_days is not None and (day - held[0].since).days >= batch.longest_wait_days)
            ):
                self.gathered[batch.code] = []
                for request in held:
                    self.after_batch(request, day)
        for role in self.plan.roles:
            held, self.unfinished[role.code] = self.unfinished[role.code], []
            for place, request in enumerate(held):
                if not self.free[role.code]:
                    self.unfinished[role.code] += held[place:]
                    break
                self.take_up(role.code, request, day, 0)
            self.dispatch(role.code, day, 0)
        self.arrivals(day)
        while self.events:
            event = min(self.events, key=lambda each: each[:2])
            self.events.remove(event)
            self.happen(event, day)

    def arrivals(self, day: dt.date) -> None:
        month = (day.year - self.plan.start.year) * 12 + day.month - self.plan.start.month
        for place, category in enumerate(self.plan.categories):
            today = (round(category.arrivals[month] * 2**30) * self.factor) >> 10
            while today and self.to_come[place] < today:
                self.event(self.to_come[place] * self.length // today, place, 0)
                self.numbers[place] += 1
                self.to_come[place] += self.gap(place, self.numbers[place])
            self.to_come[place] -= today

    def event(self, tick: int, who: int | Request, end: int) -> None:
        self.events.append((tick, self.order, who, end))
        self.order += 1

    def happen(self, event: tuple[int, int, int | Request, int], day: dt.date) -> None:
        tick, _, who, end = event
        if isinstance(who, int):
            category = self.plan.categories[who]
            number = sum(each.category is category and each.received is not None for each in self.requests)
            request = Request(category, drawn(self.replication, (who << 32) + number), received=day)
            self.requests.append(request)
            self.dispatch(self.begin(request, day), day, tick)
            return
        role = who.step.role
        self.free[role].append(end)
        joined = self.finish(who, day)
        self.dispatch(role, day, tick)
        self.dispatch(joined, day, tick)

    def begin(self, request: Request, day: dt.date) -> str | None:
        if request.place == len(request.category.path):
            request.reported = day
            return None
        starts = request.category.clock_starts_at or request.category.path[0].code
        if request.clock_start is None and request.step.code == starts:
            request.clock_start, request.due = day, self.due(request.category, day)
        if request.step.batch is not None:
            request.since = day
            self.gathered[request.step.batch].append(request)
            return None
        return self.after_batch(request, day)

    def after_batch(self, request: Request, day: dt.date) -> str | None:
        step = request.step
        if step.role is None:
            return self.finish(request, day)
        request.left = round(step.minutes.values[drawn(request.key, 2 * request.place + 1) >> 54] * 100)
        self.queues[step.role, request.category.priority].append(request)
        return step.role

    def finish(self, request: Request, day: dt.date) -> str | None:
        step, days = request.step, self.delay(request)
        request.place += 1
        if days == 0:
            return self.begin(request, day)
        is_calendar = step.delay_in == "calendar"
        until = self.next_working(day + days * DAY) if is_calendar else self.working_days_on(day, days)
        self.delayed[until].append(request)
        return None

    def delay(self, request: Request) -> int:
        if request.step.delay is None:
            return 0
        draw = drawn(request.key, 2 * request.place + 2)
        return (round(request.step.delay.values[draw >> 54] * 1024) + draw % 1024) // 1024

    def dispatch(self, role: str | None, day: dt.date, tick: int) -> None:
        if role is None:
            return
        while any(end > tick for end in self.free[role]):
            queues = [self.queues[role, priority] for priority in range(8) if self.queues[role, priority]]
            if not queues:
                return
            self.take_up(role, queues[0].pop(0), day, tick)

    def take_up(self, role: str, request: Request, day: dt.date, tick: int) -> None:
        """By whoever's day ends last, of those who are free."""
        end = max(self.free[role])
        self.free[role].remove(end)
        done = min(request.left, end - tick)
        self.worked[day.replace(day=1), role] += done
        request.left -= done
        if request.left > 0:
            self.unfinished[role].append(request)
        else:
            self.event(tick + done, request, end)

    def count(self, day: dt.date) -> None:
        month = day.replace(day=1)
        for request in self.requests:
            if request.reported is None:
                self.open_at_end[month, request.category.code] += 1
                self.overdue_at_end[month, request.category.code] += request.due is not None and request.due <= day
        for role in self.plan.roles:
            queued = sum(len(self.queues[role.code, priority]) for priority in range(8))
            self.waiting[month, role.code] = queued + len(self.unfinished[role.code])


def simulated_plainly(plan: Plan, seed: int, number: int) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Rows of months and of roles, as `capacity.simulation` has them, of one replication."""
    plain = Plain(plan, drawn(mixed(seed), number))
    plain.run()
    months = sorted({month for month, _ in plain.available} | {month for month, _ in plain.open_at_end} | {plan.start})
    last = max(months).replace(day=28) + 4 * DAY
    last -= last.day * DAY
    rows = [_row(plain, month, code, last) for month in months for code in [*_codes(plan), "all"]]
    roles = [
        (number, month, role.code, plain.worked[month, role.code], plain.available[month, role.code],
         plain.waiting[month, role.code])
        for month in months
        for role in plan.roles
    ]  # fmt: skip
    return [(number, *row) for row in rows], roles


def _codes(plan: Plan) -> list[str]:
    return [category.code for category in plan.categories]


def _row(plain: Plain, month: dt.date, code: str, last: dt.date) -> tuple[object, ...]:
    codes = _codes(plain.plan) if code == "all" else [code]
    mine = [request for request in plain.requests if request.category.code in codes]
    received = [request for request in mine if _in(request.received, month)]
    due = [request for request in mine if _in(request.due, month)]
    counts = (
        len(received),
        len(due),
        sum(_in(request.reported, month) for request in mine),
        sum(request.reported is not None and request.reported <= request.due for request in due),
        sum(plain.open_at_end[month, each] for each in codes),
        sum(plain.overdue_at_end[month, each] for each in codes),
    )
    return (month, code, *counts, *(_days(received, percent, last) for percent in (50, 90, 95)))


def _in(day: dt.date | None, month: dt.date) -> bool:
    return day is not None and day.replace(day=1) == month


def _days(received: list[Request], percent: int, last: dt.date) -> int | None:
    taken = sorted((request.reported - request.clock_start).days for request in received if request.reported)
    open_ages = [(last - r.clock_start).days if r.clock_start else 0 for r in received if r.reported is None]
    needed = math.ceil(len(received) * percent / 100)
    if not received or len(taken) < needed:
        return None
    found = taken[needed - 1]
    return found if all(found < age for age in open_ages) else None
