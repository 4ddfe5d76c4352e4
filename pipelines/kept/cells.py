"""Exact cells, kept by period for the next build: only periods of which a row has changed are counted again.

Where the tables that cells are counted from are the same, rows are not even looked at.

Exact cells never leave the build side, kept or not. Of the secret of the rounding only the fingerprint goes
into their keys.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from catalogue.indicators import Indicator
from pipelines.disclosure.secret import Secret
from pipelines.folders import Folders
from pipelines.hashes import code_version, of_texts
from pipelines.kept.sealed import as_parquet, forget_others, read_told, write_told
from pipelines.kept.tables import KeptTables

#: A period, by grain and first day.
Period = tuple[str, dt.date]
#: The column that says of a kept row which key it was counted under.
KEY = "kept_under"


class KeptCells:
    """What was counted of each indicator, in a file of its own."""

    def __init__(self, folders: Folders, tables: KeptTables | None = None) -> None:
        """tables: those of the warehouse that is counted, by key; without them rows are always looked at."""
        self._place, self._tables = folders.kept / "cells", tables
        self._asked_for: set[str] = set()

    def made_from(self, entry: Indicator, secret: Secret, reads: Iterable[str]) -> str | None:
        """A hash of all that an indicator's cells are counted from: tables by their keys, the entry, the code, the
        secret and the database's version. None where a table has no key."""
        keys = self._tables.keys_of(sorted(reads)) if self._tables else {"": None}
        if None in keys.values():
            return None
        return of_texts([json.dumps(keys), *_always(entry, secret)])

    def all_from(self, name: str, made_from: str | None) -> pl.DataFrame | None:
        """Every row that was counted from the same tables; None where they were others."""
        self._asked_for.add(name)
        held = self._held(name)
        if held is None or made_from is None or held[0]["made_from"] != made_from:
            return None
        return pl.read_parquet(io.BytesIO(held[1])).drop(KEY)

    def known(self, name: str, keys: dict[Period, str]) -> tuple[set[Period], pl.DataFrame | None]:
        """The periods that were counted under the same key, and their rows; None where there are none.

        name: of the indicator and of what is counted. keys: of every period, as `period_keys` gives them.
        """
        self._asked_for.add(name)
        held = self._held(name)
        if held is None:
            return set(), None
        told, rows = held
        before = set(told["periods"])
        known = {period for period, key in keys.items() if key in before}
        if not known:
            return known, None
        under = [keys[period] for period in known]
        return known, pl.read_parquet(io.BytesIO(rows)).filter(pl.col(KEY).is_in(under)).drop(KEY)

    def keep(self, name: str, made_from: str | None, keys: dict[Period, str], rows: pl.DataFrame) -> None:
        """Keep the rows of every period, each under its key and all under `made_from`, in place of what was kept."""
        named = pl.DataFrame(
            [(grain, start, key) for (grain, start), key in keys.items()],
            schema={"grain": pl.String, "period_start": pl.Date, KEY: pl.String},
            orient="row",
        )
        counted = rows.join(named, on=["grain", "period_start"], how="left", maintain_order="left")
        write_told(self._path(name), {"made_from": made_from, "periods": sorted(keys.values())}, as_parquet(counted))

    def forget_others(self) -> None:
        """Delete what this build did not ask for."""
        forget_others(self._place, self._asked_for)

    def _held(self, name: str) -> tuple[dict[str, Any], bytes] | None:
        """What was kept under a name: what its first line tells, and the rows; None where there is nothing whole."""
        return read_told(self._path(name))

    def _path(self, name: str) -> Path:
        return self._place / name


def period_keys(con: duckdb.DuckDBPyConnection, entry: Indicator, secret: Secret, what: str) -> dict[Period, str]:
    """For each period of `periods` a hash of all that its cells are counted from.

    con: with the tables `unit` (a row a unit, with its person's key, month and values) and `periods`, as
    `pipelines.cubes` makes them. Rows of a month are told by how many they are and by two sums, of 64-bit hashes of all
    their columns and of the hashes of these, in whatever order they stand; with them go the months of the period, the
    entry, the code, the secret that draws, the database's version and what is counted.
    """
    columns = [row[0] for row in con.execute("DESCRIBE unit").fetchall() if row[0] not in ("person", "month_start")]
    values = ", ".join(f"CAST({name} AS VARCHAR)" for name in columns)
    months = con.execute(
        f"""
        SELECT month_start, count(*), sum(told), sum(hash(told))
        FROM (SELECT month_start, hash({values}) AS told FROM unit) AS hashed
        GROUP BY month_start"""
    ).fetchall()
    rows = {month: f"{month} {count} {one} {other}" for month, count, one, other in months}
    same = [what, *_always(entry, secret), *columns]
    found = con.execute(
        "SELECT grain, period_start, period_end, list(month_start ORDER BY month_start) FROM periods GROUP BY ALL"
    ).fetchall()
    return {
        (grain, start): of_texts([*same, grain, str(start), str(end), *_told(rows, of)])
        for grain, start, end, of in found
    }


def _always(entry: Indicator, secret: Secret) -> list[str]:
    """What every count of an indicator rests on besides rows."""
    return [code_version(), duckdb.__version__, secret.fingerprint, entry.model_dump_json()]


def _told(rows: dict[dt.date, str], months: Iterable[dt.date]) -> list[str]:
    return [rows.get(month, f"{month} none") for month in months]
