"""What the page Demand and scenarios read of a release: histories, shares of laboratories, and their workload table."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from capacity.demand import ALL, CATEGORY, LIMITS
from capacity.demand_drivers import Growth
from ui.data import Snapshot
from ui.demand_measures import demand, demand_by_site, demand_forecast, history, last_year, site_shares


def test_laboratories_share_a_category_as_its_newest_12_months_went(snapshot: Snapshot) -> None:
    shares = site_shares(snapshot)
    sums = shares.group_by("code").agg(pl.col("share").sum())["share"].to_list()
    assert sums == pytest.approx([1.0] * len(sums))
    cells = snapshot.cells("requests_received", "year", {"performing_lab": "EDI"}, CATEGORY).filter(state="shown")
    newest = cells.filter(pl.col("period_start") == pl.lit(cells["period_start"].max(), pl.Date), code="rare_standard")
    own = shares.filter(site="EDI", code="rare_standard").row(0, named=True)
    assert own["requests"] == newest["value"].item()
    assert own["share"] == pytest.approx(own["requests"] / shares.filter(code="rare_standard")["requests"].sum())


def test_the_history_is_by_month_and_its_last_year_is_the_sum_of_twelve(snapshot: Snapshot) -> None:
    rows = history(snapshot, ALL, "")
    assert set(rows["grain"]) == {"month"}
    found = last_year(rows)
    assert found is not None
    assert found == (rows["requests"].tail(12).sum(), rows["period_end"][-1])
    hidden = rows.with_columns(pl.when(pl.int_range(pl.len()) < pl.len() - 1).then("requests").alias("requests"))
    assert last_year(hidden) is None
    assert last_year(rows.head(11)) is None
    assert last_year(rows.clear()) is None


def test_a_workload_takes_site_category_month_and_requests(snapshot: Snapshot) -> None:
    found = demand_by_site(snapshot)
    assert found is not None
    assert found.columns == ["site", "category", "period_start", "requests", *LIMITS]
    assert found["period_start"].max() == dt.date(2030, 3, 1)
    whole = demand_forecast(snapshot)
    assert whole is not None
    one = pl.col("period_start") == dt.date(2029, 5, 1)
    expected = whole.filter(one, dimension=CATEGORY, method="forecast", grain="month")["requests"].sum()
    assert found.filter(one)["requests"].sum() == pytest.approx(expected)


def test_drivers_reach_the_sites_and_months_can_be_cut(snapshot: Snapshot) -> None:
    until = dt.date(2027, 12, 1)
    base, more = demand_by_site(snapshot, until=until), demand_by_site(snapshot, [Growth(0.10)], until)
    assert base is not None
    assert more is not None
    assert base["period_start"].max() == until
    ratio = more["requests"] / base["requests"]
    assert ratio.min() > 1  # type: ignore[operator]
    assert ratio.max() == pytest.approx(1.1 ** (13.5 / 12))


def test_the_forecasts_of_a_release_leave_out_what_is_hidden(snapshot: Snapshot) -> None:
    found = demand(snapshot)
    assert found is not None
    assert found.forecast["requests"].null_count() == 0
    assert set(found.codes(CATEGORY)).isdisjoint({code for _, code in found.hidden})
