"""Sentences of the page Demand."""

from __future__ import annotations

import datetime as dt

import pytest

from capacity.demand_drivers import Driver, Growth, Mainstreaming, NewTest, Switch
from ui import demand_words

NAMES = {
    ("technology", "large_panel"): "Large panel",
    ("technology", "wgs"): "Whole genome",
    ("turnaround_category", "rare_complex"): "Complex rare disease",
    ("turnaround_category", "whole_genome"): "Whole genome",
}
APRIL = dt.date(2027, 4, 1)
LAST = (60_000.0, dt.date(2026, 10, 31))


def year(requests: float) -> dict[str, object]:
    limits = {"lower_80": 0.9, "upper_80": 1.1, "lower_95": 0.8, "upper_95": 1.2}
    span = {"period_start": dt.date(2029, 4, 1), "period_end": dt.date(2030, 3, 31)}
    return {"requests": requests, **span} | {name: part * requests for name, part in limits.items()}


@pytest.mark.parametrize(
    ("requests", "said"),
    [
        (72_000, "Requests are expected to grow from 60,000 a year to 72,000 in 2029-30 (80% range 64,800 to 79,200)"),
        (50_000, "Requests are expected to fall from 60,000 a year to 50,000 in 2029-30 (80% range 45,000 to 55,000)"),
        (60_500, "Requests are expected to stay at about 60,500 a year in 2029-30 (80% range 54,400 to 66,600)"),
    ],
)
def test_the_finding_says_which_way_it_goes(requests, said):
    assert demand_words.whole(LAST, year(requests), is_supposed=False) == said


def test_the_growth_a_year_counts_from_the_end_of_the_last_12_months():
    """From 60,000 to 72,000 in 1,247 days (3.41 years): 1.2 to the power 1 / 3.41 is 1.0549."""
    said = demand_words.whole_summary(LAST, year(72_000), year(60_000), None)
    assert "That is 5.5% more each year; the 95% range is 57,600 to 86,400." in said
    assert "The simple forecast, that the last year comes again, says 60,000." in said


@pytest.mark.parametrize(("value", "said"), [(81_896.3, "81,900"), (4_016.4, "4,020"), (196.5, "195"), (7.0, "5")])
def test_a_forecast_has_no_more_digits_than_it_deserves(value, said):
    assert demand_words.hundreds(value) == said


@pytest.mark.parametrize(
    ("driver", "said"),
    [
        (Growth(0.05, is_instead=True), "All requests: +5% a year instead of the trend"),
        (Growth(-0.02, dimension="technology", code="wgs"), "Whole genome: −2% a year on top of the trend"),
        (
            Mainstreaming(0.2, 0.1, APRIL, 12),
            "20% of requests move to other referrers from April 2027, over 12 months, each 100 bringing 10 more",
        ),
        (
            NewTest("whole_genome", "wgs", 1200, APRIL),
            "a new test of 1,200 requests a year (whole genome, whole genome) from April 2027",
        ),
        (
            Switch(0.3, APRIL, 0, "large_panel", "wgs", "rare_complex", "whole_genome"),
            "30% switch from large panel to whole genome, and as many from complex rare disease to whole genome "
            "from April 2027",
        ),
    ],
)
def test_what_is_supposed_is_said(driver: Driver, said: str):
    assert demand_words.supposed([driver], NAMES) == [said]


def test_a_range_that_held_too_seldom_and_a_simple_forecast_that_was_as_near_are_said():
    score = {"forecasts": 300, "within_80": 0.70, "within_95": 0.9, "off": 0.08}
    said = demand_words.checked_summary(score, score | {"off": 0.07}, score | {"forecasts": 10})
    assert "take it for too narrow" in said
    assert "nothing is gained by the fuller one here" in said
    assert "For all requests together, 7 of 10 fell in it" in said
    assert demand_words.checked(score) == "Of 300 past forecasts of a year ahead, 70% fell in the 80% range"
