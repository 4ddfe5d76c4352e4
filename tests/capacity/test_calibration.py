"""Calibration finds the days that are no queue: on years made by the simulation itself, whose delays are known."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from capacity.assumptions import read_assumptions
from capacity.calibration import MOST_LOAD, calibrate, paces, year_of
from capacity.simulation import simulate
from capacity.site_plan import site_plan
from tests.capacity.site_known import START, delays, known, no_demand, staff

BASE = read_assumptions()
FIRST = dt.date(2025, 11, 1)


@pytest.fixture(scope="module", params=[1.0, 0.68], ids=["at ease", "stretched"])
def year(request: pytest.FixtureRequest):
    """A year as the simulation makes it with known delays, and the staff who worked in it."""
    people = staff(dt.date(2025, 1, 1), request.param)
    opening = known(waiting=known().waiting.clear(), delays=delays())
    made = simulate(site_plan(opening, BASE, no_demand(), people, dt.date(2025, 7, 1), 22), 10, seed=99)
    seen = year_of(made, FIRST, START)
    categories = known().categories.drop("median_days", "p90_days", "in_standard_pct").join(seen, on="category")
    return replace(known(), categories=categories), people


def test_a_calibrated_site_gives_the_shares_and_days_of_the_year_that_it_was_calibrated_to(year):
    found = calibrate(*(year[0], BASE, year[1]), START)
    assert found.off_points < 1.5
    fit = found.fit.filter(pl.col("category") != "prenatal_rapid")
    for ours, seen in fit.select("median_days", "seen_median_days").iter_rows():
        assert ours == pytest.approx(seen, rel=0.06, abs=0.5)


def test_it_finds_the_delays_that_the_year_was_made_with(year):
    found = calibrate(*(year[0], BASE, year[1]), START).known.delays
    assert found is not None
    for category in ("cancer_lung", "rare_standard", "whole_genome"):
        ours = found.filter(category=category)["delay_days"].sum()
        truth = delays().filter(category=category)["delay_days"].sum()
        assert ours == pytest.approx(truth, rel=0.12)


def test_with_half_the_people_more_is_queue_so_that_the_same_days_leave_less_delay():
    at_ease = calibrate(known(), BASE, staff(dt.date(2025, 1, 1)), START).known.delays
    stretched = calibrate(known(), BASE, staff(dt.date(2025, 1, 1), 0.66), START).known.delays
    assert stretched["delay_days"].sum() < at_ease["delay_days"].sum()


def test_a_role_whose_minutes_ask_for_more_than_its_hours_is_taken_to_be_quicker_and_no_other_is():
    people = staff(dt.date(2025, 1, 1)).with_columns(
        in_post_wte=pl.when(role="administrator").then(1.0).otherwise("in_post_wte")
    )
    found = paces(known(), BASE, people, START)
    assert found["administrator"] < 1
    assert {by for role, by in found.items() if role != "administrator"} == {1.0}
    # Quicker by as much as leaves a load of MOST_LOAD.
    again = paces(known(), BASE, people.with_columns(pl.col("in_post_wte") / found["administrator"]), START)
    assert again["administrator"] == pytest.approx(1, abs=0.001)
    assert MOST_LOAD < 1


def test_the_same_year_gives_the_same_delays():
    one, two = (calibrate(known(), BASE, staff(dt.date(2025, 1, 1)), START, rounds=2) for _ in range(2))
    assert one.known.delays.equals(two.known.delays)
    assert one.fit.equals(two.fit)
