"""Points of charts in order, and the sections they make."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from methods.groundwork.chart_sections import arrange, baseline_points, numbers, runs


def test_points_come_back_in_order_of_series_and_time() -> None:
    points = pl.DataFrame({"who": ["b", "a", "b", "a"], "period": [2, 2, 1, 1], "value": [4, 2, 3, 1]})
    chart, sections = arrange(points, ["who"], ["value"])
    assert chart["value"].to_list() == [1, 2, 3, 4]
    assert sections.start.tolist() == [0, 2]
    assert sections.of.tolist() == [0, 0, 1, 1]


def test_a_rebased_series_has_sections_numbered_from_one() -> None:
    points = pl.DataFrame(
        {
            "who": ["a", "a", "a", "b", "b"],
            "period": [1, 2, 3, 1, 2],
            "value": [1, 2, 3, 4, 5],
            "rebase": [True, None, True, False, True],
        }
    )
    assert arrange(points, ["who"], ["value"])[0]["section"].to_list() == [1, 1, 2, 1, 2]


def test_null_is_a_series_of_its_own() -> None:
    points = pl.DataFrame({"who": [None, "a", None], "period": [1, 1, 2], "value": [1, 2, 3]})
    chart, sections = arrange(points, ["who"], ["value"])
    assert chart["misplaced"].to_list() == [None, None, None]
    assert sections.start.tolist() == [0, 1]


def test_a_series_with_two_points_of_one_period_is_misplaced_and_no_other() -> None:
    points = pl.DataFrame({"who": ["a", "a", "a", "b"], "period": [1, 1, 2, 1], "value": [1, 2, 3, 4]})
    chart, _ = arrange(points, ["who"], ["value"])
    assert chart["misplaced"].to_list() == ["repeated_key"] * 3 + [None]
    assert np.isnan(numbers(chart, "value")).tolist() == [True, True, True, False]


@pytest.mark.parametrize("period", [[date(2026, 1, 1), None, None], [1.0, float("nan"), None]])
def test_points_without_a_period_are_misplaced_and_apart(period: list[object]) -> None:
    chart, sections = arrange(pl.DataFrame({"period": period, "value": [1, 2, 3]}), [], ["value"])
    assert chart["misplaced"].to_list() == [None, "missing", "missing"]
    assert sections.of.tolist() == [0, 1, 1]


def test_no_points_make_no_sections() -> None:
    points = pl.DataFrame(schema={"who": pl.String, "period": pl.Date, "value": pl.Float64})
    chart, sections = arrange(points, ["who"], ["value"])
    assert chart.height == sections.of.size == sections.start.size == 0


def test_columns_that_are_absent_or_not_of_their_kind_are_named() -> None:
    points = pl.DataFrame({"period": [1], "value": ["x"], "rebase": [1]})
    with pytest.raises(ValueError, match=r"who.* missing"):
        arrange(points, ["who"], ["value"])
    with pytest.raises(ValueError, match="rebase holds Int64"):
        arrange(points, [], ["value"])
    with pytest.raises(ValueError, match="by names series, not the columns value"):
        arrange(points, ["value"], ["value"])
    for name in ("lower", "reason", "caution"):
        with pytest.raises(ValueError, match=f"by names series, not the columns {name}"):
            arrange(points.rename({"value": name}).with_columns(value=1), [name], ["value"])
    with pytest.raises(ValueError, match="value holds String"):
        numbers(arrange(points.drop("rebase"), [], ["value"])[0], "value")


def test_a_baseline_counts_missing_points_and_is_not_too_small() -> None:
    _, sections = arrange(pl.DataFrame({"period": range(5), "value": range(5)}), [], ["value"])
    present = np.array([True, False, True, True, True])
    assert baseline_points(sections, present, 3, 2).tolist() == [True, False, True, False, False]
    assert baseline_points(sections, present, None, 2).tolist() == present.tolist()
    with pytest.raises(ValueError, match="at least 4 points, not 3"):
        baseline_points(sections, present, 3, 4)


def test_runs_pass_over_skipped_points_and_mark_those_inside() -> None:
    state = np.array([0, 1, 0, 1, 0, -1, -1, 0])
    state_of_run, length = runs(state, np.zeros(8, dtype=np.int64), state == 0)
    assert state_of_run.tolist() == [0, 1, 1, 1, 0, -1, -1, 0]
    assert length.tolist() == [0, 2, 2, 2, 0, 2, 2, 0]


def test_runs_end_with_a_section() -> None:
    state_of_run, length = runs(np.array([1, 1, 1]), np.array([0, 0, 1]), np.zeros(3, dtype=np.bool_))
    assert state_of_run.tolist() == [1, 1, 1]
    assert length.tolist() == [2, 2, 1]


def test_there_are_no_runs_where_all_is_skipped() -> None:
    state_of_run, length = runs(np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64), np.ones(2, dtype=np.bool_))
    assert state_of_run.tolist() == length.tolist() == [0, 0]
