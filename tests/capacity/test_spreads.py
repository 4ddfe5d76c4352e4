"""Equally likely values in place of a distribution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.spreads import PLACES, Spread, between, exponential, exponential_means, fixed, mean_and_cv, observed


def variance(spread: Spread) -> float:
    return float(np.var(spread.values))


@given(st.floats(0.1, 500), st.floats(0, 1.5))
def test_a_lognormal_spread_has_its_mean_and_nearly_its_cv(mean: float, cv: float) -> None:
    spread = mean_and_cv(mean, cv)
    assert spread.mean == pytest.approx(mean, rel=1e-4)
    assert np.sqrt(variance(spread)) / mean <= cv * (1 + 1e-4) + 1e-9
    if cv <= 1:
        assert np.sqrt(variance(spread)) / mean == pytest.approx(cv, rel=0.03, abs=1e-5)


@given(st.floats(0, 50), st.floats(0, 50), st.floats(0, 50))
def test_three_points_have_the_mean_of_a_triangle(first: float, second: float, third: float) -> None:
    low, central, high = sorted((first, second, third))
    spread = between(low, central, high)
    assert spread.mean == pytest.approx((low + central + high) / 3, abs=1e-3 * (high - low) + 1e-6)
    assert spread.values[0] >= low - 1e-6
    assert spread.values[-1] <= high + 1e-6


def test_an_exponential_spread_has_its_mean_and_nearly_its_variance() -> None:
    spread = exponential(60)
    assert spread.mean == pytest.approx(60, rel=1e-6)
    assert variance(spread) / 3_600 == pytest.approx(1, abs=0.0015)


def test_the_means_of_two_halves_of_the_exponential_by_hand() -> None:
    """Up to ln 2 and beyond: beyond it the mean is ln 2 more, 1.693147; the two average 1, so the other is 0.306853."""
    assert exponential_means(2).tolist() == pytest.approx([0.306853, 1.693147], abs=1e-6)


def test_observed_values_have_their_shares() -> None:
    spread = observed([7, 1, 3], [1, 2, 1])
    assert [spread.values.count(value) for value in (1.0, 3.0, 7.0)] == [PLACES // 2, PLACES // 4, PLACES // 4]
    assert observed([4], [3]) == fixed(4)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: between(3, 2, 4),
        lambda: between(-1, 2, 4),
        lambda: mean_and_cv(-1, 1),
        lambda: mean_and_cv(float("nan"), 1),
        lambda: exponential(float("inf")),
        lambda: observed([], []),
        lambda: observed([1, 2], [1]),
        lambda: observed([1, 2], [0, 0]),
        lambda: observed([1, 2], [2, -1]),
        lambda: fixed(-1),
        lambda: Spread((1.0, 2.0)),
        lambda: Spread((2.0, *(1.0,) * (PLACES - 1))),
    ],
)
def test_what_is_no_spread_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError):
        wrong()  # type: ignore[operator]
