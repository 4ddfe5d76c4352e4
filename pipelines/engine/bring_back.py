"""Tables that an engine wrote as Parquet, into the warehouse, with the types that DuckDB would have given them."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.errors import PipelineError
from pipelines.models import Model

#: Whole numbers of any width are the same numbers; one that does not fit stops the build.
WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"})


def bring_back(con: duckdb.DuckDBPyConnection, model: Model, place: Path, rows: int) -> None:
    """Make a model's table from the Parquet files in a folder, read as a stream.

    rows: how many the engine counted there. Raises PipelineError where columns are other than DuckDB's, or where this
    machine does not find every row that the engine wrote.
    """
    where = f"{model.path.parent.name}/{model.path.name}"
    con.execute(f'CREATE TABLE "{model.name}" AS {model.sql} WITH NO DATA')
    files = sorted(str(path) for path in place.rglob("*.parquet"))
    found = 0
    if files:
        written = con.read_parquet(files)
        _insist_on_columns(con, model, written, where)
        columns = ", ".join(f'"{name}"' for name in written.columns)
        written.create_view("engine_wrote")
        try:
            ((found,),) = con.execute(f'INSERT INTO "{model.name}" SELECT {columns} FROM engine_wrote').fetchall()
        except duckdb.ConversionException as error:
            raise PipelineError(f"{where}: the engine gives a number that DuckDB's column cannot hold") from error
        con.execute("DROP VIEW engine_wrote")
    if found != rows:
        raise PipelineError(
            f"{where}: the engine wrote {rows:,} rows and {found:,} came back; the build's folder must be one and the "
            "same on this machine and on all of the engine's"
        )


def _insist_on_columns(
    con: duckdb.DuckDBPyConnection, model: Model, written: duckdb.DuckDBPyRelation, where: str
) -> None:
    wanted = con.table(model.name)
    if written.columns != wanted.columns:
        raise PipelineError(f"{where}: the engine gives other columns than DuckDB")
    for name, theirs, ours in zip(wanted.columns, map(str, written.types), map(str, wanted.types), strict=True):
        if theirs != ours and not {theirs, ours} <= WHOLE:
            raise PipelineError(f"{where}: the engine gives {name} as {theirs}, DuckDB as {ours}")
