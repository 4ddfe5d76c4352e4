"""Requests of the newest twelve months, with the groups of people that they belong to and what makes them alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl

from catalogue.dimensions import dimensions, units
from catalogue.indicators import Indicator
from pipelines.models import INDICATOR

#: The dimension whose places are looked at one by one, beside Scotland as a whole.
PLACE = "residence_board"
SCOTLAND = "scotland"


@dataclass(frozen=True)
class Alike:
    """The rows of one measure: `area`, `stratum`, `events`, `units` and a column for each dimension of people.

    Every row stands twice: for Scotland, where a stratum is what makes requests alike, and for its board of residence,
    where it is that within the board. `order` sorts the rows by stratum.
    """

    entry: Indicator
    rows: pl.DataFrame

    @property
    def dimensions(self) -> list[str]:
        """Dimensions of people by which the measure is compared."""
        return compared_dimensions(self.entry)

    def shuffled(self, rng: np.random.Generator) -> Alike:
        """The same with what happened dealt out anew among the requests of each stratum: no group can then differ."""
        stratum = self.rows["stratum"].to_numpy()
        places = np.argsort(stratum, kind="stable")
        dealt = np.lexsort((rng.random(stratum.size), stratum))
        source = np.empty_like(places)
        source[places] = dealt
        happened = self.rows.select("events", "units")[source]
        return Alike(self.entry, self.rows.with_columns(happened.get_columns()))


def compared_dimensions(entry: Indicator) -> list[str]:
    """Dimensions of a measure whose values are groups of people that can be compared, in canonical order."""
    return [name for name, known in dimensions().items() if known.compared_with and (name,) in entry.all_cubes]


def compared_areas(entry: Indicator, dimension: str) -> list[str]:
    """Where a measure's groups are compared: everywhere, and board by board where the register has that cube."""
    return ["", PLACE] if entry.has_cube((PLACE, dimension)) else [""]


def alike_rows(con: duckdb.DuckDBPyConnection, entry: Indicator, start: dt.date, end: dt.date) -> Alike:
    """The rows of a measure whose period lies between two days.

    con: the built warehouse. Returns rows for Scotland and, where the register has any cube by board of residence, for
    each board as its cubes name it.
    """
    people = compared_dimensions(entry)
    alike = [name for name in entry.compared_within if name != "month_start"]
    unit = units()[entry.unit]
    columns = ", ".join(f"mart.{name}" for name in dict.fromkeys([*people, *alike, PLACE]))
    rows = (
        con.cursor()
        .sql(
            f"""
            SELECT
                CAST(counted.numerator AS BIGINT) AS events, CAST(counted.denominator AS BIGINT) AS units,
                ref_days.month_start, {columns}
            FROM {INDICATOR}{entry.id} AS counted
            INNER JOIN {unit.mart} AS mart ON counted.unit_id = mart.{unit.key}
            INNER JOIN ref_days ON counted.period_date = ref_days.day
            WHERE counted.period_date BETWEEN $start AND $end
            ORDER BY counted.unit_id""",  # noqa: S608 - names of the catalogue, no value
            params={"start": start, "end": end},
        )
        .pl()
    )
    return Alike(entry, pl.concat(_areas(rows, entry, people)))


def _areas(rows: pl.DataFrame, entry: Indicator, people: list[str]) -> Iterator[pl.DataFrame]:
    merged = dimensions()[PLACE].merged_into
    kept = ["area", "stratum", "events", "units", *people]
    strata = rows.select(pl.struct(entry.compared_within).rank("dense").cast(pl.UInt32)).to_series()
    everywhere = rows.with_columns(area=pl.lit(SCOTLAND), stratum=strata)
    yield everywhere.select(kept)
    if any(len(compared_areas(entry, name)) > 1 for name in people):
        boards = everywhere.with_columns(area=pl.col(PLACE).replace(merged))
        within = pl.struct("area", "stratum").rank("dense") + pl.col("stratum").max()
        yield boards.with_columns(stratum=within.cast(pl.UInt32)).select(kept)
