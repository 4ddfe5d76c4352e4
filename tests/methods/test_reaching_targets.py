"""The chance that a share is on target by a day."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import linregress, t

from methods.reaching_targets import chance_of_reaching


def ask(values: list[float | None], at: float, target: float, **more: object) -> dict[str, object]:
    points = pl.DataFrame(
        {"time": [float(n) for n in range(len(values))], "value": values}, {"time": pl.Float64, "value": pl.Float64}
    )
    return chance_of_reaching(points, at=at, target=target, **more).row(0, named=True)  # type: ignore[arg-type]


def test_it_is_the_prediction_of_an_established_regression() -> None:
    values = [0.71, 0.74, 0.72, 0.76, 0.75, 0.79, 0.78, 0.80, 0.82]
    odds = np.log(np.array(values) / (1 - np.array(values)))
    time = np.arange(9.0)
    line = linregress(time, odds)
    centre = line.intercept + line.slope * 14
    scatter = np.sqrt(((odds - line.intercept - line.slope * time) ** 2).sum() / 7)
    error = scatter * np.sqrt(1 + 1 / 9 + (14 - 4) ** 2 / ((time - 4) ** 2).sum())
    found = ask(values, 14, 0.9)
    reach = t.ppf(0.9, 7) * error
    assert found["value"] == pytest.approx(1 / (1 + np.exp(-centre)))
    assert found["lower"] == pytest.approx(1 / (1 + np.exp(-centre + reach)))
    assert found["chance"] == pytest.approx(t.sf((np.log(9) - centre) / error, 7))


def test_a_line_without_scatter_goes_where_it_goes() -> None:
    odds = [0.1 * step for step in range(10)]
    values = [1 / (1 + np.exp(-x)) for x in odds]
    found = ask(values, 20, 0.85)
    assert found["value"] == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert found["chance"] == 1.0
    assert ask(values, 20, 0.90)["chance"] == 0.0


@given(st.lists(st.floats(0.05, 0.95), min_size=8, max_size=20), st.floats(0.1, 0.9), st.floats(0.01, 0.09))
def test_a_harder_target_is_never_likelier_and_the_two_sides_make_one(
    values: list[float], target: float, step: float
) -> None:
    at = len(values) + 3.0
    chance = ask(values, at, target)["chance"]
    assert ask(values, at, target + step)["chance"] <= chance + 1e-12  # type: ignore[operator]
    assert ask(values, at, target, better="lower")["chance"] == pytest.approx(1 - chance)  # type: ignore[operator]


def test_where_points_scatter_about_a_line_the_limits_hold_the_next_ones_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    time = np.arange(12.0)
    draws = 2_000
    odds = 0.5 + 0.05 * time + rng.normal(0, 0.2, (draws, 12))
    future = 0.5 + 0.05 * 16 + rng.normal(0, 0.2, draws)
    points = pl.DataFrame(
        {
            "draw": np.repeat(np.arange(draws), 12),
            "time": np.tile(time, draws),
            "value": (1 / (1 + np.exp(-odds))).ravel(),
        }
    )
    found = chance_of_reaching(points, ["draw"], at=16, target=0.8)
    seen = 1 / (1 + np.exp(-future))
    held = ((found["lower"].to_numpy() <= seen) & (seen <= found["upper"].to_numpy())).mean()
    assert held == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([0.5] * 7, "too_few_points"),
        ([0.5] * 7 + [1.0], "share_out_of_range"),
        ([0.5] * 7 + [None], "missing"),
    ],
)
def test_what_cannot_be_answered_says_why(values: list[float | None], why: str) -> None:
    found = ask(values, 20, 0.9)
    assert (found["value"], found["chance"], found["reason"]) == (None, None, why)


def test_points_at_one_time_have_no_line() -> None:
    points = pl.DataFrame({"time": [1.0] * 9, "value": [0.5] * 9})
    assert chance_of_reaching(points, at=3, target=0.9)["reason"].to_list() == ["no_variation"]


def test_a_target_outside_nought_to_one_is_refused() -> None:
    with pytest.raises(ValueError, match="strictly between"):
        ask([0.5] * 9, 20, 1.0)
