"""Forecasts of shares and of counts, with their ranges."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import t as student

from methods.forecasts import (
    DAMPINGS,
    LEVELS,
    NAIVE,
    SLOPES,
    TREND,
    common_shift,
    count_ranges,
    forecast_shares,
    widen_by_past,
)

SHARES = [0.80, 0.82, 0.81, 0.83, 0.84, 0.82, 0.85, 0.84, 0.86, 0.85, 0.87, 0.86, 0.85, 0.88]


def series(shares: list[float], first: int = 0) -> pl.DataFrame:
    return pl.DataFrame({"time": range(first, first + len(shares)), "share": shares})


def by_method(found: pl.DataFrame, method: str) -> list[dict[str, Any]]:
    return found.filter(method=method).sort("step").to_dicts()


def test_the_naive_forecast_by_hand() -> None:
    """The last share stays; its logit walks at random by the root mean square of its past steps."""
    found = by_method(forecast_shares(series(SHARES), ahead=3, confidence=0.80), NAIVE)
    steps = [logit(after) - logit(before) for before, after in pairwise(SHARES)]
    spread = math.sqrt(sum(step**2 for step in steps) / len(steps))
    for row in found:
        reach = student.ppf(0.9, len(steps)) * spread * math.sqrt(row["step"])
        assert row["value"] == pytest.approx(0.88)
        assert row["lower"] == pytest.approx(expit(logit(0.88) - reach))
        assert row["upper"] == pytest.approx(expit(logit(0.88) + reach))


def plainly(shares: list[float], ahead: int, confidence: float) -> list[tuple[float, float, float]]:
    """The averaged trend again: each candidate as a linear regression on the first level, by matrices."""
    y = logit(np.array(shares))
    count = y.size
    candidates = [(float(level), 0.0, 1.0, 0.5 / LEVELS.size) for level in LEVELS]
    every = LEVELS.size * SLOPES.size * DAMPINGS.size
    candidates += [
        (float(level), float(level * slope), float(damping), 0.5 / every)
        for level in LEVELS
        for slope in SLOPES
        for damping in DAMPINGS
    ]
    weights, means, variances = [], [], []
    for level, slope, damping, prior in candidates:
        move = np.array([[1.0, damping], [0.0, damping]])
        look, gain = np.array([1.0, damping]), np.array([level, slope])

        def run(first: float, points: np.ndarray, move=move, look=look, gain=gain) -> tuple[np.ndarray, np.ndarray]:
            state, errors = np.array([first, 0.0]), []
            for point in points:
                errors.append(point - look @ state)
                state = move @ state + gain * errors[-1]
            return np.array(errors), state

        base, end = run(0.0, y)
        echo, echo_end = run(1.0, np.zeros(count))
        first = -(echo @ base) / (echo @ echo)
        errors, state = base + first * echo, end + first * echo_end
        spread = errors @ errors / (count - 1)
        weights.append(math.log(prior) - 0.5 * math.log(echo @ echo) - 0.5 * (count - 1) * math.log(errors @ errors))
        own_means, own_variances = [], []
        for step in range(1, ahead + 1):
            reach = [look @ np.linalg.matrix_power(move, step - 1)]
            own_means.append(reach[0] @ state)
            coefficients = [look @ np.linalg.matrix_power(move, back - 1) @ gain for back in range(1, step)]
            unsure = (reach[0] @ echo_end) ** 2 / (echo @ echo)
            own_variances.append(spread * (1 + sum(c**2 for c in coefficients) + unsure))
        means.append(own_means)
        variances.append(own_variances)
    weight = np.exp(np.array(weights) - max(weights))
    weight /= weight.sum()
    mean = weight @ np.array(means)
    degrees = count - 1
    between = (weight @ (np.array(means) - mean) ** 2) * (degrees - 2) / degrees
    reach = student.ppf(0.5 + confidence / 2, degrees) * np.sqrt(weight @ np.array(variances) + between)
    return [(float(expit(m)), float(expit(m - r)), float(expit(m + r))) for m, r in zip(mean, reach, strict=True)]


def test_the_trend_agrees_with_a_slow_plain_second_version() -> None:
    found = by_method(forecast_shares(series(SHARES), ahead=6, confidence=0.95), TREND)
    for row, want in zip(found, plainly(SHARES, 6, 0.95), strict=True):
        assert (row["value"], row["lower"], row["upper"]) == pytest.approx(want, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.3, 0.97), min_size=12, max_size=40, unique=True))
def test_intervals_never_narrow_with_the_months_ahead_and_hold_their_value(shares: list[float]) -> None:
    found = forecast_shares(series(shares), ahead=6)
    for method in (NAIVE, TREND):
        rows = by_method(found, method)
        widths = [logit(row["upper"]) - logit(row["lower"]) for row in rows]
        assert all(after >= before - 1e-9 for before, after in pairwise(widths))
        assert all(row["lower"] <= row["value"] <= row["upper"] for row in rows)


def simulated(level: float, slope: float, damping: float, spread: float, count: int, of: int) -> np.ndarray:
    """Series of shares from the model itself; a row a series."""
    random = np.random.default_rng(20261128)
    state, trend, points = np.full(of, 1.8), np.zeros(of), []
    for _ in range(count):
        error = random.normal(0, spread, of)
        ahead = state + damping * trend
        points.append(ahead + error)
        state, trend = ahead + level * error, damping * trend + slope * error
    return expit(np.array(points)).T


@pytest.mark.parametrize(
    ("level", "slope", "damping"), [(0.3, 0.0, 1.0), (0.8, 0.1, 0.9), (1.0, 0.0, 1.0), (0.5, 0.2, 0.9)]
)
def test_intervals_hold_as_often_as_they_say_on_series_from_the_model(
    level: float, slope: float, damping: float
) -> None:
    """300 series of 48 months: each share lies within 3 standard errors of what is said, plus 2 for being estimated."""
    count, ahead, of = 48, 6, 300
    every = simulated(level, slope, damping, 0.07, count + ahead, of)
    frame = pl.concat(series(list(row[:count])).with_columns(number=pl.lit(n)) for n, row in enumerate(every))
    truth = pl.DataFrame(
        {
            "number": np.repeat(np.arange(of), ahead).astype(np.int32),
            "step": np.tile(np.arange(1, ahead + 1), of),
            "share": every[:, count:].ravel(),
        }
    )
    for confidence in (0.80, 0.95):
        found = forecast_shares(frame, ["number"], ahead, confidence).filter(method=TREND)
        held = (
            found.join(truth, on=["number", "step"])
            .group_by("step")
            .agg(pl.col("share").is_between("lower", "upper").mean())
        )
        assert held["share"].min() > confidence - 3 * math.sqrt(confidence * (1 - confidence) / of) - 0.02
        assert held["share"].max() < confidence + 3 * math.sqrt(confidence * (1 - confidence) / of) + 0.04


def test_it_is_nearer_than_the_naive_one_where_the_level_hardly_moves() -> None:
    every = simulated(0.1, 0.0, 1.0, 0.07, 49, 200)
    frame = pl.concat(series(list(row[:48])).with_columns(number=pl.lit(n)) for n, row in enumerate(every))
    found = forecast_shares(frame, ["number"], 1).with_columns(truth=pl.lit(0.0))
    truth = dict(enumerate(every[:, 48]))
    error = {method: [] for method in (NAIVE, TREND)}
    for row in found.to_dicts():
        error[row["method"]].append(abs(row["value"] - truth[row["number"]]))
    assert np.mean(error[TREND]) < 0.85 * np.mean(error[NAIVE])


def test_each_origin_is_foretold_as_if_nothing_after_it_were_known() -> None:
    rolling = forecast_shares(series(SHARES), ahead=2, origins=3)
    assert rolling["origin"].unique().sort().to_list() == [11, 12, 13]
    for known in (12, 13, 14):
        alone = forecast_shares(series(SHARES[:known]), ahead=2)
        same = rolling.filter(origin=known - 1)
        numbers = [frame.select("value", "lower", "upper").to_numpy() for frame in (same, alone)]
        assert numbers[0] == pytest.approx(numbers[1])


def test_rows_may_come_in_any_order_and_nothing_before_a_gap_is_used() -> None:
    whole = forecast_shares(series(SHARES))
    assert forecast_shares(series(SHARES).reverse()).equals(whole)
    before = series([0.2, 0.3, 0.25], first=-9)
    assert forecast_shares(pl.concat([before, series(SHARES)])).equals(whole)


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (series(SHARES[:11]), "too_few_points"),
        (series([0.8] * 20), "no_variation"),
        (series([*SHARES, 1.0]), "outside_range"),
        (series([*SHARES, 1.2]), "share_out_of_range"),
        (series([*SHARES, None]), "missing"),
        (pl.concat([series(SHARES), series([0.9], first=3)]), "repeated_key"),
    ],
)
def test_a_series_that_cannot_be_foretold_says_why(frame: pl.DataFrame, why: str) -> None:
    found = forecast_shares(frame)
    assert found["reason"].unique().to_list() == [why]
    assert found["value"].null_count() == found.height


def test_one_bad_series_does_not_stop_another() -> None:
    two = pl.concat(
        [series(SHARES).with_columns(place=pl.lit("a")), series(SHARES[:3]).with_columns(place=pl.lit("b"))]
    )
    found = forecast_shares(two, ["place"])
    assert found.filter(place="a")["reason"].null_count() == 12
    assert found.filter(place="b")["reason"].unique().to_list() == ["too_few_points"]


def test_parameters_that_make_no_sense_are_refused() -> None:
    for wrong in ({"ahead": 0}, {"origins": 0}, {"confidence": 1.0}):
        with pytest.raises(ValueError, match=r"whole numbers|strictly between"):
            forecast_shares(series(SHARES), **wrong)  # type: ignore[arg-type]


def test_the_common_shift_by_hand() -> None:
    """Errors 10 and -8 on variances 5 and 4: (100 - 5 + 64 - 4) / (25 + 16) = 3.7805, whose root is 1.9443."""
    past = pl.DataFrame({"expected": [10.0, 20.0], "variance": [5.0, 4.0], "happened": [20, 12]})
    assert common_shift(past)["value"].item() == pytest.approx(1.9443, abs=1e-4)
    by_chance = past.with_columns(happened=pl.Series([11, 21]))
    assert common_shift(by_chance)["value"].item() == 0
    assert common_shift(past.with_columns(happened=pl.lit(None)))["reason"].item() == "missing"


def exactly(chances: list[float]) -> np.ndarray:
    """The distribution of how many happen, by adding one member after another."""
    found = np.array([1.0])
    for chance in chances:
        found = np.convolve(found, [1 - chance, chance])
    return found


def ranged(chances: list[float], shift: float = 0.0, degrees: int = 12, confidence: float = 0.9) -> dict[str, Any]:
    members = pl.DataFrame({"chance": chances}).with_columns(group=pl.lit("g"))
    shifts = pl.DataFrame({"group": ["g"], "shift": [shift], "degrees": [degrees]})
    return count_ranges(members, shifts, ["group"], confidence).row(0, named=True)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.02, 0.98), min_size=5, max_size=80))
def test_without_a_shift_the_range_is_that_of_the_exact_count(chances: list[float]) -> None:
    """Within one of the quantiles of the exact distribution: the normal stands in for it."""
    reached = np.cumsum(exactly(chances))
    found = ranged(chances)
    assert abs(found["lower"] - int(np.argmax(reached >= 0.05))) <= 1
    assert abs(found["upper"] - int(np.argmax(reached >= 0.95))) <= 1
    assert found["value"] == pytest.approx(sum(chances))
    assert 0 <= found["lower"] <= found["upper"] <= len(chances)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.02, 0.98), min_size=5, max_size=60), st.floats(0, 1), st.floats(0, 1))
def test_the_range_never_narrows_with_the_shift(chances: list[float], one: float, other: float) -> None:
    narrow, wide = (ranged(chances, shift) for shift in sorted((one, other)))
    assert wide["upper"] - wide["lower"] >= narrow["upper"] - narrow["lower"] - 1


def test_ranges_hold_as_often_as_they_say_where_the_truth_is_known() -> None:
    """400 months of 150 requests with own chances and a common shift of 0.3, learned from 200 months before."""
    random = np.random.default_rng(7)
    chances = random.uniform(0.05, 0.8, 150)

    def happened() -> int:
        return int(random.binomial(1, expit(logit(chances) + random.normal(0, 0.3))).sum())

    variance = float((chances * (1 - chances)).sum())
    past = pl.DataFrame({"happened": [happened() for _ in range(200)]}).with_columns(
        expected=pl.lit(float(chances.sum())), variance=pl.lit(variance)
    )
    shift = common_shift(past)["value"].item()
    assert 0.24 < shift < 0.36
    found = ranged(list(chances), shift, degrees=200)
    held = np.mean([found["lower"] <= happened() <= found["upper"] for _ in range(400)])
    assert 0.85 < held < 0.96


def test_a_chance_that_is_none_is_answered_with_its_reason() -> None:
    assert ranged([0.5, 1.5])["reason"] == "share_out_of_range"
    members = pl.DataFrame({"chance": [0.5, None], "group": ["g", "g"]})
    shifts = pl.DataFrame({"group": ["g"], "shift": [0.0], "degrees": [12]})
    assert count_ranges(members, shifts, ["group"])["reason"].item() == "missing"


def forecasts(errors: list[float], reach: float = 10.0) -> pl.DataFrame:
    """Forecasts of 100 at times 0, 1, 2 ..., each known at the next time; the last is not known yet."""
    count = len(errors) + 1
    return pl.DataFrame(
        {
            "time": range(count),
            "known": range(1, count + 1),
            "value": [100.0] * count,
            "lower": [100.0 - reach] * count,
            "upper": [100.0 + 2 * reach] * count,
            "happened": [*(100.0 + error for error in errors), None],
        }
    )


def test_ranges_are_widened_by_the_quotient_that_past_errors_ask_for() -> None:
    """Nine errors, reaches 10 below and 20 above: quotients 0.1 to 0.7, 1.5 and 2; rank ceil(0.8 * 10) = 8 is 1.5."""
    errors = [-1.0, 4.0, -3.0, 8.0, -5.0, 12.0, -7.0, 30.0, -20.0]
    last = widen_by_past(forecasts(errors), [], 0.8).row(-1, named=True)
    assert (last["widened"], last["lower"], last["upper"]) == pytest.approx((1.5, 85.0, 130.0))


def test_ranges_that_held_enough_stay_and_a_few_forecasts_change_nothing() -> None:
    kept = widen_by_past(forecasts([1.0] * 20), [], 0.9)
    assert kept["widened"].unique().to_list() == [1.0]
    few = widen_by_past(forecasts([500.0] * 7), [], 0.9)
    assert few["widened"].unique().to_list() == [1.0]


def test_widening_looks_at_nothing_that_was_not_known_then() -> None:
    errors = [float(error) for error in np.random.default_rng(3).normal(0, 12, 30)]
    whole = widen_by_past(forecasts(errors), [], 0.9)
    for until in (10, 20, 29):
        known = widen_by_past(forecasts(errors).head(until).with_columns(), [], 0.9)
        assert known["widened"].to_list() == whole["widened"].head(until).to_list()
