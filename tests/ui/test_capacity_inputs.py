"""ui/capacity_inputs.py: what the model gets of a release, hidden counts, posts to the nearest whole one, dates."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tests.ui.store import make_store
from tests.ui.workforce_store import POSTS, VACANT, add_workforce
from ui.access import demonstration
from ui.capacity_inputs import Inputs, demand_ahead, quarter_end, read_inputs, spread
from ui.capacity_inputs import assumptions as given_assumptions
from ui.data import Snapshot


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    place = tmp_path_factory.mktemp("capacity")
    add_workforce(make_store(place, "full"))
    return Snapshot(demonstration(), place)


@pytest.fixture(scope="module")
def found(snapshot: Snapshot) -> Inputs:
    inputs = read_inputs(snapshot)
    assert inputs is not None
    return inputs


def test_requests_are_the_shown_counts_of_the_newest_year_by_site_and_category(found, snapshot):
    row = found.volumes.filter(site="GLA", category="cancer_standard").row(0, named=True)
    cells = snapshot.cells("requests_received", "year", {"performing_lab": "GLA"}, "turnaround_category")
    shown = cells.filter(code="cancer_standard", period_start=found.volumes_from)
    assert row["requests"] == shown["numerator"].item() > 0
    assert (found.volumes_from, found.volumes_to) == (dt.date(2025, 11, 1), dt.date(2026, 10, 31))
    assert set(found.volumes["site"]) == {"ABE", "DUN", "EDI", "GLA"}
    assert "none" not in found.volumes["category"].to_list()


def test_a_hidden_count_is_taken_as_five_and_named(found):
    taken = pl.concat([found.volumes, found.quarters.select(found.volumes.columns)])
    assert set(taken.filter("is_hidden")["requests"]) <= {5.0}
    assert found.hidden.height == found.volumes["is_hidden"].sum()
    assert (taken.filter(~pl.col("is_hidden"))["requests"] >= 10).all()


def test_what_a_total_leaves_is_spread_over_hidden_categories_as_requests_are():
    late = pl.DataFrame(
        {"site": ["ABE"] * 3 + ["DUN"], "category": ["nipt", "predictive", "cancer_lung", "nipt"],
         "requests": [5.0, 5.0, 20.0, 5.0], "is_hidden": [True, True, False, True]}
    )  # fmt: skip
    volumes = late.with_columns(requests=pl.Series([100.0, 300.0, 1.0, 50.0]))
    # Of 28 late in Aberdeen 20 are shown: 8 in the proportion of 100 to 300. Dundee's total is hidden.
    assert spread(late, volumes, {"ABE": 28})["requests"].to_list() == [2.0, 6.0, 20.0, 5.0]
    assert spread(late, volumes, {"ABE": 15})["requests"].to_list() == [0.0, 0.0, 20.0, 5.0]


def test_posts_filled_are_whole_posts_less_the_share_vacant_and_hold_what_rounding_leaves_open(found):
    row = found.now.filter(site="ABE", role="clinical_scientist").row(0, named=True)
    assert row["in_post_wte"] == pytest.approx(8 * 0.9)
    assert row["least_wte"] == pytest.approx(7.5 * 0.9)
    assert row["most_wte"] == pytest.approx(8.5 * 0.9)
    tiny = found.now.filter(site="ABE", role="data_scientist").row(0, named=True)
    assert (tiny["least_wte"], tiny["in_post_wte"], tiny["most_wte"]) == pytest.approx((0, 0.225, 0.45))
    exact = POSTS["data_scientist"] * (1 - VACANT)
    assert tiny["least_wte"] <= exact <= tiny["most_wte"]


def test_the_week_of_each_census_is_that_of_its_day(found):
    weeks = dict(found.staff.select("period", "full_time_hours").unique().iter_rows())
    assert weeks[dt.date(2024, 1, 1)] == 37.5
    assert weeks[dt.date(2024, 4, 1)] == 37.0
    assert weeks[dt.date(2026, 4, 1)] == 36.0
    assert found.census_day == quarter_end(found.census) == dt.date(2026, 9, 30)
    assert quarter_end(dt.date(2025, 10, 1)) == dt.date(2025, 12, 31)


def test_years_ahead_run_to_2029_30_and_requests_grow_from_the_middle_of_their_year(found):
    assert found.years_ahead == ["2026-27", "2027-28", "2028-29", "2029-30"]
    ahead = demand_ahead(replace(found, forecast=None), given_assumptions())
    ratio = ahead.filter(period="2027-28")["requests"].sum() / ahead.filter(period="2026-27")["requests"].sum()
    assert ratio == pytest.approx(1.05)
    first = ahead.filter(period="2026-27")["requests"].sum() / found.volumes["requests"].sum()
    # From 1 November 2025 to 1 April 2026 are 151 days.
    assert first == pytest.approx(1.05 ** (151 / 365.25))


def test_years_ahead_are_as_forecast_and_the_year_now_running_lies_between_it_and_the_last_12_months(found):
    now = found.volumes.filter(site="GLA", category="cancer_standard")["requests"].item()
    rows = [("GLA", "cancer_standard", period, now * times) for period, times in
            (("2027-28", 1.2), ("2028-29", 1.5), ("2029-30", 1.4))]  # fmt: skip
    told = pl.DataFrame(rows, schema=["site", "category", "period", "requests"], orient="row")
    with_forecast = replace(found, forecast=told)
    ahead = demand_ahead(with_forecast, given_assumptions())
    own = dict(ahead.filter(site="GLA", category="cancer_standard").select("period", "requests").iter_rows())
    since = 151 / 365.25
    assert own == pytest.approx(
        {
            "2026-27": now * 1.2 ** (since / (since + 1)),
            "2027-28": now * 1.2,
            "2028-29": now * 1.5,
            "2029-30": now * 1.4,
        }
    )
    # What has no forecast grows as assumed, and so does all where a planner has set the growth.
    plain = demand_ahead(replace(found, forecast=None), given_assumptions())
    elsewhere = pl.col("site") != "GLA"
    assert ahead.filter(elsewhere).equals(plain.filter(elsewhere))
    set_by_planner = given_assumptions().overridden({"growth/all": 0.1})
    assert demand_ahead(with_forecast, set_by_planner).equals(demand_ahead(found, set_by_planner))


def test_absence_and_leavers_are_those_shown_by_role(found):
    assert found.absence["clinical_scientist"] == 0.06
    assert "bioinformatician" not in found.absence
    assert found.leaving["genetic_technologist"] == 0.1
    assert found.started == 6


def test_a_release_without_posts_or_with_all_of_them_hidden_gives_no_inputs(tmp_path: Path):
    make_store(tmp_path / "bare", "full")
    assert read_inputs(Snapshot(demonstration(), tmp_path / "bare")) is None
    add_workforce(make_store(tmp_path / "hidden", "full"), keep=False)
    assert read_inputs(Snapshot(demonstration(), tmp_path / "hidden")) is None
    add_workforce(make_store(tmp_path / "few", "hidden"))
    assert read_inputs(Snapshot(demonstration(), tmp_path / "few")) is None
