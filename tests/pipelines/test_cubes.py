"""Tests of pipelines/cubes.py: people are counted once a cell, by all that their requests say."""

from __future__ import annotations

import datetime as dt

import duckdb
import polars as pl

from catalogue.indicators import Indicator, indicators
from pipelines import calendar, cubes
from pipelines.disclosure.secret import Secret

SECRET = Secret.of("0" * 64)
MARCH, APRIL = dt.date(2026, 3, 2), dt.date(2026, 4, 1)


def warehouse(entry: Indicator, rows: list[tuple[str, str, dt.date, int | None, str]]) -> duckdb.DuckDBPyConnection:
    """The indicator's rows (request, person, day, numerator, board of residence) with what the machinery joins."""
    con = duckdb.connect()
    schema = {
        "unit_id": pl.String,
        "person_id": pl.String,
        "period_date": pl.Date,
        "numerator": pl.Int64,
        "residence_board": pl.String,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    others = ("receiving_lab", "directory", "referrer_specialty", "ethnic_category")
    mart = frame.select(
        pl.col("unit_id").alias("request_id"), "residence_board", *(pl.lit("x").alias(n) for n in others)
    )
    tables = {"ref_days": calendar.days(), "ref_periods": calendar.periods(dt.date(2025, 5, 1), APRIL)}
    counted = frame.drop("residence_board").with_columns(denominator=pl.lit(1))
    tables |= {"mart_requests": mart, f"indicator_{entry.id}": counted.select(cubes_columns(entry))}
    for name, table in tables.items():
        con.register("incoming", table)
        con.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
        con.unregister("incoming")
    return con


def cubes_columns(entry: Indicator) -> tuple[str, ...]:
    """The columns of the indicator's own table."""
    plain = ("unit_id", "person_id", "period_date")
    return plain if entry.kind == "count" else (*plain, "numerator", "denominator")


def test_one_request_without_a_numerator_rules_the_person_out():
    entry = indicators()["ethnicity_not_known"]
    rows = [
        ("a", "p", MARCH, 1, "fife"),
        ("b", "p", APRIL, None, "fife"),
        ("c", "q", MARCH, 1, "fife"),
        ("d", "q", APRIL, 0, "fife"),
        ("e", "r", MARCH, 0, "fife"),
    ]
    with warehouse(entry, rows) as con:
        cells = cubes.share_cells(con, entry, SECRET).filter(cube="", grain="year")
    assert cells.select("numerator", "denominator", "people", "people_in", "people_out").row(0) == (1, 3, 3, 1, 2)


def test_a_person_ruled_out_in_one_cell_still_counts_in_another():
    entry = indicators()["ethnicity_not_known"]
    rows = [("a", "p", MARCH, 1, "fife"), ("b", "p", MARCH, None, "tayside")]
    with warehouse(entry, rows) as con:
        cells = cubes.share_cells(con, entry, SECRET).filter(cube="residence_board", grain="year")
    assert dict(cells.select("d1", "numerator").iter_rows()) == {"fife": 1, "tayside": 0}


def test_a_count_of_people_has_each_person_once():
    entry = indicators()["people_tested"]
    rows = [("a", "p", MARCH, 0, "fife"), ("b", "p", APRIL, 0, "fife"), ("c", "q", MARCH, 0, "fife")]
    with warehouse(entry, rows) as con:
        cells = cubes.count_cells(con, entry, SECRET).filter(cube="", grain="year")
    assert cells.select("numerator", "people").row(0) == (2, 2)


def test_the_same_people_are_always_drawn_the_same_way_and_others_are_not():
    entry = indicators()["people_tested"]
    rows = [(f"r{i}", f"p{i}", MARCH, 0, "fife" if i % 2 else "tayside") for i in range(60)]
    with warehouse(entry, rows) as con:
        first = cubes.count_cells(con, entry, SECRET)
        again = cubes.count_cells(con, entry, SECRET)
        other = cubes.count_cells(con, entry, Secret.of("1" * 64))
    keys = ["cube", "d1", "d2", "grain", "period_start"]
    assert first.sort(keys).equals(again.sort(keys))
    assert set(first["draw"]) <= set(range(5))
    assert not first.sort(keys)["draw"].equals(other.sort(keys)["draw"])
    whole = first.filter(cube="").select("grain", "draw")
    same_people = first.filter(cube="ethnic_category").select("grain", same="draw")
    assert whole.join(same_people, on="grain").filter(pl.col("draw") != pl.col("same")).is_empty()


def test_island_boards_stand_apart_alone_and_together_in_every_cross():
    entry = indicators()["people_tested"]
    orkney, shetland, fife = "S08000025", "S08000026", "S08000029"
    rows = [("a", "p", MARCH, 0, orkney), ("b", "q", MARCH, 0, shetland), ("c", "r", MARCH, 0, fife)]
    with warehouse(entry, rows) as con:
        cells = cubes.count_cells(con, entry, SECRET)
    alone = dict(cells.filter(cube="residence_board").select("d1", "numerator").iter_rows())
    assert alone == {orkney: 1, shetland: 1, fife: 1, "island_boards": 2}
    crossed = dict(cells.filter(cube="residence_board+ethnic_category").select("d1", "numerator").iter_rows())
    assert crossed == {fife: 1, "island_boards": 2}
