"""The protected store: the one database that the app reads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import polars as pl

from catalogue.dimensions import dimensions
from catalogue.indicators import Indicator
from catalogue.spc_baselines import Baseline, baselines
from pipelines import settings


def write_store(path: Path, tables: dict[str, pl.DataFrame]) -> None:
    """A new DuckDB file with these tables; nothing of the build's own database reaches it."""
    with duckdb.connect(str(path)) as con:
        for name, frame in tables.items():
            con.register("frame", frame)
            con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM frame')
            con.unregister("frame")
        con.execute("CHECKPOINT")


def with_status(cells: pl.DataFrame, newest_month: dt.date, whole_to: dt.date) -> pl.DataFrame:
    """The cells with their `period_status`.

    newest_month: first day of the newest month that any laboratory has sent. whole_to: last day of the newest month
    that every laboratory has sent; a period that ends later is incomplete. The newest months are provisional, and so is
    a cell that is not settled.
    """
    provisional_from = pl.lit(newest_month).dt.offset_by(f"-{settings.PROVISIONAL_MONTHS - 1}mo")
    end = pl.col("period_end")
    status = (
        pl.when(end > pl.lit(whole_to))
        .then(pl.lit("incomplete"))
        .when((end >= provisional_from) | ~pl.col("is_settled"))
        .then(pl.lit("provisional"))
        .otherwise(pl.lit("final"))
    )
    return cells.with_columns(period_status=status).drop("is_settled")


def entry_rows(entries: dict[str, Indicator]) -> pl.DataFrame:
    """One row a published indicator: `id` and its whole `entry` as JSON, so that a release keeps its own words."""
    rows = [(entry.id, entry.model_dump_json()) for entry in entries.values() if entry.published]
    return pl.DataFrame(rows, schema={"id": pl.String, "entry": pl.String}, orient="row")


def baseline_rows() -> pl.DataFrame:
    """One row a rebase of control charts, checked: the columns of reference/spc_baselines.csv, dates typed."""
    dates = ("starts", "judged_from", "decided_on")
    schema = {name: pl.Date if name in dates else pl.String for name in Baseline.model_fields}
    return pl.DataFrame([row.model_dump() for row in baselines()], schema=schema)


def dimension_rows() -> pl.DataFrame:
    """One row a value of a dimension: `dimension`, `code`, `label`, `display_order`."""
    rows = [
        (dimension.name, code, label, place)
        for dimension in dimensions().values()
        for place, (code, label) in enumerate(dimension.labels.items(), 1)
    ]
    schema = {"dimension": pl.String, "code": pl.String, "label": pl.String, "display_order": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")
