"""Works an indicator's example: its SQL, or its formula, on the rows that the example gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import yaml

from catalogue.indicators import Indicator
from pipelines import calendar, cubes
from pipelines.figures import derived_cells
from pipelines.models import INDICATOR, Model

Row = dict[str, Any]
FOLDER = Path(__file__).parent


def example(indicator: str, folder: Path = FOLDER) -> dict[str, Any]:
    """The worked example of an indicator: `given` tables and `expect`ed rows."""
    loaded: dict[str, Any] = yaml.safe_load((folder / f"{indicator}.yml").read_text(encoding="utf-8"))
    return loaded


def work_sql(model: Model, given: dict[str, list[Row]]) -> tuple[list[str], list[Row]]:
    """The columns and rows that an indicator's SQL gives on the example's tables; days are always there."""
    with duckdb.connect() as con:
        days = calendar.days()
        con.register("frame", days)
        con.execute("CREATE TABLE ref_days AS SELECT * FROM frame")
        for table, rows in given.items():
            con.register("frame", pl.DataFrame(rows, infer_schema_length=None))
            con.execute(f"CREATE TABLE {table} AS SELECT * FROM frame")
        found = con.sql(model.sql).pl()
    return found.columns, found.to_dicts()


def work_formula(entry: Indicator, given: dict[str, list[Row]]) -> list[Row]:
    """The cells that a derived indicator's formula gives on the example's shown counts."""
    schema = {name: pl.Date if name.startswith("period") else pl.String for name in cubes.CELL}
    assert entry.formula
    named = {entry.formula.of: "cells", entry.formula.to or "": "other_cells"}
    found = {
        name: pl.DataFrame(given[table], schema=schema | {"numerator": pl.Int64}).with_columns(
            period_end=pl.col("period_start")
        )
        for name, table in named.items()
        if name
    }
    return derived_cells(entry, found).to_dicts()


def columns_of(entry: Indicator) -> list[str]:
    """The columns that the entry's kind asks of its SQL."""
    return list(entry.columns)


def name_of(entry: Indicator) -> str:
    """The name of the entry's model."""
    return f"{INDICATOR}{entry.id}"
