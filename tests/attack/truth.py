"""What every count is exactly, from the warehouse of the same build: only to judge whether an attack succeeded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

from tests.attack.attacker import KEY, PLACE, merges

MARTS = {
    "open_request": ("mart_open_requests", "open_request_id"),
    "request_stage": ("mart_stages", "stage_id"),
}
REQUESTS = ("mart_requests", "request_id")


def exact_counts(warehouse: Path, shown: pl.DataFrame, defined: Mapping[str, Mapping[str, object]]) -> pl.DataFrame:
    """Every count of the cubes, grains and periods that a release has: KEY, `number`, `people`."""
    wanted = shown.select("indicator", "cube").unique().sort("indicator", "cube")
    periods = shown.select("indicator", "grain", "period_start", "period_end").unique()
    with duckdb.connect(str(warehouse), read_only=True) as con:
        found = [_of_cube(con, name, cube, defined[name]) for name, cube in wanted.iter_rows()]
    return pl.concat(found).join(periods, on=["indicator", "grain", "period_start"]).select(*KEY, "number", "people")


def _of_cube(con: duckdb.DuckDBPyConnection, name: str, cube: str, entry: Mapping[str, object]) -> pl.DataFrame:
    names = cube.split("+") if cube else []
    frames = [_counted(con, name, cube, entry, [_merged(n, len(names)) for n in names])]
    if len(names) == 1 and merges().get(names[0]):
        frames.append(
            _counted(con, name, cube, entry, [_merged(names[0], 2)]).filter(
                pl.col("d1").is_in(list(merges()[names[0]]))
            )
        )
    return pl.concat(frames)


def _merged(name: str, how_many: int) -> str:
    """A column of the mart; where dimensions are crossed, its merges stand in place of their members."""
    of = {member: code for code, members in merges().get(name, {}).items() for member in members}
    if how_many == 1 or not of:
        return f"mart.{name}"
    cases = " ".join(f"WHEN '{member}' THEN '{code}'" for member, code in of.items())
    return f"CASE mart.{name} {cases} ELSE mart.{name} END"


def _counted(
    con: duckdb.DuckDBPyConnection, name: str, cube: str, entry: Mapping[str, object], columns: list[str]
) -> pl.DataFrame:
    mart, key = MARTS.get(str(entry["unit"]), REQUESTS)
    has_parts = entry["kind"] in ("share", "snapshot")
    numbers = "counted.numerator AS inside, counted.denominator AS base" if has_parts else "NULL AS inside, 1 AS base"
    places = ", ".join(f"{column} AS d{place}" for place, column in enumerate(columns, 1))
    used = ", ".join(f"d{place}" for place in range(1, len(columns) + 1))
    rows = f"""
        SELECT {places + "," if places else ""} grain, period_start, counted.person_id, {numbers}
        FROM indicator_{name} AS counted
        JOIN {mart} AS mart ON mart.{key} = counted.unit_id
        JOIN ref_periods ON ref_periods.month_start = date_trunc('month', counted.period_date)"""
    group = f"{used}{', ' if used else ''}grain, period_start"
    if entry["unit"] == "person":
        rows = f"""
            SELECT {group}, person_id,
                CASE WHEN count(inside) < count(*) THEN 0 ELSE max(inside) END AS inside, max(base) AS base
            FROM ({rows}) GROUP BY {group}, person_id"""
    # Person by person first: three counts of different people at once take several times as long.
    query = f"""
        SELECT {group}, sum(base) AS all_number, count(person_id) AS all_people,
            sum(inside) AS in_number, count(person_id) FILTER (is_in) AS in_people,
            sum(base - inside) AS out_number, count(person_id) FILTER (is_out) AS out_people
        FROM (
            SELECT {group}, person_id, sum(base) AS base, sum(inside) AS inside,
                bool_or(inside > 0) AS is_in, bool_or(inside < base) AS is_out
            FROM ({rows}) GROUP BY {group}, person_id
        ) GROUP BY {group}"""
    wide: pl.DataFrame = con.sql(query).pl()
    if used:
        wide = wide.drop_nulls(used.split(", "))
    whole = {"count": "count", "time_to_event": "requests"}.get(str(entry["kind"]), "whole")
    named = {whole: "all", **({"in": "in", "out": "out"} if has_parts else {})}
    missing = [pl.lit(None, pl.String).alias(place) for place in PLACE[len(columns) :]]
    return pl.concat(
        wide.with_columns(*missing, indicator=pl.lit(name), cube=pl.lit(cube), part=pl.lit(part)).select(
            "indicator",
            "cube",
            *PLACE,
            "grain",
            pl.col("period_start").cast(pl.Date),
            "part",
            pl.col(f"{prefix}_number").fill_null(0).cast(pl.Int64).alias("number"),
            pl.col(f"{prefix}_people").cast(pl.Int64).alias("people"),
        )
        for part, prefix in named.items()
    )
