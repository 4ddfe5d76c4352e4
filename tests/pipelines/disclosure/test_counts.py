"""The table of counts: what shows before anything is hidden to protect something else, and how counts are rounded."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.disclosure.counts import rounded
from tests.pipelines.disclosure import toy


@given(number=st.integers(0, 10**7), draw=st.integers(0, 4))
def test_rounding_moves_a_count_by_four_at_most_and_leaves_a_multiple(number: int, draw: int) -> None:
    shown = pl.select(rounded(pl.lit(number), pl.lit(draw), 5)).item()
    assert shown % 5 == 0
    assert abs(shown - number) <= 4
    assert number % 5 or shown == number


@given(number=st.integers(0, 10**7))
def test_rounding_has_no_bias_over_the_draws(number: int) -> None:
    shown = pl.DataFrame({"draw": range(5)}).select(rounded(pl.lit(number), pl.col("draw"), 5)).to_series()
    assert shown.sum() == 5 * number


def test_thresholds_count_people_and_a_share_shows_only_with_both_parts() -> None:
    counts, _ = toy.table()
    wide = counts.pivot(on="part", index=["cube", "d1", "d2", "grain", "period_start"], values=["people", "is_shown"])
    both = (pl.col("people_in") >= 10) & (pl.col("people_out") >= 10)
    published = wide.filter(grain="quarter")
    assert published.filter(pl.col("is_shown_in") != both).is_empty()
    assert published.filter(pl.col("is_shown_in") != pl.col("is_shown_out")).is_empty()
    assert published.filter(pl.col("is_shown_whole") & pl.col("is_shown_in")).is_empty()
    assert published.filter(pl.col("is_shown_whole") != (~both & (pl.col("people_whole") >= 10))).is_empty()


def test_a_series_has_monthly_points_only_where_they_average_a_hundred_people() -> None:
    counts, _ = toy.table(how_many=900)
    months = counts.filter(grain="month", part="whole")
    size = months.group_by("cube", "d1", "d2").agg(pl.col("people").sum() / 3, pl.col("is_published").first())
    assert size.filter((pl.col("people") >= 100) != pl.col("is_published")).is_empty()
    assert size["is_published"].any()
    assert not size["is_published"].all()
    assert counts.filter(~pl.col("is_published") & pl.col("is_shown")).is_empty()
