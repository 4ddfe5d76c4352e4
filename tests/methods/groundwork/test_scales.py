"""Scales and the errors carried between them."""

from __future__ import annotations

import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.groundwork.scales import error_columns, error_of_value, from_scale, standard_error_of_limits, to_scale

scales = st.sampled_from(["natural", "log", "logit"])


def one(expression: pl.Expr, **columns: Any) -> float:
    return pl.DataFrame({name: [value] for name, value in columns.items()}).select(expression).item()


@given(value=st.floats(min_value=0.001, max_value=0.999), scale=scales)
def test_there_and_back_is_the_same(value: float, scale: Any) -> None:
    assert one(from_scale(to_scale(pl.col("v"), scale), scale), v=value) == pytest.approx(value)


@given(value=st.floats(min_value=0.05, max_value=0.95), here=scales, there=scales)
def test_an_error_is_carried_as_a_small_step_is(value: float, here: Any, there: Any) -> None:
    step = 1e-6
    carried = error_of_value(["standard_error"], there, here, 0.95)
    moved = from_scale(to_scale(pl.col("value"), here) + step, here)
    wanted = to_scale(moved, there) - to_scale(pl.col("value"), there)
    assert one(carried, value=value, standard_error=step) == pytest.approx(one(wanted, value=value), rel=1e-4)


def test_an_error_is_read_off_limits_on_their_scale() -> None:
    """Limits 50 and 200 lie log 4 = 1.3863 apart: 1.3863 / 3.9199 = 0.3537."""
    error = standard_error_of_limits(pl.col("lower"), pl.col("upper"), scale="log")
    assert one(error, lower=50, upper=200) == pytest.approx(0.3537, abs=5e-5)
    assert one(error, lower=200, upper=50) < 0


def test_errors_or_limits_are_needed() -> None:
    assert error_columns(["standard_error", "lower", "upper"]) == ["standard_error"]
    assert error_columns(["upper", "lower"]) == ["lower", "upper"]
    with pytest.raises(ValueError, match="standard_error"):
        error_columns(["lower"])


def test_a_scale_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="probit"):
        to_scale(pl.col("v"), "probit")  # type: ignore[arg-type]


@pytest.mark.parametrize(("value", "scale"), [(0.0, "log"), (-1.0, "log"), (0.0, "logit"), (1.0, "logit")])
def test_a_value_without_a_place_on_the_scale_of_its_error_has_no_error(value: float, scale: Any) -> None:
    carried = error_of_value(["standard_error"], "natural", scale, 0.95)
    assert math.isnan(one(carried, value=value, standard_error=0.1))
