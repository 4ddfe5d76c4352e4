"""Which shown counts demand is foretold from, and what the store holds of it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from capacity.demand import ALL, CATEGORY, FORECAST, NAIVE
from pipelines.outlook.demand import hidden, history, tables

SCHEMA = {
    "indicator": pl.String,
    "cube": pl.String,
    "d1": pl.String,
    "grain": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "period_status": pl.String,
    "state": pl.String,
    "value": pl.Float64,
}


def span(month: int, length: int) -> tuple[dt.date, dt.date]:
    first, after = (dt.date(number // 12, number % 12 + 1, 1) for number in (month, month + length))
    return first, after - dt.timedelta(days=1)


def cells(cube: str, code: str | None, grain: str, level: float, hide: float = 0.0, months: int = 66) -> list[tuple]:
    """A series of shown counts from May 2021 (quarters from July); the first part of them is hidden."""
    length = 3 if grain == "quarter" else 1
    first = 2021 * 12 + (6 if length > 1 else 4)
    counts = np.random.default_rng(4).poisson(level, (2021 * 12 + 4 + months - first) // length)
    rows = []
    for number, count in enumerate(counts):
        is_hidden = number < hide * counts.size
        value = None if is_hidden else float(count // 5 * 5)
        state = "confidential" if is_hidden else "shown"
        rows.append(
            ("requests_received", cube, code, grain, *span(first + number * length, length), "final", state, value)
        )
    return rows


@pytest.fixture(scope="module")
def every() -> pl.DataFrame:
    rows = [
        *cells("", None, "month", 900),
        *cells("", None, "quarter", 2700),
        *cells(CATEGORY, "predictive", "month", 200),
        *cells(CATEGORY, "predictive", "quarter", 600),
        *cells(CATEGORY, "nipt", "quarter", 120, hide=0.2),
        *cells(CATEGORY, "acute_child", "quarter", 15, hide=0.9),
        *cells(CATEGORY, "whole_genome", "month", 100, hide=0.2, months=70)[-26:],
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def test_months_are_learned_from_where_they_are_shown_otherwise_quarters(every: pl.DataFrame) -> None:
    found = dict(history(every).group_by("code").agg(pl.col("grain").unique().first()).iter_rows())
    assert found == {"": "month", "predictive": "month", "nipt": "quarter", "whole_genome": "month"}


def test_hidden_points_are_left_out_and_hidden_series_are_named(every: pl.DataFrame) -> None:
    assert history(every)["requests"].null_count() == 0
    assert history(every).filter(code="nipt").height == 16
    assert hidden(every).rows() == [(CATEGORY, "acute_child")]


def test_incomplete_periods_and_other_measures_are_not_looked_at(every: pl.DataFrame) -> None:
    last = pl.col("period_start") == pl.lit(dt.date(2026, 10, 1))
    marked = every.with_columns(
        pl.when(last).then(pl.lit("incomplete")).otherwise("period_status").alias("period_status")
    )
    assert history(marked).filter(dimension=ALL)["period_start"].max() == dt.date(2026, 9, 1)
    other = every.with_columns(pl.lit("requests_reported").alias("indicator"))
    assert history(other).is_empty()


def test_the_store_holds_forecasts_with_states_and_no_more_than_a_decimal(every: pl.DataFrame) -> None:
    found = tables(every, 5)
    states = dict(found["demand_forecast"].group_by("code").agg(pl.col("state").unique().first()).iter_rows())
    assert states == {
        "": "shown",
        "predictive": "shown",
        "nipt": "shown",
        "acute_child": "confidential",
        "whole_genome": "not_available",
    }
    without = found["demand_forecast"].filter(pl.col("state") != "shown")
    assert without.select("requests", "lower_80", "upper_95", "period_start").null_count().row(0) == (2, 2, 2, 2)
    shown = found["demand_forecast"].filter(state="shown")
    assert shown["requests"].round(1).equals(shown["requests"])
    assert set(found["demand_past"]["code"]) == {"", "predictive", "nipt"}
    assert set(shown["method"]) == {FORECAST, NAIVE}


def test_without_cells_the_tables_are_empty(every: pl.DataFrame) -> None:
    found = tables(every.clear(), 5)
    assert all(frame.is_empty() for frame in found.values())
    assert "state" in found["demand_forecast"].columns
