"""The ratio of two counts."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.rates import count_ratio_interval

counts = st.integers(min_value=5, max_value=10**6)


def interval(later: float | None, earlier: float | None, rounding: float = 0.0) -> dict[str, float | None]:
    frame = pl.DataFrame({"x": [later], "y": [earlier]}, schema={"x": pl.Float64, "y": pl.Float64})
    return frame.select(count_ratio_interval(pl.col("x"), pl.col("y"), rounding=rounding)).item()


def test_a_worked_example_comes_out() -> None:
    """60 against 50: ratio 1.2, standard error of its logarithm sqrt(1/60 + 1/50) = 0.1915, reach exp(0.3753)."""
    found = interval(60, 50)
    assert found["lower"] == pytest.approx(0.8245, abs=5e-5)
    assert found["upper"] == pytest.approx(1.7465, abs=5e-5)


@given(later=counts, earlier=counts)
def test_the_interval_holds_the_ratio_and_turns_over_with_it(later: int, earlier: int) -> None:
    found, turned = interval(later, earlier), interval(earlier, later)
    assert found["lower"] < later / earlier < found["upper"]
    assert found["lower"] == pytest.approx(1 / turned["upper"])


@given(later=counts, earlier=counts)
def test_rounding_widens_it(later: int, earlier: int) -> None:
    exact, rounded = interval(later, earlier), interval(later, earlier, rounding=2.5)
    assert rounded["lower"] < exact["lower"] < exact["upper"] < rounded["upper"]


@pytest.mark.parametrize(("later", "earlier"), [(None, 5), (5, None), (0, 5), (5, 0)])
def test_without_two_counts_there_is_none(later: float | None, earlier: float | None) -> None:
    assert interval(later, earlier) == {"lower": None, "upper": None}
