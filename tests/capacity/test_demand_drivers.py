"""What a planner supposes: each driver worked by hand on a small forecast, and the laws that hold for all."""

from __future__ import annotations

import datetime as dt
import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.demand import ALL, CATEGORY, FORECAST, FORECAST_SCHEMA, LIMITS, NAIVE, TECHNOLOGY
from capacity.demand_drivers import Driver, Growth, Mainstreaming, NewTest, Switch, by_site, with_drivers

SERIES = {
    (ALL, ""): 1000.0,
    (CATEGORY, "rare_complex"): 300.0,
    (CATEGORY, "whole_genome"): 100.0,
    (TECHNOLOGY, "large_panel"): 400.0,
    (TECHNOLOGY, "wgs"): 120.0,
}
APRIL = dt.date(2027, 4, 1)


def small() -> pl.DataFrame:
    """Two financial years of months that all bring as many, the trend doing half of it, and the years themselves."""
    rows = []
    for (dimension, code), count in SERIES.items():
        for method in (FORECAST, NAIVE):
            for month in range(24):
                start = dt.date(2027 + (month + 3) // 12, (month + 3) % 12 + 1, 1)
                flat = count / 2 if method == FORECAST else None
                rows.append((dimension, code, method, "month", start, start, count, *limits(count), flat))
            for year in (2027, 2028):
                span = dt.date(year, 4, 1), dt.date(year + 1, 3, 31)
                rows.append((dimension, code, method, "year", *span, 12 * count, *limits(12 * count), None))
    return pl.DataFrame(rows, schema=FORECAST_SCHEMA, orient="row")


def limits(count: float) -> tuple[float, ...]:
    return (0.9 * count, 1.1 * count, 0.8 * count, 1.2 * count)


def of(frame: pl.DataFrame, dimension: str, code: str, grain: str = "month") -> list[float]:
    return frame.filter(dimension=dimension, code=code, method=FORECAST, grain=grain)["requests"].to_list()


def test_nothing_supposed_changes_nothing() -> None:
    assert with_drivers(small(), []).equals(small())


def test_growth_on_top_of_the_trend_counts_from_the_last_month_known_to_the_middle_of_each_month() -> None:
    found = of(with_drivers(small(), [Growth(0.10)]), ALL, "")
    assert found[0] == pytest.approx(1000 * 1.1 ** (0.5 / 12))
    assert found[23] == pytest.approx(1000 * 1.1 ** (23.5 / 12))


def test_growth_instead_of_the_trend_starts_from_what_months_bring_without_growth() -> None:
    found = of(with_drivers(small(), [Growth(0.10, is_instead=True)]), TECHNOLOGY, "wgs")
    assert found[12] == pytest.approx(60 * 1.1 ** (12.5 / 12))


def test_growth_of_one_series_adds_as_many_to_all_requests() -> None:
    found = with_drivers(small(), [Growth(0.20, dimension=TECHNOLOGY, code="wgs")])
    more = 120 * (1.2 ** (0.5 / 12) - 1)
    assert of(found, TECHNOLOGY, "wgs")[0] == pytest.approx(120 + more)
    assert of(found, ALL, "")[0] == pytest.approx(1000 + more)
    assert of(found, TECHNOLOGY, "large_panel") == [400] * 24
    assert of(found, CATEGORY, "rare_complex") == [300] * 24


def test_a_new_test_ramps_up_evenly() -> None:
    """1,200 a year over 12 months: half a twelfth of 100 in the first month, 100 from the thirteenth on."""
    found = with_drivers(small(), [NewTest("whole_genome", "wgs", 1200, APRIL, 12)])
    for key, before in (((ALL, ""), 1000), ((CATEGORY, "whole_genome"), 100), ((TECHNOLOGY, "wgs"), 120)):
        counts = of(found, *key)
        assert counts[0] == pytest.approx(before + 100 * 0.5 / 12)
        assert counts[11] == pytest.approx(before + 100 * 11.5 / 12)
        assert counts[12] == pytest.approx(before + 100)
    assert of(found, ALL, "", "year") == [pytest.approx(12_600), pytest.approx(13_200)]


def test_a_new_test_that_starts_at_once_later_on_changes_nothing_before() -> None:
    found = of(with_drivers(small(), [NewTest("whole_genome", "wgs", 240, dt.date(2028, 4, 1))]), TECHNOLOGY, "wgs")
    assert found == [120.0] * 12 + [pytest.approx(140.0)] * 12


def test_a_switch_moves_the_same_number_in_both_dimensions_and_keeps_all_requests() -> None:
    """A quarter of 400 panels is 100 requests a month."""
    switch = Switch(0.25, APRIL, 0, "large_panel", "wgs", "rare_complex", "whole_genome")
    found = with_drivers(small(), [switch])
    assert of(found, TECHNOLOGY, "large_panel")[0] == pytest.approx(300)
    assert of(found, TECHNOLOGY, "wgs")[0] == pytest.approx(220)
    assert of(found, CATEGORY, "rare_complex")[0] == pytest.approx(200)
    assert of(found, CATEGORY, "whole_genome")[0] == pytest.approx(200)
    assert of(found, ALL, "") == [1000] * 24


def test_no_more_is_moved_than_is_there() -> None:
    """All 400 panels would switch, but the category holds 300 requests."""
    switch = Switch(1.0, APRIL, 0, "large_panel", "wgs", "rare_complex", "whole_genome")
    found = with_drivers(small(), [switch])
    assert of(found, CATEGORY, "rare_complex")[0] == pytest.approx(0)
    assert of(found, TECHNOLOGY, "large_panel")[0] == pytest.approx(100)


def test_a_switch_of_one_dimension_leaves_the_other() -> None:
    found = with_drivers(small(), [Switch(0.5, APRIL, 24, from_category="rare_complex", to_category="whole_genome")])
    assert of(found, CATEGORY, "whole_genome")[0] == pytest.approx(100 + 300 * 0.5 * 0.5 / 24)
    assert of(found, TECHNOLOGY, "wgs") == [120] * 24


def test_mainstreaming_brings_more_for_each_request_that_moves() -> None:
    """40% of requests move, each five bringing one more: 8% more."""
    found = with_drivers(small(), [Mainstreaming(0.4, 0.2, APRIL)])
    assert of(found, CATEGORY, "rare_complex")[0] == pytest.approx(324)
    assert of(found, ALL, "")[0] == pytest.approx(1080)


def test_growth_counts_first_whatever_the_order_given() -> None:
    drivers: list[Driver] = [NewTest("whole_genome", "wgs", 1200, APRIL), Growth(0.10)]
    one, other = with_drivers(small(), drivers), with_drivers(small(), drivers[::-1])
    assert one.equals(other)
    assert of(one, TECHNOLOGY, "wgs")[23] == pytest.approx(120 * 1.1 ** (23.5 / 12) + 100)


def test_limits_keep_their_width_and_the_naive_forecast_stays() -> None:
    found = with_drivers(small(), [Growth(0.10), Mainstreaming(0.4, 0.2, APRIL)])
    own = found.filter(method=FORECAST)
    for name, part in zip(LIMITS, (0.9, 1.1, 0.8, 1.2), strict=True):
        assert (own[name] / own["requests"]).to_list() == pytest.approx([part] * own.height)
    assert found.filter(method=NAIVE).equals(small().filter(method=NAIVE))


@settings(max_examples=30, deadline=None)
@given(st.floats(-0.3, 0.5), st.floats(0.0, 0.5), st.booleans())
def test_more_growth_is_never_less_demand(rate: float, more: float, is_instead: bool) -> None:
    low, high = (with_drivers(small(), [Growth(one, is_instead)]) for one in (rate, rate + more))
    assert (high["requests"] >= low["requests"] - 1e-9).all()


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 24))
def test_a_switch_keeps_the_sum_of_each_dimension(share: float, again: float, ramp: int) -> None:
    drivers = [
        Switch(share, APRIL, ramp, "large_panel", "wgs", "rare_complex", "whole_genome"),
        Switch(again, APRIL, ramp, "wgs", "large_panel"),
    ]
    found = with_drivers(small(), drivers).filter(method=FORECAST, grain="month")
    assert (found["requests"] >= -1e-9).all()
    for dimension, whole in ((TECHNOLOGY, 520.0), (CATEGORY, 400.0)):
        sums = found.filter(dimension=dimension).group_by("period_start").agg(pl.col("requests").sum())["requests"]
        assert sums.to_list() == pytest.approx([whole] * 24)


