"""Run charts around a median."""

from __future__ import annotations

import math
import statistics
from itertools import groupby, pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.run_charts import anhoej_signals, rephase_medians, run_chart

series_of_numbers = st.lists(st.one_of(st.none(), st.integers(0, 6)), max_size=40)


def points(series: list[Any], **columns: Any) -> pl.DataFrame:
    values = pl.Series("value", series, dtype=pl.Float64, strict=False).to_frame().with_row_index("period")
    return values.with_columns(**columns)


@given(series=series_of_numbers)
def test_the_centre_is_the_median(series: list[float | None]) -> None:
    present = [value for value in series if value is not None]
    median = statistics.median(present) if present else None
    assert run_chart(points(series))["centre"].to_list() == [median] * len(series)


@given(series=series_of_numbers)
def test_a_slow_plain_version_of_the_anhoej_rules_agrees(series: list[float | None]) -> None:
    present = [value for value in series if value is not None]
    median = statistics.median(present) if present else 0
    above = [value > median for value in present if value != median]
    found = anhoej_signals(run_chart(points(series)))
    if not series:
        assert found.height == 0
        return
    row = found.row(0, named=True)
    assert row["n_useful"] == len(above)
    assert row["longest_run"] == max((len(list(run)) for _, run in groupby(above)), default=0)
    assert row["crossings"] == sum(one != other for one, other in pairwise(above))
    assert (row["reason"] is None) == (row["is_signal"] is not None) == bool(above)
    if above:
        too_long, too_few = row["longest_run"] > row["longest_run_limit"], row["crossings"] < row["crossings_limit"]
        assert row["is_signal"] == (too_long or too_few)


def test_the_limits_of_24_points_are_those_of_the_published_example() -> None:
    """Vignette of qicharts2: of 24 points a run of more than round(log2(24) + 3) = 8, or fewer than 8 crossings."""
    row = anhoej_signals(run_chart(points([0, 1] * 12))).row(0, named=True)
    assert (row["longest_run_limit"], row["crossings_limit"]) == (8, 8)


@pytest.mark.parametrize("useful", [2, 4, 10, 12, 40, 100])
def test_so_few_crossings_have_a_chance_below_one_in_twenty(useful: int) -> None:
    row = anhoej_signals(run_chart(points([0, 1] * (useful // 2)))).row(0, named=True)
    chances = [math.comb(useful - 1, k) / 2 ** (useful - 1) for k in range(useful)]
    fewest = row["crossings_limit"]
    assert math.fsum(chances[:fewest]) < 0.05 <= math.fsum(chances[: fewest + 1])
    assert row["longest_run_limit"] == round(math.log2(useful) + 3)


def test_a_step_is_a_signal_and_alternation_is_none() -> None:
    assert anhoej_signals(run_chart(points([1, 2] * 6 + [8, 9] * 6)))["is_signal"].to_list() == [True]
    assert anhoej_signals(run_chart(points([1, 9] * 12)))["is_signal"].to_list() == [False]


@given(series=series_of_numbers, seed=st.integers(0, 9))
def test_the_order_of_the_rows_does_not_matter(series: list[float | None], seed: int) -> None:
    shuffled = points(series).sample(fraction=1, shuffle=True, seed=seed)
    assert run_chart(shuffled).equals(run_chart(points(series)))
    assert anhoej_signals(run_chart(shuffled)).equals(anhoej_signals(run_chart(points(series))))
    assert rephase_medians(shuffled, baseline=3, run=3).equals(rephase_medians(points(series), baseline=3, run=3))


def test_a_baseline_sets_the_median_of_its_section() -> None:
    found = run_chart(
        points([1, 2, 3, 9, 9, 4, 5, 6, 9], rebase=pl.Series([False] * 5 + [True] + [False] * 3)), baseline=3
    )
    assert found["centre"].to_list() == [2.0] * 5 + [5.0] * 4
    assert found["section"].to_list() == [1] * 5 + [2] * 4


def test_a_median_that_is_given_is_used() -> None:
    found = run_chart(points([5, 6, 7, 8, 9, 10, 11], centre=pl.lit(4)))
    assert set(found["shift"]) == {1}
    assert set(found["centre"]) == {4.0}


def test_a_missing_value_has_a_reason_and_a_centre() -> None:
    found = run_chart(points([1, None, float("inf"), 3]))
    assert found["reason"].to_list() == [None, "missing", "not_finite", None]
    assert found["centre"].to_list() == [2.0] * 4


def test_a_bad_series_does_not_harm_the_others() -> None:
    good = points([1, 5, 2, 6], who=pl.lit("good"))
    frame = pl.concat(
        [
            good,
            points([1, 2], who=pl.lit("twice")).with_columns(period=pl.lit(1, pl.UInt32)),
            points([None], who=pl.lit(None)),
        ],
        how="vertical_relaxed",
    )
    found = run_chart(frame, ["who"])
    assert found.filter(who="good").drop("who").equals(run_chart(good.drop("who")))
    assert found.filter(who="twice")["reason"].to_list() == ["repeated_key"] * 2
    signals = anhoej_signals(found, ["who"])
    assert dict(signals.select("who", "reason").iter_rows()) == {
        "good": None,
        "twice": "repeated_key",
        None: "too_few_points",
    }


def test_no_points_give_no_rows_with_the_same_columns() -> None:
    for made in (run_chart, rephase_medians):
        assert made(points([])).schema == made(points([1.0])).schema
    assert anhoej_signals(run_chart(points([]))).schema == anhoej_signals(run_chart(points([1.0]))).schema


def test_the_median_moves_to_that_of_the_run_from_its_first_point() -> None:
    """Baseline 1..3, median 2; the run 5, 6, 7, 8 of four above it starts at place 4 and has median 6.5."""
    found = rephase_medians(points([1, 2, 3, 1, 5, 6, 7, 8, 9, 1]), baseline=3, run=4)
    assert found["centre"].to_list() == [2.0] * 4 + [6.5] * 6
    assert found["rebase"].to_list() == [False] * 4 + [True] + [False] * 5


def test_the_median_moves_again_and_passes_over_points_on_it() -> None:
    series = [1, 2, 3, 5, 2, 6, 7, 6, 1, 1, 1]
    found = rephase_medians(points(series), baseline=3, run=3)
    assert found["centre"].to_list() == [2.0] * 3 + [6.0] * 5 + [1.0] * 3
    assert run_chart(found)["section"].to_list() == [1] * 3 + [2] * 5 + [3] * 3


def test_a_missing_point_breaks_the_run_that_would_move_the_median() -> None:
    assert not rephase_medians(points([1, 2, 3, 5, 5, None, 5, 5]), baseline=3, run=3)["rebase"].any()


def test_medians_move_in_each_series_by_itself() -> None:
    series = {"a": [1, 2, 3, 5, 6, 7, 7], "b": [1, 2, 3, 1, 3, 1, 3], "c": [9, 9, 9, 9, 1, 1, 1]}
    frame = pl.concat([points(values, who=pl.lit(who)) for who, values in series.items()])
    together = rephase_medians(frame, ["who"], baseline=3, run=3)
    for who, values in series.items():
        alone = rephase_medians(points(values), baseline=3, run=3)
        assert together.filter(who=who).drop("who").equals(alone)


def test_parameters_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 points, not 0"):
        run_chart(points([1]), baseline=0)
    with pytest.raises(ValueError, match="a run takes at least 2 points"):
        rephase_medians(points([1]), run=1)
    with pytest.raises(ValueError, match=r"lower.*upper.* missing"):
        run_chart(points([1]), rules="making_data_count_7")
