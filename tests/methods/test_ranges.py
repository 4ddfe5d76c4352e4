"""Ranges between the most and the least deprived, and the population attributable share."""

from __future__ import annotations

from math import exp, log, sqrt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.ranges import attributable_share, deprivation_ranges

values = st.lists(st.floats(min_value=1, max_value=1000), min_size=2, max_size=10)


def frame(value: list[Any], population: list[Any] | None = None, **others: Any) -> pl.DataFrame:
    columns = {"quantile": list(range(1, len(value) + 1)), "value": value} | others
    return pl.DataFrame(columns | {"population": population or [10] * len(value)}, strict=False)


def ranges(given: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return deprivation_ranges(given).rows_by_key("measure", named=True, unique=True)


def share(given: pl.DataFrame, **options: Any) -> dict[str, Any]:
    return attributable_share(given, **options).row(0, named=True)


def test_a_worked_range_comes_out() -> None:
    """40 (36 to 45) less 20 (17 to 24): 20, less sqrt(4^2 + 4^2) = 5.657, and more by sqrt(5^2 + 3^2) = 5.831."""
    found = ranges(frame([40, 30, 20], lower=[36, None, 17], upper=[45, None, 24]))
    assert found["absolute_range"]["value"] == 20
    assert found["absolute_range"]["lower"] == pytest.approx(20 - sqrt(32))
    assert found["absolute_range"]["upper"] == pytest.approx(20 + sqrt(34))
    assert found["relative_range"]["value"] == 2
    assert found["relative_range"]["lower"] == pytest.approx(2 / exp(sqrt(log(40 / 36) ** 2 + log(24 / 20) ** 2)))
    assert found["relative_range"]["upper"] == pytest.approx(2 * exp(sqrt(log(45 / 40) ** 2 + log(20 / 17) ** 2)))
    assert (found["relative_range"]["most_deprived"], found["relative_range"]["least_deprived"]) == (1, 3)


@given(value=values)
def test_turned_round_the_difference_changes_sign_and_the_ratio_turns_over(value: list[float]) -> None:
    around = {"lower": [v * 0.9 for v in value], "upper": [v * 1.2 for v in value]}
    here = ranges(frame(value, **around))
    there = ranges(frame(value, **around).with_columns(-pl.col("quantile")))
    assert here["absolute_range"]["lower"] == pytest.approx(-there["absolute_range"]["upper"])
    assert here["relative_range"]["lower"] == pytest.approx(1 / there["relative_range"]["upper"])
    assert here["relative_range"]["lower"] <= here["relative_range"]["value"] <= here["relative_range"]["upper"]


def test_the_ends_are_the_quantiles_in_which_people_live() -> None:
    found = ranges(frame([9, 40, 20, 7], [0, 5, 5, 0], lower=[1] * 4, upper=[50] * 4))["absolute_range"]
    assert found["value"] == 20
    assert (found["most_deprived"], found["least_deprived"], found["quantiles_present"]) == (2, 3, 2)


def test_an_end_without_a_value_is_not_replaced() -> None:
    found = ranges(frame([None, 30, 20], lower=[1] * 3, upper=[50] * 3))
    assert [row["reason"] for row in found.values()] == ["missing", "missing"]


def test_without_limits_there_is_a_value_still() -> None:
    found = ranges(frame([40, 30, 20], lower=[None] * 3, upper=[None] * 3))["relative_range"]
    assert (found["value"], found["lower"], found["reason"]) == (2, None, "missing")


def test_a_value_outside_its_limits_has_none() -> None:
    found = ranges(frame([40, 20], lower=[41, 10], upper=[50, 30]))["absolute_range"]
    assert (found["value"], found["reason"]) == (20, "error_not_usable")


@pytest.mark.parametrize(
    ("value", "lower", "value_found", "lower_found", "code"),
    [
        ([40, 0], [30, 0], None, None, "denominator_is_zero"),
        ([40, 5], [30, 0], 8, None, "no_limits"),
        ([0, 5], [0, 4], 0, None, "no_limits"),
        ([-1, 5], [-2, 4], None, None, "outside_range"),
    ],
)
def test_a_ratio_near_nought_says_what_is_wrong(
    value: list[float], lower: list[float], value_found: float | None, lower_found: float | None, code: str
) -> None:
    found = ranges(frame(value, lower=lower, upper=[60, 60]))["relative_range"]
    assert (found["value"], found["lower"], found["reason"]) == (value_found, lower_found, code)


def test_a_lower_limit_of_nought_gives_a_ratio_from_nought() -> None:
    found = ranges(frame([40, 20], lower=[0, 10], upper=[60, 30]))["relative_range"]
    assert found["lower"] == 0
    assert found["reason"] is None


def test_a_worked_share_comes_out() -> None:
    """40, 30, 20 by 10 people each: mean 30, least 20, so 1 - 20/30 = 0.3333 would not be.

    Errors of 1 pull at the log of 20/30 by -1/90, -1/90 and 1/20 - 1/90: its error is 0.04194, and 0.6667 times
    exp(-/+ 1.96 * 0.04194) gives 0.6141 to 0.7238.
    """
    found = share(frame([40, 30, 20], standard_error=[1, 1, 1]))
    assert found["value"] == pytest.approx(1 / 3)
    assert found["lower"] == pytest.approx(1 - 0.7238, abs=5e-5)
    assert found["upper"] == pytest.approx(1 - 0.6141, abs=5e-5)


@given(value=values, error=st.floats(min_value=0, max_value=100))
def test_the_share_is_scotpho_s_and_its_limits_stay_below_one(value: list[float], error: float) -> None:
    population = [place * 3 + 1 for place in range(len(value))]
    excess = sum((v / value[-1] - 1) * n for v, n in zip(value, population, strict=True)) / sum(population)
    found = share(frame(value, population, standard_error=[error] * len(value)))
    assert found["value"] == pytest.approx(excess / (1 + excess), abs=1e-9)
    assert found["lower"] <= found["value"] <= found["upper"] <= 1


def test_a_u_shape_gives_a_share_below_nought() -> None:
    assert share(frame([20, 10, 30], standard_error=[1] * 3))["value"] == pytest.approx(1 - 30 / 20)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([40, None, 20], "missing"),
        ([40, 30, 0], "denominator_is_zero"),
        ([40, -1, 20], "outside_range"),
        ([40, float("inf"), 20], "not_finite"),
    ],
)
def test_a_bad_area_has_no_share_and_a_good_one_has(value: list[Any], code: str) -> None:
    bad, good = (frame(row, standard_error=[1.0] * 3).cast(pl.Float64) for row in (value, [40, 30, 20]))
    both = pl.concat([bad.with_columns(area=pl.lit(None)), good.with_columns(area=pl.lit("b"))], how="vertical_relaxed")
    found = attributable_share(both, ["area"])
    assert found["reason"].to_list() == [code, None]
    assert found["value"].is_null().to_list() == [True, False]


@pytest.mark.parametrize(
    ("error", "code"), [(None, "missing"), (-1, "error_not_usable"), (float("inf"), "outside_range")]
)
def test_without_sound_errors_there_is_a_share_without_limits(error: Any, code: str) -> None:
    found = share(frame([40, 30, 20], standard_error=[1, error, 1]))
    assert (found["value"], found["lower"], found["reason"]) == (pytest.approx(1 / 3), None, code)


def test_one_quantile_is_too_few() -> None:
    one = frame([40, 30], [10, 0], lower=[1, 1], upper=[50, 50])
    assert share(one)["reason"] == "too_few_groups"
    assert ranges(one)["absolute_range"]["reason"] == "too_few_groups"


def test_empty_frames_give_empty_answers_of_the_same_kind() -> None:
    rows = frame([40, 30, 20], lower=[1] * 3, upper=[50] * 3)
    for method in (deprivation_ranges, attributable_share):
        assert method(rows.clear()).schema == method(rows).schema
        assert method(rows.clear()).is_empty()
