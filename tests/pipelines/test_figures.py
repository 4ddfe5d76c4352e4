"""Protected cells put together: what is missing is hidden, and what may change is said."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pipelines import cubes, figures, store

MARCH, APRIL = dt.date(2026, 3, 1), dt.date(2026, 4, 1)


def cell(code: str, month: dt.date, settled: bool = True) -> dict[str, object]:
    shown = dict.fromkeys(figures.COLUMNS)
    named = {"indicator": "i", "cube": "technology", "d1": code, "grain": "month"}
    ends = {"period_start": month, "period_end": month.replace(day=28), "statistic": "count", "state": "shown"}
    return shown | named | ends | {"value": 20.0, "numerator": 20, "is_settled": settled}


def test_a_cell_that_nobody_stands_for_is_hidden_like_a_small_one() -> None:
    cells = pl.DataFrame([cell("wgs", MARCH), cell("wgs", APRIL), cell("mrd", APRIL)])
    found = figures._with_empty_cells(cells)
    assert found.height == 4
    (empty,) = found.filter(d1="mrd", period_start=MARCH).to_dicts()
    assert empty["state"] == "confidential"
    assert {empty[name] for name in ("value", "lower", "upper", "numerator", "denominator")} == {None}
    assert found.select(cubes.CELL).is_unique().all()


def test_the_newest_month_and_what_is_not_settled_are_provisional_and_a_month_not_sent_is_incomplete() -> None:
    may = dt.date(2026, 5, 1)
    cells = pl.DataFrame([cell("a", MARCH), cell("b", MARCH, settled=False), cell("a", APRIL), cell("a", may)])
    found = store.with_status(cells, newest_month=APRIL, whole_to=dt.date(2026, 4, 30))
    assert found["period_status"].to_list() == ["final", "provisional", "provisional", "incomplete"]
    assert "is_settled" not in found.columns
