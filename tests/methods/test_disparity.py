"""Measures of inequality between groups without an order."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.disparity import MEASURES, disparity_measures

Group = tuple[float, float, float]
groups = st.lists(
    st.tuples(
        st.integers(min_value=1, max_value=10**6),
        st.floats(min_value=1, max_value=1000),
        st.floats(min_value=0.01, max_value=10),
    ),
    min_size=2,
    max_size=8,
)


def frame(rows: list[Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["population", "value", "standard_error"], orient="row", strict=False)


def answers(rows: list[Any], **options: Any) -> dict[str, dict[str, Any]]:
    return disparity_measures(frame(rows), **({"better": "lower"} | options)).rows_by_key(
        "measure", named=True, unique=True
    )


def plain(p: list[float], y: list[float], better: str) -> dict[str, float]:
    """Every measure by its formula, a sum at a time."""
    n, m = len(y), sum(a * v for a, v in zip(p, y, strict=True))
    best = max(y) if better == "higher" else min(y)
    variance = sum(a * (v - m) ** 2 for a, v in zip(p, y, strict=True))
    evenly, weighted = (sum(w * abs(v - m) for w, v in zip(by, y, strict=True)) for by in ([1 / n] * n, p))
    return {
        "between_group_variance": variance,
        "between_group_standard_deviation": sqrt(variance),
        "coefficient_of_variation": 100 * sqrt(variance) / m,
        "mean_difference_from_mean": evenly,
        "mean_difference_from_mean_weighted": weighted,
        "mean_difference_from_best": sum(abs(v - best) for v in y) / n,
        "mean_difference_from_best_weighted": sum(a * abs(v - best) for a, v in zip(p, y, strict=True)),
        "index_of_disparity": 100 * evenly / m,
        "index_of_disparity_weighted": 100 * weighted / m,
        "theil_index": sum(a * v / m * log(v / m) for a, v in zip(p, y, strict=True)),
        "mean_log_deviation": -sum(a * log(v / m) for a, v in zip(p, y, strict=True)),
    }


def steep(p: list[float], y: list[float], errors: list[float], name: str) -> float:
    """Standard error of a measure by the delta method, its slopes found by small steps."""
    total = 0.0
    for place, error in enumerate(errors):
        step = 1e-6 * y[place]
        up, down = ([v + sign * step * (i == place) for i, v in enumerate(y)] for sign in (1, -1))
        total += ((plain(p, up, "lower")[name] - plain(p, down, "lower")[name]) / (2 * step) * error) ** 2
    return sqrt(total)


def test_a_worked_example_comes_out() -> None:
    """Shares 0.5, 0.3, 0.2 and values 10, 20, 30: mean 17; distances 7, 3 and 13.

    Variance 0.5 * 49 + 0.3 * 9 + 0.2 * 169 = 61; mean distance 23/3, by people 7; from the best (10) 10, by people 7.
    """
    found = {name: row["value"] for name, row in answers([(50, 10, 1), (30, 20, 1), (20, 30, 1)]).items()}
    assert found["between_group_variance"] == pytest.approx(61)
    assert found["between_group_standard_deviation"] == pytest.approx(sqrt(61))
    assert found["mean_difference_from_mean"] == pytest.approx(23 / 3)
    assert found["mean_difference_from_mean_weighted"] == pytest.approx(7)
    assert found["mean_difference_from_best"] == pytest.approx(10)
    assert found["mean_difference_from_best_weighted"] == pytest.approx(7)
    assert found["index_of_disparity_weighted"] == pytest.approx(700 / 17)


@given(rows=groups, better=st.sampled_from(["higher", "lower"]))
def test_a_plain_second_version_agrees(rows: list[Group], better: str) -> None:
    total = sum(n for n, _, _ in rows)
    wanted = plain([n / total for n, _, _ in rows], [y for _, y, _ in rows], better)
    found = answers(rows, better=better)
    assert list(found) == list(wanted) == list(MEASURES)
    for name, value in wanted.items():
        assert found[name]["value"] == pytest.approx(value, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", MEASURES)
def test_limits_are_those_of_the_delta_method_where_groups_are_clear_of_each_other(name: str) -> None:
    p, y, errors = [0.4, 0.3, 0.2, 0.1], [100.0, 150.0, 210.0, 320.0], [0.2, 0.3, 0.1, 0.4]
    found = answers(list(zip(p, y, errors, strict=True)))[name]
    wanted = 2 * 1.959964 * steep(p, y, errors, name)
    assert found["upper"] - found["lower"] == pytest.approx(wanted, rel=1e-3)


@given(rows=groups)
def test_limits_hold_the_value_and_are_not_below_nought(rows: list[Group]) -> None:
    for row in answers(rows).values():
        assert 0 <= row["lower"] <= row["value"] + 1e-9
        assert row["value"] <= row["upper"] + 1e-9


@given(rows=groups)
def test_the_order_of_rows_does_not_matter(rows: list[Group]) -> None:
    assert answers(rows) == answers(rows[::-1])


@given(rows=groups, factor=st.floats(min_value=0.1, max_value=10))
def test_another_unit_leaves_the_relative_measures(rows: list[Group], factor: float) -> None:
    here, there = answers(rows), answers([(n, y * factor, e * factor) for n, y, e in rows])
    for name in ("coefficient_of_variation", "index_of_disparity", "theil_index", "mean_log_deviation"):
        assert there[name]["upper"] == pytest.approx(here[name]["upper"], rel=1e-5, abs=1e-7)


def test_equal_groups_have_no_disparity_and_yet_an_interval() -> None:
    for row in answers([(10, 5, 1), (20, 5, 1), (30, 5, 2)]).values():
        assert row["value"] == pytest.approx(0, abs=1e-9)
        assert row["lower"] == 0
        assert row["upper"] > 0.001


def test_without_errors_the_interval_is_the_value() -> None:
    for row in answers([(10, 4, 0), (20, 5, 0), (10, 6, 0)]).values():
        assert row["lower"] == pytest.approx(row["value"]) == pytest.approx(row["upper"])


def test_a_group_in_which_nobody_lives_is_left_out() -> None:
    found = answers([(10, 5, 1), (20, 7, 1), (0, None, None)])
    assert found == answers([(10, 5, 1), (20, 7, 1)])
    assert found["theil_index"]["groups_present"] == 2


def test_nought_has_no_log() -> None:
    found = answers([(10, 0, 1), (30, 8, 1)])
    assert found["theil_index"]["value"] == pytest.approx(0.75 * 8 / 6 * log(8 / 6))
    assert (found["theil_index"]["lower"], found["theil_index"]["reason"]) == (None, "no_limits")
    assert (found["mean_log_deviation"]["value"], found["mean_log_deviation"]["reason"]) == (None, "outside_range")
    assert found["between_group_variance"]["reason"] is None


def test_a_mean_of_nought_divides_nothing() -> None:
    reasons = {name: row["reason"] for name, row in answers([(10, 0, 1), (30, 0, 1)]).items()}
    assert reasons["index_of_disparity"] == reasons["theil_index"] == "denominator_is_zero"
    assert reasons["mean_difference_from_mean"] is None


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ((10, None, 1), "missing"),
        ((None, 5, 1), "missing"),
        ((10, float("inf"), 1), "not_finite"),
        ((-10, 5, 1), "population_not_positive"),
        ((10, -5, 1), "outside_range"),
        ((0, 5, 1), "too_few_groups"),
    ],
)
def test_a_bad_area_is_told_why_beside_a_good_one(row: tuple[Any, ...], code: str) -> None:
    bad, good = frame([(20, 4, 1), row]).cast(pl.Float64), frame([(20, 4, 1), (10, 5, 1)]).cast(pl.Float64)
    both = pl.concat([good.with_columns(m=pl.lit(1)), bad.with_columns(m=pl.lit(None, pl.Int32))])
    found = disparity_measures(both, ["m"], better="lower")
    assert set(found.filter(pl.col("m").is_null())["reason"]) == {code}
    assert found.filter(pl.col("m").is_null()).select("value", "mean", "best").null_count().row(0) == (11, 11, 11)
    assert set(found.filter(pl.col("m") == 1)["reason"]) == {None}


@pytest.mark.parametrize(("error", "code"), [(None, "missing"), (-1, "error_not_usable"), (float("inf"), "not_finite")])
def test_without_sound_errors_there_are_values_and_no_limits(error: float | None, code: str) -> None:
    for row in answers([(10, 5, 1), (20, 7, error)]).values():
        assert row["value"] is not None
        assert (row["lower"], row["upper"], row["reason"]) == (None, None, code)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="better"):
        answers([(10, 5, 1)], better="up")
    with pytest.raises(ValueError, match="confidence"):
        answers([(10, 5, 1)], confidence=95)
    with pytest.raises(ValueError, match="standard_error"):
        disparity_measures(frame([(10, 5, 1)]).drop("standard_error"), better="lower")


def test_an_empty_frame_gives_an_empty_answer_of_the_same_kind() -> None:
    rows = frame([(10, 5.0, 1.0), (20, 7.0, 1.0)])
    assert disparity_measures(rows.clear(), better="lower").schema == disparity_measures(rows, better="lower").schema
    assert disparity_measures(rows.clear(), better="lower").is_empty()
