"""Ingest of a million testing rows against DuckDB's own typed read of the same CSV file into a table.

Run: python -m benchmarks.ingest. The budget is a ratio of 1.5.
"""

from __future__ import annotations

import itertools
import tempfile
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from benchmarks.measuring import Measure, in_turn, wall
from catalogue.contracts import Column, extract_contracts
from catalogue.reference import codes
from pipelines.folders import Folders
from pipelines.ingest import ingest

FILE = "testing__EDI__2026-03__v1.csv"
SQL_TYPES = {"date": "DATE", "integer": "BIGINT", "decimal": "DOUBLE"}
CONTRACT = extract_contracts()["testing"]


def made_up(column: Column, rows: int, draw: np.random.Generator) -> pl.Series:
    """A column of values that its contract allows."""
    if column.name == "receiving_lab":
        return pl.repeat("EDI", rows, eager=True)
    if column.name == "test_code":
        return "R" + pl.Series(draw.integers(1, 400, rows)).cast(pl.String) + ".1"
    if column.type == "id":
        numbers = np.arange(rows) if column.name in CONTRACT.key else draw.integers(0, rows, rows)
        return str(column.pattern)[1] + pl.Series(10**8 + numbers).cast(pl.String)
    if column.type == "date":
        day = date(2026, 4, 2) if column.name == CONTRACT.extracted_column else date(2026, 3, 12)
        return pl.repeat(day, rows, dtype=pl.Date, eager=True).cast(pl.String)
    if column.type in ("integer", "decimal"):
        highest = 0 if column.name == "failed_sample_count" else min(int(column.maximum or 0), 20)
        return pl.Series(draw.integers(min(int(column.minimum or 0), highest), highest + 1, rows)).cast(pl.String)
    allowed = pl.Series(("yes", "no", "not_recorded") if column.type == "yes_no" else codes(str(column.codes)))
    return allowed.gather(draw.integers(0, len(allowed), rows))


def read_by_ingest(inbox: Path, data: Path) -> None:
    """The whole of ingest, into a new data folder."""
    (entry,) = ingest(Folders(data), inbox, quiet=True)
    if entry.state != "accepted":
        raise SystemExit(f"not accepted: {entry.refused_because}")


def read_by_duckdb(csv: Path, database: Path) -> None:
    """DuckDB's own typed read of the file into a table of a new database."""
    typed = ", ".join(f"'{column.name}': '{SQL_TYPES.get(column.type, 'VARCHAR')}'" for column in CONTRACT.columns)
    with duckdb.connect(str(database)) as con:
        con.execute(
            f"CREATE TABLE testing AS SELECT * FROM read_csv('{csv}', header = true, auto_detect = false, "
            f"delim = ',', quote = '\"', escape = '\"', columns = {{{typed}}})"
        )


def measure(rows: int = 1_000_000, runs: int = 3) -> Measure:
    """Wall seconds of an ingest of so many rows in one file, and of DuckDB's read of it."""
    draw = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as place:
        inbox = Path(place) / "inbox"
        inbox.mkdir()
        pl.DataFrame({column.name: made_up(column, rows, draw) for column in CONTRACT.columns}).write_csv(inbox / FILE)
        size = (inbox / FILE).stat().st_size
        number = itertools.count()
        seconds, floor = in_turn(
            lambda: read_by_ingest(inbox, Path(place) / f"data{next(number)}"),
            lambda: read_by_duckdb(inbox / FILE, Path(place) / f"{next(number)}.duckdb"),
            wall,
            runs,
        )
    work = f"ingest of {rows:,} testing rows, {size / 1e6:,.0f} MB, CSV to typed, checked, deduplicated lake"
    return Measure(work, "DuckDB's typed `read_csv` into a table", "at most 1.5", seconds, floor)


if __name__ == "__main__":
    measured = measure()
    print(
        f"{measured.seconds:.2f} s, DuckDB {measured.floor_seconds:.2f} s, ratio {measured.ratio} ({measured.budget})"
    )
