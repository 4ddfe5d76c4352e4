"""Exact cells of every registered cube, counted in the database.

A cell is a period and a value of each dimension of a cube or of one of its margins. What comes out of here is exact and
never leaves the build side: `pipelines.protect` decides what may be shown.

With each count comes the draw that decides which way it is rounded: a keyed hash of the set of people, so that the same
people always get the same answer.

Queries are put together from names of the catalogue, all of which match `[a-z][a-z0-9_]*`; no value is ever pasted.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import polars as pl

from catalogue.dimensions import cube_name, dimensions, units
from catalogue.disclosure import rules
from catalogue.indicators import Indicator
from pipelines.disclosure.secret import KEYED, Secret
from pipelines.models import INDICATOR

#: Columns that name a cell.
CELL = ("indicator", "cube", "d1", "d2", "d3", "grain", "period_start", "period_end")

#: The key of a person, of which sets are made: a number that only the secret gives.
PERSON_KEY = f"CAST(concat('0x', left({KEYED.format(text='person_id')}, 15)) AS UBIGINT)"


def draw_of(keys: str, name: str) -> str:
    """The draw of the people whose keys are summed: a whole number from 0 to one under what counts are rounded to."""
    drawn = KEYED.format(text=f"CAST(sum({keys}) AS VARCHAR)")
    return f"CAST(CAST(concat('0x', left({drawn}, 15)) AS UBIGINT) % $rounded_to AS INTEGER) AS {name}"


_SHARE_DRAWS = f"""
    {draw_of("person_key", "draw")},
    {draw_of("CASE WHEN numerator > 0 THEN person_key ELSE 0 END", "draw_in")},
    {draw_of("CASE WHEN numerator < denominator THEN person_key ELSE 0 END", "draw_out")}"""

#: What is counted in a cell, by kind: requests for the figure, people for the thresholds of disclosure control, and the
#: draws of the rounding.
_SHARE = f"""
    CAST(sum(numerator) AS BIGINT) AS numerator,
    CAST(sum(denominator) AS BIGINT) AS denominator,
    count(DISTINCT person) AS people,
    count(DISTINCT CASE WHEN numerator > 0 THEN person END) AS people_in,
    count(DISTINCT CASE WHEN numerator < denominator THEN person END) AS people_out,{_SHARE_DRAWS}"""
_COUNT = f"""
    count(*) AS numerator,
    count(DISTINCT person) AS people,
    {draw_of("person_key", "draw")}"""

#: The same where the unit is a person, who then stands in one row of the cell: no need to tell people apart again.
_SHARE_OF_PEOPLE = f"""
    CAST(sum(numerator) AS BIGINT) AS numerator,
    CAST(sum(denominator) AS BIGINT) AS denominator,
    count(*) AS people,
    count(CASE WHEN numerator > 0 THEN 1 END) AS people_in,
    count(CASE WHEN numerator < denominator THEN 1 END) AS people_out,{_SHARE_DRAWS}"""
_PERSON = """,
                any_value(person_key) AS person_key,
                CASE WHEN count(numerator) = count(*) THEN max(numerator) ELSE 0 END AS numerator,
                max(denominator) AS denominator"""
_DAYS = """
    days,
    CAST(sum(is_event) AS BIGINT) AS events,
    CAST(count(*) - sum(is_event) AS BIGINT) AS censored"""
_PEOPLE = f"""
    count(*) AS requests,
    CAST(count(*) - sum(is_event) AS BIGINT) AS open,
    count(DISTINCT person) AS people,
    {draw_of("person_key", "draw")}"""


def share_cells(con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret) -> pl.DataFrame:
    """Cells of a share or snapshot: CELL, `numerator`, `denominator`, `people`, `people_in`, `people_out`, and `draw`,
    `draw_in`, `draw_out` of the same three sets."""
    return _cells(con, entry, secret, _SHARE_OF_PEOPLE if entry.unit == "person" else _SHARE)


def count_cells(con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret) -> pl.DataFrame:
    """Cells of a count: CELL, `numerator`, `people`, `draw`."""
    return _cells(con, entry, secret, _COUNT)


def day_counts(con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret) -> pl.DataFrame:
    """Requests of a cell that ended or were still open after so many days: CELL, `days`, `events`, `censored`."""
    return _cells(con, entry, secret, _DAYS, extra_group="days")


def waiting_cells(con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret) -> pl.DataFrame:
    """Cells of a time to event: CELL, `requests`, `open` (not ended yet), `people`, `draw`."""
    return _cells(con, entry, secret, _PEOPLE)


def _cells(
    con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret, counted: str, extra_group: str = ""
) -> pl.DataFrame:
    keys = {"inner_key": secret.inner, "outer_key": secret.outer}
    _tabulate(con, entry, secret)
    bound: dict[str, object] = {"grains": list(entry.grains)}
    if not extra_group:
        bound |= {**keys, "rounded_to": rules().rounded_to}
    try:
        parts: list[pl.DataFrame] = [
            con.cursor().sql(_cube_query(entry, cube, columns, counted, extra_group), params=bound).pl()
            for cube in entry.all_cubes
            for columns in _columns(cube)
        ]
    finally:
        con.execute("DROP TABLE IF EXISTS unit")
    return pl.concat(parts, how="vertical_relaxed")


def _columns(cube: Sequence[str]) -> list[tuple[str, ...]]:
    """The columns to count a cube by: merged values where it has several dimensions; alone, values apart and merged."""
    merged = tuple(f"merged_{name}" if dimensions()[name].merges else name for name in cube)
    if len(cube) > 1 or merged == tuple(cube):
        return [merged]
    return [tuple(cube), (f"only_{merged[0]}",)]


def _tabulate(con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret) -> None:
    """The indicator's rows with their dimensions, month and person's key, as a table that every cube reads.

    A dimension with merges has two more columns: `merged_`, its values with the merges in their place, and
    `only_merged_`, the merges alone.
    """
    unit = units()[entry.unit]
    used = sorted({name for cube in entry.all_cubes for name in cube})
    named = "".join(f", mart.{name}" for name in used)
    merging = [name for name in used if dimensions()[name].merges]
    for place, name in enumerate(merging):
        pairs = pl.DataFrame(list(dimensions()[name].merged_into.items()), schema=["code", "merge"], orient="row")
        con.register(f"merge_{place}", pairs)
        named += f", coalesce(merge_{place}.merge, mart.{name}) AS merged_{name}"
        named += f", merge_{place}.merge AS only_merged_{name}"
    joins = "".join(
        f" LEFT JOIN merge_{place} ON mart.{name} = merge_{place}.code" for place, name in enumerate(merging)
    )
    people = _people(con, entry, secret)
    con.execute(
        f"""
        CREATE OR REPLACE TABLE unit AS
        SELECT
            counted.* EXCLUDE (unit_id, person_id, period_date), people.rowid AS person, people.person_key,
            ref_days.month_start{named}
        FROM {INDICATOR}{entry.id} AS counted
        INNER JOIN {unit.mart} AS mart ON counted.unit_id = mart.{unit.key}
        INNER JOIN ref_days ON counted.period_date = ref_days.day
        LEFT JOIN {people} AS people ON counted.person_id = people.person_id{joins}"""
    )
    for place in range(len(merging)):
        con.unregister(f"merge_{place}")


def _people(con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret) -> str:
    """The name of a temporary table of people and their keys, with everybody of this indicator in it.

    A person's key costs more than all else that is counted, so it is made once a connection and secret.
    """
    table = f"people_{secret.fingerprint}"
    con.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} (person_id VARCHAR, person_key UBIGINT)")
    con.execute(
        f"""
        INSERT INTO {table}
        SELECT person_id, {PERSON_KEY} AS person_key
        FROM (SELECT DISTINCT person_id FROM {INDICATOR}{entry.id}) AS counted
        ANTI JOIN {table} AS known ON counted.person_id = known.person_id""",
        {"inner_key": secret.inner, "outer_key": secret.outer},
    )
    return table


def _cube_query(entry: Indicator, cube: Sequence[str], columns: Sequence[str], counted: str, extra_group: str) -> str:
    values = [*columns, *["CAST(NULL AS VARCHAR)"] * (3 - len(columns))]
    named = ", ".join(f"{value} AS d{place}" for place, value in enumerate(values, 1))
    group = ", ".join([*columns, "grain", "period_start", "period_end", *([extra_group] if extra_group else [])])
    return f"""
        SELECT
            '{entry.id}' AS indicator, '{cube_name(cube)}' AS cube, {named},
            grain, period_start, period_end, {counted}
        FROM {_source(entry, columns)}
        WHERE grain IN (SELECT unnest($grains)){"".join(f" AND {name} IS NOT NULL" for name in columns)}
        GROUP BY {group}"""


def _source(entry: Indicator, columns: Sequence[str]) -> str:
    """The rows to count: requests, or, where the unit is a person, people once a cell.

    A person counts in the numerator when any of the cell's requests does, unless another has no numerator: that one
    rules the person out, whatever the rest say.
    """
    joined = "unit INNER JOIN ref_periods ON unit.month_start = ref_periods.month_start"
    if entry.unit != "person":
        return joined
    group = ", ".join([*columns, "grain", "period_start", "period_end", "person"])
    counted = ", any_value(person_key) AS person_key" if entry.kind == "count" else _PERSON
    return f"""(
            SELECT {group}{counted}
            FROM {joined}
            GROUP BY {group})"""
