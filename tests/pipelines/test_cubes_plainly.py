"""Tests of pipelines/cubes.py against sets of people put together row by row, for each way of counting."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl
import pytest

from catalogue.dimensions import cube_name
from catalogue.disclosure import rules
from catalogue.indicators import Indicator, indicators
from pipelines import calendar, cubes
from pipelines.disclosure.secret import Secret

SECRET = Secret.of("0" * 64)
FIRST, MONTHS = dt.date(2025, 1, 1), 15
PERIODS = calendar.periods(FIRST, dt.date(2026, 3, 1))
BOARDS = ("S08000029", "S08000030", None)

Row = dict[str, Any]
Cells = dict[tuple[Any, ...], tuple[Any, ...]]


def rows_of(entry: Indicator, seed: int, people: int) -> list[Row]:
    """Requests of few people, so that many stand in several rows of a month; some are of nobody known."""
    chance = random.Random(seed)
    names = sorted({name for cube in entry.all_cubes for name in cube})
    return [
        {
            "unit_id": f"r{number}",
            "person_id": chance.choice([None, *(f"p{person}" for person in range(people))]),
            "period_date": FIRST + dt.timedelta(days=chance.randrange(30 * MONTHS)),
            "numerator": chance.choice([None, 0, 1, 2]),
            "denominator": 2,
            "days": chance.randrange(50),
            "is_event": chance.randrange(2),
            **{name: chance.choice(BOARDS if name.endswith("board") else ("a", "b", None)) for name in names},
        }
        for number in range(150)
    ]


def loaded(entry: Indicator, rows: list[Row]) -> duckdb.DuckDBPyConnection:
    """The tables that counting reads."""
    own = {"count": (), "time_to_event": ("days", "is_event")}.get(entry.kind, ("numerator", "denominator"))
    frame = pl.DataFrame(rows, infer_schema_length=None)
    names = sorted({name for cube in entry.all_cubes for name in cube})
    tables = {
        "ref_days": calendar.days(),
        "ref_periods": PERIODS,
        "mart_requests": frame.select(pl.col("unit_id").alias("request_id"), *names),
        f"indicator_{entry.id}": frame.select("unit_id", "person_id", "period_date", *own),
    }
    con = duckdb.connect()
    for name, table in tables.items():
        con.register("incoming", table)
        con.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
        con.unregister("incoming")
    return con


def keyed(text: str) -> int:
    inner = hashlib.sha256((SECRET.inner + text).encode()).hexdigest()
    return int(hashlib.sha256((SECRET.outer + inner).encode()).hexdigest()[:15], 16)


def draw(people: list[str | None]) -> int:
    """The draw of these people, each as often as named: of no text at all where none of them is known."""
    known = [keyed(person) for person in people if person is not None]
    return keyed("" if people and not known else str(sum(known))) % rules().rounded_to


def by_cell(entry: Indicator, rows: list[Row]) -> dict[tuple[Any, ...], list[Row]]:
    """Rows of each cell: cube, its values, grain and first day of the period."""
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    months = [row for row in PERIODS.to_dicts() if row["grain"] in entry.grains]
    for row in rows:
        for cube in entry.all_cubes:
            values = [row[name] for name in cube]
            if None in values:
                continue
            for period in months:
                if period["month_start"] == row["period_date"].replace(day=1):
                    place = (*values, *[None] * (3 - len(cube)))
                    found[(cube_name(cube), *place, period["grain"], period["period_start"])].append(row)
    return found


def known(rows: list[Row]) -> int:
    return len({row["person_id"] for row in rows} - {None})


def share(rows: list[Row]) -> tuple[Any, ...]:
    inside = [row for row in rows if (row["numerator"] or 0) > 0]
    outside = [row for row in rows if row["numerator"] is not None and row["numerator"] < row["denominator"]]
    numerators = [row["numerator"] for row in rows if row["numerator"] is not None]
    people = (known(rows), known(inside), known(outside))
    return sum(numerators) if numerators else None, sum(row["denominator"] for row in rows), *people


def count(rows: list[Row]) -> tuple[Any, ...]:
    return len(rows), known(rows), draw([row["person_id"] for row in rows])


def waiting(rows: list[Row]) -> tuple[Any, ...]:
    still = sum(not row["is_event"] for row in rows)
    return len(rows), still, known(rows), draw([row["person_id"] for row in rows])


def days(rows: list[Row]) -> tuple[Any, ...]:
    return len(rows), sum(row["is_event"] for row in rows)


def share_of_people(rows: list[Row]) -> tuple[Any, ...]:
    """People once, with the most that any request says, or nothing where one says nothing."""
    said: dict[str | None, list[int | None]] = defaultdict(list)
    for row in rows:
        said[row["person_id"]].append(row["numerator"])
    most = {person: 0 if None in each else max(one or 0 for one in each) for person, each in said.items()}
    inside = [person for person, value in most.items() if value > 0]
    outside = [person for person, value in most.items() if value < 2]
    return sum(most.values()), 2 * len(most), len(most), len(inside), len(outside)


def as_cells(frame: pl.DataFrame, *columns: str) -> Cells:
    names = ("cube", "d1", "d2", "d3", "grain", "period_start")
    return {tuple(row[name] for name in names): tuple(row[name] for name in columns) for row in frame.to_dicts()}


SHARE = ("numerator", "denominator", "people", "people_in", "people_out")
WAYS: list[tuple[str, Callable[..., pl.DataFrame], Callable[[list[Row]], tuple[Any, ...]], tuple[str, ...]]] = [
    ("failed_samples", cubes.share_cells, share, SHARE),
    ("ethnicity_not_known", cubes.share_cells, share_of_people, SHARE),
    ("requests_received", cubes.count_cells, count, ("numerator", "people", "draw")),
    ("turnaround_days", cubes.waiting_cells, waiting, ("requests", "open", "people", "draw")),
]


@pytest.mark.parametrize("people", [3, 60, 2000])
@pytest.mark.parametrize(("name", "counted", "plain", "columns"), WAYS)
def test_people_are_told_apart_whether_they_stand_in_one_row_of_a_period_or_in_many(
    name, counted, plain, columns, people
):
    entry = indicators()[name]
    rows = rows_of(entry, people, people)
    with loaded(entry, rows) as con:
        found = as_cells(counted(con, entry, SECRET), *columns)
    assert found == {cell: plain(of_cell) for cell, of_cell in by_cell(entry, rows).items()}


def test_the_three_draws_of_a_share_are_of_all_of_those_inside_and_of_those_outside():
    entry = indicators()["failed_samples"]
    rows = rows_of(entry, 7, 40)
    with loaded(entry, rows) as con:
        found = as_cells(cubes.share_cells(con, entry, SECRET), "draw", "draw_in", "draw_out")
    for cell, of_cell in by_cell(entry, rows).items():
        if all(row["person_id"] for row in of_cell):
            sets = (
                of_cell,
                [row for row in of_cell if (row["numerator"] or 0) > 0],
                [row for row in of_cell if row["numerator"] is not None and row["numerator"] < 2],
            )
            assert found[cell] == tuple(draw([row["person_id"] for row in each]) for each in sets)


def test_requests_of_each_number_of_days_add_up_to_those_of_the_cell():
    entry = indicators()["turnaround_days"]
    rows = rows_of(entry, 11, 20)
    keys = ["cube", "d1", "d2", "d3", "grain", "period_start"]
    with loaded(entry, rows) as con:
        by_day = cubes.day_counts(con, entry, SECRET)
    whole = by_day.group_by(keys).agg(
        requests=pl.col("events").sum() + pl.col("censored").sum(), events=pl.col("events").sum()
    )
    assert as_cells(whole, "requests", "events") == {
        cell: days(of_cell) for cell, of_cell in by_cell(entry, rows).items()
    }


def test_a_measure_without_rows_has_no_cells():
    entry = indicators()["requests_received"]
    with loaded(entry, rows_of(entry, 1, 5)) as con:
        con.execute("DELETE FROM mart_requests")
        assert cubes.count_cells(con, entry, SECRET).is_empty()
