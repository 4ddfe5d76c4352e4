"""Rates in people of whom no more than a mean age is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from methods.age_structures import rate_at_mean_ages

COLUMNS = ["age", "population", "events"]
bands = st.lists(st.tuples(st.integers(50, 10_000), st.integers(1, 40)), min_size=3, max_size=12)


def ask(rows: list[Any], *means: float) -> list[dict[str, Any]]:
    frame = pl.DataFrame(rows, schema=COLUMNS, orient="row", strict=False)
    return rate_at_mean_ages(frame, means).to_dicts()


def test_the_worked_example_comes_out() -> None:
    assert ask([(20, 100, 1), (60, 100, 3)], 30)[0]["value"] == pytest.approx(0.75)


@given(bands)
def test_the_populations_own_mean_age_gives_its_own_rate(drawn: list[tuple[int, int]]) -> None:
    rows = [(5 * place + 2.5, people, events) for place, (people, events) in enumerate(drawn)]
    mean = sum(age * people for age, people, _ in rows) / sum(people for _, people, _ in rows)
    assert ask(rows, mean)[0]["value"] == pytest.approx(1)


@given(bands, st.floats(0.05, 0.95))
def test_where_rates_rise_with_age_an_older_population_has_a_higher_rate(
    drawn: list[tuple[int, int]], place: float
) -> None:
    rows = [(5 * step + 2.5, people, people * (step + 1) / 100) for step, (people, _) in enumerate(drawn)]
    youngest, oldest = rows[0][0], rows[-1][0]
    mean = youngest + place * (oldest - youngest)
    younger, older = ask(rows, mean, mean + 0.5 * (oldest - mean))
    assert younger["value"] < older["value"]


def test_the_structure_is_the_one_that_departs_least_among_those_with_the_mean() -> None:
    age, size, events = np.array([5.0, 25, 45, 65, 85]), np.array([20.0, 30, 25, 20, 5]), np.array([4.0, 1, 1, 2, 1])
    own = size / size.sum()

    def departure(shares: np.ndarray) -> float:
        return float((shares * np.log(shares / own)).sum())

    limits = [{"type": "eq", "fun": lambda s: s.sum() - 1}, {"type": "eq", "fun": lambda s: s @ age - 28}]
    least = minimize(departure, own, bounds=[(1e-9, 1)] * 5, constraints=limits, tol=1e-12)
    wanted = float(least.x @ (events / size)) / float(events.sum() / size.sum())
    assert ask(list(zip(age, size, events, strict=True)), 28)[0]["value"] == pytest.approx(wanted, rel=1e-4)


def test_a_band_in_which_nobody_lives_does_not_count() -> None:
    rows = [(20, 100, 1), (60, 100, 3)]
    assert ask([*rows, (90, 0, 0)], 30)[0]["value"] == pytest.approx(ask(rows, 30)[0]["value"])


def test_what_cannot_be_answered_is_named() -> None:
    rows = [(20, 100, 1), (60, 100, 3)]
    assert [row["reason"] for row in ask(rows, 10, 61, 40)] == ["outside_range", "outside_range", None]
    assert ask([(20, 100, 0), (60, 100, 0)], 30)[0]["reason"] == "denominator_is_zero"
    assert ask([(20, 0, 0), (60, 0, 0)], 30)[0]["reason"] == "population_not_positive"
    assert ask([(20, None, 0), (60, 1, 0)], 30)[0]["reason"] == "missing"
