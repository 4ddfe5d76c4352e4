"""A site's plan for the simulation, made of what protected cells tell, of assumptions, of demand and of staff by date.

    plan = site_plan(known, assumptions, demand, staff, start, months)
    simulated = simulate(plan)

What cells hide or never tell is filled in by a rule named here, and `estimated` tells which of it was. The delays of
the steps come from `capacity.calibration`; without it they are a first guess.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from capacity.assumptions import STEPS, Assumptions
from capacity.laboratory_plan import Category, OpenRequests, Plan, PlanError, Role, Staff, Step
from capacity.simulation import ALL, Simulated
from capacity.spreads import Spread, mean_and_cv
from capacity.working_days import public_holidays
from capacity.workload import (
    FULL_TIME_WEEK,
    SCIENTIST,
    TRAINEE,
    Rates,
    full_time_hours,
    hours_a_wte,
    trainee_worth,
)
from catalogue.reference import reference_rows

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

#: The whole of a category, over all ages of open requests.
ALL_AGES = "all"

#: Ages of open requests in days from receipt, as the list open_ages has them; the last has no end.
OPEN_AGES = {"0-14": (0, 14), "15-28": (15, 28), "29-42": (29, 42), "43+": (43, None)}

#: The step of what comes before receipt, where the clock starts earlier; nobody of the laboratory works in it.
BEFORE_RECEIPT = "transport"

#: The step of a stage in which nobody works: its delay.
NO_ROLE = "days"

#: How much the work on requests of one category differs: its standard deviation over its mean.
WORK_CV = 0.5

#: How much days in a step differ, and the part of all days that is no queue, until they are calibrated.
FIRST_CV, FIRST_PART = 0.9, 0.7

#: Days between a delay's end and the next working morning: two after a Saturday, one after a Sunday, none on others.
WEEKEND_REST = 3 / 7

#: Standards of at most so many days are served before those of more.
SERVED_FIRST = (7, 14, 21)

#: A category whose days are nowhere told is taken to need these parts of its standard: half of it, and nine in ten.
MEDIAN_OF_TARGET, P90_OF_TARGET = 0.7, 1.0

#: Nine in ten of a normal distribution lie below so many standard deviations above its middle.
NINE_IN_TEN = 1.2815515655446004

DAYS_A_YEAR, MONTHS_A_YEAR = 365.25, 12


@dataclass(frozen=True)
class SiteKnown:
    """What is known of a site at a plan's start, from protected cells alone.

    categories: `category`, `requests` of the 12 months before, `is_hidden` where that count is an assumed one,
    `median_days`, `p90_days` from clock start to report and `in_standard_pct`, null where not told.
    stages: `category`, `stage`, `pct`: the stage's share of all days of the path.
    waiting: `category`, `open_age` (ALL_AGES for all together), `requests`, null where hidden.
    absence: of roles, where told. delays: `category`, `stage`, `delay_days` (mean) and `cv`, as calibrated.
    pace: by role, what the assumed minutes are multiplied by, as calibrated. demand_factor: how uncertain demand is.
    """

    site: str
    categories: pl.DataFrame
    stages: pl.DataFrame
    waiting: pl.DataFrame
    absence: Rates = field(default_factory=dict)
    delays: pl.DataFrame | None = None
    pace: Mapping[str, float] = field(default_factory=dict)
    demand_factor: Spread | None = None


@dataclass(frozen=True)
class Standard:
    """The standard of a category on a day."""

    target_days: int
    day_type: str
    clock_start: str


def site_plan(
    known: SiteKnown,
    assumptions: Assumptions,
    demand: pl.DataFrame,
    staff: pl.DataFrame,
    start: dt.date,
    months: int,
) -> Plan:
    """The plan of a site from a month's first day on.

    demand: `category`, `period_start` (a month's first day), `requests`; with a column `site`, that site's rows count.
    A month beyond the table is as the same month a year before; a category without rows is as in the last 12 months.
    A category of which the site had no requests, but has in the table, as when work moves there, takes its standard's
    days.
    staff: `role`, `from_date`, `in_post_wte` (and `site`), and `full_time_hours` where the week is not that of the day:
    each row holds until the role's next. Trainees add to scientists as in `capacity.workload`. A role of which nobody
    is in post at the start does no work here: what it would do is left out of the path, and `estimated` says so.
    """
    staff, demand = _of_site(staff, known.site), _of_site(demand, known.site)
    known = _with_new(known, assumptions, demand, start)
    last_year = start.year + months // MONTHS_A_YEAR + 2
    holidays = public_holidays(_board(known.site), last_year)
    roles = _roles(known, assumptions, staff, start, last_year, holidays)
    minutes = assumptions.minutes().filter(pl.col("role").is_in([role.code for role in roles]))
    rates = _arrivals(known, assumptions, demand, start, months, holidays)
    categories = tuple(
        _category(known, row, minutes, rates[row["category"]], start)
        for row in known.categories.filter(pl.col("category").is_in(list(rates))).to_dicts()
    )
    waiting = tuple(group for category in categories for group in _waiting(known, category, start))
    return Plan(
        site=known.site,
        start=start,
        months=months,
        categories=categories,
        roles=roles,
        open_requests=waiting,
        holidays=holidays,
        demand=known.demand_factor,
    )


def _with_new(known: SiteKnown, assumptions: Assumptions, demand: pl.DataFrame, start: dt.date) -> SiteKnown:
    """The same with the categories that are expected from the start on and of which nothing is known yet."""
    coming = demand.filter(
        pl.col("period_start") >= start,
        pl.col("requests") > 0,
        pl.col("category").is_in(assumptions.categories),
        ~pl.col("category").is_in(known.categories["category"].to_list()),
    )
    new = (
        coming.select("category").unique().sort("category").with_columns(requests=pl.lit(0.0), is_hidden=pl.lit(False))
    )
    return (
        replace(known, categories=pl.concat([known.categories, new], how="diagonal_relaxed")) if new.height else known
    )


def with_answered(simulated: Simulated, known: SiteKnown, plan: Plan) -> Simulated:
    """The same with requests that fall due in the plan but were answered before it counted as due, and in time.

    A plan opens with what is open, so that of those due in its first weeks it knows the late ones best. Those received
    so long before, less those of that age still open, were answered; `reported_count` stays that of the plan.
    """
    answered = answered_before(known, plan)
    whole = answered.group_by("month").agg(pl.col("answered").sum()).with_columns(category=pl.lit(ALL))
    more = pl.concat([answered, whole.select(answered.columns)])
    counted = pl.col("due_count", "in_standard_count") + pl.col("answered").fill_null(0)
    months = (
        simulated.months.join(more, on=["category", "month"], how="left", maintain_order="left")
        .with_columns(counted)
        .drop("answered")
    )
    share = pl.when(pl.col("due_count") > 0).then(100 * pl.col("in_standard_count") / pl.col("due_count"))
    return Simulated(months.with_columns(in_standard_pct=share), simulated.roles)


def answered_before(known: SiteKnown, plan: Plan) -> pl.DataFrame:
    """Requests that fall due in the plan but were answered before it: `category`, `month`, `answered`."""
    from capacity.plan_tables import due_date

    requests = dict(known.categories.select("category", "requests").iter_rows())
    rows: list[tuple[str, dt.date, int]] = []
    for category in plan.categories:
        a_day = float(requests.get(category.code, 0.0)) / DAYS_A_YEAR
        begun = {step.code for step in category.path[category.clock_place :]}
        waiting: dict[int, int] = {}
        for group in plan.open_requests:
            if group.category == category.code and group.step in begun:
                waiting[group.age_days] = waiting.get(group.age_days, 0) + group.count
        found: dict[dt.date, float] = {}
        age = 1
        while (due := due_date(plan, category, plan.start - dt.timedelta(days=age))) >= plan.start:
            month = due.replace(day=1)
            found[month] = found.get(month, 0.0) + a_day - waiting.get(age, 0)
            age += 1
        rows += [(category.code, month, max(round(count), 0)) for month, count in sorted(found.items())]
    names = {"category": pl.String, "month": pl.Date, "answered": pl.Int64}
    return pl.DataFrame(rows, schema=names, orient="row")


def estimated(known: SiteKnown, assumptions: Assumptions, staff: pl.DataFrame, start: dt.date) -> pl.DataFrame:
    """What of a plan is not told by cells, and how it is taken: `what`, `code`, `taken`."""
    rows: list[tuple[str, str, str]] = []
    for row in known.categories.to_dicts():
        if row["category"] not in assumptions.categories:
            rows.append(("category", row["category"], "no minutes: not simulated"))
            continue
        if row["is_hidden"]:
            rows.append(("requests", row["category"], "hidden: taken as the middle of what it may be"))
        if row["median_days"] is None or row["p90_days"] is None:
            rows.append(("days", row["category"], "not told: taken from the standard"))
        own = known.waiting.filter(category=row["category"])
        if own.filter(open_age=ALL_AGES)["requests"].drop_nulls().is_empty():
            rows.append(("open", row["category"], "hidden: arrivals times days (Little's law)"))
    there = {role for role, first in _first_staff(_of_site(staff, known.site), start).items() if first > 0}
    rows += [("role", role, "nobody in post is told: its work is left out") for role in assumptions.roles
             if role not in there]  # fmt: skip
    rows += [("pace", role, f"minutes multiplied by {by:.2f}") for role, by in known.pace.items() if by < 1]
    return pl.DataFrame(rows, schema=dict.fromkeys(("what", "code", "taken"), pl.String), orient="row")


def standard_on(category: str, day: dt.date) -> Standard:
    """The standard of a category in force on a day; PlanError where it has none."""
    for row in reference_rows("turnaround_standards"):
        until = row["valid_to"]
        is_then = row["valid_from"] <= day.isoformat() and (not until or day.isoformat() < until)
        if row["turnaround_category"] == category and is_then:
            return Standard(int(row["target_days"]), row["day_type"], row["clock_start_event"])
    raise PlanError(f"Category {category} has no standard on {day}.")


def mean_days(median: float, p90: float) -> float:
    """The mean of days with such a median and 90th percentile, were their logarithms normal; half a day at least."""
    low = max(median, 0.5)
    sigma = math.log(max(p90, low) / low) / NINE_IN_TEN
    return low * math.exp(sigma**2 / 2)


def observed_days(row: Mapping[str, object], start: dt.date) -> tuple[float, float]:
    """Median and 90th percentile of a category's days; from its standard where they are not told."""
    target = standard_on(str(row["category"]), start).target_days
    median, p90 = row["median_days"], row["p90_days"]
    middle = float(median) if isinstance(median, int | float) else MEDIAN_OF_TARGET * target
    high = float(p90) if isinstance(p90, int | float) else max(P90_OF_TARGET * target, 1.5 * middle)
    return middle, high


# Staff --------------------------------------------------------------------------------------------------------------
def _roles(
    known: SiteKnown,
    assumptions: Assumptions,
    staff: pl.DataFrame,
    start: dt.date,
    last_year: int,
    holidays: frozenset[dt.date],
) -> tuple[Role, ...]:
    """Roles with minutes of which somebody is in post at the start, a row a day on which anything changes."""
    days_a_year = _working_days(dt.date(start.year, 1, 1), dt.date(last_year, 1, 1), holidays) / (
        last_year - start.year
    )
    first = _first_staff(staff, start)
    net = trainee_worth(assumptions)
    found = []
    for role in assumptions.roles:
        if first.get(role, 0.0) <= 0:
            continue
        each = hours_a_wte(role, 1.0, assumptions, known.absence) * 60 / days_a_year
        days = _days_of_change(staff, (role, TRAINEE) if role == SCIENTIST else (role,), start)
        rows = []
        for day in days:
            wte, week = _standing(staff, role, day)
            trainees = _standing(staff, TRAINEE, day)[0] * net if role == SCIENTIST else 0.0
            rows.append(Staff(day, round(max(wte + trainees, 0.0), 6), each * week))
        found.append(Role(role, tuple(rows)))
    return tuple(found)


def _days_of_change(staff: pl.DataFrame, roles: tuple[str, ...], start: dt.date) -> list[dt.date]:
    given = staff.filter(pl.col("role").is_in(roles))["from_date"].to_list()
    return sorted({start} | {day for day in [*given, *(day for day, _ in FULL_TIME_WEEK)] if day > start})


def _standing(staff: pl.DataFrame, role: str, day: dt.date) -> tuple[float, float]:
    """WTE in post and hours of the full-time week of a role on a day; nobody where no row holds yet."""
    own = staff.filter(pl.col("role") == role, pl.col("from_date") <= day).sort("from_date").tail(1)
    if own.is_empty():
        return 0.0, full_time_hours(day)
    given = own["full_time_hours"][0] if "full_time_hours" in own.columns else None
    return float(own["in_post_wte"][0]), full_time_hours(day) if given is None else float(given)


def _first_staff(staff: pl.DataFrame, start: dt.date) -> dict[str, float]:
    return {role: _standing(staff, role, start)[0] for role in staff["role"].unique().sort()}


def _of_site(frame: pl.DataFrame, site: str) -> pl.DataFrame:
    return frame.filter(site=site) if "site" in frame.columns else frame


def _board(site: str) -> str:
    return next(row["host_board"] for row in reference_rows("laboratories") if row["code"] == site)


def _working_days(first: dt.date, end: dt.date, holidays: frozenset[dt.date]) -> int:
    return int(np.busday_count(first, end, holidays=sorted(holidays)))


# Requests -----------------------------------------------------------------------------------------------------------
def _arrivals(
    known: SiteKnown,
    assumptions: Assumptions,
    demand: pl.DataFrame,
    start: dt.date,
    months: int,
    holidays: frozenset[dt.date],
) -> dict[str, tuple[float, ...]]:
    """Requests a working day of each category with minutes, month by month."""
    firsts = [_month(start, number) for number in range(months + 1)]
    days = [_working_days(one, after, holidays) for one, after in pairwise(firsts)]
    last_months = [_month(start, number) for number in range(-MONTHS_A_YEAR, 1)]
    in_last_year = _working_days(last_months[0], start, holidays)
    asked = {
        (row["category"], row["period_start"]): float(row["requests"])
        for row in demand.select("category", "period_start", "requests").to_dicts()
    }
    found = {}
    for category, requests in known.categories.select("category", "requests").iter_rows():
        if category not in assumptions.categories:
            continue
        flat = float(requests) / in_last_year
        rates: list[float] = []
        for number, (first, length) in enumerate(zip(firsts, days, strict=False)):
            told = asked.get((category, first))
            if told is not None:
                rates.append(told / length)
            else:
                rates.append(rates[number - MONTHS_A_YEAR] if number >= MONTHS_A_YEAR else flat)
        found[category] = tuple(rates)
    return found


def _month(start: dt.date, number: int) -> dt.date:
    month = start.year * MONTHS_A_YEAR + start.month - 1 + number
    return dt.date(month // MONTHS_A_YEAR, month % MONTHS_A_YEAR + 1, 1)


# Paths --------------------------------------------------------------------------------------------------------------
def stage_delays(known: SiteKnown, row: Mapping[str, object], start: dt.date) -> dict[str, tuple[float, float]]:
    """Mean delay and its cv of each stage of a category: as calibrated, else a part of the days that it takes.

    The days from clock start to report are split as all days of the path are; stages before the clock's start come on
    top.
    """
    category = str(row["category"])
    if known.delays is not None and (own := known.delays.filter(category=category)).height:
        return {stage: (days, cv) for stage, days, cv in own.select("stage", "delay_days", "cv").iter_rows()}
    shares = stage_shares(known, category, start)
    clock = shares_on_clock(shares, category, start)
    days = FIRST_PART * mean_days(*observed_days(row, start))
    return {stage: (days * share / clock, FIRST_CV) for stage, share in shares.items()}


def stage_shares(known: SiteKnown, category: str, start: dt.date) -> dict[str, float]:
    """Each stage's share of the days of a category from receipt, or from before it where the clock starts there.

    As cells tell them; where they do not, all stages alike.
    """
    told = dict(known.stages.filter(category=category).select("stage", "pct").iter_rows())
    parts = {stage: float(told.get(stage) or 0.0) for stage in STEPS}
    if not sum(parts.values()):
        parts = dict.fromkeys(STEPS, 1.0)
    if standard_on(category, start).clock_start == "collected":
        before = float(told.get("collection") or 0.0) + float(told.get("transport") or 0.0)
        parts = {BEFORE_RECEIPT: before, **parts}
    whole = sum(parts.values())
    return {stage: part / whole for stage, part in parts.items()}


def shares_on_clock(shares: Mapping[str, float], category: str, start: dt.date) -> float:
    """The share of the days of the path that the clock runs."""
    if standard_on(category, start).clock_start != "dna_extracted":
        return 1.0
    return max(1.0 - shares[STEPS[0]], 0.05)


def _category(
    known: SiteKnown, row: Mapping[str, object], minutes: pl.DataFrame, rates: tuple[float, ...], start: dt.date
) -> Category:
    code = str(row["category"])
    standard = standard_on(code, start)
    visits = _visits(minutes.filter(category=code))
    path: list[Step] = []
    for stage, (days, cv) in stage_delays(known, row, start).items():
        delay = mean_and_cv(round(days, 3), round(cv, 3)) if days >= 0.001 else None
        for role, mean in visits.get(stage, []):
            spread = mean_and_cv(round(mean * known.pace.get(role, 1.0), 4), WORK_CV)
            path.append(Step(f"{stage}/{role}", role, spread))
        path.append(Step(f"{stage}/{NO_ROLE}", delay=delay))
    begins = next(step.code for step in path if step.code.startswith(f"{STEPS[1]}/"))
    return Category(
        code=code,
        arrivals=rates,
        path=tuple(path),
        target_days=standard.target_days,
        day_type="working" if standard.day_type == "working" else "calendar",
        priority=sum(standard.target_days > most for most in SERVED_FIRST),
        clock_starts_at=begins if standard.clock_start == "dna_extracted" else None,
    )


def _visits(minutes: pl.DataFrame) -> dict[str, list[tuple[str, float]]]:
    """Roles by the stage in which they work on a request, with their minutes.

    A role takes a request once, in the stage that has most of its minutes, and does all its work on it there: the hours
    are the same, and so is what piles up when they run short; only short waits between two visits of a role are gone.
    """
    order = {stage: place for place, stage in enumerate(STEPS)}
    found: dict[str, list[tuple[str, float]]] = {}
    for (role,), own in minutes.group_by("role", maintain_order=True):
        rows = own.select("step", "minutes").rows()
        stage, _ = max(rows, key=lambda row: (row[1], -order[row[0]]))
        if (total := sum(mean for _, mean in rows)) > 0:
            found.setdefault(stage, []).append((str(role), total))
    return found


# What waits ---------------------------------------------------------------------------------------------------------
def _waiting(known: SiteKnown, category: Category, start: dt.date) -> list[OpenRequests]:
    """Open requests of a category by age and step.

    Shown counts by age are kept. Hidden ages share what the shown ones leave of the category's total, and a hidden
    total is arrivals times days (Little's law). The step is not told: at each age, requests stand in the stages as days
    in each, one after the other, would have it.
    """
    row = known.categories.row(by_predicate=pl.col("category") == category.code, named=True)
    whole = mean_days(*observed_days(row, start))
    shares = stage_shares(known, category.code, start)
    days = {stage: share * whole / shares_on_clock(shares, category.code, start) for stage, share in shares.items()}
    before = days.pop(BEFORE_RECEIPT, 0.0)
    delays = stage_delays(known, row, start)
    places = [place for stage in days for place in _places(category, stage, days[stage], *delays[stage])]
    there = _where_by_age(days, delays)
    split = np.array([part for *_, part in places]).reshape(len(days), -1, 1)
    expected = float(row["requests"]) / DAYS_A_YEAR * (there[:, None, :] * split).reshape(len(places), -1)
    counts = _by_age(known, category.code, expected)
    extraction = days[STEPS[0]] if category.clock_starts_at else 0.0
    found: dict[tuple[int, str], int] = {}
    for age, at_age in enumerate(_whole(counts.T.ravel()).reshape(counts.T.shape)):
        for (step, _), count in zip(places, at_age, strict=True):
            # Ages are told at the end of the day before the plan's first.
            key = max(round(age + 1 + before - extraction), 0), step
            found[key] = found.get(key, 0) + int(count)
    return [OpenRequests(category.code, step, age, count) for (age, step), count in sorted(found.items()) if count]


def _places(category: Category, stage: str, days: float, delay: float, cv: float) -> list[tuple[str, float]]:
    """The steps at which those in a stage stand, each with its share of them.

    Who waits for people stands at the stage's beginning; who waits without them, at the beginning of its delay. A delay
    is begun anew, but who is in one has on average (1 + cv ** 2) / 2 of it to go, and who only waits for Monday none:
    as many stand at the beginning of the next stage as makes the mean right.
    """
    codes = [step.code for step in category.path]
    own = [code for code in codes if code.startswith(f"{stage}/")]
    following = codes[min(codes.index(own[-1]) + 1, len(codes) - 1)]
    rest = WEEKEND_REST * min(delay, 1.0)
    in_queue = min(max(1 - (delay + rest) / days, 0.0), 1.0) if days > 0 else 1.0
    to_go = min((1 + cv**2) / 2, 1.0) * (delay / (delay + rest) if delay > 0 else 1.0)
    return [(own[0], in_queue), (own[-1], (1 - in_queue) * to_go), (following, (1 - in_queue) * (1 - to_go))]


def _where_by_age(days: Mapping[str, float], delays: Mapping[str, tuple[float, float]]) -> Array:
    """The share of all requests that is in each stage so many days after receipt: a row a stage, a column a day.

    The days of the stages are taken to be independent of one another.
    """
    longest = min(math.ceil(8 * sum(days.values())) + OPEN_AGES["43+"][0] + 30, 1_000)
    ended = np.zeros(longest)
    ended[0] = 1.0
    rows = []
    for stage, mean in days.items():
        spread = np.array(mean_and_cv(mean, delays[stage][1]).values)
        chance = np.bincount(np.minimum(np.round(spread), longest - 1).astype(np.int64), minlength=longest)
        begun, ended = ended, np.convolve(ended, chance / len(spread))[:longest]
        rows.append(np.cumsum(begun) - np.cumsum(ended))
    return np.maximum(np.array(rows), 0.0)


def _by_age(known: SiteKnown, category: str, expected: Array) -> Array:
    """Open requests by place and day of age: shown counts of the ages, each spread as expected."""
    told = dict(known.waiting.filter(category=category).select("open_age", "requests").iter_rows())
    days = expected.shape[1]
    spans = {age: slice(low, days if high is None else high + 1) for age, (low, high) in OPEN_AGES.items()}
    within = {age: float(expected[:, span].sum()) for age, span in spans.items()}
    shown = {age: float(told[age]) for age in spans if told.get(age) is not None}
    hidden = sum(within[age] for age in spans if age not in shown)
    total = told.get(ALL_AGES)
    left = hidden if total is None else max(float(total) - sum(shown.values()), 0.0)
    found = np.zeros(expected.shape)
    for age, span in spans.items():
        count = shown[age] if age in shown else (left * within[age] / hidden if hidden else 0.0)
        if within[age] > 0:
            found[:, span] = count * expected[:, span] / within[age]
        else:
            found[-1, span.start] = count
    return found


def _whole(counts: Array) -> Whole:
    """Whole numbers whose running totals are those of the counts, rounded."""
    return np.diff(np.round(np.cumsum(counts)), prepend=0.0).astype(np.int64)
