"""Do calibrated simulations hold what they say? `python -m tests.study.waits_study 20`.

Each seed is a laboratory of the simulation's own kind with known delays, drawn once for five years. Four years are
seen, the newest of them rounded to 5 and hidden under 10 as a release has it; delays are calibrated to that one, and
the fifth is foretold from its start. Ranges are those of the Scenarios page: of chance, and of the usual miss in the
years seen.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from capacity.assumptions import read_assumptions
from capacity.backtest import beside, foretold, happened, usual_miss, widened
from capacity.calibration import calibrate, year_of
from capacity.simulation import simulate
from capacity.site_plan import ALL_AGES, SiteKnown, site_plan, with_answered
from tests.capacity.site_known import delays, known, no_demand, staff

FIRST, START, END = dt.date(2024, 11, 1), dt.date(2025, 11, 1), dt.date(2026, 11, 1)
DAWN, SEEN = dt.date(2021, 5, 1), dt.date(2021, 11, 1)
SECOND_QUARTER = dt.date(2026, 2, 1)
PEOPLE = 0.75
ROUNDED_TO, HIDDEN_UNDER = 5, 10


def foretold_year(seed: int) -> pl.DataFrame:
    """The numbers of one seed's last year beside what came."""
    base, people = read_assumptions(), staff(DAWN, PEOPLE)
    opening = known(waiting=known().waiting.clear(), delays=delays())
    drawn = simulate(site_plan(opening, base, no_demand(), people, DAWN, 70), 1, seed=1_000 + seed)
    months = drawn.months.rename({"in_standard_count": "in_standard", "due_count": "due"})
    seen = months.select("category", "month", "in_standard", "due", "median_days", "open_count")
    told = _told(drawn.months, year_of(drawn, FIRST, START))
    calibrated = calibrate(told, base, people, START, seed=seed).known
    plan = site_plan(calibrated, base, no_demand(), people, START, 15)
    said = foretold(with_answered(simulate(plan, 60, seed=seed), calibrated, plan), START, END)
    first, second = (seen.filter(pl.col("month").is_between(one, two, closed="left"))
                     for one, two in ((FIRST, START), (START, END)))  # fmt: skip
    miss = usual_miss(seen.filter(pl.col("month") >= SEEN), START)
    rows = widened(beside(said, happened(second, START), happened(first, FIRST)), miss)
    return rows.with_columns(seed=pl.lit(seed))


def _told(months: pl.DataFrame, year: pl.DataFrame) -> SiteKnown:
    """What a release would tell of the newest year seen and its end."""
    ours = pl.col("category") != "all"
    received = (
        months.filter(ours, pl.col("month").is_between(FIRST, START, closed="left"))
        .group_by("category", maintain_order=True)
        .agg(requests=_rounded(pl.col("received_count").sum()))
    )
    last = months.filter(ours, month=dt.date(2025, 10, 1))
    count = pl.col("open_count")
    waiting = last.select(
        "category", open_age=pl.lit(ALL_AGES), requests=pl.when(count >= HIDDEN_UNDER).then(_rounded(count))
    )
    days = year.with_columns(pl.col("median_days", "p90_days").round())
    categories = received.join(days, on="category").with_columns(is_hidden=pl.lit(False))
    return replace(known(), categories=categories, waiting=waiting)


def _rounded(count: pl.Expr) -> pl.Expr:
    return (count / ROUNDED_TO).round() * float(ROUNDED_TO)


def held(seeds: Sequence[int]) -> pl.DataFrame:
    """By measure, the first quarter apart: numbers, shares of them in the ranges, and how far off they are."""
    rows = pl.concat([foretold_year(seed) for seed in seeds])
    rows = rows.with_columns(is_first_quarter=pl.col("period") < SECOND_QUARTER)
    return rows.group_by("measure", "is_first_quarter", maintain_order=True).agg(
        numbers=pl.len(),
        within_80=pl.col("happened").is_between("lower_80", "upper_80").mean(),
        within_95=pl.col("happened").is_between("lower_95", "upper_95").mean(),
        off=(pl.col("mean") - pl.col("happened")).abs().mean(),
        lean=(pl.col("mean") - pl.col("happened")).mean(),
        off_before=(pl.col("before") - pl.col("happened")).abs().mean(),
    )


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with pl.Config(tbl_cols=20, tbl_hide_dataframe_shape=True, float_precision=3):
        sys.stdout.write(f"{held(range(1, count + 1))}\n")
