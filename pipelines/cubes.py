"""Exact cells of every registered cube, counted in the database.

A cell is a period and a value of each dimension of a cube or of one of its margins. What comes out of here is exact and
never leaves the build side: `pipelines.protect` decides what may be shown.

With each count comes the draw that decides which way it is rounded: a keyed hash of the set of people, so that the same
people always get the same answer.

Queries are put together from names of the catalogue, all of which match `[a-z][a-z0-9_]*`; no value is ever pasted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import duckdb
import polars as pl

from catalogue.dimensions import cube_name, dimensions, units
from catalogue.disclosure import rules
from catalogue.indicators import Indicator
from pipelines.disclosure.secret import KEYED, Secret
from pipelines.kept.cells import KeptCells, period_keys
from pipelines.models import INDICATOR

#: Columns that name a cell.
CELL = ("indicator", "cube", "d1", "d2", "d3", "grain", "period_start", "period_end")

#: The order of cells.
_ORDER = ("cube", "grain", "period_start", "d1", "d2", "d3")

#: The key of a person, of which sets are made: a number that only the secret gives.
PERSON_KEY = f"CAST(concat('0x', left({KEYED.format(text='person_id')}, 15)) AS UBIGINT)"


def draw_of(keys: str, name: str) -> str:
    """The draw of the people whose keys are summed: a whole number from 0 to one under what counts are rounded to."""
    drawn = KEYED.format(text=f"CAST(sum({keys}) AS VARCHAR)")
    return f"CAST(CAST(concat('0x', left({drawn}, 15)) AS UBIGINT) % $rounded_to AS INTEGER) AS {name}"


_SHARE_DRAWS = f"""
    {draw_of("person_key", "draw")},
    {draw_of("key_in", "draw_in")},
    {draw_of("key_out", "draw_out")}"""

_KEYS = """
    CASE WHEN numerator > 0 THEN person_key ELSE 0 END AS key_in,
    CASE WHEN numerator < denominator THEN person_key ELSE 0 END AS key_out"""


class _Counting(NamedTuple):
    """What is counted in a cell, by way of one row a person.

    Most people stand in one row of a period, which says already what there is to say of them. The rows of the others
    are brought together, person by person; nobody has to be told from everybody else again.
    """

    #: What a person says who stands in one row of the period.
    alone: str
    #: What the rows of one person say together.
    together: str
    #: What all people of the cell say: requests for the figure, people for the thresholds of disclosure control, and
    #: the draws of the rounding.
    cell: str


_SHARE = _Counting(
    alone=f"""
    person, person_key, numerator, denominator, numerator > 0 AS is_in, numerator < denominator AS is_out,{_KEYS}""",
    together="""
    person, sum(person_key) AS person_key, sum(numerator) AS numerator, sum(denominator) AS denominator,
    bool_or(numerator > 0) AS is_in,
    bool_or(numerator < denominator) AS is_out,
    sum(CASE WHEN numerator > 0 THEN person_key ELSE 0 END) AS key_in,
    sum(CASE WHEN numerator < denominator THEN person_key ELSE 0 END) AS key_out""",
    cell=f"""
    CAST(sum(numerator) AS BIGINT) AS numerator,
    CAST(sum(denominator) AS BIGINT) AS denominator,
    count(person) AS people,
    count(CASE WHEN is_in THEN person END) AS people_in,
    count(CASE WHEN is_out THEN person END) AS people_out,{_SHARE_DRAWS}""",
)
_COUNT = _Counting(
    alone="person, person_key, 1 AS requests",
    together="person, sum(person_key) AS person_key, count(*) AS requests",
    cell=f"""
    CAST(sum(requests) AS BIGINT) AS numerator,
    count(person) AS people,
    {draw_of("person_key", "draw")}""",
)
_WAITING = _Counting(
    alone="person, person_key, 1 AS requests, is_event",
    together="person, sum(person_key) AS person_key, count(*) AS requests, sum(is_event) AS is_event",
    cell=f"""
    CAST(sum(requests) AS BIGINT) AS requests,
    CAST(sum(requests) - sum(is_event) AS BIGINT) AS open,
    count(person) AS people,
    {draw_of("person_key", "draw")}""",
)

#: The same where the unit is a person. A person counts in the numerator when any of the cell's requests does, unless
#: another has no numerator: that one rules the person out, whatever the rest say.
_SHARE_OF_PEOPLE = _Counting(
    alone="person_key, coalesce(numerator, 0) AS numerator, denominator",
    together="""
    any_value(person_key) AS person_key,
    CASE WHEN count(numerator) = count(*) THEN max(numerator) ELSE 0 END AS numerator,
    max(denominator) AS denominator""",
    cell=f"""
    CAST(sum(numerator) AS BIGINT) AS numerator,
    CAST(sum(denominator) AS BIGINT) AS denominator,
    count(*) AS people,
    count(CASE WHEN numerator > 0 THEN 1 END) AS people_in,
    count(CASE WHEN numerator < denominator THEN 1 END) AS people_out,
    {draw_of("person_key", "draw")},
    {draw_of("CASE WHEN numerator > 0 THEN person_key ELSE 0 END", "draw_in")},
    {draw_of("CASE WHEN numerator < denominator THEN person_key ELSE 0 END", "draw_out")}""",
)
_COUNT_OF_PEOPLE = _Counting(
    alone="person, person_key, 1 AS requests",
    together="person, any_value(person_key) AS person_key, 1 AS requests",
    cell=_COUNT.cell,
)
_DAYS = """
    days,
    CAST(sum(is_event) AS BIGINT) AS events,
    CAST(count(*) - sum(is_event) AS BIGINT) AS censored"""


def share_cells(
    con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret, kept: KeptCells | None = None
) -> pl.DataFrame:
    """Cells of a share or snapshot: CELL, `numerator`, `denominator`, `people`, `people_in`, `people_out`, and `draw`,
    `draw_in`, `draw_out` of the same three sets."""
    return _cells(con, entry, secret, _SHARE_OF_PEOPLE if entry.unit == "person" else _SHARE, kept)


def count_cells(
    con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret, kept: KeptCells | None = None
) -> pl.DataFrame:
    """Cells of a count: CELL, `numerator`, `people`, `draw`."""
    return _cells(con, entry, secret, _COUNT_OF_PEOPLE if entry.unit == "person" else _COUNT, kept)


def day_counts(
    con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret, kept: KeptCells | None = None
) -> pl.DataFrame:
    """Requests of a cell that ended or were still open after so many days: CELL, `days`, `events`, `censored`."""

    order = (*_ORDER, "days")
    return _kept_or_counted(
        con, entry, secret, kept, f"{entry.id}.days", order, lambda: _each_cube(con, entry, _DAYS, _rows_of, {}, "days")
    )


def waiting_cells(
    con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret, kept: KeptCells | None = None
) -> pl.DataFrame:
    """Cells of a time to event: CELL, `requests`, `open` (not ended yet), `people`, `draw`."""
    return _cells(con, entry, secret, _WAITING, kept)


def _cells(
    con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret, counting: _Counting, kept: KeptCells | None
) -> pl.DataFrame:
    """The cells in a fixed order: what is hidden beside what, and how the release is attacked, follows their order."""
    bound = {"inner_key": secret.inner, "outer_key": secret.outer, "rounded_to": rules().rounded_to}

    def count() -> pl.DataFrame:
        _place(con)
        return _each_cube(con, entry, counting.cell, lambda columns: _people_of(columns, counting), bound)

    return _kept_or_counted(con, entry, secret, kept, entry.id, _ORDER, count)


def _kept_or_counted(
    con: duckdb.DuckDBPyConnection,
    entry: Indicator,
    secret: Secret,
    kept: KeptCells | None,
    name: str,
    order: Sequence[str],
    count: Callable[[], pl.DataFrame],
) -> pl.DataFrame:
    """What an earlier build counted, of the periods in which no row has changed since, and what is counted now of the
    others, in this order.

    name: what it is kept as. count: counts whatever stands in `periods`.
    """
    if kept is None:
        with _tabulated(con, entry, secret):
            return count().sort(order)
    made_from = kept.made_from(entry, secret, _reads(entry))
    if (same := kept.all_from(name, made_from)) is not None:
        return same.sort(order)
    with _tabulated(con, entry, secret):
        keys = period_keys(con, entry, secret, name)
        known, before = kept.known(name, keys)
        if before is not None and len(known) == len(keys):
            found = before.sort(order)
        else:
            for grain, start in known:
                con.execute("DELETE FROM periods WHERE grain = ? AND period_start = ?", [grain, start])
            found = pl.concat([*([] if before is None else [before]), count()], how="vertical_relaxed").sort(order)
    kept.keep(name, made_from, keys, found)
    return found


def _each_cube(
    con: duckdb.DuckDBPyConnection,
    entry: Indicator,
    counted: str,
    source: Callable[[Sequence[str]], str],
    bound: dict[str, object],
    extra_group: str = "",
) -> pl.DataFrame:
    parts: list[pl.DataFrame] = [
        con.sql(_cube_query(entry, cube, columns, counted, source(columns), extra_group), params=bound).pl()
        for cube in entry.all_cubes
        for columns in _columns(cube)
    ]
    return pl.concat(parts, how="vertical_relaxed")


def _columns(cube: Sequence[str]) -> list[tuple[str, ...]]:
    """The columns to count a cube by: merged values where it has several dimensions; alone, values apart and merged."""
    merged = tuple(f"merged_{name}" if dimensions()[name].merges else name for name in cube)
    if len(cube) > 1 or merged == tuple(cube):
        return [merged]
    return [tuple(cube), (f"only_{merged[0]}",)]


def _reads(entry: Indicator) -> tuple[str, ...]:
    """The tables of the warehouse that `_tabulate` reads."""
    return f"{INDICATOR}{entry.id}", units()[entry.unit].mart, "ref_days", "ref_periods"


@contextmanager
def _tabulated(con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret) -> Iterator[None]:
    try:
        _tabulate(con, entry, secret)
        yield
    finally:
        for table in ("unit", "placed", "periods"):
            con.execute(f"DROP TABLE IF EXISTS {table}")


def _tabulate(con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret) -> None:
    """The indicator's rows with their dimensions, month and person's key, as a table that every cube reads.

    A dimension with merges has two more columns: `merged_`, its values with the merges in their place, and
    `only_merged_`, the merges alone. Values are enumerated and periods numbered, in `periods`, since a cell's row is
    found faster by numbers than by text.
    """
    unit = units()[entry.unit]
    used = sorted({name for cube in entry.all_cubes for name in cube})
    merging = [name for name in used if dimensions()[name].merges]
    for place, name in enumerate(merging):
        pairs = pl.DataFrame(list(dimensions()[name].merged_into.items()), schema=["code", "merge"], orient="row")
        con.register(f"merge_{place}", pairs)
    named = ""
    for name in used:
        merges = f" UNION SELECT merge FROM merge_{merging.index(name)}" if name in merging else ""
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TYPE value_of_{name} AS ENUM (
                SELECT {name} FROM {unit.mart} WHERE {name} IS NOT NULL{merges})"""
        )
        named += f", CAST(mart.{name} AS value_of_{name}) AS {name}"
    for place, name in enumerate(merging):
        merge, kind = f"merge_{place}.merge", f"value_of_{name}"
        named += f", CAST(coalesce({merge}, mart.{name}) AS {kind}) AS merged_{name}"
        named += f", CAST({merge} AS {kind}) AS only_merged_{name}"
    joins = "".join(
        f" LEFT JOIN merge_{place} ON mart.{name} = merge_{place}.code" for place, name in enumerate(merging)
    )
    people = _people(con, entry, secret)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE unit AS
        SELECT
            counted.* EXCLUDE (unit_id, person_id, period_date), people.rowid AS person, people.person_key,
            ref_days.month_start{named}
        FROM {INDICATOR}{entry.id} AS counted
        INNER JOIN {unit.mart} AS mart ON counted.unit_id = mart.{unit.key}
        INNER JOIN ref_days ON counted.period_date = ref_days.day
        LEFT JOIN {people} AS people ON counted.person_id = people.person_id{joins}"""
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE periods AS
        SELECT *, CAST(dense_rank() OVER (ORDER BY grain, period_start, period_end) AS USMALLINT) AS period
        FROM ref_periods
        WHERE grain IN (SELECT unnest($grains))""",
        {"grains": list(entry.grains)},
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


