"""Process limits of single measurements."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.estimates import FIELDS, insist
from methods.xmr import xmr_limits

NUMBERS = ["value", "lower", "upper", "lower_near", "upper_near", "lower_inner", "upper_inner", "centre", "mean_range"]
values = st.lists(st.one_of(st.none(), st.integers(-20, 20)), min_size=1, max_size=30)


def points(series: list[Any], **columns: list[Any]) -> pl.DataFrame:
    return pl.DataFrame(
        {"period": range(len(series)), "value": pl.Series(series, dtype=pl.Float64, strict=False), **columns}
    )


def plain(series: list[float | None], screen: bool) -> dict[str, float | None]:
    """Mean, limits and mean range one step at a time."""
    present = [value for value in series if value is not None]
    if not present:
        return {"centre": None, "lower": None, "upper": None, "mean_range": None}
    mean = math.fsum(present) / len(present)
    ranges = [abs(one - other) for one, other in pairwise(series) if one is not None and other is not None]
    if not ranges:
        return {"centre": mean, "lower": None, "upper": None, "mean_range": None}
    average = math.fsum(ranges) / len(ranges)
    if screen and 2 * ranges.count(0) <= len(ranges):
        kept = [moved for moved in ranges if moved < 3.267 * average]
        average = math.fsum(kept) / len(kept)
    if average == 0:
        return {"centre": mean, "lower": None, "upper": None, "mean_range": 0.0}
    return {"centre": mean, "lower": mean - 2.66 * average, "upper": mean + 2.66 * average, "mean_range": average}


@given(series=values, screen=st.booleans())
def test_a_slow_plain_version_agrees(series: list[float | None], screen: bool) -> None:
    found = xmr_limits(points(series), screen=screen)
    wanted = plain(series, screen)
    for name, value in wanted.items():
        assert found[name].to_list() == [None if value is None else pytest.approx(value)] * len(series), name
    assert found["value"].to_list() == series


def test_a_worked_example_comes_out() -> None:
    """5, 7, 6, 8: mean 6.5; ranges 2, 1, 2, mean 5/3; limits 6.5 -/+ 2.66 * 5/3 = 6.5 -/+ 4.4333."""
    found = xmr_limits(points([5, 7, 6, 8]))
    assert found["centre"].to_list() == [6.5] * 4
    assert found["lower"][0] == pytest.approx(2.0667, abs=5e-5)
    assert found["upper"][0] == pytest.approx(10.9333, abs=5e-5)
    assert found["upper_near"][0] == pytest.approx(6.5 + 4.43333 * 2 / 3, abs=5e-5)
    assert found["lower_inner"][0] == pytest.approx(6.5 - 4.43333 / 3, abs=5e-5)


@given(series=values, scale=st.sampled_from([0.01, 3.0, 1e9]), shift=st.sampled_from([-7.0, 0.0, 1e4]))
def test_limits_move_and_stretch_with_the_values(series: list[float | None], scale: float, shift: float) -> None:
    found = xmr_limits(points(series))
    moved = xmr_limits(points([None if value is None else scale * (value + shift) for value in series]))
    assert found["reason"].to_list() == moved["reason"].to_list()
    for name in ("centre", "lower", "upper"):
        wanted = [
            None if x is None else pytest.approx(scale * (x + shift), rel=1e-9, abs=1e-6 * scale) for x in found[name]
        ]
        assert moved[name].to_list() == wanted


@given(series=values, seed=st.integers(0, 99))
def test_the_order_of_the_rows_does_not_matter(series: list[float | None], seed: int) -> None:
    given_in_order = points(series)
    shuffled = given_in_order.sample(fraction=1, shuffle=True, seed=seed)
    assert xmr_limits(shuffled).equals(xmr_limits(given_in_order))


@given(series=values)
def test_a_reason_stands_exactly_where_a_number_is_missing(series: list[float | None]) -> None:
    found = xmr_limits(points(series))
    for row in found.iter_rows(named=True):
        assert (row["reason"] is not None) == any(row[name] is None for name in ("value", "lower", "upper"))


@given(series=st.lists(st.integers(-20, 20), min_size=3, max_size=30))
def test_limits_lie_around_the_mean_and_never_on_it(series: list[int]) -> None:
    row = xmr_limits(points(series)).row(0, named=True)
    if row["lower"] is not None:
        assert row["lower"] < row["lower_near"] < row["lower_inner"] < row["centre"]
        assert row["centre"] < row["upper_inner"] < row["upper_near"] < row["upper"]


def test_one_rogue_step_is_screened_out_on_wish() -> None:
    series = [21, 19, 22, 20, 18, 23, 20, 64, 19, 21, 22, 20, 18, 21, 20]
    screened, whole = (xmr_limits(points(series), screen=screen) for screen in (True, False))
    assert screened["mean_range"][0] == pytest.approx(28 / 12)
    assert whole["mean_range"][0] == pytest.approx(117 / 14)
    assert screened["method"][0] != whole["method"][0]


@pytest.mark.parametrize(
    "series",
    [
        [4, 4, 4, 9] + [4] * 12,
        [0] * 20 + [1] + [0] * 20 + [1, 0, 5, 0],
        [0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
        [99, 99, 99, 98, 99, 99, 99, 60] + [99] * 14,
    ],
)
def test_limits_do_not_close_in_on_a_series_that_hardly_moves(series: list[int]) -> None:
    found = xmr_limits(points(series))
    assert set(found["caution"]) == {"too_many_unchanged"}
    assert set(found["method"]) == {"XmR"}
    usual = max(set(series), key=series.count)
    assert found["lower"][0] < usual < found["upper"][0]
    assert found["reason"].to_list() == [None] * len(series)


@pytest.mark.parametrize("screen", [True, False])
@pytest.mark.parametrize("series", [[7] * 20, [0.1 + 0.2, 0.3] * 10, [0.0] * 3])
def test_a_constant_series_has_a_mean_and_no_limits(series: list[float], screen: bool) -> None:
    found = xmr_limits(points(series), screen=screen)
    assert set(found["reason"]) == {"no_variation"}
    assert found["centre"].to_list() == pytest.approx(series)
    assert found["lower"].null_count() == found["upper"].null_count() == len(series)


@pytest.mark.parametrize("series", [[3], [3, None, 4], [None, 3]])
def test_without_two_neighbours_there_are_too_few_points(series: list[float | None]) -> None:
    found = xmr_limits(points(series))
    assert found.filter(pl.col("value").is_not_null())["reason"].unique().to_list() == ["too_few_points"]
    assert found["centre"].null_count() == 0


def test_a_missing_value_takes_the_ranges_beside_it_away_and_keeps_its_limits() -> None:
    found = xmr_limits(points([1, 2, None, 10, 12, float("nan")]))
    assert found["mean_range"][0] == pytest.approx(1.5)
    assert found["centre"][2] == pytest.approx(6.25)
    assert found["upper"].null_count() == 0
    assert found["reason"].to_list() == [None, None, "missing", None, None, "missing"]


def test_an_infinite_value_is_left_out_and_said() -> None:
    found = xmr_limits(points([1, 2, float("inf"), 3, 4]))
    assert found["reason"].to_list() == [None, None, "not_finite", None, None]
    assert found["centre"][0] == pytest.approx(2.5)


def test_nothing_but_missing_values_gives_no_mean() -> None:
    found = xmr_limits(points([None, None]))
    assert found["centre"].to_list() == [None, None]
    assert found["reason"].to_list() == ["missing", "missing"]


def test_each_section_has_limits_of_its_own() -> None:
    both = points([1, 3, 2, 4, 11, 14, 12], rebase=[False] * 4 + [True, False, False])
    found = xmr_limits(both)
    first, second = xmr_limits(points([1, 3, 2, 4])), xmr_limits(points([11, 14, 12]))
    assert found["upper"].to_list() == pytest.approx([*first["upper"], *second["upper"]])
    assert found["section"].to_list() == [1, 1, 1, 1, 2, 2, 2]


def test_a_baseline_is_held_in_each_section() -> None:
    series = [5, 7, 6, 8] * 3 + [50, 60] + [15, 17, 16, 18] * 3 + [500, 600]
    found = xmr_limits(points(series, rebase=[place == 14 for place in range(28)]), baseline=12)
    assert found["centre"].to_list() == pytest.approx([6.5] * 14 + [16.5] * 14)


@pytest.mark.parametrize(("length", "caution"), [(12, "too_few_points"), (13, None)])
def test_fewer_than_13_points_are_a_caution(length: int, caution: str | None) -> None:
    assert set(xmr_limits(points([3, 5] * 6 + [4] * (length - 12)))["caution"]) == {caution}


def test_a_bad_series_does_not_harm_the_others() -> None:
    good = points([5, 7, 6, 8]).with_columns(who=pl.lit("good"))
    twice = pl.concat([good, good.head(1)]).with_columns(who=pl.lit("twice"))
    alone = good.head(1).with_columns(who=pl.lit(None, pl.String))
    found = xmr_limits(pl.concat([twice, good, alone]), ["who"])
    reasons = dict(found.group_by("who").agg(pl.col("reason").unique()).iter_rows())
    assert reasons == {"good": [None], "twice": ["repeated_key"], None: ["too_few_points"]}
    assert found.filter(who="good").drop("who").equals(xmr_limits(good.drop("who")))


def test_no_points_give_no_rows_with_the_same_columns() -> None:
    empty = xmr_limits(pl.DataFrame(schema={"who": pl.String, "period": pl.Date, "value": pl.Int64}), ["who"])
    full = xmr_limits(points([1, 2]).with_columns(who=pl.lit("a")), ["who"])
    assert empty.height == 0
    assert empty.columns == full.columns
    assert [empty.schema[name] for name in NUMBERS] == [pl.Float64] * len(NUMBERS)
    assert set(FIELDS) <= set(empty.columns)


@pytest.mark.parametrize("kind", [pl.Int8, pl.UInt64, pl.Float32])
def test_every_kind_of_number_will_do(kind: Any) -> None:
    series = points([5, 7, 6, 8])
    assert xmr_limits(series.cast({"value": kind})).equals(xmr_limits(series))


def test_counts_of_a_thousand_million_keep_their_limits() -> None:
    found = xmr_limits(points([10**9 + extra for extra in (5, 7, 6, 8)]))
    assert found["upper"][0] - 10**9 == pytest.approx(10.9333, abs=1e-4)


def test_a_baseline_below_12_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 12 points, not 11"):
        xmr_limits(points([1, 2, 3]), baseline=11)


def test_those_who_would_rather_stop_can() -> None:
    with pytest.raises(ValueError, match="All points are the same"):
        insist(xmr_limits(points([7, 7, 7])))


def test_the_newest_points_are_judged_by_limits_of_those_before() -> None:
    """Of 20 points the newest 6 are left out: 14 points, 0 and 1 in turn: mean 0.5, each range 1."""
    found = xmr_limits(points([0, 1] * 7 + [9] * 6), newest=6)
    assert found["centre"].to_list() == [0.5] * 20
    assert found["upper"].to_list() == [pytest.approx(0.5 + 2.66)] * 20


def test_thirteen_points_of_the_last_section_always_enter_its_limits() -> None:
    few = xmr_limits(points([0, 1] * 7), newest=6)
    assert few["centre"].to_list() == [pytest.approx(6 / 13)] * 14


def test_only_the_last_section_leaves_its_newest_points_out() -> None:
    rebase = [place == 20 for place in range(24)]
    found = xmr_limits(points([0, 1] * 10 + [5] * 4, rebase=rebase), newest=6)
    assert found["centre"].to_list() == [0.5] * 20 + [5] * 4


def test_a_negative_number_of_newest_points_is_refused() -> None:
    with pytest.raises(ValueError, match="newest"):
        xmr_limits(points([0, 1]), newest=-1)
