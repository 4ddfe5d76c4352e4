"""The share reported within standard in the next six months, and how well past months would have foretold it.

Everything here rests on shares that are shown, so it can tell no more than they do.
"""

from __future__ import annotations

import polars as pl

from methods.forecasts import NAIVE, TREND, forecast_shares, widen_by_past

#: The series that is foretold: an indicator, the cube that holds Scotland, and the one that holds laboratories.
INDICATOR, CUBES = "reported_within_standard", {"": "scotland", "performing_lab": "performing_lab"}

#: Months ahead.
AHEAD = 6

#: Confidence of the two intervals, by the ending of their columns.
INTERVALS = {"80": 0.80, "95": 0.95}

#: Months to foretell from in the past, at the most, and at the least for a score; without a score nothing is foretold.
SCORED, LEAST_SCORED = 24, 12

#: Months that are foretold from: those that are scored, and those before them from which it is learned how wide to be.
ORIGINS = 2 * SCORED + AHEAD

#: The methods by the names that they have in the store.
METHODS = {NAIVE: "naive", TREND: "trend"}

LIMITS = [f"{side}_{name}" for name in INTERVALS for side in ("lower", "upper")]


def series(cells: pl.DataFrame) -> pl.DataFrame:
    """The shown monthly shares: `kind`, `code`, `time` (months since the year nought), `share`.

    cells: protected cells with their status. A month that not every laboratory has sent is left out.
    """
    month = pl.col("period_start")
    return cells.filter(
        pl.col("indicator") == INDICATOR,
        pl.col("cube").is_in(list(CUBES)),
        pl.col("grain") == "month",
        pl.col("statistic") == "share",
        pl.col("state") == "shown",
        pl.col("period_status") != "incomplete",
    ).select(
        pl.col("cube").replace_strict(CUBES, return_dtype=pl.String).alias("kind"),
        pl.col("d1").fill_null("").alias("code"),
        (month.dt.year().cast(pl.Int64) * 12 + month.dt.month() - 1).alias("time"),
        pl.col("value").alias("share"),
    )


def foretold(shown: pl.DataFrame) -> pl.DataFrame:
    """Forecasts of each series from each of its newest months.

    shown: as `series` gives it. Columns: `kind`, `code`, `method`, `origin`, `step`, `time`, `value`, LIMITS.
    """
    key = ["kind", "code", "method", "origin", "step"]
    parts = []
    for name, confidence in INTERVALS.items():
        part = _widened(forecast_shares(shown, ["kind", "code"], AHEAD, confidence, ORIGINS), shown, confidence)
        parts.append(part.rename({"lower": f"lower_{name}", "upper": f"upper_{name}"}))
    found, *rest = parts
    for part in rest:
        found = found.join(part.drop("value", "time"), on=key, how="left")
    return found.with_columns(pl.col("method").replace_strict(METHODS, return_dtype=pl.String)).select(
        *key, "time", "value", *LIMITS
    )


def _widened(found: pl.DataFrame, shown: pl.DataFrame, confidence: float) -> pl.DataFrame:
    """The forecasts, with limits as wide on the logit scale as past errors of the same series, method and step ask.

    The limits reach at least as far as those of fewer months ahead.
    """
    dated = found.filter(pl.col("value").is_not_null()).with_columns(pl.col("origin").cast(pl.Int64))
    dated = dated.with_columns(time=pl.col("origin") + pl.col("step"))
    dated = dated.join(shown, on=["kind", "code", "time"], how="left", maintain_order="left")
    on_logits = dated.with_columns(_logit(pl.col(name)) for name in ("value", "lower", "upper")).with_columns(
        happened=_logit(pl.col("share")), known="time", time="origin"
    )
    wide = widen_by_past(on_logits, ["kind", "code", "method", "step"], confidence).sort(
        "kind", "code", "method", "origin", "step"
    )
    one = ["kind", "code", "method", "origin"]
    down, up = pl.col("value") - pl.col("lower"), pl.col("upper") - pl.col("value")
    wide = wide.with_columns(
        lower=pl.col("value") - down.cum_max().over(one), upper=pl.col("value") + up.cum_max().over(one)
    )
    return wide.select(
        *one, "step", (pl.col("origin") + pl.col("step")).alias("time"), *(_share(name) for name in _SHARES)
    )


