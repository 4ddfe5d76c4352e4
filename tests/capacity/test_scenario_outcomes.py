"""Years, months and differences of simulated scenarios, by hand."""

from __future__ import annotations

import datetime as dt

import polars as pl

from capacity.scenario_outcomes import between, by_year, differences, ranges, together

MONTHS = [dt.date(2027 + (3 + n) // 12, (3 + n) % 12 + 1, 1) for n in range(13)]


def months(in_time: tuple[int, int] = (8, 5)) -> pl.DataFrame:
    rows = [
        (replication, month, "all", 12, 10, each, 30 + place, 3)
        for replication, each in enumerate(in_time)
        for place, month in enumerate(MONTHS)
    ]
    names = ["replication", "month", "category", "received_count", "due_count", "in_standard_count", "open_count"]
    return pl.DataFrame(rows, schema=[*names, "overdue_count"], orient="row")


def test_only_whole_financial_years_are_told():
    found = by_year(months())
    assert found["year"].unique().to_list() == ["2027-28"]
    assert found["due_count"].to_list() == [120, 120]
    assert found["in_standard_pct"].to_list() == [80, 50]
    assert found["open_count"].to_list() == [41, 41]


def test_ranges_are_over_replications():
    row = ranges(by_year(months())).filter(measure="in_standard_pct").row(0, named=True)
    assert (row["mean"], row["median"], row["told_count"]) == (65, 65, 2)


def test_differences_are_paired():
    found = differences(by_year(months((8, 5))), by_year(months((7, 4)))).filter(measure="in_standard_pct")
    assert found.select("mean", "lower_95", "upper_95").rows() == [(10, 10, 10)]


def test_months_between_two_days():
    found = between(months(), dt.date(2027, 4, 1), dt.date(2027, 5, 1))
    assert found.rows() == [(0, "all", 20, 16, 80.0), (1, "all", 20, 10, 50.0)]


def test_laboratories_are_added_within_replications():
    found = together([by_year(months((8, 5))), by_year(months((2, 5)))])
    assert found["due_count"].to_list() == [240, 240]
    assert found["in_standard_pct"].to_list() == [50, 50]
