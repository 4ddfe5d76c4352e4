"""Tests of ui/ethnicity_measures.py: signals, changes and bounds come from shown counts alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import ethnicity_measures as measures
from ui.ethnicity_filters import Choice


def series(shares: list[float | None], people: int = 2_000, code: str = "a", grain: str = "month") -> pl.DataFrame:
    """A point a month with so many people; None is hidden."""
    rows = []
    for number, share in enumerate(shares):
        start = dt.date(2020 + number // 12, number % 12 + 1, 1)
        counts = (None, people) if share is None else (round(share * people), people)
        state = "confidential" if share is None else "shown"
        rows.append((code, grain, start, "final", state, *counts))
    schema = {
        "code": pl.String, "grain": pl.String, "period_start": pl.Date, "period_status": pl.String, "state": pl.String,
        "numerator": pl.Int64, "denominator": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def wobbling(level: float, length: int) -> list[float | None]:
    """Shares around a level as chance has it."""
    return list(level + np.random.default_rng(4).normal(0, 0.009, length))


def said(cells: pl.DataFrame) -> dict[str, Any]:
    _, icons = measures.judged(cells, 0.7)
    return icons.row(0, named=True)


def test_a_share_that_only_wobbles_is_common_cause():
    assert said(series(wobbling(0.8, 24)))["variation"] == "common_cause"


@pytest.mark.parametrize(("to", "variation"), [(0.88, "improvement_high"), (0.72, "concern_low")])
def test_a_share_that_moved_for_eight_months_is_a_signal(to, variation):
    assert said(series([*wobbling(0.8, 16), *wobbling(to, 8)]))["variation"] == variation


def test_only_the_newest_two_years_are_judged_so_that_an_old_rise_does_not_hide_a_new_fall():
    points, _ = measures.judged(series([*wobbling(0.5, 48), *wobbling(0.8, 16), *wobbling(0.74, 8)]), 0.7)
    assert points.height == 24
    assert said(series([*wobbling(0.5, 48), *wobbling(0.8, 16), *wobbling(0.74, 8)]))["variation"] == "concern_low"


def test_each_board_is_judged_by_itself():
    both = pl.concat([series(wobbling(0.8, 24), code="a"), series([*wobbling(0.5, 16), *wobbling(0.7, 8)], code="b")])
    _, icons = measures.judged(both, 0.7)
    assert dict(icons.select("code", "variation").iter_rows()) == {"a": "common_cause", "b": "improvement_high"}


def test_hidden_points_and_years_are_never_judged():
    points, _ = measures.judged(series([None] * 24), 0.7)
    assert points["value"].is_null().all()
    assert points["direction"].fill_null(0).eq(0).all()
    assert measures.judged(series(wobbling(0.8, 5), grain="year"), 0.7)[0].is_empty()


def test_an_incomplete_month_is_not_judged():
    cells = series(wobbling(0.8, 24)).with_columns(
        period_status=pl.when(pl.col("period_start") == dt.date(2021, 12, 1))
        .then(pl.lit("incomplete"))
        .otherwise("period_status")
    )
    assert measures.judged(cells, 0.7)[0]["period_start"].max() == dt.date(2021, 11, 1)


def test_a_change_is_the_newest_year_less_the_year_before(snapshot):
    figure = measures.side_by_side(snapshot, measures.RECORDED, "directory")
    assert figure is not None
    row = measures.changes(figure).row(0, named=True)
    years = figure.history.filter(code=row["code"]).sort("period_start")["value"].to_list()
    assert row["gap"] == pytest.approx(years[-1] - years[-2])
    assert row["gap_lower"] < row["gap"] < row["gap_upper"]


def test_a_change_is_not_told_where_either_year_is_hidden(snapshot):
    figure = measures.side_by_side(snapshot, measures.RECORDED, "directory")
    assert figure is not None
    was = pl.col("period_start") < figure.first
    hidden = figure.history.with_columns(
        pl.when(was).then(pl.lit("confidential")).otherwise("state").alias("state"),
        *(pl.when(~was).then(pl.col(name)).alias(name) for name in ("numerator", "denominator", "value")),
    )
    found = measures.changes(dataclasses.replace(figure, history=hidden))
    assert set(found["state"]) == {"confidential"}
    assert found["gap"].is_null().all()


def test_bounds_are_none_to_all_of_those_without_a_group(snapshot):
    found, people, recorded = measures.bounds(snapshot, Choice())
    assert people is not None
    assert recorded is not None
    whole = recorded.cells.row(0, named=True)
    for row in found.filter(state="shown").to_dicts():
        assert row["value"] == pytest.approx(row["count"] / whole["numerator"])
        assert row["lowest"] == pytest.approx(row["count"] / whole["denominator"])
        missing = whole["denominator"] - whole["numerator"]
        assert row["highest"] == pytest.approx((row["count"] + missing) / whole["denominator"])


def test_a_hidden_group_has_no_bounds(snapshot):
    found, _, _ = measures.bounds(snapshot, Choice("S08000028"))
    hidden = found.filter(pl.col("state") != "shown")
    assert hidden.height
    assert hidden.select("count", "value", "lowest", "highest").null_count().row(0) == (hidden.height,) * 4


@pytest.mark.parametrize("short_of_all", [-5, 0, 5])
def test_a_group_that_could_be_everybody_recorded_is_hidden_with_its_range(snapshot, monkeypatch, short_of_all):
    """Each count is rounded by up to 4 either way; a share of 100% would be false and tell of the few in the others."""
    asked = measures.side_by_side

    def nearly_all_white(*args: Any) -> Any:
        figure = asked(*args)
        known = measures.newest_year(snapshot, measures.RECORDED, ()).cells["numerator"].item()
        count = pl.when(code="white").then(known - short_of_all).otherwise("numerator")
        return dataclasses.replace(figure, cells=figure.cells.with_columns(numerator=count))

    monkeypatch.setattr(measures, "side_by_side", nearly_all_white)
    found, _, _ = measures.bounds(snapshot, Choice())
    white = found.row(by_predicate=pl.col("code") == "white", named=True)
    assert white["state"] == "confidential"
    assert {white[name] for name in ("count", "value", "lowest", "highest")} == {None}
    assert "shown" in found["state"]


def test_no_group_is_ever_shown_as_everybody_recorded(snapshot):
    for board in [None, *snapshot.facts.labels["residence_board"]]:
        found, _, _ = measures.bounds(snapshot, Choice(board))
        assert found.is_empty() or not found["value"].eq(1.0).any()


def test_without_a_point_to_judge_there_are_columns_and_no_verdict():
    """A record of one month, all of it incomplete."""
    points, icons = measures.judged(series([0.8]).with_columns(period_status=pl.lit("incomplete")), 0.7)
    assert (points.height, icons.height) == (0, 0)
    assert {"value", *measures.LIMITS} <= set(points.columns)


@given(st.floats(0.05, 0.95), st.floats(0.0, 0.04), st.floats(0.05, 0.95))
def test_a_group_is_on_one_side_only_where_its_whole_interval_is(value, half, whole):
    rows = pl.DataFrame({"state": ["shown"], "value": [value], "lower": [value - half], "upper": [value + half]})
    side = measures.apart(rows, {"state": "shown", "value": whole})["side"][0]
    assert (side == 1) == (value - half > whole)
    assert (side == -1) == (value + half < whole)
