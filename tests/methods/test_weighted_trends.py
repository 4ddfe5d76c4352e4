"""A trend of figures with known errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from methods.weighted_trends import weighted_trend

COLUMNS = ["time", "value", "standard_error"]
finite = st.floats(-5, 5)
points = st.lists(st.tuples(finite, st.floats(0.05, 2)), min_size=4, max_size=8)


def ask(rows: list[Any], **options: Any) -> dict[str, Any]:
    frame = pl.DataFrame(rows, schema=COLUMNS, orient="row", strict=False)
    return weighted_trend(frame, **options).row(0, named=True)


def plain(rows: list[Any]) -> tuple[float, float, float, float]:
    """The same by the matrix formulas of weighted least squares: slope, half width, p and inflation."""
    x, y, error = (np.array(column, float) for column in zip(*rows, strict=True))
    design, weights = np.column_stack([np.ones_like(x), x]), np.diag(1 / error**2)
    inverse = np.linalg.inv(design.T @ weights @ design)
    line = inverse @ design.T @ weights @ y
    rest = y - design @ line
    inflation = max(1.0, float(rest @ weights @ rest) / (len(x) - 2))
    se = np.sqrt(inflation * inverse[1, 1])
    freedom = len(x) - 2
    return line[1], float(t.ppf(0.975, freedom) * se), float(2 * t.sf(abs(line[1]) / se, freedom)), inflation


def test_a_straight_rise_is_found_exactly() -> None:
    found = ask([(2021, 1.0, 0.1), (2022, 1.2, 0.2), (2023, 1.4, 0.1), (2024, 1.6, 0.3)])
    assert found["value"] == pytest.approx(0.2)
    assert found["inflation"] == 1
    assert found["points"] == 4


@given(points)
def test_it_is_the_matrix_formula(drawn: list[tuple[float, float]]) -> None:
    rows = [(2020 + place, value, error) for place, (value, error) in enumerate(drawn)]
    found, (slope, reach, p, inflation) = ask(rows), plain(rows)
    assert found["value"] == pytest.approx(slope, abs=1e-6)
    assert found["upper"] - found["value"] == pytest.approx(reach, rel=1e-6)
    assert found["p"] == pytest.approx(p, abs=1e-6)
    assert found["inflation"] == pytest.approx(inflation, rel=1e-6)


@given(points, st.floats(-3, 3), st.floats(0.1, 10))
def test_adding_to_all_values_changes_nothing_and_stretching_them_stretches_the_trend(
    drawn: list[tuple[float, float]], shift: float, factor: float
) -> None:
    rows = [(place, value, error) for place, (value, error) in enumerate(drawn)]
    first = ask(rows)
    second = ask([(time, shift + factor * value, factor * error) for time, value, error in rows])
    assert second["value"] == pytest.approx(factor * first["value"], abs=1e-7)
    assert second["p"] == pytest.approx(first["p"], abs=1e-7)


def test_hidden_years_are_left_out_and_too_few_are_not_judged() -> None:
    rows = [(1, 1.0, 0.1), (2, None, None), (3, 1.4, 0.1), (4, 1.6, 0.1)]
    assert ask(rows)["reason"] == "too_few_points"
    assert ask(rows, fewest=3)["value"] == pytest.approx(0.2)
    assert ask(rows, fewest=3)["points"] == 3


def test_what_cannot_be_used_is_named() -> None:
    good = [(1, 1.0, 0.1), (2, 1.0, 0.1), (3, 1.0, 0.1)]
    assert ask([*good, (4, 1.0, 0.0)])["reason"] == "error_not_usable"
    assert ask([*good, (3, 1.0, 0.1)])["reason"] == "repeated_key"
    assert ask([*good, (4, float("inf"), 0.1)])["reason"] == "not_finite"
    with pytest.raises(ValueError, match="3 points"):
        ask(good, fewest=2)


def test_groups_are_answered_apart() -> None:
    rows = [("a", year, float(year), 0.1) for year in range(4)] + [("b", year, 0.0, 0.1) for year in range(4)]
    found = weighted_trend(pl.DataFrame(rows, schema=["area", *COLUMNS], orient="row"), ["area"])
    assert dict(found.select("area", "value").iter_rows()) == {"a": pytest.approx(1.0), "b": pytest.approx(0.0)}


def test_of_a_thousand_samples_without_a_trend_one_in_twenty_or_fewer_shows_one() -> None:
    random = np.random.default_rng(20261128)
    rows = [
        (s, y, e * random.standard_normal(), e) for s in range(1000) for y, e in enumerate((0.1, 0.3, 0.2, 0.1, 0.2))
    ]
    found = weighted_trend(pl.DataFrame(rows, schema=["sample", *COLUMNS], orient="row"), ["sample"])
    assert (found["p"] < 0.05).mean() <= 0.05
