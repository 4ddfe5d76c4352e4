"""How many requests will come, month by month to March 2030, and how well past months would have foretold it.

Everything here rests on counts that are shown, so it can tell no more than they do.
"""

from __future__ import annotations

import polars as pl

from capacity.demand import ALL, CATEGORY, FORECAST, LIMITS, TECHNOLOGY, forecast_demand, past_forecasts

#: What is foretold: the indicator, and the cube of each dimension.
INDICATOR, CUBES = "requests_received", {"": ALL, CATEGORY: CATEGORY, TECHNOLOGY: TECHNOLOGY}

#: The shortest period of which a series shows at least so much of its points is the one that is learned from.
MOSTLY = 0.5

#: A series foretells nothing unless it could have foretold a whole year so many times.
LEAST_SCORED = 4

_SERIES = ["dimension", "code"]


def history(cells: pl.DataFrame) -> pl.DataFrame:
    """The shown counts of every series, by month where these are mostly shown, otherwise by quarter.

    cells: protected cells with their status. A period that not every laboratory has sent is left out. A series of
    which neither is mostly shown has no rows. Columns: `dimension`, `code`, `grain`, `period_start`, `period_end`,
    `requests`.
    """
    own = cells.filter(
        pl.col("indicator") == INDICATOR,
        pl.col("cube").is_in(list(CUBES)),
        pl.col("grain").is_in(["month", "quarter"]),
        pl.col("period_status") != "incomplete",
    ).select(
        pl.col("cube").replace_strict(CUBES, return_dtype=pl.String).alias("dimension"),
        pl.col("d1").fill_null("").alias("code"),
        "grain",
        "period_start",
        "period_end",
        pl.when(pl.col("state") == "shown").then("value").alias("requests"),
    )
    mostly = (
        own.group_by(*_SERIES, "grain")
        .agg(pl.col("requests").is_not_null().mean().alias("shown"))
        .filter(pl.col("shown") >= MOSTLY)
        .group_by(_SERIES)
        .agg(pl.col("grain").min())
    )
    found = own.join(mostly, on=[*_SERIES, "grain"], how="semi").filter(pl.col("requests").is_not_null())
    return found.sort(*_SERIES, "period_start")


def hidden(cells: pl.DataFrame) -> pl.DataFrame:
    """The series that the record has and of which too little is shown: `dimension`, `code`."""
    every = cells.filter(pl.col("indicator") == INDICATOR, pl.col("cube").is_in(list(CUBES))).select(
        pl.col("cube").replace_strict(CUBES, return_dtype=pl.String).alias("dimension"),
        pl.col("d1").fill_null("").alias("code"),
    )
    return every.unique().join(history(cells), on=_SERIES, how="anti").sort(_SERIES)


def tables(cells: pl.DataFrame, rounded_to: int) -> dict[str, pl.DataFrame]:
    """`demand_forecast` and `demand_past`, as the protected store has them. cells: with their status.

    A series that is hidden, or too short to be scored, has one row without numbers: state confidential, or
    not_available.
    """
    shown = history(cells)
    past = past_forecasts(shown, rounded_to)
    scored = (
        past.filter(method=FORECAST, months=12)
        .group_by(_SERIES)
        .agg(pl.len())
        .filter(pl.col("len") >= LEAST_SCORED)
        .select(_SERIES)
    )
    forecast = forecast_demand(shown, rounded_to).join(scored, on=_SERIES, how="semi")
    forecast = forecast.with_columns(pl.lit("shown").alias("state"))
    too_short = shown.select(_SERIES).unique().join(scored, on=_SERIES, how="anti").sort(_SERIES)
    without = [
        hidden(cells).with_columns(pl.lit("confidential").alias("state")),
        too_short.with_columns(pl.lit("not_available").alias("state")),
    ]
    numbers = [pl.col(name).round(1) for name in ("requests", *LIMITS, "without_growth")]
    whole = pl.concat([forecast, *without], how="diagonal").with_columns(numbers)
    kept = past.join(scored, on=_SERIES, how="semi").with_columns(pl.col("requests", *LIMITS).round(1))
    return {"demand_forecast": whole, "demand_past": kept}