def _place(con: duckdb.DuckDBPyConnection) -> None:
    """The table `placed`: the rows of `unit` in each of their periods, with `is_alone` where it is the only row of its
    person in the period."""
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE placed AS
        WITH
        within AS (SELECT person FROM unit SEMI JOIN periods ON unit.month_start = periods.month_start),
        moved AS (SELECT person FROM within GROUP BY person HAVING count(*) > 1),
        several AS (
            SELECT unit.person, periods.period
            FROM unit
            SEMI JOIN moved ON unit.person IS NOT DISTINCT FROM moved.person
            INNER JOIN periods ON unit.month_start = periods.month_start
            GROUP BY ALL
            HAVING count(*) > 1
        )
        SELECT unit.*, periods.period, several.period IS NULL AS is_alone
        FROM unit
        INNER JOIN periods ON unit.month_start = periods.month_start
        LEFT JOIN several ON unit.person IS NOT DISTINCT FROM several.person AND periods.period = several.period"""
    )


def _people_of(columns: Sequence[str], counting: _Counting) -> str:
    """One row a person of each cell, with what the person says of it."""
    group = ", ".join([*columns, "period"])
    return f"""(
                SELECT {group}, {counting.alone}
                FROM placed
                WHERE is_alone{_known(columns)}
                UNION ALL
                SELECT {group}, {counting.together}
                FROM placed
                WHERE NOT is_alone{_known(columns)}
                GROUP BY {group}, person)"""


def _rows_of(columns: Sequence[str]) -> str:
    """Every row of each cell."""
    return f"""(
                SELECT unit.*, periods.period
                FROM unit
                INNER JOIN periods ON unit.month_start = periods.month_start
                WHERE true{_known(columns)})"""


def _known(columns: Sequence[str]) -> str:
    return "".join(f" AND {name} IS NOT NULL" for name in columns)


def _cube_query(
    entry: Indicator, cube: Sequence[str], columns: Sequence[str], counted: str, source: str, extra_group: str
) -> str:
    values = [*(f"CAST({name} AS VARCHAR)" for name in columns), *["CAST(NULL AS VARCHAR)"] * (3 - len(columns))]
    named = ", ".join(f"{value} AS d{place}" for place, value in enumerate(values, 1))
    group = ", ".join([*columns, "period", *([extra_group] if extra_group else [])])
    return f"""
        SELECT
            '{entry.id}' AS indicator, '{cube_name(cube)}' AS cube, {named},
            grain, period_start, period_end, cells.* EXCLUDE ({", ".join([*columns, "period"])})
        FROM (
            SELECT {", ".join([*columns, "period"])}, {counted}
            FROM {source}
            GROUP BY {group}) AS cells
        INNER JOIN (SELECT DISTINCT period, grain, period_start, period_end FROM periods) AS named
            ON cells.period = named.period"""
