"""How many requests will come, month by month: forecasts from shown counts, scored on the past, and a naive one beside.

Everything here rests on counts that disclosure control let through, so it can tell no more than they do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalogue.reference import reference_rows
from methods.count_forecasts import (
    YEAR,
    Change,
    Fitted,
    Forecast,
    Points,
    added,
    fit_counts,
    forecast_counts,
    seasonal_naive,
    weighed_together,
)

Array = NDArray[np.float64]

#: Forecasts go to the end of the financial year in which the strategy ends.
LAST_MONTH = dt.date(2030, 3, 1)

#: What a series is of: its dimension, empty for all requests together.
ALL, CATEGORY, TECHNOLOGY = "", "turnaround_category", "technology"

#: The methods by the names that they have in tables.
FORECAST, NAIVE = "forecast", "naive"

#: Confidence of the two intervals, by the ending of their columns.
INTERVALS = {"80": 0.80, "95": 0.95}
LIMITS = tuple(f"{side}_{name}" for name in INTERVALS for side in ("lower", "upper"))

#: Months for which requests had not come back after the restrictions of the pandemic: they are not learned from.
RECOVERY_MONTHS = 2

#: Past forecasts are made from the ends of quarters, and looked at so many months ahead.
AHEAD = (1, 3, 6, 12, 24, 36)

#: A financial year begins in April.
APRIL = 4

FORECAST_SCHEMA = {
    "dimension": pl.String,
    "code": pl.String,
    "method": pl.String,
    "grain": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "requests": pl.Float64,
    **dict.fromkeys(LIMITS, pl.Float64),
    "without_growth": pl.Float64,
}
PAST_SCHEMA = {
    "dimension": pl.String,
    "code": pl.String,
    "method": pl.String,
    "made_from": pl.Date,
    "months": pl.Int64,
    "ahead": pl.Int64,
    "requests": pl.Float64,
    **dict.fromkeys(LIMITS, pl.Float64),
    "happened": pl.Float64,
}


def month_number(year: int, month: int) -> int:
    """A month as a whole number, one apart from month to month."""
    return year * YEAR + month - 1


@dataclass(frozen=True)
class Key:
    """One series: dimension and code, both empty for all requests of Scotland."""

    dimension: str
    code: str


@cache
def steady_from() -> int:
    """The first month, by its number, whose requests the pandemic did not keep away."""
    ends = [row["end_date"] for row in reference_rows("events") if row["label"] == "Pandemic restrictions"]
    last = max(dt.date.fromisoformat(end) for end in ends)
    return month_number(last.year, last.month) + RECOVERY_MONTHS + 1


@cache
def _holidays() -> tuple[dict[int, float], dict[int, float]]:
    """Weekdays on which laboratories do not work: by month, and on average by calendar month; hosts count alike."""
    hosts = {row["host_board"] for row in reference_rows("laboratories") if row["is_scottish"] == "yes"}
    days = [
        dt.date.fromisoformat(row["date"]) for row in reference_rows("public_holidays") if row["board_code"] in hosts
    ]
    lost: dict[int, float] = {}
    for day in days:
        number = month_number(day.year, day.month)
        lost[number] = lost.get(number, 0.0) + (day.weekday() < 5) / len(hosts)
    years = {day.year for day in days}
    usual = {
        month: sum(lost.get(month_number(year, month + 1), 0.0) for year in years) / len(years) for month in range(YEAR)
    }
    known = {
        month_number(year, month + 1): lost.get(month_number(year, month + 1), 0.0)
        for year in years
        for month in range(YEAR)
    }
    return known, usual


def working_days(first: int, last: int) -> Array:
    """Working days of each month; beyond the list of public holidays, as many are taken off as usual in that month."""
    known, usual = _holidays()
    months = np.arange(first, last + 2)
    starts = (months - 1970 * YEAR).astype("datetime64[M]").astype("datetime64[D]")
    weekdays = np.busday_count(starts[:-1], starts[1:]).astype(np.float64)
    lost = [known.get(int(month), usual[int(month) % YEAR]) for month in months[:-1]]
    found: Array = weekdays - np.array(lost)
    return found


@cache
def known_changes() -> dict[Key, tuple[Change, ...]]:
    """The changes of reference/demand_changes.csv by the series that they bear on."""
    found: dict[Key, tuple[Change, ...]] = {}
    for row in reference_rows("demand_changes"):
        start = dt.date.fromisoformat(row["start_date"])
        key = Key(row["dimension"], row["code"])
        change = Change(month_number(start.year, start.month), int(row["ramp_months"]))
        found[key] = (*found.get(key, ()), change)
    return found


def series_of(history: pl.DataFrame, rounded_to: int) -> dict[Key, Points]:
    """The shown counts as series of points, those of all requests first.

    history: one row a period, with `dimension`, `code`, `period_start`, `period_end` and `requests`, of one length a
    series. rounded_to: what counts were rounded to. Months of the pandemic are left out, and counts of nought.
    """
    number = pl.col("period_start", "period_end").dt.year().cast(pl.Int64) * YEAR
    month = pl.col("period_start", "period_end").dt.month().cast(pl.Int64) - 1
    rows = (
        history.filter(pl.col("requests") > 0)
        .select("dimension", "code", pl.col("requests").cast(pl.Float64), number + month)
        .filter(pl.col("period_start") >= steady_from())
        .sort("dimension", "code", "period_start")
    )
    return {
        Key(str(dimension), str(code)): Points(
            part["period_start"].to_numpy(), part["period_end"].to_numpy(), part["requests"].to_numpy(), rounded_to
        )
        for (dimension, code), part in rows.group_by("dimension", "code", maintain_order=True)
    }


def forecast_demand(history: pl.DataFrame, rounded_to: int, until: dt.date = LAST_MONTH) -> pl.DataFrame:
    """Requests expected of every series in the months and whole financial years to come, by both methods.

    history, rounded_to: as `series_of` takes them. until: first day of the last month.
    Columns: those of FORECAST_SCHEMA. `requests` is the mean; `without_growth` is what months would bring if the trend
    stood still at the last month known, null for the naive method and for years. A series whose points cover under 21
    months has no rows.
    """
    last = month_number(until.year, until.month)
    series = _fitted(series_of(history, rounded_to), None, last)
    rows: list[tuple[object, ...]] = []
    for one in series:
        months = [(month, month) for month in range(one.fitted.origin + 1, last + 1)]
        years = [(start, start + YEAR - 1) for start, _ in months if start % YEAR == APRIL - 1 and start + 11 <= last]
        for method, found in _both(one, series, months + years):
            flat: list[float | None] = [None] * len(months + years)
            if method == FORECAST:
                flat[: len(months)] = _without_growth(one, series, months)
            grains = ["month"] * len(months) + ["year"] * len(years)
            for grain, (first, end), expected, still in zip(grains, months + years, _rows(found), flat, strict=True):
                span = _first_day(first), _first_day(end + 1) - dt.timedelta(days=1)
                rows.append((one.key.dimension, one.key.code, method, grain, *span, *expected, still))
    return pl.DataFrame(rows, schema=FORECAST_SCHEMA, orient="row")


def past_forecasts(history: pl.DataFrame, rounded_to: int, ahead: Sequence[int] = AHEAD) -> pl.DataFrame:
    """What would have been foretold from the end of each past quarter, and what then was received.

    ahead: months from the quarter's end to the end of what is foretold. A row is of as many `months` as the points of
    its series, or of 12: the year that ends so far ahead. Columns: those of PAST_SCHEMA.
    """
    series = series_of(history, rounded_to)
    rows: list[tuple[object, ...]] = []
    newest = max((int(points.last[-1]) for points in series.values()), default=0)
    for origin in range(steady_from(), newest):
        if origin % 3 == 2:
            rows += _past_of(series, origin, ahead)
    return pl.DataFrame(rows, schema=PAST_SCHEMA, orient="row")


def _past_of(series: dict[Key, Points], origin: int, ahead: Sequence[int]) -> Iterable[tuple[object, ...]]:
    known = _fitted(series, origin, origin + max(ahead))
    for one in known:
        asked = _asked(series[one.key], origin, ahead)
        if not asked or one.fitted.origin != origin:
            continue
        periods = [(first, last) for first, last, _ in asked]
        for method, found in _both(one, known, periods):
            for (first, last, happened), expected in zip(asked, _rows(found), strict=True):
                about = (one.key.dimension, one.key.code, method, _first_day(origin))
                yield (*about, last - first + 1, last - origin, *expected, happened)


def _asked(points: Points, origin: int, ahead: Sequence[int]) -> list[tuple[int, int, float]]:
    """First and last month of each period to be judged, with its count: single points, and years that points fill."""
    found = []
    for month in ahead:
        end = origin + month
        for first, last, count in zip(points.first, points.last, points.count, strict=True):
            if last == end and first > origin:
                found.append((int(first), end, float(count)))
        in_year = (points.first > end - YEAR) & (points.last <= end)
        if month % YEAR == 0 and (points.last - points.first + 1)[in_year].sum() == YEAR:
            found.append((end - YEAR + 1, end, float(points.count[in_year].sum())))
    return found


@dataclass(frozen=True)
class _Known:
    """A series up to an origin: its points, the working days of its months and those to come, and what is thought."""

    key: Key
    points: Points
    days: Array
    fitted: Fitted


def _fitted(series: dict[Key, Points], origin: int | None, last: int) -> list[_Known]:
    """Each series with what is thought of it, known up to the origin.

    All requests come first: the others expect their season. All together tell which candidates are likely.
    """
    season: Array | None = None
    found: list[_Known] = []
    for key, every in series.items():
        points = every if origin is None else every.until(origin)
        if not points.count.size:
            continue
        days = working_days(int(points.first[0]), last)
        fitted = fit_counts(points, days, known_changes().get(key, ()), season)
        if fitted is None:
            continue
        if key.dimension == ALL:
            season = fitted.season()
        found.append(_Known(key, points, days, fitted))
    together = weighed_together([one.fitted for one in found])
    return [replace(one, fitted=fitted) for one, fitted in zip(found, together, strict=True)]


def _both(one: _Known, series: Sequence[_Known], periods: Sequence[tuple[int, int]]) -> Iterable[tuple[str, Forecast]]:
    """The forecast of one series and its naive one. All requests are the sum of the technologies, where these tell."""
    parts = _parts(one, series)
    if parts:
        forecasts = [forecast_counts(part.fitted, periods) for part in parts]
        yield FORECAST, added(forecasts, _rest(one, parts))
    else:
        yield FORECAST, forecast_counts(one.fitted, periods)
    naive = seasonal_naive(one.points, one.days, periods)
    if naive is not None:
        yield NAIVE, naive


def _parts(one: _Known, series: Sequence[_Known]) -> list[_Known]:
    """The technologies, of all requests; none of any other series."""
    return [part for part in series if one.key.dimension == ALL and part.key.dimension == TECHNOLOGY]


def _rest(one: _Known, parts: Sequence[_Known]) -> float:
    """By what the sum of the technologies is multiplied for those that are not told, from the last year of all."""
    last = min(known.fitted.origin for known in (one, *parts))
    whole, *told = (
        known.points.count[(known.points.last <= last) & (known.points.first > last - YEAR)].sum()
        for known in (one, *parts)
    )
    return float(whole / sum(told)) if sum(told) > 0 else 1.0


def _without_growth(one: _Known, series: Sequence[_Known], months: Sequence[tuple[int, int]]) -> list[float]:
    """What months would bring if the trend stood still at the last month known."""
    parts = _parts(one, series)
    factor = _rest(one, parts) if parts else 1.0
    found = np.zeros(len(months))
    for part in parts or [one]:
        growth = part.fitted.growth_since_origin([month for month, _ in months])
        found = found + factor * forecast_counts(part.fitted, months).mean / growth
    return [float(count) for count in found]


def _rows(found: Forecast) -> list[tuple[float, ...]]:
    """The mean of each period and its LIMITS, in their order."""
    limits = [limit for confidence in INTERVALS.values() for limit in found.limits(confidence)]
    return [tuple(float(number) for number in row) for row in zip(found.mean, *limits, strict=True)]


def _first_day(month: int) -> dt.date:
    return dt.date(month // YEAR, month % YEAR + 1, 1)


def scores(past: pl.DataFrame, by: Sequence[str] = ("method", "months", "ahead")) -> pl.DataFrame:
    """How good past forecasts were. past: as `past_forecasts` gives them.

    Columns: `by`, `forecasts`, `off` (mean of the absolute error as a share of what was received), `lean` (mean error,
    above nought: too many foretold), `within_80`, `within_95` (shares of the forecasts).
    """
    error = (pl.col("requests") - pl.col("happened")) / pl.col("happened")
    return (
        past.group_by(by, maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("forecasts"),
            error.abs().mean().alias("off"),
            error.mean().alias("lean"),
            *(
                pl.col("happened").is_between(f"lower_{name}", f"upper_{name}").mean().alias(f"within_{name}")
                for name in INTERVALS
            ),
        )
        .sort(*by)
    )