@pytest.mark.parametrize(
    ("driver", "said"),
    [
        (Growth(-1.0), "above -1"),
        (Switch(1.2, APRIL, 0, "large_panel", "wgs"), "from 0 to 1"),
        (Switch(0.2, APRIL, 0, "large_panel"), "name both"),
        (Mainstreaming(0.2, -0.1, APRIL), "nought or more"),
        (NewTest("whole_genome", "wgs", -5, APRIL), "nought or more"),
        (NewTest("whole_genome", "nipt", 5, APRIL), "does not hold"),
    ],
)
def test_what_cannot_be_is_refused(driver: Driver, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        with_drivers(small(), [driver])


def test_sites_share_a_category_and_their_limits_are_wider() -> None:
    """Half of 300 a month, of 1,800 in the last year: 0.5 x (1/150 + 1/1,800) more variance than the whole has."""
    shares = pl.DataFrame(
        {"site": ["EDI", "GLA"], "code": ["rare_complex"] * 2, "requests": [1800.0] * 2, "share": [0.5] * 2}
    )
    found = by_site(small(), shares)
    assert found.columns == ["site", "category", "period_start", "requests", *LIMITS]
    row = found.row(0, named=True)
    assert (row["site"], row["category"], row["requests"]) == ("EDI", "rare_complex", pytest.approx(150))
    more = 0.5 * (1 / 150 + 1 / 1800)
    assert row["upper_80"] == pytest.approx(150 * math.exp(math.sqrt(math.log(1.1) ** 2 + 1.2815516**2 * more)))
    assert row["lower_95"] == pytest.approx(150 * math.exp(-math.sqrt(math.log(0.8) ** 2 + 1.959964**2 * more)))
    assert found.group_by("period_start").agg(pl.col("requests").sum())["requests"].to_list() == pytest.approx(
        [300] * 24
    )
