"""Protected cells put together: what is missing is hidden, and what may change is said."""

from __future__ import annotations

import datetime as dt

import polars as pl

from catalogue.indicators import indicators
from pipelines import cubes, figures, store
from pipelines.disclosure.control import Protected

MARCH, APRIL = dt.date(2026, 3, 1), dt.date(2026, 4, 1)


def cell(code: str, month: dt.date, settled: bool = True) -> dict[str, object]:
    shown = dict.fromkeys(figures.COLUMNS)
    named = {"indicator": "i", "cube": "technology", "d1": code, "grain": "month"}
    ends = {"period_start": month, "period_end": month.replace(day=28), "statistic": "count", "state": "shown"}
    return shown | named | ends | {"value": 20.0, "numerator": 20, "is_settled": settled}


def test_a_cell_that_nobody_stands_for_is_hidden_like_a_small_one_even_where_its_values_never_met() -> None:
    entry = indicators()["people_tested"]
    year = {"grain": "year", "period_start": MARCH, "period_end": APRIL}
    ids = {"indicator": entry.id, "cube": "residence_board"}
    alone = [cell("S08000029", MARCH) | ids | year, cell("S08000030", MARCH) | ids | year]
    ids = {"indicator": entry.id, "cube": "ethnic_category"}
    groups = [cell("white", MARCH) | ids | year, cell("african", MARCH) | ids | year]
    met = cell("S08000029", MARCH) | year | {"indicator": entry.id, "cube": "residence_board+ethnic_category"}
    whole = cell("x", MARCH) | year | {"indicator": entry.id, "cube": "", "d1": None}
    cells = pl.DataFrame([*alone, *groups, met | {"d2": "white"}, whole], infer_schema_length=None)
    cells = cells.with_columns(pl.col("d2", "d3").cast(pl.String))
    texts = dict.fromkeys(("indicator", "cube", "d1", "d2", "d3", "grain"), pl.String)
    nobody = Protected(pl.DataFrame(schema=texts | {"is_published": pl.Boolean}), {})
    found = figures._everywhere(cells, entry, nobody)
    crossed = found.filter(cube="residence_board+ethnic_category")
    assert crossed.height == 4
    assert crossed.filter(state="confidential").height == 3
    names = ("value", "lower", "upper", "numerator", "denominator")
    assert all(row[name] is None for row in crossed.filter(state="confidential").to_dicts() for name in names)
    assert found.select(cubes.CELL).is_unique().all()


def test_the_newest_month_and_what_is_not_settled_are_provisional_and_a_month_not_sent_is_incomplete() -> None:
    may = dt.date(2026, 5, 1)
    cells = pl.DataFrame([cell("a", MARCH), cell("b", MARCH, settled=False), cell("a", APRIL), cell("a", may)])
    found = store.with_status(cells, newest_month=APRIL, whole_to=dt.date(2026, 4, 30))
    assert found["period_status"].to_list() == ["final", "provisional", "provisional", "incomplete"]
    assert "is_settled" not in found.columns
