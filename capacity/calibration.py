"""The days of a path that are no queue: found so that the simulation of a year gives the days that were seen in it.

Days in a stage are calendar days with waits in them. What of them is queue follows from staff and requests; the rest,
as of machines, runs, second opinions and days on which nobody looked, is the delay that is found here: for each
category a mean and how much it differs, by simulating the year, comparing and correcting.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace

import polars as pl

from capacity.assumptions import Assumptions
from capacity.simulation import ALL, Simulated, simulate
from capacity.site_plan import (
    FIRST_CV,
    FIRST_PART,
    MONTHS_A_YEAR,
    NINE_IN_TEN,
    SiteKnown,
    mean_days,
    observed_days,
    shares_on_clock,
    site_plan,
    stage_shares,
    standard_on,
)
from capacity.workload import full_time_hours, hours_available, hours_needed

#: Rounds of simulating, comparing and correcting, and replications of each.
ROUNDS, REPLICATIONS = 7, 6

#: Months simulated before the year, so that it begins with its own backlog, and after it, until its requests are over.
BEFORE, AFTER = 4, 4

#: The most of its hours that a role is taken to have spent on the year's work: it was done, so minutes that ask for
#: more are too long for this laboratory.
MOST_LOAD = 0.95

#: Shares of requests in time that tell more than the median: beyond these, nearly all or nearly none are.
TELLING = (4.0, 97.0)

#: A round moves the mean delay by at most this part of the days seen, and cv by at most so many times.
MOST_MOVE, MOST_TIMES = 0.35, 1.5
LEAST_CV, MOST_CV = 0.05, 4.0

FIT_SCHEMA = {
    "category": pl.String,
    "requests": pl.Float64,
    **dict.fromkeys(
        ("seen_median_days", "median_days", "seen_p90_days", "p90_days", "seen_in_standard_pct", "in_standard_pct"),
        pl.Float64,
    ),
}


@dataclass(frozen=True)
class Calibrated:
    """A site with its delays, and how near the simulation of the year comes to what was seen.

    fit: by category, what was seen (null where hidden) beside what the calibrated simulation gives.
    """

    known: SiteKnown
    fit: pl.DataFrame

    @property
    def off_points(self) -> float | None:
        """How far shares in time are off on average over requests, in percentage points; None where none is told."""
        told = self.fit.drop_nulls(["seen_in_standard_pct", "in_standard_pct"])
        if told.is_empty():
            return None
        gap = (pl.col("in_standard_pct") - pl.col("seen_in_standard_pct")).abs() * pl.col("requests")
        return float(told.select(gap.sum() / pl.col("requests").sum()).item())


def calibrate(
    known: SiteKnown,
    assumptions: Assumptions,
    staff: pl.DataFrame,
    start: dt.date,
    seed: int = 1,
    rounds: int = ROUNDS,
) -> Calibrated:
    """Delays and pace of a site from the 12 months before a day.

    known: as of that day. staff: by date, as `site_plan` takes them; the first rows hold before their day too.
    """
    first = _months_before(start, MONTHS_A_YEAR)
    begin = _months_before(first, BEFORE)
    staff = _from_the_beginning(staff, begin)
    known = replace(known, pace=paces(known, assumptions, staff, start), delays=None)
    settings = {
        str(row["category"]): (FIRST_PART * mean_days(*observed_days(row, first)), FIRST_CV)
        for row in known.categories.filter(pl.col("category").is_in(assumptions.categories)).to_dicts()
    }
    best: tuple[float, Calibrated] | None = None
    for number in range(rounds):
        trial = replace(known, delays=_delays(known, settings, first))
        fit = _compared(trial, assumptions, staff, begin, first, start, seed)
        off = _misfit(fit)
        if best is None or off < best[0]:
            best = off, Calibrated(trial, fit)
        if number < rounds - 1:
            settings = {
                str(row["category"]): _corrected(row, *settings[row["category"]], first) for row in fit.to_dicts()
            }
    assert best is not None
    return best[1]


def paces(known: SiteKnown, assumptions: Assumptions, staff: pl.DataFrame, end: dt.date) -> dict[str, float]:
    """By role, what minutes are multiplied by so that the year's work takes MOST_LOAD of its hours at most."""
    if "site" in staff.columns:
        staff = staff.filter(site=known.site)
    volumes = known.categories.with_columns(site=pl.lit(known.site), period=pl.lit("year"))
    needed = hours_needed(volumes, assumptions).group_by("role").agg(hours_needed=pl.col("hours").sum())
    there = _mean_staff(staff, known, end)
    hours = hours_available(there, assumptions, absence=known.absence).select("role", hours_available="hours")
    loads = needed.join(hours, on="role").filter(pl.col("hours_available") > 0)
    return {
        role: min(1.0, round(MOST_LOAD * available / hours, 4))
        for role, hours, available in loads.sort("role").iter_rows()
    }


def _mean_staff(staff: pl.DataFrame, known: SiteKnown, end: dt.date) -> pl.DataFrame:
    """Mean WTE of each role over a year's months, in the week of its middle."""
    months = [_months_before(end, number) for number in range(1, MONTHS_A_YEAR + 1)]
    rows = []
    for (role,), own in staff.group_by("role", maintain_order=True):
        ordered = own.sort("from_date")
        standing = [ordered.filter(pl.col("from_date") <= month).tail(1)["in_post_wte"] for month in months]
        wte = sum(float(one[0]) if one.len() else 0.0 for one in standing) / len(months)
        week = sum(full_time_hours(month) for month in months) / len(months)
        rows.append((known.site, str(role), "year", wte, week))
    names = ["site", "role", "period", "in_post_wte", "full_time_hours"]
    return pl.DataFrame(rows, schema=names, orient="row")


