"""Forecasts of counts: against a plain second computation, by hand, and by laws."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from methods.count_forecasts import (
    ANY_SEASON,
    BEFOREHAND,
    BENDS,
    CHANGE,
    DEPARTS,
    GROWTH,
    LEVEL,
    SEASON,
    WALKS,
    Change,
    Forecast,
    Points,
    added,
    fit_counts,
    forecast_counts,
    seasonal_naive,
    weighed_together,
)

START = 2021 * 12 + 10


def monthly(counts: list[float] | np.ndarray, rounded_to: int = 1, start: int = START) -> Points:
    months = np.arange(start, start + len(counts))
    return Points(months, months, np.asarray(counts, dtype=float), rounded_to)


def grown(months: int, rate: float = 0.10, level: float = 500.0) -> np.ndarray:
    """Requests a month that grow steadily, with a season."""
    at = np.arange(months)
    return level * (1 + rate) ** (at / 12) * (1 + 0.05 * np.sin(2 * np.pi * at / 12))


def plainly(points: Points, days: np.ndarray, season: np.ndarray | None, change: Change | None, ahead: list[int]):
    """The forecast of single months again: every effect a parameter with its own prior, solved by normal equations."""
    months = np.arange(int(points.first[0]), int(points.first[0]) + days.size)
    expected = np.zeros(12) if season is None else season
    size = ANY_SEASON if season is None else SEASON
    logs = np.array(
        [
            math.log(count / days[(months >= first) & (months <= last)].sum())
            for first, last, count in zip(points.first, points.last, points.count, strict=True)
        ]
    )
    weights, means, variances = [], [], []
    for (departs, before_1), (walk, before_2), (bend, before_3) in product(
        DEPARTS.items(), WALKS.items(), BENDS.items()
    ):
        columns, spreads = [np.ones(months.size), (months - months[0]) / 12], [LEVEL, GROWTH]
        for calendar in range(12):
            # Twelve free effects less their mean: what is left adds up to nought.
            columns.append((months % 12 == calendar) - 1 / 12)
            spreads.append(size)
        if change:
            columns.append(np.array([min(max((m - change.start + 0.5) / change.ramp, 0), 1) for m in months]))
            spreads.append(CHANGE)
        for step in range(months.size - 1):
            if walk:
                columns.append((months > months[step]).astype(float))
                spreads.append(walk)
            if bend:
                columns.append(np.maximum(months - months[step] - 1, 0) / 12**1.5)
                spreads.append(bend)
        every = np.column_stack(columns)
        seen, scatter = [], []
        for first, last in zip(points.first, points.last, strict=True):
            inside = (months >= first) & (months <= last)
            share = days * inside / days[inside].sum()
            seen.append(share)
            scatter.append(departs**2 * (share**2).sum())
        share = np.array(seen)
        at = share @ np.arange(months.size)
        slope, level = np.polyfit(at, logs, 1)
        count = np.exp(level + slope * at) * np.array([days[row > 0].sum() for row in share])
        noise = np.array(scatter) + 1 / count + (points.rounded_to**2 - 1) / 6 / count**2
        design, offset = share @ every, logs.mean() + share @ expected[months % 12]
        prior = np.diag(np.array(spreads) ** 2)
        weights.append(
            math.log(before_1 * before_2 * before_3)
            + multivariate_normal(offset, design @ prior @ design.T + np.diag(noise)).logpdf(logs)
        )
        precision = design.T @ np.diag(1 / noise) @ design + np.diag(1 / np.array(spreads) ** 2)
        estimate = np.linalg.solve(precision, design.T @ ((logs - offset) / noise))
        rows = every[np.array(ahead) - months[0]]
        where = logs.mean() + expected[np.array(ahead) % 12] + rows @ estimate
        own = np.einsum("ij,jk,ik->i", rows, np.linalg.inv(precision), rows) + departs**2
        mean = np.exp(where + own / 2) * days[np.array(ahead) - months[0]]
        means.append(mean)
        variances.append(own + 1 / mean)
    weight = np.exp(np.array(weights) - max(weights))
    return weight / weight.sum(), np.array(means), np.array(variances)


@pytest.mark.parametrize("kind", ["months", "quarters", "with a change"])
def test_the_forecast_is_that_of_every_effect_as_a_parameter_by_normal_equations(kind: str) -> None:
    rng = np.random.default_rng(3)
    counts = rng.poisson(grown(36, level=200.0)).astype(float)
    days = 19 + (np.arange(48) * 7 % 4).astype(float)
    points, season, change = monthly(counts, 5), None, None
    if kind == "quarters":
        firsts = np.arange(START, START + 36, 3)
        points = Points(firsts, firsts + 2, counts.reshape(-1, 3).sum(axis=1), 5)
        season = np.linspace(-0.1, 0.1, 12)
    if kind == "with a change":
        change = Change(START + 20, 6)
    ahead = [START + 36, START + 41, START + 47]
    fitted = fit_counts(points, days, [change] if change else [], season)
    assert fitted is not None
    found = forecast_counts(fitted, [(month, month) for month in ahead])
    weight, means, variances = plainly(points, days, season, change, ahead)
    assert found.weight == pytest.approx(weight, abs=1e-6)
    assert found.mean == pytest.approx(weight @ means, rel=1e-6)
    lower, upper = found.limits(0.80)
    centres = np.log(means) - variances / 2
    for number in range(len(ahead)):
        for limit, level in ((lower[number], 0.1), (upper[number], 0.9)):
            under = weight @ norm.cdf((math.log(limit) - centres[:, number]) / np.sqrt(variances[:, number]))
            assert under == pytest.approx(level, abs=1e-5)


def test_steady_growth_and_season_are_carried_on() -> None:
    truth = grown(84)
    fitted = fit_counts(monthly(truth[:60]), np.full(84, 20.0))
    assert fitted is not None
    found = forecast_counts(fitted, [(START + month, START + month) for month in range(60, 84)])
    assert found.mean == pytest.approx(truth[60:], rel=0.03)
    lower, upper = found.limits(0.95)
    assert ((lower < truth[60:]) & (truth[60:] < upper)).all()


def test_more_working_days_bring_more_requests_in_proportion() -> None:
    days = np.full(72, 20.0)
    days[65] = 22.0
    fitted = fit_counts(monthly(grown(60, 0.0, 1000.0)), days)
    assert fitted is not None
    months = [(START + month, START + month) for month in (53 + 12, 53 + 12)]
    plain = fit_counts(monthly(grown(60, 0.0, 1000.0)), np.full(72, 20.0))
    assert plain is not None
    assert forecast_counts(fitted, months).mean / forecast_counts(plain, months).mean == pytest.approx(1.1, rel=1e-3)


def test_a_known_change_is_not_taken_for_growth() -> None:
    flat = np.full(60, 400.0)
    flat[48:] += np.minimum(np.arange(12) + 0.5, 6) / 6 * 200
    after = [(START + 83, START + 83)]
    known = fit_counts(monthly(flat), np.full(84, 20.0), [Change(START + 48, 6)])
    unknown = fit_counts(monthly(flat), np.full(84, 20.0))
    assert known is not None
    assert unknown is not None
    assert forecast_counts(known, after).mean[0] == pytest.approx(600, rel=0.05)
    assert forecast_counts(unknown, after).mean[0] > 750


def test_a_change_after_the_last_point_is_not_used() -> None:
    points, days = monthly(grown(36)), np.full(60, 20.0)
    periods = [(START + 50, START + 50)]
    with_it, without = fit_counts(points, days, [Change(START + 40, 6)]), fit_counts(points, days)
    assert with_it is not None
    assert without is not None
    assert forecast_counts(with_it, periods).mean == pytest.approx(forecast_counts(without, periods).mean)


def test_quarters_tell_nearly_what_their_months_tell() -> None:
    counts = grown(60)
    firsts = np.arange(START, START + 60, 3)
    by_quarter = Points(firsts, firsts + 2, counts.reshape(-1, 3).sum(axis=1))
    year = [(START + 60, START + 71)]
    season = np.log(1 + 0.05 * np.sin(2 * np.pi * ((np.arange(12) - START) % 12) / 12))
    found = []
    for points in (by_quarter, monthly(counts)):
        fitted = fit_counts(points, np.full(72, 20.0), season=season)
        assert fitted is not None
        found.append(forecast_counts(fitted, year).mean[0])
    assert found[0] == pytest.approx(found[1], rel=0.005)


def test_under_seven_quarters_nothing_is_said() -> None:
    assert fit_counts(monthly(grown(20)), np.full(40, 20.0)) is None
    assert fit_counts(monthly(grown(21)), np.full(40, 20.0)) is not None


@settings(max_examples=15, deadline=None)
@given(st.floats(0.5, 3.0), st.integers(0, 10_000))
def test_the_unit_of_working_days_does_not_matter(scale: float, seed: int) -> None:
    counts = np.random.default_rng(seed).poisson(grown(30)) + 1.0
    days = np.full(48, 20.0)
    periods = [(START + 30, START + 41), (START + 47, START + 47)]
    first, second = fit_counts(monthly(counts), days), fit_counts(monthly(counts), scale * days)
    assert first is not None
    assert second is not None
    one, other = forecast_counts(first, periods), forecast_counts(second, periods)
    assert one.mean == pytest.approx(other.mean, rel=1e-6)
    assert one.limits(0.8)[0] == pytest.approx(other.limits(0.8)[0], rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.floats(1.05, 4.0), st.integers(0, 10_000))
def test_more_of_everything_is_more_expected_and_less_unsure_for_its_size(scale: float, seed: int) -> None:
    counts = np.random.default_rng(seed).poisson(grown(30)) + 1.0
    periods = [(START + 30, START + 41)]
    found = []
    for times in (1.0, scale):
        fitted = fit_counts(monthly(times * counts), np.full(48, 20.0))
        assert fitted is not None
        found.append(forecast_counts(fitted, periods))
    assert found[1].mean[0] > found[0].mean[0]
    assert found[1].limits(0.8)[1][0] > found[0].limits(0.8)[1][0]


def test_limits_nest_and_hold_the_middle() -> None:
    fitted = fit_counts(monthly(grown(48)), np.full(84, 20.0))
    assert fitted is not None
    found = forecast_counts(fitted, [(START + month, START + month) for month in range(48, 84)])
    (low_80, high_80), (low_95, high_95) = found.limits(0.8), found.limits(0.95)
    assert (low_95 < low_80).all()
    assert (low_80 < found.mean).all()
    assert (found.mean < high_80).all()
    assert (high_80 < high_95).all()
    assert found.chance_under(high_80) == pytest.approx(np.full(36, 0.9), abs=1e-6)
    with pytest.raises(ValueError, match="confidence"):
        found.limits(1.0)


def test_steady_series_make_each_other_surer_and_series_that_walk_less_sure() -> None:
    rng = np.random.default_rng(5)
    walks = np.array([one[1] > 0 for one in product(DEPARTS, WALKS, BENDS)])
    for step in (0.0, 0.05):
        moved = [grown(48) * np.exp(np.cumsum(rng.normal(0, step, 48))) for _ in range(12)]
        fits = [fit for one in moved if (fit := fit_counts(monthly(rng.poisson(one)), np.full(60, 20.0)))]
        alone = np.mean([fit.weight[walks].sum() for fit in fits])
        together = np.mean([fit.weight[walks].sum() for fit in weighed_together(fits)])
        assert together > alone if step else together < alone
    assert weighed_together([]) == []


def test_what_series_tell_each_other_by_hand() -> None:
    """One round from the end moves the weights no more: the fixed point of the mean of weights and BEFOREHAND more."""
    rng = np.random.default_rng(9)
    fits = [fit_counts(monthly(rng.poisson(grown(30))), np.full(36, 20.0)) for _ in range(5)]
    known = [fit for fit in fits if fit]
    start = np.array([a * b * c for a, b, c in product(DEPARTS.values(), WALKS.values(), BENDS.values())])
    told = weighed_together(known)
    mean = (sum(one.weight for one in told) + BEFOREHAND * start) / (len(told) + BEFOREHAND)
    for before, after in zip(known, told, strict=True):
        weight = mean * np.exp(before.likely - before.likely.max())
        assert after.weight == pytest.approx(weight / weight.sum(), abs=2e-3)


def certain(mean: float, spread: float) -> Forecast:
    """A forecast of one period whose log is normal, nothing of it the chance of the period."""
    return Forecast(
        np.array([mean]), np.ones(1), np.array([[math.log(mean) - spread**2 / 2]]), np.array([[spread]]), np.zeros(1)
    )


def test_a_sum_by_hand() -> None:
    """Means 100 and 200, spreads 0.1 and 0.05: standard deviations 100 and 200 times the root of exp(s squared) - 1."""
    one, two = 100 * math.sqrt(math.expm1(0.01)), 200 * math.sqrt(math.expm1(0.0025))
    parts = [certain(100, 0.1), certain(200, 0.05)]
    for together in (0.0, 0.2, 1.0):
        variance = one**2 + two**2 + 2 * together * one * two
        found = added(parts, factor=1.5, together=together)
        assert found.mean[0] == pytest.approx(450)
        assert found.spread[0, 0] == pytest.approx(math.sqrt(math.log1p(variance / 300**2)))
    alone = added(parts[:1])
    assert alone.limits(0.8)[0][0] == pytest.approx(parts[0].limits(0.8)[0][0])


def test_the_chance_of_a_period_is_not_shared_between_parts() -> None:
    noisy = [
        Forecast(one.mean, one.weight, one.centre, one.spread, one.mean**2 * math.expm1(0.01))
        for one in [certain(100, 0.1)] * 4
    ]
    assert added(noisy, together=1.0).spread[0, 0] == pytest.approx(math.sqrt(math.log1p(math.expm1(0.01) / 4)))


def test_the_naive_forecast_by_hand() -> None:
    """Three years of 100, 110 and 121 in every month: each year is a step of log 1.1, and as wide a year ahead."""
    counts = np.repeat([100.0, 110.0, 121.0], 12)
    found = seasonal_naive(monthly(counts), np.full(72, 20.0), [(START + 36, START + 36), (START + 48, START + 59)])
    assert found is not None
    assert found.mean.tolist() == [121.0, 12 * 121.0]
    assert found.spread[0] == pytest.approx([math.log(1.1), math.log(1.1) * math.sqrt(2)])


def test_the_naive_forecast_needs_two_whole_years() -> None:
    assert seasonal_naive(monthly(grown(23)), np.full(60, 20.0), [(START + 30, START + 30)]) is None
    gap = monthly(grown(36))
    without = Points(np.delete(gap.first, 30), np.delete(gap.last, 30), np.delete(gap.count, 30))
    assert seasonal_naive(without, np.full(60, 20.0), [(START + 40, START + 40)]) is None
