"""From staff to waits: what a laboratory's plan does to turnaround and backlog, by simulation of its requests.

    simulated = simulate(plan, replications=100, seed=1)
    simulated.months                                    # one row a replication, month and category
    summarise(simulated.months, ["month", "category"])  # means, medians and intervals over replications

One seed gives the same figures on any machine and with any number of threads. Plans that differ in staff alone meet the
same requests with the same work, so that few replications tell what the staff change.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from capacity.laboratory_plan import Plan, PlanError

if TYPE_CHECKING:
    from capacity.queueing_engine import Tables

Whole = NDArray[np.int64]

#: The row of all categories together.
ALL = "all"
MONTH_COUNTS = ("received_count", "due_count", "reported_count", "in_standard_count", "open_count", "overdue_count")
MONTH_DAYS = ("median_days", "p90_days", "p95_days")
#: Shares of the replications below the limits of the two intervals.
LIMITS = {"lower_95": 0.025, "lower_80": 0.10, "median": 0.50, "upper_80": 0.90, "upper_95": 0.975}
MOST_REPLICATIONS = 100_000


@dataclass(frozen=True)
class Simulated:
    """What came of a plan in each replication.

    months: by replication, month and category (`all` together): MONTH_COUNTS, `in_standard_pct` of those due in the
    month, reported or not, and MONTH_DAYS, calendar days from clock start to report of those received in the month.
    Days are null where the share was not reached, or where requests still open at the plan's end could change them: let
    a plan run for some months longer than it is read. What was open at the start counts as open, due and reported,
    never as received.
    roles: by replication, month and role: `worked_hours` and `available_hours` of casework, `utilisation_pct`, and
    `waiting_count`, what waits at the month's end for the role or lies unfinished with it, without those in a batch or
    a delay.
    """

    months: pl.DataFrame
    roles: pl.DataFrame


def simulate(
    plan: Plan,
    replications: int = 100,
    seed: int = 1,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Simulated:
    """Simulate a plan so many times over.

    threads: as many as the machine has processors where not given; they change the time taken and nothing else.
    progress: called with the replications done and those asked for.
    """
    if not 1 <= replications <= MOST_REPLICATIONS:
        raise PlanError(f"Replications are from 1 to {MOST_REPLICATIONS}, not {replications}.")
    if not 0 <= seed < 1 << 62:
        raise PlanError("A seed is a whole number from 0 to below 2 ** 62.")
    # Here, because the compiler takes long to load and most of the app never simulates.
    from capacity.plan_tables import tables_of
    from capacity.queueing_engine import COUNTS, MOST_REQUESTS, PERCENTS, ROLE_COUNTS, laboratory, run_replication

    tables = tables_of(plan)
    room = _room(plan, tables)
    if room > MOST_REQUESTS:
        raise PlanError(f"The plan has about {room:,} requests; at most {MOST_REQUESTS:,} can be followed.")
    shape = (replications, plan.months)
    counts = np.zeros((*shape, len(plan.categories), len(COUNTS)), np.int64)
    role_counts = np.zeros((*shape, len(plan.roles), len(ROLE_COUNTS)), np.int64)
    days = np.zeros((*shape, len(plan.categories) + 1, len(PERCENTS)), np.int64)

    def run(number: int) -> None:
        lab = laboratory(tables, room, counts[number], role_counts[number])
        if not run_replication(lab, tables, seed, number, days[number]):
            raise PlanError("More requests came than the plan has room for.")

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        running = [pool.submit(run, number) for number in range(replications)]
        for done, each in enumerate(as_completed(running), start=1):
            each.result()
            if progress is not None:
                progress(done, replications)
    return Simulated(_months(plan, counts, days), _roles(plan, role_counts))


def summarise(found: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Over replications: one row a group of `by` and measure, with mean, median and the limits of 80% and 95%.

    found: `months` or `roles` of what was simulated, or a table made of them with a column `replication`; all its other
    columns of numbers are measures. `told_count` is the replications in which the measure is known. One that is not
    known counts as beyond all others, since it is of waits not yet over; a mean is given where all are known.
    """
    measures = [name for name, kind in found.schema.items() if kind.is_numeric() and name not in ("replication", *by)]
    long = found.unpivot(measures, index=["replication", *by], variable_name="measure").with_columns(
        pl.col("value").cast(pl.Float64)
    )
    beyond = pl.col("value").fill_null(float("inf"))
    limits = [beyond.quantile(share, interpolation="linear").alias(name) for name, share in LIMITS.items()]
    told = pl.col("value").count().alias("told_count")
    found_limits = pl.when(pl.col(*LIMITS).is_finite()).then(pl.col(*LIMITS))
    return (
        long.group_by([*by, "measure"], maintain_order=True)
        .agg(pl.col("value").mean().alias("mean"), *limits, told, pl.len().alias("of"))
        .with_columns(found_limits, mean=pl.when(pl.col("told_count") == pl.col("of")).then(pl.col("mean")))
        .drop("of")
    )


def _room(plan: Plan, tables: Tables) -> int:
    """Requests and people that can be there at once, with a margin that chance does not pass."""
    factor = plan.demand.values[-1] if plan.demand else 1.0
    expected = int(float(tables.hazard.sum()) / (1 << 30) * factor) + 1
    people = int(tables.staff[:, :, 0].sum(axis=1).max(initial=0)) + len(plan.roles)
    return expected + 20 * isqrt(expected) + 1_000 + len(tables.waiting) + people


def _months(plan: Plan, counts: Whole, days: Whole) -> pl.DataFrame:
    together = np.concatenate([counts, counts.sum(axis=2, keepdims=True)], axis=2)
    codes = [*(category.code for category in plan.categories), ALL]
    told = pl.DataFrame({name: days[..., place].ravel() for place, name in enumerate(MONTH_DAYS)})
    return (
        _keys(plan, together.shape[0], "category", codes)
        .with_columns(**{name: pl.Series(together[..., place].ravel()) for place, name in enumerate(MONTH_COUNTS)})
        .with_columns(in_standard_pct=_percent("in_standard_count", "due_count"))
        .hstack(told.select(pl.when(pl.all() >= 0).then(pl.all())))
    )


def _roles(plan: Plan, counts: Whole) -> pl.DataFrame:
    from capacity.queueing_engine import AVAILABLE, TICKS, WAITING, WORKED

    hours = counts / (TICKS * 60)
    return (
        _keys(plan, counts.shape[0], "role", [role.code for role in plan.roles])
        .with_columns(
            worked_hours=pl.Series(hours[..., WORKED].ravel()),
            available_hours=pl.Series(hours[..., AVAILABLE].ravel()),
            waiting_count=pl.Series(counts[..., WAITING].ravel()),
        )
        .with_columns(utilisation_pct=_percent("worked_hours", "available_hours"))
    )


def _percent(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(100 * pl.col(part) / pl.col(whole))


def _keys(plan: Plan, replications: int, kind: str, codes: list[str]) -> pl.DataFrame:
    """A row for each replication, month and code, in that order."""
    from capacity.plan_tables import month_start

    months = [month_start(plan, month) for month in range(plan.months)]
    return (
        pl.DataFrame({"replication": range(replications)}, schema={"replication": pl.Int64})
        .join(pl.DataFrame({"month": months}, schema={"month": pl.Date}), how="cross", maintain_order="left_right")
        .join(pl.DataFrame({kind: codes}, schema={kind: pl.String}), how="cross", maintain_order="left_right")
    )