_SHARES = ("value", "lower", "upper")


def _logit(share: pl.Expr) -> pl.Expr:
    return (share / (1 - share)).log()


def _share(name: str) -> pl.Expr:
    return (1 / (1 + (-pl.col(name)).exp())).alias(name)


def scores(found: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """How good the forecasts of each series were, by method and months ahead, where they can be compared.

    found, shown: as `foretold` and `series` give them. Columns: `kind`, `code`, `method`, `step`, `origins`,
    `mean_absolute_error`, `within_80`, `within_95` (shares of the origins).
    """
    compared = found.join(shown, on=["kind", "code", "time"], how="inner")
    newest = pl.col("origin").rank("dense", descending=True).over("kind", "code", "method", "step") <= SCORED
    return (
        compared.filter(newest)
        .group_by("kind", "code", "method", "step", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("origins"),
            (pl.col("value") - pl.col("share")).abs().mean().alias("mean_absolute_error"),
            *(
                pl.col("share").is_between(f"lower_{name}", f"upper_{name}").mean().alias(f"within_{name}")
                for name in INTERVALS
            ),
        )
        .sort("kind", "code", "method", "step")
    )


def tables(cells: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """`share_forecast` and `share_forecast_scores`, as the protected store has them. cells: with their status.

    A series foretells nothing (state not_available) unless each number of months ahead was scored LEAST_SCORED times.
    """
    shown = series(cells)
    found = foretold(shown)
    scored = scores(found, shown)
    enough = (
        scored.group_by("kind", "code")
        .agg(pl.col("origins").min(), pl.col("step").n_unique())
        .filter((pl.col("origins") >= LEAST_SCORED) & (pl.col("step") == AHEAD))
        .select("kind", "code", is_scored=pl.lit(value=True))
    )
    newest = found.filter(pl.col("origin") == pl.col("origin").max().over("kind", "code"))
    places = (
        _places(cells).join(enough, on=["kind", "code"], how="left").with_columns(pl.col("is_scored").fill_null(False))
    )
    now = places.join(newest, on=["kind", "code"], how="left").filter(
        pl.col("is_scored") | (pl.struct("kind", "code").is_first_distinct())
    )
    numbers = ["value", *LIMITS]
    forecast = now.select(
        "kind",
        "code",
        pl.when("is_scored").then(pl.lit("shown")).otherwise(pl.lit("not_available")).alias("state"),
        *(pl.when("is_scored").then(name).alias(name) for name in ("method", "step")),
        *(_month(name).alias(column) for name, column in (("origin", "made_from"), ("time", "period_start"))),
        *(pl.when("is_scored").then(pl.col(name).round(4)).alias(name) for name in numbers),
    )
    kept = scored.join(enough.drop("is_scored"), on=["kind", "code"], how="semi")
    rounded = [pl.col(name).round(4) for name in ("mean_absolute_error", *(f"within_{name}" for name in INTERVALS))]
    return {"share_forecast": forecast, "share_forecast_scores": kept.with_columns(rounded)}


def _places(cells: pl.DataFrame) -> pl.DataFrame:
    """Scotland and every laboratory of the record."""
    return (
        cells.filter(pl.col("indicator") == INDICATOR, pl.col("cube").is_in(list(CUBES)))
        .select(
            pl.col("cube").replace_strict(CUBES, return_dtype=pl.String).alias("kind"),
            pl.col("d1").fill_null("").alias("code"),
        )
        .unique()
        .sort("kind", "code")
    )


def _month(name: str) -> pl.Expr:
    """The first day of the month of a number of months since the year nought."""
    return pl.when("is_scored").then(pl.date(pl.col(name) // 12, pl.col(name) % 12 + 1, 1))
