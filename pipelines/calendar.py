"""Days and reporting periods as tables, so that SQL only joins them and every engine agrees on dates."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange

import polars as pl

#: Days that any request of the record can touch, back to when archived tissue was taken; earlier dates are returned at
#: ingest. Public holidays are known for 2019 to 2028.
FIRST_DAY, LAST_DAY = dt.date(1990, 1, 1), dt.date(2036, 12, 31)
EPOCH = dt.date(1970, 1, 1)


def days() -> pl.DataFrame:
    """One row a day: `day`, `day_number` (days since 1970), `iso_weekday` (Monday 1), `month_start`, `is_month_end`."""
    day = pl.col("day")
    return pl.select(pl.date_range(FIRST_DAY, LAST_DAY).alias("day")).with_columns(
        day_number=(day - pl.lit(EPOCH)).dt.total_days(),
        iso_weekday=day.dt.weekday().cast(pl.Int64),
        month_start=day.dt.month_start(),
        is_month_end=day == day.dt.month_end(),
    )


def month_end(month_start: dt.date) -> dt.date:
    """The last day of a month."""
    return month_start.replace(day=monthrange(month_start.year, month_start.month)[1])


def periods(first_month: dt.date, newest_month: dt.date) -> pl.DataFrame:
    """One row a grain and month of the record: the period of that grain to which the month belongs.

    first_month, newest_month: first days of the first and newest month. `month` and `quarter` are of the calendar
    (quarters are also those of the financial year); `year` is the twelve months that end with the newest month, and
    the twelve-month periods before it. A period that the record does not cover whole is left out.
    Columns: `grain`, `month_start`, `period_start`, `period_end`.
    """
    month = pl.col("month_start")
    months = pl.select(pl.date_range(first_month, newest_month, "1mo").alias("month_start"))
    ago = (newest_month.year - month.dt.year()) * 12 + newest_month.month - month.dt.month()
    years_back = pl.format("-{}mo", ago // 12 * 12 + 11)
    by_grain = [
        months.with_columns(grain=pl.lit("month"), period_start=month, length=pl.lit(1)),
        months.with_columns(grain=pl.lit("quarter"), period_start=month.dt.truncate("1q"), length=pl.lit(3)),
        months.with_columns(
            grain=pl.lit("year"), period_start=pl.lit(newest_month).dt.offset_by(years_back), length=pl.lit(12)
        ),
    ]
    whole = pl.col("month_start").count().over("grain", "period_start") == pl.col("length")
    return (
        pl.concat(by_grain, how="diagonal")
        .filter(whole)
        .with_columns(period_end=month.max().over("grain", "period_start").dt.month_end())
        .select("grain", "month_start", "period_start", "period_end")
    )
