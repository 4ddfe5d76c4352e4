"""ui/simulation_inputs.py on a made-up release: what was known on a day, nothing later, and hidden cells as nulls."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from capacity.site_plan import ALL_AGES, OPEN_AGES, site_plan
from tests.ui.store import make_store
from tests.ui.workforce_store import POSTS, VACANT, add_workforce
from ui.access import demonstration
from ui.capacity_inputs import assumptions
from ui.data import Snapshot
from ui.simulation_inputs import (
    demand_known,
    newest_start,
    observed_months,
    site_known,
    sites,
    staff_by_census,
    staff_known,
)

START = dt.date(2026, 11, 1)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    place = tmp_path_factory.mktemp("simulation")
    add_workforce(make_store(place, "full"))
    return Snapshot(demonstration(), place)


def test_the_newest_start_follows_the_newest_12_months(snapshot):
    assert newest_start(snapshot) == START
    assert sites() == ["ABE", "DUN", "EDI", "GLA"]


def test_requests_are_those_of_the_12_months_before_and_the_category_without_a_standard_is_not_among_them(snapshot):
    known = site_known(snapshot, "GLA", START)
    cells = snapshot.cells("requests_received", "year", {"performing_lab": "GLA"}, "turnaround_category")
    own = cells.filter(period_start=dt.date(2025, 11, 1), code="cancer_standard")
    assert known.categories.filter(category="cancer_standard")["requests"].item() == own["numerator"].item()
    assert "none" not in known.categories["category"].to_list()
    assert set(known.categories.filter("is_hidden")["requests"]) <= {5.0}


def test_what_is_known_on_a_day_holds_nothing_of_later(snapshot):
    day = dt.date(2025, 11, 1)
    before = staff_known(snapshot, day)
    assert before["from_date"].unique().to_list() == [dt.date(2025, 7, 1)]
    assert staff_by_census(snapshot)["known_on"].max() > day
    assert demand_known(snapshot, START).filter(pl.col("period_start") < START).is_empty()


def test_posts_filled_are_posts_less_those_vacant(snapshot):
    own = staff_known(snapshot, START).filter(site="DUN", role="clinical_scientist")
    assert own["in_post_wte"].item() == pytest.approx(POSTS["clinical_scientist"] * (1 - VACANT))


def test_open_requests_are_by_age_and_together_and_null_where_hidden(snapshot):
    waiting = site_known(snapshot, "GLA", START).waiting
    assert set(waiting["open_age"]) <= {ALL_AGES, *OPEN_AGES}
    assert (waiting["requests"].drop_nulls() >= 0).all()


def test_a_plan_can_be_made_of_it(snapshot):
    known = site_known(snapshot, "GLA", START)
    plan = site_plan(known, assumptions(), demand_known(snapshot, START), staff_known(snapshot, START), START, 12)
    assert {category.code for category in plan.categories} == set(known.categories["category"])
    assert plan.months == 12


def test_months_that_are_hidden_are_null(snapshot):
    seen = observed_months(snapshot, "GLA", dt.date(2025, 11, 1), START)
    assert seen["month"].min() == dt.date(2025, 11, 1)
    assert seen["month"].max() < START
    hidden = seen.filter(pl.col("due").is_null())
    assert hidden["in_standard"].null_count() == hidden.height


def test_a_release_in_which_all_is_hidden_tells_nothing(tmp_path: Path):
    add_workforce(make_store(tmp_path, "hidden"))
    shot = Snapshot(demonstration(), tmp_path)
    assert all(site_known(shot, site, START) is None for site in sites())
