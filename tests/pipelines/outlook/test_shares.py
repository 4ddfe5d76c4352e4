"""Forecasts of the share within standard: from shown shares alone, scored by rolling origin, or not at all."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from methods.forecasts import forecast_shares
from pipelines.outlook import shares


def cells(months: int, code: str | None = None, hidden: tuple[int, ...] = (), status: str = "final") -> pl.DataFrame:
    """Monthly cells from January 2021 of Scotland, or of a laboratory."""
    if not months:
        return cells(1).clear()
    random = np.random.default_rng(5)
    starts = [dt.date(2021 + month // 12, month % 12 + 1, 1) for month in range(months)]
    return pl.DataFrame(
        {
            "indicator": "reported_within_standard",
            "cube": "performing_lab" if code else "",
            "d1": pl.Series([code] * months, dtype=pl.String),
            "grain": "month",
            "period_start": starts,
            "statistic": "share",
            "state": ["confidential" if month in hidden else "shown" for month in range(months)],
            "period_status": ["final"] * (months - 1) + [status],
            "value": pl.Series(0.8 + 0.05 * random.uniform(-1, 1, months)),
        }
    )


def test_six_months_of_two_methods_after_the_newest_month() -> None:
    found = shares.tables(cells(60))["share_forecast"]
    assert found["state"].unique().to_list() == ["shown"]
    assert found.group_by("method").len().sort("method").rows() == [("naive", 6), ("trend", 6)]
    assert found["made_from"].unique().to_list() == [dt.date(2025, 12, 1)]
    assert found.filter(method="naive")["period_start"].sort().to_list() == [dt.date(2026, m, 1) for m in range(1, 7)]
    assert (found["lower_95"] <= found["lower_80"]).all()
    assert (found["upper_80"] <= found["upper_95"]).all()
    assert found.filter(step=6)["upper_95"].min() >= found.filter(step=1)["upper_95"].min()


def test_scores_agree_with_a_slow_plain_second_version() -> None:
    """Each of the newest 24 months with a month to compare, foretold anew from what came before it alone."""
    frame = cells(60)
    scored = shares.tables(frame)["share_forecast_scores"].filter(method="naive")
    value = frame["value"].to_list()
    for row in scored.to_dicts():
        step = row["step"]
        origins = [origin for origin in range(60) if origin + step < 60][-24:]
        errors = [abs(value[origin] - value[origin + step]) for origin in origins]
        assert row["origins"] == 24
        assert row["mean_absolute_error"] == pytest.approx(sum(errors) / 24, abs=6e-5)
    trend = shares.tables(frame)["share_forecast_scores"].filter(method="trend", step=1).row(0, named=True)
    errors = []
    for origin in range(35, 59):
        known = pl.DataFrame({"time": range(origin + 1), "share": value[: origin + 1]})
        ahead = forecast_shares(known, ahead=1).filter(pl.col("method") != "Naive")["value"].item()
        errors.append(abs(ahead - value[origin + 1]))
    assert trend["mean_absolute_error"] == pytest.approx(sum(errors) / 24, abs=6e-5)


@pytest.mark.parametrize("months", [0, 8, 20, 28])
def test_too_short_a_record_foretells_nothing(months: int) -> None:
    found = shares.tables(cells(months))
    assert set(found["share_forecast"]["state"]) <= {"not_available"}
    assert found["share_forecast"].height == min(months, 1)
    assert found["share_forecast"]["value"].null_count() == found["share_forecast"].height
    assert found["share_forecast_scores"].is_empty()


def test_a_hidden_month_breaks_the_series_and_an_incomplete_one_is_left_out() -> None:
    broken = shares.tables(cells(60, hidden=(50,)))["share_forecast"]
    assert broken["state"].to_list() == ["not_available"]
    unfinished = shares.tables(cells(60, status="incomplete"))["share_forecast"]
    assert unfinished["made_from"].unique().to_list() == [dt.date(2025, 11, 1)]


def test_nothing_hidden_is_read() -> None:
    whole = cells(60, hidden=(3,))
    other = whole.with_columns(pl.when(pl.col("state") == "shown").then("value").otherwise(0.01).alias("value"))
    assert shares.tables(whole)["share_forecast"].equals(shares.tables(other)["share_forecast"])


def test_a_laboratory_that_cannot_be_foretold_stands_beside_scotland() -> None:
    found = shares.tables(pl.concat([cells(60), cells(10, "DUN")]))["share_forecast"]
    assert found.filter(code="DUN")["state"].to_list() == ["not_available"]
    assert found.filter(code="").height == 12
