"""Exact cells of every registered cube, counted in the database.

A cell is a period and a value of each dimension of a cube or of one of its margins. What comes out of here is exact and
never leaves the build side: `pipelines.protect` decides what may be shown.

Queries are put together from names of the catalogue, all of which match `[a-z][a-z0-9_]*`; no value is ever pasted.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import polars as pl

from catalogue.dimensions import cube_name, units
from catalogue.indicators import Indicator
from pipelines.models import INDICATOR

#: Columns that name a cell.
CELL = ("indicator", "cube", "d1", "d2", "d3", "grain", "period_start", "period_end")

#: What is counted in a cell, by kind: requests for the figure, and people for the thresholds of disclosure control.
_SHARE = """
    CAST(sum(numerator) AS BIGINT) AS numerator,
    CAST(sum(denominator) AS BIGINT) AS denominator,
    count(DISTINCT person_id) AS people,
    count(DISTINCT CASE WHEN numerator > 0 THEN person_id END) AS people_in,
    count(DISTINCT CASE WHEN numerator < denominator THEN person_id END) AS people_out"""
_COUNT = """
    count(*) AS numerator,
    count(DISTINCT person_id) AS people"""

#: The same where the unit is a person, who then stands in one row of the cell: no need to tell people apart again.
_SHARE_OF_PEOPLE = """
    CAST(sum(numerator) AS BIGINT) AS numerator,
    CAST(sum(denominator) AS BIGINT) AS denominator,
    count(*) AS people,
    count(CASE WHEN numerator > 0 THEN 1 END) AS people_in,
    count(CASE WHEN numerator < denominator THEN 1 END) AS people_out"""
_PERSON = """,
                CASE WHEN count(numerator) = count(*) THEN max(numerator) ELSE 0 END AS numerator,
                max(denominator) AS denominator"""
_DAYS = """
    days,
    CAST(sum(is_event) AS BIGINT) AS events,
    CAST(count(*) - sum(is_event) AS BIGINT) AS censored"""
_PEOPLE = """
    count(*) AS requests,
    CAST(count(*) - sum(is_event) AS BIGINT) AS open,
    count(DISTINCT person_id) AS people"""


def share_cells(con: duckdb.DuckDBPyConnection, entry: Indicator) -> pl.DataFrame:
    """Cells of a share or snapshot: CELL, `numerator`, `denominator`, `people`, `people_in`, `people_out`."""
    return _cells(con, entry, _SHARE_OF_PEOPLE if entry.unit == "person" else _SHARE)


def count_cells(con: duckdb.DuckDBPyConnection, entry: Indicator) -> pl.DataFrame:
    """Cells of a count: CELL, `numerator`, `people`."""
    return _cells(con, entry, _COUNT)


def day_counts(con: duckdb.DuckDBPyConnection, entry: Indicator) -> pl.DataFrame:
    """Requests of a cell that ended or were still open after so many days: CELL, `days`, `events`, `censored`."""
    return _cells(con, entry, _DAYS, extra_group="days")


def waiting_cells(con: duckdb.DuckDBPyConnection, entry: Indicator) -> pl.DataFrame:
    """Cells of a time to event: CELL, `requests`, `open` (not ended yet), `people`."""
    return _cells(con, entry, _PEOPLE)


def _cells(con: duckdb.DuckDBPyConnection, entry: Indicator, counted: str, extra_group: str = "") -> pl.DataFrame:
    _tabulate(con, entry)
    try:
        parts: list[pl.DataFrame] = [
            con.cursor().sql(_cube_query(entry, cube, counted, extra_group), params={"grains": list(entry.grains)}).pl()
            for cube in entry.all_cubes
        ]
    finally:
        con.execute("DROP TABLE IF EXISTS unit")
    return pl.concat(parts, how="vertical_relaxed")


def _tabulate(con: duckdb.DuckDBPyConnection, entry: Indicator) -> None:
    """The indicator's rows with their dimensions and month, as a table that every cube of the entry reads."""
    unit = units()[entry.unit]
    used = sorted({name for cube in entry.all_cubes for name in cube})
    dimensions = "".join(f", mart.{name}" for name in used)
    con.execute(f"""
        CREATE OR REPLACE TABLE unit AS
        SELECT counted.* EXCLUDE (unit_id, period_date), ref_days.month_start{dimensions}
        FROM {INDICATOR}{entry.id} AS counted
        INNER JOIN {unit.mart} AS mart ON counted.unit_id = mart.{unit.key}
        INNER JOIN ref_days ON counted.period_date = ref_days.day""")


def _cube_query(entry: Indicator, cube: Sequence[str], counted: str, extra_group: str) -> str:
    values = [*cube, *["CAST(NULL AS VARCHAR)"] * (3 - len(cube))]
    named = ", ".join(f"{value} AS d{place}" for place, value in enumerate(values, 1))
    group = ", ".join([*cube, "grain", "period_start", "period_end", *([extra_group] if extra_group else [])])
    return f"""
        SELECT
            '{entry.id}' AS indicator, '{cube_name(cube)}' AS cube, {named},
            grain, period_start, period_end, {counted}
        FROM {_source(entry, cube)}
        WHERE grain IN (SELECT unnest($grains))
        GROUP BY {group}"""


def _source(entry: Indicator, cube: Sequence[str]) -> str:
    """The rows to count: requests, or, where the unit is a person, people once a cell.

    A person counts in the numerator when any of the cell's requests does, unless another has no numerator: that one
    rules the person out, whatever the rest say.
    """
    joined = "unit INNER JOIN ref_periods ON unit.month_start = ref_periods.month_start"
    if entry.unit != "person":
        return joined
    group = ", ".join([*cube, "grain", "period_start", "period_end", "person_id"])
    counted = "" if entry.kind == "count" else _PERSON
    return f"""(
            SELECT {group}{counted}
            FROM {joined}
            GROUP BY {group})"""
