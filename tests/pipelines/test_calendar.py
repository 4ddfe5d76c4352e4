"""Days and reporting periods."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pipelines import calendar


def test_every_day_stands_once_with_its_weekday() -> None:
    days = calendar.days()
    assert days["day"].n_unique() == days.height
    assert days.filter(pl.col("day") == dt.date(2026, 11, 21))["iso_weekday"].item() == 6
    assert days.filter("is_month_end", pl.col("day").dt.year() == 2024, pl.col("day").dt.month() == 2)[
        "day"
    ].item() == dt.date(2024, 2, 29)


def test_only_periods_that_the_record_covers_whole_are_there() -> None:
    periods = calendar.periods(dt.date(2021, 5, 1), dt.date(2026, 10, 1))
    starts = {grain[0]: rows["period_start"].unique().sort() for grain, rows in periods.group_by("grain")}
    assert starts["month"].len() == 66
    assert (starts["quarter"].min(), starts["quarter"].max()) == (dt.date(2021, 7, 1), dt.date(2026, 7, 1))
    assert starts["year"].to_list() == [dt.date(year, 11, 1) for year in range(2021, 2026)]


def test_a_month_belongs_to_one_period_of_a_grain_and_lies_within_it() -> None:
    periods = calendar.periods(dt.date(2023, 2, 1), dt.date(2025, 12, 1))
    assert periods.select("grain", "month_start").is_unique().all()
    inside = (pl.col("month_start") >= pl.col("period_start")) & (pl.col("month_start") <= pl.col("period_end"))
    assert periods.select(inside.all()).item()
