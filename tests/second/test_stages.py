"""Stages, gross days, the reported share, today's standard and expected numbers equal a slow, plain second computation:
exactly before protection, and by the rules after it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from typing import Any

import duckdb
import polars as pl
import pytest

from catalogue.disclosure import rules
from catalogue.indicators import indicators
from pipelines import case_mix, cubes, figures
from pipelines.build import WAREHOUSE
from tests.conftest import Published
from tests.second import plain
from tests.second.test_second_computation import FIRST, LAST, SECRET, by_cell

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("small")]
NEEDS = {"median": 20, "p90": 100, "p95": 200}


@pytest.fixture(scope="module")
def con(small: Published, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    copy = tmp_path_factory.mktemp("warehouse") / WAREHOUSE
    shutil.copy(small.folders.build / WAREHOUSE, copy)
    with duckdb.connect(str(copy)) as connection:
        yield connection


def table(small: Published, query: str) -> pl.DataFrame:
    with duckdb.connect(str(small.store), read_only=True) as store:
        found: pl.DataFrame = store.sql(query).pl()
    return found


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("reported_requests_within_standard", plain.reported_share),
        ("within_todays_standard", plain.by_todays_standard),
    ],
)
def test_shares_come_out_the_same_and_are_shown_protected(
    con: duckdb.DuckDBPyConnection,
    small: Published,
    plain_requests: list[plain.Request],
    name: str,
    second: Any,
) -> None:
    entry = indicators()[name]
    wanted = second(plain_requests, entry.all_cubes, entry.grains, FIRST, LAST)
    assert by_cell(cubes.share_cells(con, entry, SECRET), "numerator", "denominator") == wanted
    cells = table(small, f"SELECT * FROM cells WHERE indicator = '{name}' AND state = 'shown'")
    assert cells.height
    for cell, (numerator, denominator, value) in by_cell(cells, "numerator", "denominator", "value").items():
        met, due = wanted[cell]
        assert abs(numerator - met) <= 4
        assert abs(denominator - numerator - (due - met)) <= 4
        assert value == pytest.approx(numerator / denominator)


@pytest.mark.parametrize(
    ("name", "second"), [("gross_turnaround_days", plain.gross_waits), ("stage_days", plain.stage_waits)]
)
def test_percentiles_come_out_the_same_and_are_shown_in_whole_days(
    con: duckdb.DuckDBPyConnection,
    small: Published,
    plain_requests: list[plain.Request],
    name: str,
    second: Any,
) -> None:
    entry = indicators()[name]
    waits = second(plain_requests, entry.all_cubes, entry.grains, FIRST, LAST)
    exact = figures.exact_percentiles(con, entry, cubes.waiting_cells(con, entry, SECRET), SECRET)
    cells = table(small, f"SELECT * FROM cells WHERE indicator = '{name}' AND state = 'shown'")
    for statistic, probability in (("median", 0.5), ("p90", 0.9), ("p95", 0.95)):
        quantiles = {cell: plain.quantile(times, probability) for cell, times in waits.items()}
        got = by_cell(exact.filter(statistic=statistic), "value", "number", "open")
        assert got.keys() == waits.keys()
        assert {cell: value for cell, (value, _, _) in got.items()} == quantiles
        for cell, (_, number, still_open) in got.items():
            assert (number, still_open) == (len(waits[cell]), sum(not is_over for _, is_over in waits[cell]))
        shown = by_cell(cells.filter(statistic=statistic), "value")
        assert shown
        for cell, (value,) in shown.items():
            exactly = quantiles[cell]
            assert exactly is not None
            assert value == int(exactly + 0.5)
            assert len(waits[cell]) >= NEEDS[statistic]


@pytest.mark.parametrize("dimension", ["", "performing_lab", "turnaround_category"])
def test_shares_of_days_come_out_the_same(
    small: Published, plain_requests: list[plain.Request], dimension: str
) -> None:
    wanted = plain.stage_shares(plain_requests, dimension, FIRST, LAST, rules().percentiles_need.median)
    rows = table(small, "SELECT * FROM stage_shares").filter(dimension=dimension)
    got = {(row["code"], row["period_start"], row["stage"]): row["pct"] for row in rows.to_dicts()}
    assert got == wanted
    assert any(share is not None for share in got.values())
    assert {row["state"] for row in rows.to_dicts() if row["pct"] is None} <= {"confidential"}


@pytest.mark.parametrize("dimension", case_mix.PLACES)
def test_expected_numbers_come_out_the_same_where_the_share_is_shown_and_nowhere_else(
    small: Published, plain_requests: list[plain.Request], dimension: str
) -> None:
    wanted = plain.expected_late(plain_requests, dimension, FIRST, LAST)
    rows = table(small, "SELECT * FROM adjusted").filter(dimension=dimension).to_dicts()
    cells = table(
        small,
        "SELECT * FROM cells WHERE indicator = 'reported_within_standard' AND grain = 'year' "
        f"AND cube = '{dimension}' AND period_start = DATE '{dt.date(2025, 11, 1)}'",
    )
    shares = {row["d1"]: row for row in cells.to_dicts()}
    assert {row["code"] for row in rows} == shares.keys()
    assert any(row["state"] == "shown" for row in rows)
    for row in rows:
        cell = shares[row["code"]]
        if row["state"] == "shown":
            assert cell["state"] == "shown"
            assert row["requests"] == cell["denominator"]
            assert row["late"] == cell["denominator"] - cell["numerator"]
            assert abs(row["expected_late"] - wanted[row["code"]]) <= 0.5 + 1e-9
        else:
            assert cell["state"] != "shown" or row["code"] == "island_boards"
            assert (row["requests"], row["late"], row["expected_late"]) == (None, None, None)
