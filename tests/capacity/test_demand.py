"""Forecasts of requests: which counts they are learned from, which periods they tell, and how they are scored."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from capacity.demand import (
    ALL,
    CATEGORY,
    FORECAST,
    NAIVE,
    TECHNOLOGY,
    Key,
    forecast_demand,
    known_changes,
    month_number,
    past_forecasts,
    scores,
    series_of,
    steady_from,
    working_days,
)
from methods.count_forecasts import Change

FIRST, MONTHS = month_number(2021, 5), 66


def history(
    levels: dict[tuple[str, str], float], growth: float = 0.05, months: int = MONTHS, seed: int = 1
) -> pl.DataFrame:
    """Monthly counts of several series by chance, those of all requests being the sum of the technologies."""
    rng = np.random.default_rng(seed)
    at = np.arange(months)
    counts = {key: rng.poisson(level * (1 + growth) ** (at / 12)) for key, level in levels.items()}
    counts[ALL, ""] = np.sum([count for key, count in counts.items() if key[0] == TECHNOLOGY], axis=0)
    rows = [
        (dimension, code, *span(FIRST + month), int(count))
        for (dimension, code), every in counts.items()
        for month, count in enumerate(every)
    ]
    return pl.DataFrame(rows, schema=["dimension", "code", "period_start", "period_end", "requests"], orient="row")


def span(month: int, length: int = 1) -> tuple[dt.date, dt.date]:
    first, after = (dt.date(number // 12, number % 12 + 1, 1) for number in (month, month + length))
    return first, after - dt.timedelta(days=1)


LEVELS = {(TECHNOLOGY, "array"): 300.0, (TECHNOLOGY, "sanger"): 500.0, (CATEGORY, "predictive"): 200.0}


@pytest.fixture(scope="module")
def shown() -> pl.DataFrame:
    return history(LEVELS)


@pytest.fixture(scope="module")
def forecast(shown: pl.DataFrame) -> pl.DataFrame:
    return forecast_demand(shown, 1)


def test_the_months_of_the_pandemic_are_not_learned_from() -> None:
    """Restrictions ended on 9 August 2021; two more months are left out, so November is the first."""
    assert steady_from() == month_number(2021, 11)
    found = series_of(history({(TECHNOLOGY, "array"): 50.0}), 5)[Key(TECHNOLOGY, "array")]
    assert found.first[0] == month_number(2021, 11)
    assert found.months == 60


def test_a_quarter_that_holds_a_month_of_the_pandemic_is_not_learned_from_either() -> None:
    rows = [(CATEGORY, "nipt", *span(FIRST + 2 + 3 * quarter, 3), 100) for quarter in range(12)]
    frame = pl.DataFrame(rows, schema=["dimension", "code", "period_start", "period_end", "requests"], orient="row")
    assert series_of(frame, 5)[Key(CATEGORY, "nipt")].first[0] == month_number(2022, 1)


def test_working_days_by_hand() -> None:
    """December 2026 has 23 weekdays; Christmas Day is a Friday, and Boxing Day is kept on Monday 28 December."""
    assert working_days(month_number(2026, 12), month_number(2026, 12))[0] == 21
    assert working_days(month_number(2026, 9), month_number(2026, 9))[0] == 22


def test_beyond_the_list_of_holidays_a_month_loses_as_many_as_usual() -> None:
    found = working_days(month_number(2029, 12), month_number(2030, 1))
    assert 18.5 < found[0] <= 19.5
    assert 20.5 < found[1] < 22


def test_known_changes_are_those_of_the_reference_table() -> None:
    assert known_changes()[Key(TECHNOLOGY, "targeted_pcr")] == (Change(month_number(2025, 4), 12),)


def test_months_follow_the_last_one_known_to_march_2030_and_years_are_whole(forecast: pl.DataFrame) -> None:
    own = forecast.filter(dimension=CATEGORY, method=FORECAST)
    months = own.filter(grain="month")["period_start"]
    assert (months[0], months[-1], months.len()) == (dt.date(2026, 11, 1), dt.date(2030, 3, 1), 41)
    years = own.filter(grain="year").select("period_start", "period_end").rows()
    assert years == [(dt.date(year, 4, 1), dt.date(year + 1, 3, 31)) for year in (2027, 2028, 2029)]


def test_a_year_is_the_sum_of_its_months(forecast: pl.DataFrame) -> None:
    own = forecast.filter(dimension=CATEGORY, method=FORECAST)
    inside = own.filter(pl.col("period_start") >= dt.date(2029, 4, 1), grain="month")["requests"].sum()
    assert own.filter(grain="year")["requests"][-1] == pytest.approx(inside, rel=1e-3)


def test_all_requests_are_the_sum_of_the_technologies(forecast: pl.DataFrame) -> None:
    own = forecast.filter(method=FORECAST)
    parts = own.filter(dimension=TECHNOLOGY).group_by("grain", "period_start").agg(pl.col("requests").sum())
    both = own.filter(dimension=ALL).join(parts, on=["grain", "period_start"])
    assert both.height == 44
    assert (both["requests"] / both["requests_right"] - 1).abs().max() < 1e-9  # type: ignore[operator]


def test_technologies_that_are_not_told_are_still_among_all_requests(shown: pl.DataFrame) -> None:
    without = forecast_demand(shown.filter(pl.col("code") != "array"), 1).filter(dimension=ALL, method=FORECAST)
    whole = forecast_demand(shown, 1).filter(dimension=ALL, method=FORECAST)
    assert without["requests"].to_numpy() == pytest.approx(whole["requests"].to_numpy(), rel=0.06)


def test_without_growth_the_trend_stands_still(forecast: pl.DataFrame) -> None:
    """Growth of 5% a year: three years on, without it there are fewer by about 1.05 cubed."""
    own = forecast.filter(dimension=TECHNOLOGY, code="sanger", method=FORECAST, grain="month")
    ratio = (own["requests"] / own["without_growth"])[36]
    assert ratio == pytest.approx(1.05**3, rel=0.08)
    assert (own["requests"] / own["without_growth"])[0] == pytest.approx(1.0, abs=0.02)


def test_a_series_that_is_too_short_has_no_rows(shown: pl.DataFrame) -> None:
    short = shown.filter((pl.col("code") != "predictive") | (pl.col("period_start") >= dt.date(2025, 6, 1)))
    assert forecast_demand(short, 1).filter(dimension=CATEGORY).is_empty()
    assert forecast_demand(shown.clear(), 1).is_empty()
    assert past_forecasts(shown.clear(), 1).is_empty()


def test_past_forecasts_know_nothing_of_what_came_later(shown: pl.DataFrame) -> None:
    later = pl.col("period_start") > dt.date(2025, 3, 31)
    other = shown.with_columns(pl.when(later).then(pl.col("requests") * 3).otherwise("requests").alias("requests"))
    at = pl.col("made_from") <= dt.date(2025, 3, 1)
    first, second = past_forecasts(shown, 1).filter(at), past_forecasts(other, 1).filter(at)
    assert first["requests"].to_list() == second["requests"].to_list()
    assert first["upper_95"].to_list() == second["upper_95"].to_list()


def test_what_happened_is_the_points_and_the_years_that_they_fill(shown: pl.DataFrame) -> None:
    found = past_forecasts(shown, 1).filter(dimension=CATEGORY, made_from=dt.date(2025, 9, 1), method=FORECAST)
    own = shown.filter(dimension=CATEGORY).sort("period_start")
    year = own.filter(pl.col("period_start").is_between(dt.date(2025, 10, 1), dt.date(2026, 9, 1)))["requests"].sum()
    assert found.filter(months=12)["happened"].to_list() == [year]
    december = own.filter(period_start=dt.date(2025, 12, 1))["requests"].item()
    assert found.filter(months=1, ahead=3)["happened"].to_list() == [december]


def test_scores_by_hand() -> None:
    """Errors of +10% and -20%; the first lies in both ranges, the second in the wider one alone."""
    past = pl.DataFrame(
        {
            "method": [FORECAST, FORECAST],
            "months": [12, 12],
            "ahead": [12, 12],
            "requests": [110.0, 80.0],
            "lower_80": [95.0, 70.0],
            "upper_80": [125.0, 90.0],
            "lower_95": [90.0, 50.0],
            "upper_95": [130.0, 110.0],
            "happened": [100.0, 100.0],
        }
    )
    row = scores(past).row(0, named=True)
    assert (row["forecasts"], row["within_80"], row["within_95"]) == (2, 0.5, 1.0)
    assert (row["off"], row["lean"]) == (pytest.approx(0.15), pytest.approx(-0.05))


def test_growth_is_foretold_nearer_than_by_the_naive_forecast(shown: pl.DataFrame) -> None:
    years = scores(past_forecasts(shown, 1).filter(months=12, ahead=12), ("method",))
    off = dict(years.select("method", "off").iter_rows())
    assert off[FORECAST] < off[NAIVE]
