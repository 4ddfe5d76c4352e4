"""What came of a simulated scenario: shares within standard by financial year, and what differs between two scenarios.

Everything is worked out within each replication first, so that a range is one of the year, or of the difference, and
never put together from ranges of months. Two scenarios with one seed met the same requests: their difference is paired.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from capacity.simulation import summarise

#: Months of a financial year; one of which fewer were simulated is not told.
WHOLE_YEAR = 12


def financial_year() -> pl.Expr:
    """The financial year of `month`, by its usual name: 2029-30."""
    first = pl.col("month").dt.year().cast(pl.Int64) - (pl.col("month").dt.month() < 4).cast(pl.Int64)
    return pl.format("{}-{}", first, ((first + 1) % 100).cast(pl.String).str.zfill(2)).alias("year")


def by_year(months: pl.DataFrame) -> pl.DataFrame:
    """The `months` of a simulation by `replication`, whole financial `year` and `category`.

    `received_count`, `due_count`, `in_standard_count` and `in_standard_pct` are of the year; `open_count` and
    `overdue_count` of its last day.
    """
    keys = ["replication", "year", "category"]
    sums = ("received_count", "due_count", "in_standard_count")
    found = (
        months.with_columns(financial_year())
        .sort("month", maintain_order=True)
        .group_by(keys, maintain_order=True)
        .agg(
            *(pl.col(name).sum() for name in sums),
            *(pl.col(name).last() for name in ("open_count", "overdue_count")),
            whole=pl.len() == WHOLE_YEAR,
        )
    )
    return (
        found.filter("whole")
        .drop("whole")
        .with_columns(in_standard_pct=share("in_standard_count", "due_count"))
        .sort(keys)
    )


def between(months: pl.DataFrame, first: dt.date, last: dt.date) -> pl.DataFrame:
    """The same counts and share of the months from the first to the last, by `replication` and `category`."""
    inside = months.filter(pl.col("month").is_between(first, last))
    return (
        inside.group_by("replication", "category", maintain_order=True)
        .agg(pl.col("due_count").sum(), pl.col("in_standard_count").sum())
        .with_columns(in_standard_pct=share("in_standard_count", "due_count"))
    )


def share(part: str, whole: str) -> pl.Expr:
    """A percentage, null where nothing is counted."""
    return pl.when(pl.col(whole) > 0).then(100 * pl.col(part) / pl.col(whole))


def ranges(years: pl.DataFrame) -> pl.DataFrame:
    """`by_year` over replications: mean, median and limits of every measure by year and category."""
    return summarise(years, ["year", "category"])


def differences(years: pl.DataFrame, base: pl.DataFrame) -> pl.DataFrame:
    """How much more of each measure than in another scenario of the same seed, over replications."""
    keys = ["replication", "year", "category"]
    measures = [name for name in years.columns if name not in keys]
    both = years.join(base, on=keys, suffix="_base", maintain_order="left")
    return summarise(both.select(*keys, *(pl.col(name) - pl.col(f"{name}_base") for name in measures)), keys[1:])


def together(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The years of several laboratories as one: counts added up within each replication."""
    keys = ["replication", "year", "category"]
    counts = [name for name in parts[0].columns if name.endswith("_count")]
    added = pl.concat([part.select(*keys, *counts) for part in parts]).group_by(keys, maintain_order=True).sum()
    return added.with_columns(in_standard_pct=share("in_standard_count", "due_count")).sort(keys)
