"""What may be shown of an exact cell."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import protect

people = st.integers(min_value=0, max_value=3_000)


def share(numerator: int, denominator: int, people_in: int, people_out: int) -> dict[str, object]:
    cells = pl.DataFrame(
        {
            "numerator": [numerator],
            "denominator": [denominator],
            "people": [people_in + people_out],
            "people_in": [people_in],
            "people_out": [people_out],
        }
    )
    return protect.protect_share(cells).row(0, named=True)


@pytest.mark.parametrize(("count", "shown"), [(10, 10), (12, 10), (13, 15), (17, 15), (18, 20), (1_234_567, 1_234_565)])
def test_a_count_is_rounded_to_the_nearest_five(count: int, shown: int) -> None:
    assert pl.select(protect.rounded(pl.lit(count))).item() == shown


@given(count=st.integers(min_value=0, max_value=10**7))
def test_rounding_moves_a_count_by_two_at_most(count: int) -> None:
    shown = pl.select(protect.rounded(pl.lit(count))).item()
    assert shown % 5 == 0
    assert abs(shown - count) <= 2


@pytest.mark.parametrize(("inside", "outside"), [(0, 500), (9, 500), (500, 9), (500, 0), (1, 1)])
def test_a_share_whose_part_stands_for_under_ten_people_is_hidden(inside: int, outside: int) -> None:
    cell = share(inside, inside + outside, inside, outside)
    assert cell["state"] == "confidential"
    assert cell["value"] is cell["lower"] is cell["upper"] is cell["numerator"] is None


def test_the_threshold_counts_people_and_not_requests() -> None:
    assert share(numerator=120, denominator=400, people_in=9, people_out=200)["state"] == "confidential"


@given(inside=people, outside=people)
def test_a_shown_share_is_made_of_its_shown_parts(inside: int, outside: int) -> None:
    cell = share(inside, inside + outside, inside, outside)
    if cell["state"] == "shown":
        assert cell["numerator"] % 5 == cell["denominator"] % 5 == 0
        assert cell["value"] == pytest.approx(cell["numerator"] / cell["denominator"])
        assert 0 <= cell["lower"] <= cell["value"] <= cell["upper"] <= 1


@given(count=people, same=st.integers(min_value=0, max_value=4))
def test_no_hidden_count_can_be_told_from_another(count: int, same: int) -> None:
    cells = pl.DataFrame({"numerator": [count, count + same], "people": [9, 3]})
    assert protect.protect_count(cells).select(protect.STATISTIC).n_unique() == 1


@pytest.mark.parametrize(
    ("statistic", "people_count", "state"),
    [("median", 19, "confidential"), ("median", 20, "shown"), ("p90", 99, "confidential"), ("p90", 100, "shown"),
     ("p95", 199, "confidential"), ("p95", 200, "shown")],
)  # fmt: skip
def test_a_percentile_needs_its_people(statistic: str, people_count: int, state: str) -> None:
    cells = pl.DataFrame(
        {
            "requests": [people_count],
            "open": [0],
            "people": [people_count],
            "value": [12.5],
            "lower": [11.0],
            "upper": [None],
        },
        schema_overrides={"upper": pl.Float64},
    )
    cell = protect.protect_percentile(cells, statistic).row(0, named=True)
    assert cell["state"] == state
    assert cell["value"] == (13 if state == "shown" else None)


def test_a_percentile_that_is_not_reached_yet_is_not_available() -> None:
    cells = pl.DataFrame(
        {"requests": [500], "open": [200], "people": [500], "value": [None], "lower": [20.0], "upper": [None]},
        schema_overrides={"value": pl.Float64, "upper": pl.Float64},
    )
    assert protect.protect_percentile(cells, "p90")["state"].item() == "not_available"


@pytest.mark.parametrize(
    ("still_open", "state", "settled"), [(0, "shown", True), (20, "not_available", True), (30, "not_available", False)]
)
def test_a_percentile_whose_upper_limit_is_open_cannot_be_told_while_requests_are(
    still_open: int, state: str, settled: bool
) -> None:
    cells = pl.DataFrame(
        {"requests": [500], "open": [still_open], "people": [500], "value": [40.0], "lower": [35.0], "upper": [None]},
        schema_overrides={"upper": pl.Float64},
    )
    cell = protect.protect_percentile(cells, "p90").row(0, named=True)
    assert (cell["state"], cell["is_settled"]) == (state, settled)
    assert (cell["value"] is None) == (cell["lower"] is None) == (state != "shown")


def test_a_derived_share_of_a_hidden_count_is_hidden_and_never_passes_one() -> None:
    counts = pl.DataFrame({"part": [None, 105], "whole": [100, 100]}, schema={"part": pl.Int64, "whole": pl.Int64})
    shown = counts.select(**protect.share_of_shown(pl.col("part"), pl.col("whole")))
    assert shown["state"].to_list() == ["confidential", "shown"]
    assert shown["value"].to_list() == [None, 1.0]


def test_growth_needs_a_base_and_an_earlier_period() -> None:
    counts = pl.DataFrame(
        {"now": [120, 120, 120], "then": [100, 45, None], "has": [True, True, False]},
        schema={"now": pl.Int64, "then": pl.Int64, "has": pl.Boolean},
    )
    shown = counts.select(**protect.growth_of_shown(pl.col("now"), pl.col("then"), pl.col("has")))
    assert shown["state"].to_list() == ["shown", "confidential", "not_available"]
    assert shown["value"].to_list() == [0.2, None, None]
