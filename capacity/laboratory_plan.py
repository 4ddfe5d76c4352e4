"""A laboratory's plan for the months to come: what arrives, the path that it takes, who works on it, what waits today.

Plain values, checked when they are put together; what they mean for waits is the subject of `capacity.simulation`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from capacity.spreads import Spread

DayType = Literal["calendar", "working"]

#: Priorities are numbers from 0, which is served first, to below this.
PRIORITIES = 8
#: Arrivals a working day of a category, and the factor on demand, are at most these.
MOST_ARRIVALS, MOST_FACTOR = 4_000, 4
MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)
#: The month's end that a plan may reach to, in months after its start.
LONGEST_MONTHS = 240


class PlanError(ValueError):
    """A plan that cannot be simulated, with what to mend."""


@dataclass(frozen=True)
class Staff:
    """Staff of a role from a day on, until the next row: whole-time equivalents, and the casework minutes of each.

    minutes: of casework a working day of one WTE, after leave, absence and all that is not casework. A part of a WTE is
    one more person whose day is as much shorter.
    """

    from_date: dt.date
    wte: float
    minutes: float

    def __post_init__(self) -> None:
        """Refuse a day that nobody can work."""
        _insist(0 <= self.wte <= 10_000, f"Staff from {self.from_date}: WTE is from 0 to 10,000, not {self.wte}.")
        _insist(0 <= self.minutes <= 1_440, f"Staff from {self.from_date}: a day has up to 1,440 minutes.")


@dataclass(frozen=True)
class Role:
    """People who can take each other's work: one queue for each priority, served by all of them."""

    code: str
    staff: tuple[Staff, ...]

    def __post_init__(self) -> None:
        """Refuse staff whose order is not told."""
        _insist(bool(self.staff), f"Role {self.code} has no staff; give 0 WTE where the post is vacant.")
        days = [row.from_date for row in self.staff]
        _insist(all(a < b for a, b in pairwise(days)), f"Role {self.code}: staff by date, each day once.")


@dataclass(frozen=True)
class Batch:
    """A run that starts in the morning of a working day, as soon as one of its conditions holds; it then takes all.

    weekdays: on these (Monday is 0), if anything waits. at_least: when so many wait. longest_wait_days: when one has
    waited for so many calendar days. A run that falls on a holiday is left out.
    """

    code: str
    weekdays: tuple[int, ...] = ()
    at_least: int | None = None
    longest_wait_days: int | None = None

    def __post_init__(self) -> None:
        """Refuse a run that would never start."""
        given = bool(self.weekdays) or self.at_least is not None or self.longest_wait_days is not None
        _insist(given, f"Batch {self.code} never starts: give weekdays, at_least or longest_wait_days.")
        _insist(set(self.weekdays) <= set(range(7)), f"Batch {self.code}: weekdays are 0 (Monday) to 6.")
        _insist(self.at_least is None or self.at_least >= 1, f"Batch {self.code}: at_least is from 1.")
        wait = self.longest_wait_days
        _insist(wait is None or wait >= 0, f"Batch {self.code}: longest_wait_days is from 0.")


@dataclass(frozen=True)
class Step:
    """A step of the path: wait for the batch if there is one, then the role's work if there is any, then the delay.

    minutes: of the role's work on one request. delay: days that pass without work of anybody's, as of a machine or a
    courier; the fraction of a day is the chance of one more. After a delay the next step begins in the morning.
    """

    code: str
    role: str | None = None
    minutes: Spread | None = None
    delay: Spread | None = None
    delay_in: DayType = "calendar"
    batch: str | None = None

    def __post_init__(self) -> None:
        """Refuse work of nobody, and a person without work."""
        _insist(
            (self.role is None) == (self.minutes is None),
            f"Step {self.code}: give a role and its minutes, or neither.",
        )
        _insist(self.delay_in in ("calendar", "working"), f"Step {self.code}: delay_in is calendar or working.")


@dataclass(frozen=True)
class Category:
    """Requests that are judged alike and take one path.

    arrivals: of each month of the plan, the mean a working day. priority: 0 is served first. target_days, day_type: the
    standard. clock_starts_at: the step at whose beginning the clock starts; receipt, the first, where not given.
    """

    code: str
    arrivals: tuple[float, ...]
    path: tuple[Step, ...]
    target_days: int
    day_type: DayType = "calendar"
    priority: int = 0
    clock_starts_at: str | None = None

    def __post_init__(self) -> None:
        """Refuse a path that ends nowhere."""
        name = f"Category {self.code}"
        _insist(bool(self.path), f"{name} has no path.")
        codes = [step.code for step in self.path]
        _insist(len(set(codes)) == len(codes), f"{name}: a step stands twice in its path.")
        _insist(self.clock_starts_at is None or self.clock_starts_at in codes, f"{name}: its clock never starts.")
        _insist(
            all(0 <= rate <= MOST_ARRIVALS for rate in self.arrivals),
            f"{name}: arrivals are from 0 to {MOST_ARRIVALS}.",
        )
        _insist(1 <= self.target_days <= 3_650, f"{name}: target_days is from 1 to 3,650, not {self.target_days}.")
        _insist(self.day_type in ("calendar", "working"), f"{name}: day_type is calendar or working.")
        _insist(0 <= self.priority < PRIORITIES, f"{name}: priority is from 0 to {PRIORITIES - 1}.")

    def place_of(self, step: str) -> int:
        """Where a step stands in the path."""
        return [each.code for each in self.path].index(step)

    @property
    def clock_place(self) -> int:
        """Where the step stands with which the clock starts."""
        return 0 if self.clock_starts_at is None else self.place_of(self.clock_starts_at)