def _from_the_beginning(staff: pl.DataFrame, begin: dt.date) -> pl.DataFrame:
    """Staff whose first row, where it is of a later day, holds from the beginning."""
    keys = [name for name in ("site", "role") if name in staff.columns]
    is_first = pl.col("from_date") == pl.col("from_date").min().over(keys)
    earlier = pl.min_horizontal("from_date", pl.lit(begin))
    return staff.with_columns(from_date=pl.when(is_first).then(earlier).otherwise("from_date"))


def _delays(known: SiteKnown, settings: dict[str, tuple[float, float]], start: dt.date) -> pl.DataFrame:
    """Delays by stage: the days of each category on its clock, split as its path is."""
    rows = []
    for category, (days, cv) in settings.items():
        shares = stage_shares(known, category, start)
        clock = shares_on_clock(shares, category, start)
        rows += [(category, stage, days * share / clock, cv) for stage, share in shares.items()]
    names = {"category": pl.String, "stage": pl.String, "delay_days": pl.Float64, "cv": pl.Float64}
    return pl.DataFrame(rows, schema=names, orient="row")


def _compared(
    known: SiteKnown,
    assumptions: Assumptions,
    staff: pl.DataFrame,
    begin: dt.date,
    first: dt.date,
    end: dt.date,
    seed: int,
) -> pl.DataFrame:
    """What the simulation gives for the year beside what was seen, by category: FIT_SCHEMA."""
    # The year opens with the backlog that its own days and requests make; that of its end is not that of its beginning.
    opening = replace(known, waiting=known.waiting.clear(), demand_factor=None)
    nothing = pl.DataFrame(schema={"category": pl.String, "period_start": pl.Date, "requests": pl.Float64})
    plan = site_plan(opening, assumptions, nothing, staff, begin, BEFORE + MONTHS_A_YEAR + AFTER)
    found = year_of(simulate(plan, REPLICATIONS, seed), first, end)
    seen = known.categories.select(
        "category",
        "requests",
        seen_median_days="median_days",
        seen_p90_days="p90_days",
        seen_in_standard_pct="in_standard_pct",
    )
    return found.join(seen, on="category").select(list(FIT_SCHEMA)).cast(FIT_SCHEMA)  # type: ignore[arg-type]


def year_of(simulated: Simulated, first: dt.date, end: dt.date) -> pl.DataFrame:
    """Days and share in time by `category` over months and replications; days weigh as the requests received."""
    own = simulated.months.filter(pl.col("category") != ALL, pl.col("month").is_between(first, end, closed="left"))

    def weighed(days: str) -> pl.Expr:
        weight = pl.when(pl.col(days).is_not_null()).then(pl.col("received_count"))
        return ((pl.col(days) * weight).sum() / weight.sum()).alias(days)

    share = 100 * pl.col("in_standard_count").sum() / pl.col("due_count").sum()
    return own.group_by("category", maintain_order=True).agg(
        weighed("median_days"), weighed("p90_days"), in_standard_pct=share
    )


def _corrected(row: dict[str, float | str | None], days: float, cv: float, start: dt.date) -> tuple[float, float]:
    """The next mean delay and cv of a category: the level from its share in time where that tells, else its median."""
    category = str(row["category"])
    number = {name: float(value) for name, value in row.items() if isinstance(value, int | float)}
    if not {"median_days", "p90_days"} <= number.keys() or not math.isfinite(number["median_days"]):
        return days, cv
    target = standard_on(category, start).target_days
    seen_days = {"median_days": row["seen_median_days"], "p90_days": row["seen_p90_days"]}
    median, p90 = observed_days({"category": category, **seen_days}, start)
    seen = number.get("seen_in_standard_pct")
    if seen is not None and TELLING[0] <= seen <= TELLING[1]:
        move = (number["in_standard_pct"] - seen) / 100 / _density(median, p90, target)
    else:
        move = median - number["median_days"]
    most = MOST_MOVE * max(mean_days(median, p90), 1.0)
    spread = max(p90 - median, 0.5) / max(number["p90_days"] - number["median_days"], 0.5)
    times = min(max(spread, 1 / MOST_TIMES), MOST_TIMES)
    return max(days + min(max(move, -most), most), 0.0), min(max(cv * times, LEAST_CV), MOST_CV)


def _density(median: float, p90: float, target: int) -> float:
    """The share of requests answered on one day near the target, at least a part of that at the median."""
    low = max(median, 0.5)
    sigma = max(math.log(max(p90, low) / low) / NINE_IN_TEN, 0.1)

    def at(day: float) -> float:
        return math.exp(-((math.log(day / low) / sigma) ** 2) / 2) / (day * sigma * math.sqrt(2 * math.pi))

    return max(at(target + 0.5), 0.15 * at(low))


def _misfit(fit: pl.DataFrame) -> float:
    """How far off a round is: shares in percentage points, and days as a part of those seen, weighed by requests."""
    share = (pl.col("in_standard_pct") - pl.col("seen_in_standard_pct")).abs().fill_null(0.0)
    days = sum(
        (100 * (pl.col(name) / pl.col(f"seen_{name}").clip(1.0) - 1).abs()).fill_null(0.0)
        for name in ("median_days", "p90_days")
    )
    return float(fit.select(((share + 0.25 * days) * pl.col("requests")).sum() / pl.col("requests").sum()).item())


def _months_before(day: dt.date, number: int) -> dt.date:
    month = day.year * MONTHS_A_YEAR + day.month - 1 - number
    return dt.date(month // MONTHS_A_YEAR, month % MONTHS_A_YEAR + 1, 1)
