"""The figures equal a slow, plain second computation: exactly before protection, and by the rules after it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator

import duckdb
import polars as pl
import pytest

from catalogue.indicators import indicators
from pipelines import cubes, figures
from pipelines.build import WAREHOUSE
from pipelines.disclosure.secret import Secret
from tests.conftest import Published
from tests.second import plain

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small")]
SECRET = Secret.of("0" * 64)
GRAINS = ["month", "quarter", "year"]
FIRST, LAST = dt.date(2024, 5, 1), dt.date(2026, 10, 1)


@pytest.fixture(scope="module")
def con(small: Published, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    copy = tmp_path_factory.mktemp("warehouse") / WAREHOUSE
    shutil.copy(small.folders.build / WAREHOUSE, copy)
    with duckdb.connect(str(copy)) as connection:
        yield connection


def by_cell(frame: pl.DataFrame, *values: str) -> dict[plain.Cell, tuple[object, ...]]:
    return {
        (
            row["grain"],
            row["cube"],
            tuple(row[name] for name in ("d1", "d2", "d3") if row[name] is not None),
            row["period_start"],
        ): tuple(row[value] for value in values)
        for row in frame.iter_rows(named=True)
    }


def test_requests_within_standard_come_out_the_same(
    con: duckdb.DuckDBPyConnection, plain_requests: list[plain.Request]
) -> None:
    entry = indicators()["reported_within_standard"]
    got = by_cell(cubes.share_cells(con, entry, SECRET), "numerator", "denominator")
    assert got == plain.within_standard(plain_requests, entry.all_cubes, GRAINS, FIRST, LAST)
    assert sum(due for met, due in got.values() if met < due) > 0


def test_the_overdue_backlog_comes_out_the_same(
    con: duckdb.DuckDBPyConnection, plain_requests: list[plain.Request]
) -> None:
    entry = indicators()["overdue_backlog"]
    kept = [cube for cube in entry.all_cubes if "open_age" not in cube]
    cells = cubes.share_cells(con, entry, SECRET).filter(pl.col("cube").is_in(["+".join(cube) for cube in kept]))
    got = by_cell(cells, "numerator", "denominator")
    assert got == plain.backlog(plain_requests, kept, FIRST, LAST)


def test_percentiles_come_out_the_same(con: duckdb.DuckDBPyConnection, plain_requests: list[plain.Request]) -> None:
    entry = indicators()["turnaround_days"]
    waits = plain.waits(plain_requests, entry.all_cubes, GRAINS, FIRST, LAST)
    exact = figures.exact_percentiles(con, entry, cubes.waiting_cells(con, entry, SECRET), SECRET)
    for statistic, probability in (("median", 0.5), ("p90", 0.9), ("p95", 0.95)):
        got = by_cell(exact.filter(statistic=statistic), "value")
        assert got.keys() == waits.keys()
        wrong = {cell: value for cell, (value,) in got.items() if value != plain.quantile(waits[cell], probability)}
        assert not wrong


def test_shown_shares_are_the_same_figures_protected(small: Published, plain_requests: list[plain.Request]) -> None:
    entry = indicators()["reported_within_standard"]
    exact = plain.within_standard(plain_requests, entry.all_cubes, GRAINS, FIRST, LAST)
    with duckdb.connect(str(small.store), read_only=True) as store:
        cells = store.sql("SELECT * FROM cells WHERE indicator = 'reported_within_standard'").pl()
    shown = by_cell(cells.filter(state="shown"), "numerator", "denominator", "value")
    assert shown
    for cell, (numerator, denominator, value) in shown.items():
        met, due = exact[cell]
        assert numerator % 5 == denominator % 5 == 0
        assert abs(numerator - met) <= 4
        assert abs(denominator - numerator - (due - met)) <= 4
        assert value == pytest.approx(numerator / denominator)
    hidden = by_cell(cells.filter(state="confidential"), "value", "lower", "upper", "numerator")
    assert hidden
    assert set(hidden.values()) == {(None, None, None, None)}


def test_the_store_holds_nothing_of_single_people(small: Published) -> None:
    with duckdb.connect(str(small.store), read_only=True) as store:
        columns = store.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
        assert not [name for _, name, _ in columns if name in ("request_id", "person_id", "family_id", "people")]
        for table, name, kind in columns:
            if kind == "VARCHAR":
                like_ids = f"SELECT count(*) FROM {table} WHERE regexp_matches({name}, '[RPF][0-9]{{8}}')"
                assert store.execute(like_ids).fetchall() == [(0,)]