@dataclass(frozen=True)
class OpenRequests:
    """Requests that wait at the plan's start: at the beginning of a step, their clock running for so many days."""

    category: str
    step: str
    age_days: int
    count: int

    def __post_init__(self) -> None:
        """Refuse ages and counts below nought."""
        _insist(0 <= self.age_days <= 36_500, f"Open requests of {self.category}: age_days is from 0.")
        _insist(self.count >= 0, f"Open requests of {self.category}: count is from 0.")


@dataclass(frozen=True)
class Plan:
    """All that the simulation of a site needs to know.

    start: the first day of a month. holidays: days that are no working days although their weekday is one.
    demand: a factor on all arrivals, drawn once a replication, where the demand itself is uncertain.
    """

    site: str
    start: dt.date
    months: int
    categories: tuple[Category, ...]
    roles: tuple[Role, ...]
    batches: tuple[Batch, ...] = ()
    open_requests: tuple[OpenRequests, ...] = ()
    holidays: frozenset[dt.date] = field(default_factory=frozenset)
    weekdays: tuple[int, ...] = MONDAY_TO_FRIDAY
    demand: Spread | None = None

    def __post_init__(self) -> None:
        """Refuse a plan whose parts do not fit."""
        _insist(self.start.day == 1, f"A plan starts on the first of a month, not on {self.start}.")
        _insist(1 <= self.months <= LONGEST_MONTHS, f"A plan has 1 to {LONGEST_MONTHS} months, not {self.months}.")
        _insist(bool(self.categories), "A plan has at least one category.")
        _insist(bool(self.weekdays) and set(self.weekdays) <= set(range(7)), "Weekdays are 0 (Monday) to 6.")
        for kind, codes in (
            ("Category", [category.code for category in self.categories]),
            ("Role", [role.code for role in self.roles]),
            ("Batch", [batch.code for batch in self.batches]),
        ):
            twice = [code for code, times in Counter(codes).items() if times > 1]
            _insist(not twice, f"{kind} {', '.join(twice)} is given twice.")
        highest = self.demand.values[-1] if self.demand else 1
        _insist(highest <= MOST_FACTOR, f"A factor on demand is at most {MOST_FACTOR}, not {highest}.")
        for category in self.categories:
            self._check_category(category)
        for role in self.roles:
            first = role.staff[0].from_date
            _insist(first <= self.start, f"Role {role.code}: staff are known from {first}, after the plan's start.")
        self._check_open_requests()

    def _check_category(self, category: Category) -> None:
        name = f"Category {category.code}"
        given = len(category.arrivals)
        _insist(given == self.months, f"{name}: arrivals of {given} months, where the plan has {self.months}.")
        roles, batches = {role.code for role in self.roles}, {batch.code for batch in self.batches}
        for step in category.path:
            _insist(step.role is None or step.role in roles, f"{name}: no role {step.role} for step {step.code}.")
            _insist(step.batch is None or step.batch in batches, f"{name}: no batch {step.batch} for {step.code}.")

    def _check_open_requests(self) -> None:
        steps = {category.code: {step.code for step in category.path} for category in self.categories}
        for row in self.open_requests:
            _insist(row.category in steps, f"Open requests of {row.category}, which is no category of the plan.")
            _insist(row.step in steps[row.category], f"Open requests of {row.category}: no step {row.step}.")


def with_change(role: Role, from_date: dt.date, wte: float) -> Role:
    """The role with so many WTE more, or fewer where below nought, from a day on: a start, or a vacancy."""
    days = sorted({row.from_date for row in role.staff} | {from_date})
    _insist(role.staff[0].from_date <= from_date, f"Role {role.code}: nobody is known before {from_date}.")
    rows: list[Staff] = []
    for day in days:
        standing = _standing(role.staff, day)
        rows.append(Staff(day, standing.wte + (wte if day >= from_date else 0), standing.minutes))
    return Role(role.code, tuple(rows))


def _standing(staff: Iterable[Staff], day: dt.date) -> Staff:
    return [row for row in staff if row.from_date <= day][-1]


def _insist(holds: bool, otherwise: str) -> None:
    if not holds:
        raise PlanError(otherwise)
