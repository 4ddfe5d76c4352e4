"""The share of events that hangs on the gap to one group."""

from __future__ import annotations

from math import sqrt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.attributable_shares import attributable_share

COLUMNS = ["population", "value", "standard_error", "is_reference"]
group = st.tuples(st.integers(1, 10**6), st.floats(1, 1000), st.floats(0.01, 10))


def ask(rows: list[Any]) -> dict[str, Any]:
    return attributable_share(pl.DataFrame(rows, schema=COLUMNS, orient="row", strict=False)).row(0, named=True)


def share(rows: list[Any]) -> float:
    """The plain formula."""
    everybody = sum(row[0] for row in rows)
    mean = sum(row[0] * row[1] for row in rows) / everybody
    base = next(row[1] for row in rows if row[3])
    return (mean - base) / mean


def test_the_worked_example_comes_out() -> None:
    found = ask([(100, 4, 0.1, 0)] * 4 + [(100, 5, 0.1, 1)])
    assert found["value"] == pytest.approx((4.2 - 5) / 4.2)
    assert found["overall"] == pytest.approx(4.2)


@given(st.lists(group, min_size=2, max_size=6))
def test_value_and_limits_are_those_of_small_steps(drawn: list[tuple[int, float, float]]) -> None:
    rows = [(*row, int(place == 0)) for place, row in enumerate(drawn)]
    variance = 0.0
    for place, (people, value, error, is_one) in enumerate(rows):
        step = 1e-5 * value
        up, down = ([*rows[:place], (people, value + s, error, is_one), *rows[place + 1 :]] for s in (step, -step))
        variance += ((share(up) - share(down)) / (2 * step) * error) ** 2
    found = ask(rows)
    assert found["value"] == pytest.approx(share(rows), abs=1e-9)
    assert found["upper"] - found["lower"] == pytest.approx(2 * 1.959964 * sqrt(variance), rel=1e-4, abs=1e-9)


def test_equal_rates_leave_nothing_to_attribute() -> None:
    assert ask([(10, 3, 0.1, 0), (90, 3, 0.1, 1)])["value"] == pytest.approx(0)


def test_what_cannot_be_used_is_named() -> None:
    assert ask([(1, 1, 0.1, 0), (1, 1, 0.1, 0)])["reason"] == "too_few_groups"
    assert ask([(1, None, 0.1, 0), (1, 1, 0.1, 1)])["reason"] == "missing"
    assert ask([(1, 0, 0.1, 0), (1, 0, 0.1, 1)])["reason"] == "denominator_is_zero"
    assert ask([(1, -1, 0.1, 0), (1, 1, 0.1, 1)])["reason"] == "outside_range"
    assert ask([(-1, 1, 0.1, 0), (1, 1, 0.1, 1)])["reason"] == "population_not_positive"
    assert ask([(1, 1, -0.1, 0), (1, 1, 0.1, 1)])["reason"] == "error_not_usable"
    assert ask([(1, float("inf"), 0.1, 0), (1, 1, 0.1, 1)])["reason"] == "not_finite"
