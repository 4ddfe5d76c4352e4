"""Interpolated quantiles of counts: against plain sums, and the laws that they keep."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, binom, nbinom, poisson

from methods.groundwork.count_quantiles import LARGEST_SUMMED, rate_quantile, share_quantile

CHANCE = st.floats(0.001, 0.999)


def plain_quantile(chances: list[float], chance: float) -> float:
    """The same rule, adding the chances of 0, 1, 2 ... one by one."""
    below = 0.0
    for events, here in enumerate(chances):
        if below + here >= chance:
            return max(0.0, events - (below + here - chance) / here)
        below += here
    raise AssertionError("the chances do not reach so far")


def of(*numbers: float) -> list[np.ndarray]:
    return [np.array([float(number)]) for number in numbers]


@given(st.integers(1, 300), st.floats(0.01, 0.99), CHANCE)
def test_a_share_without_spread_has_the_binomial_quantile(size: int, average: float, chance: float) -> None:
    expected = plain_quantile(list(binom.pmf(range(size + 1), size, average)), chance) / size
    assert share_quantile(chance, *of(size, average, 0))[0] == pytest.approx(expected, abs=1e-9)


@given(st.integers(1, 300), st.floats(0.01, 0.99), st.floats(0.0005, 0.2), CHANCE)
def test_a_share_with_spread_has_the_beta_binomial_quantile(
    size: int, average: float, tau2: float, chance: float
) -> None:
    both = 1 / (4 * tau2) - 1
    chances = betabinom.pmf(range(size + 1), size, average * both, (1 - average) * both)
    expected = plain_quantile(list(chances), chance) / size
    assert share_quantile(chance, *of(size, average, tau2))[0] == pytest.approx(expected, abs=1e-7)


@given(st.floats(0.05, 200), CHANCE)
def test_a_rate_without_spread_has_the_poisson_quantile(expected: float, chance: float) -> None:
    wanted = plain_quantile(list(poisson.pmf(range(600), expected)), chance)
    assert rate_quantile(chance, *of(1, expected, 0))[0] == pytest.approx(wanted, abs=1e-8)


@given(st.floats(0.05, 50), st.floats(0.01, 0.3), CHANCE)
def test_a_rate_with_spread_has_the_gamma_poisson_quantile(expected: float, spread: float, chance: float) -> None:
    chances = nbinom.pmf(range(3000), 1 / spread, 1 / (1 + spread * expected))
    wanted = plain_quantile(list(chances), chance)
    assert rate_quantile(chance, *of(1, expected, spread))[0] == pytest.approx(wanted, abs=1e-6)


@given(st.integers(1, 2000), st.floats(0.01, 0.99))
def test_spread_that_vanishes_leaves_the_plain_quantile(size: int, average: float) -> None:
    for chance in (0.025, 0.975):
        plain = share_quantile(chance, *of(size, average, 0))[0]
        assert share_quantile(chance, *of(size, average, 1e-8))[0] == pytest.approx(plain, abs=1e-4)
        plain = rate_quantile(chance, *of(size, average, 0))[0]
        assert rate_quantile(chance, *of(size, average, 1e-8))[0] == pytest.approx(plain, abs=1e-4)


@pytest.mark.parametrize("average", [0.02, 0.2, 0.5])
@pytest.mark.parametrize("tau2", [1e-5, 0.001, 0.05])
def test_the_beta_distribution_takes_over_from_the_sum_without_a_step(average: float, tau2: float) -> None:
    for chance in (0.001, 0.025, 0.975, 0.999):
        ends = share_quantile(
            chance, *(np.array([x, x + y]) for x, y in ((LARGEST_SUMMED, 1), (average, 0), (tau2, 0)))
        )
        assert abs(ends[1] - ends[0]) < 1e-4


@pytest.mark.parametrize(("size", "average"), [(30_614, 0.00015), (60_000, 0.9995), (40_000, 0.02)])
@pytest.mark.parametrize("tau2", [1e-7, 4e-6, 1e-5])
def test_a_rare_share_of_a_very_large_unit_has_the_beta_binomial_quantile(
    size: int, average: float, tau2: float
) -> None:
    both = 1 / (4 * tau2) - 1
    chances = betabinom.pmf(range(size + 1), size, average * both, (1 - average) * both)
    for chance in (0.001, 0.025, 0.975, 0.999):
        wanted = plain_quantile(list(chances / chances.sum()), chance)
        assert share_quantile(chance, *of(size, average, tau2))[0] * size == pytest.approx(wanted, abs=1e-5)


def test_a_thousand_million_is_answered_as_the_normal_distribution_is() -> None:
    size, average = 1e9, 0.2
    reach = 1.959964 * math.sqrt(average * (1 - average) / size)
    assert share_quantile(0.975, *of(size, average, 0))[0] == pytest.approx(average + reach, abs=1e-8)
    assert rate_quantile(0.025, *of(size, average, 0))[0] == pytest.approx(
        0.2 - 1.959964 * math.sqrt(0.2 / size), abs=1e-8
    )


def test_quantiles_stay_inside_what_can_be() -> None:
    assert share_quantile(0.001, *of(3, 0.1, 0))[0] == 0
    assert share_quantile(0.999, *of(3, 0.9, 0.01))[0] <= 1
    assert rate_quantile(0.001, *of(1, 0.1, 0))[0] == 0


def test_cases_do_not_disturb_each_other() -> None:
    size, average, tau2 = np.array([7.0, 30_000, 5, 7]), np.array([0.3, 0.2, 0.9, 0.3]), np.array([0.01, 0.01, 0, 0.01])
    together = share_quantile(0.9, size, average, tau2)
    alone = [share_quantile(0.9, *of(*case))[0] for case in zip(size, average, tau2, strict=True)]
    assert together == pytest.approx(alone, abs=1e-12)
