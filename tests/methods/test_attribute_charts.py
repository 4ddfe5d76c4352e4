"""Limits of shares, rates and gaps between rare events."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.attribute_charts import g_chart, p_chart, t_chart, u_chart
from methods.groundwork.chart_sections import LINES
from methods.special_causes import special_causes
from methods.xmr import xmr_limits

ratios = st.lists(st.tuples(st.integers(0, 30), st.integers(30, 60)), min_size=2, max_size=20)
gaps = st.lists(st.integers(0, 300), min_size=2, max_size=20)
UPPER_TAIL = 0.0013498980316301


def shares(numerators: list[Any], denominators: list[Any], **columns: Any) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "period": range(len(numerators)),
            "numerator": pl.Series(numerators, dtype=pl.Float64, strict=False),
            "denominator": pl.Series(denominators, dtype=pl.Float64, strict=False),
        }
    ).with_columns(**columns)


def events(values: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({"period": range(len(values)), "value": pl.Series(values, dtype=pl.Float64, strict=False)})


def binomial_tail(below: int, n: int, p: float) -> float:
    """The chance of fewer than `below`."""
    return math.fsum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(below))


def test_a_worked_example_of_shares_comes_out() -> None:
    """10 of 100 and 30 of 100: average 0.2; limits at n = 100 are 0.2 -/+ 3 * 0.04; at n = 400 -/+ 3 * 0.02."""
    found = p_chart(shares([10, 30, 80], [100, 100, 400]))
    assert found["centre"].to_list() == pytest.approx([0.2] * 3)
    assert found["lower"].to_list() == pytest.approx([0.08, 0.08, 0.14])
    assert found["upper"].to_list() == pytest.approx([0.32, 0.32, 0.26])
    assert found["upper_near"].to_list() == pytest.approx([0.28, 0.28, 0.24])


def test_a_worked_example_of_rates_comes_out() -> None:
    """9 events in 4 units and 16 in 4 and 2 of exposure: average 25 / 10 = 2.5; limits 2.5 -/+ 3 * sqrt(2.5 / n)."""
    found = u_chart(shares([9, 12, 4], [4, 4, 2]))
    assert found["centre"].to_list() == pytest.approx([2.5] * 3)
    assert found["upper"].to_list() == pytest.approx([2.5 + 3 * math.sqrt(2.5 / n) for n in (4, 4, 2)])
    assert found["lower"].to_list() == pytest.approx([2.5 - 3 * math.sqrt(2.5 / 4)] * 2 + [0])


@given(counts=ratios)
def test_exact_limits_of_shares_leave_no_more_than_the_tail_outside(counts: list[tuple[int, int]]) -> None:
    found = p_chart(shares(*map(list, zip(*counts, strict=True))), limits="exact")
    for (_, n), row in zip(counts, found.iter_rows(named=True), strict=True):
        if row["reason"] is None:
            p, low, high = row["centre"], round(row["lower"] * n), round(row["upper"] * n)
            assert binomial_tail(low, n, p) <= UPPER_TAIL
            assert low == 0 or binomial_tail(low + 1, n, p) >= UPPER_TAIL
            assert 1 - binomial_tail(high + 1, n, p) <= UPPER_TAIL + 1e-12
            assert 1 - binomial_tail(high, n, p) > UPPER_TAIL - 1e-12


def test_exact_limits_of_rates_leave_no_more_than_the_tail_outside() -> None:
    """Average 2: 1 - P(X <= 7) = 0.0011 is below 0.00135 and 1 - P(X <= 6) = 0.0045 is not."""
    found = u_chart(shares([1, 3, 2], [1, 1, 1]), limits="exact")
    assert set(found["upper"]) == {7.0}
    assert set(found["lower"]) == {0.0}


@given(counts=ratios, limits=st.sampled_from(["three_sigma", "exact", "laney"]))
def test_lines_stand_in_order_and_shares_stay_within_nought_and_one(counts: list[Any], limits: Any) -> None:
    for chart in (p_chart, u_chart):
        found = chart(shares(*map(list, zip(*counts, strict=True))), limits=limits)
        lines = found.filter(pl.col("reason").is_null()).select(*LINES).to_numpy()
        # Exact lines are whole counts, and the centre need not be one.
        lines = np.delete(lines, 3, axis=1) if limits == "exact" else lines
        assert (np.diff(lines, axis=1) >= 0).all()
        assert (lines >= 0).all()
        assert chart is u_chart or (lines <= 1).all()


def test_a_larger_denominator_has_narrower_limits() -> None:
    for limits in ("three_sigma", "exact", "laney"):
        found = p_chart(shares([3, 20, 240], [10, 100, 1000]), limits=limits)
        widths = (found["upper"] - found["lower"]).to_list()
        assert widths == sorted(widths, reverse=True)


def test_laney_widens_the_limits_of_counts_that_vary_more_than_chance() -> None:
    """Average 0.5, sigma 0.005 at n = 10,000: z is -/+ 4, ranges are 8, sigma_z is 8 / 1.128."""
    found = p_chart(shares([4800, 5200] * 7, [10_000] * 14), limits="laney")
    assert found["upper"][0] == pytest.approx(0.5 + 3 * 0.005 * 8 / 1.128)
    assert set(found["method"]) == {"P' chart, Laney"}
    assert set(special_causes(found, "making_data_count_7")["outside"]) == {0}
    plain = p_chart(shares([4800, 5200] * 7, [10_000] * 14))
    assert set(special_causes(plain, "making_data_count_7")["outside"]) == {-1, 1}


def test_each_faulty_point_has_its_reason_and_leaves_the_others_alone() -> None:
    sound = p_chart(shares([10, 30], [100, 100]))
    numerators = [10, 30, None, -1, 5, 3, float("inf"), float("nan")]
    found = p_chart(shares(numerators, [100, 100, 100, 10, 4, 0, 10, 10]))
    wanted = [
        None,
        None,
        "missing",
        "negative_count",
        "count_above_total",
        "total_not_positive",
        "not_finite",
        "missing",
    ]
    assert found["reason"].to_list() == wanted
    assert found["centre"].to_list() == pytest.approx([sound["centre"][0]] * 8)
    assert found["value"].to_list()[2:] == [None] * 6


def test_a_series_without_spread_of_its_average_has_no_limits() -> None:
    assert set(p_chart(shares([0, 0, 0], [5, 6, 7]))["reason"]) == {"average_at_edge"}
    assert set(p_chart(shares([5, 6], [5, 6]))["reason"]) == {"average_at_edge"}
    assert set(u_chart(shares([0, 0], [5, 6]))["reason"]) == {"average_at_edge"}
    assert u_chart(shares([5, 6], [5, 6]))["reason"].to_list() == [None, None]
    assert set(p_chart(shares([3, 3, 3], [6, 6, 6]), limits="laney")["reason"]) == {"no_variation"}
    assert set(p_chart(shares([3], [6]))["reason"]) == {"too_few_points"}
    assert set(p_chart(shares([3, None, 4], [6, 6, 6]), limits="laney")["reason"]) == {"too_few_points", "missing"}


def test_exact_shares_are_of_whole_counts() -> None:
    found = p_chart(shares([1.5, 2, 3], [6, 6, 6]), limits="exact")
    assert found["reason"].to_list() == ["not_whole_counts", None, None]


def test_a_worked_example_of_cases_between_events_comes_out() -> None:
    """Mean 99, so the chance is 1 in 100: 1 - 0.99^(k+1) reaches 0.99865 at k = 657, 0.00135 at 0 and 1/2 at 68."""
    found = g_chart(events([49, 149, 99]))
    assert found["upper"][0] == 657
    assert found["lower"][0] == 0
    assert found["centre"][0] == 68
    three = g_chart(events([49, 149, 99]), limits="three_sigma")
    assert three["centre"][0] == 99
    assert three["upper"][0] == pytest.approx(99 + 3 * math.sqrt(99 * 100))
    assert three["lower"][0] == 0


@given(values=gaps)
def test_exact_limits_of_gaps_leave_no_more_than_the_tail_outside(values: list[int]) -> None:
    row = g_chart(events(values)).row(0, named=True)
    if row["reason"] is None:
        chance = 1 / (math.fsum(values) / len(values) + 1)
        above = (1 - chance) ** (row["upper"] + 1)
        assert above <= UPPER_TAIL * (1 + 1e-9)
        assert row["upper"] == 0 or above / (1 - chance) >= UPPER_TAIL * (1 - 1e-9)
        assert row["lower"] <= row["centre"] <= row["upper"]


def test_times_between_events_are_the_xmr_chart_of_their_powers() -> None:
    times = [3.0, 20.0, 7.5, 1.0, 44.0]
    found = t_chart(events(times))
    turned = xmr_limits(events([time ** (1 / 3.6) for time in times]), screen=False)
    for name in LINES:
        assert found[name].to_list() == pytest.approx([max(line, 0) ** 3.6 for line in turned[name]])
    assert found["value"].to_list() == times


@given(values=st.lists(st.floats(0.01, 1e4), min_size=2, max_size=20), unit=st.sampled_from([24.0, 365.25]))
def test_limits_of_times_do_not_depend_on_the_unit(values: list[float], unit: float) -> None:
    found, scaled = t_chart(events(values)), t_chart(events([value * unit for value in values]))
    for name in LINES:
        wanted = [None if x is None else pytest.approx(x * unit, rel=1e-6, abs=1e-6) for x in found[name]]
        assert scaled[name].to_list() == wanted


def test_a_time_of_nought_and_a_negative_gap_are_left_out() -> None:
    assert t_chart(events([1, 0, 2, 3, -1]))["reason"].to_list() == [None, "not_positive", None, None, "not_positive"]
    assert g_chart(events([1, -2, 3]))["reason"].to_list() == [None, "negative_count", None]
    assert set(g_chart(events([0, 0]))["reason"]) == {"no_variation"}
    assert set(t_chart(events([5, 5]))["reason"]) == {"no_variation"}
    assert g_chart(events([4]))["reason"].to_list() == ["too_few_points"]


@pytest.mark.parametrize("chart", [p_chart, u_chart, g_chart, t_chart])
def test_every_chart_keeps_its_series_apart_and_stands_an_empty_frame(chart: Any) -> None:
    one = shares([3, 5, 4, 6], [30, 40, 35, 30], who=pl.lit("a"), value=pl.Series([3.0, 5, 4, 6]))
    two = shares([9, 1], [10, 10], who=pl.lit(None, pl.String), value=pl.Series([2.0, 90]))
    found = chart(pl.concat([one, two]).sample(fraction=1, shuffle=True, seed=1), ["who"])
    assert found.filter(who="a").drop("who").equals(chart(one.drop("who")))
    assert found.filter(pl.col("who").is_null()).drop("who").equals(chart(two.drop("who")))
    assert chart(one.clear(), ["who"]).schema == chart(one, ["who"]).schema


@pytest.mark.parametrize("chart", [p_chart, u_chart, g_chart, t_chart])
def test_a_baseline_is_held(chart: Any) -> None:
    frame = shares([3, 5] * 6 + [30, 30], [60] * 14, value=pl.Series([3.0, 5] * 6 + [300, 300]))
    held, alone = chart(frame, baseline=12), chart(frame.head(12))
    assert held["upper"][13] == pytest.approx(alone["upper"][0])
    with pytest.raises(ValueError, match="at least 12 points"):
        chart(frame, baseline=5)


def test_huge_counts_have_limits() -> None:
    found = p_chart(shares([10**8, 10**8 + 10**5], [10**9, 10**9]), limits="exact")
    assert found["reason"].to_list() == [None, None]
    assert found["lower"][0] < found["centre"][0] < found["upper"][0]


def test_limits_of_an_unknown_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="limits are three_sigma, exact, laney, not wilson"):
        p_chart(shares([1], [2]), limits="wilson")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="limits are three_sigma, exact, not laney"):
        g_chart(events([1]), limits="laney")  # type: ignore[arg-type]
