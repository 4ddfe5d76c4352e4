"""From the text of a table to typed columns, as its contract says; nothing is guessed."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from catalogue.contracts import Column
from pipelines.ingest.file_check import Records
from pipelines.ingest.refusal import RefusedError

TYPED = "typed:"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
INTEGER = r"^-?[0-9]{1,18}$"
DECIMAL = r"^-?[0-9]{1,15}(?:\.[0-9]{1,17})?(?:[eE][+-]?[0-9]{1,2})?$"


def csv_text(content: bytes, names: Sequence[str], records: Records) -> pl.DataFrame:
    """Every field of a checked CSV file as text, under these names; an empty field is null.

    Raises RefusedError where the reader does not find the records that were counted.
    """
    schema = {name: pl.String() for name in names}
    if not records.count:
        return pl.DataFrame(schema=schema)
    scan = pl.scan_csv(
        content,
        schema=schema,
        has_header=False,
        skip_lines=1,
        quote_char='"' if records.has_quotes else None,
    )
    if records.has_quotes:
        scan = scan.with_columns(pl.when(pl.all() != "").then(pl.all()))
    try:
        text = scan.collect()
    except pl.exceptions.PolarsError:
        # The library's message quotes the file.
        raise RefusedError("The file could not be read as CSV. Save it as CSV UTF-8 and send it again.") from None
    if text.height != records.count:
        raise RefusedError("The file could not be read as CSV: rows were lost. Check its quoting and send it again.")
    return text


def with_typed(text: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """The text with a typed twin, `typed:<name>`, of every date and number; null where the text is none."""
    return text.with_columns(typed for column in columns if (typed := _typed(column)) is not None)


def _typed(column: Column) -> pl.Expr | None:
    text = pl.col(column.name)
    if column.type == "date":
        # The parser also takes `2026-3-4`, signs and years of two or five digits; the contract does not.
        typed = pl.when(text.str.contains(DATE)).then(text.str.to_date("%Y-%m-%d", strict=False))
    elif column.type == "integer":
        typed = pl.when(text.str.contains(INTEGER)).then(text.cast(pl.Int64, strict=False))
    elif column.type == "decimal":
        typed = pl.when(text.str.contains(DECIMAL)).then(text.cast(pl.Float64, strict=False))
    else:
        return None
    return typed.alias(TYPED + column.name)


def is_typed(column: Column) -> bool:
    """Whether the column has a typed twin; the others are text throughout."""
    return column.type in ("date", "integer", "decimal")


def typed_name(column: Column) -> str:
    """Where the column's typed values stand beside the text."""
    return TYPED + column.name if is_typed(column) else column.name


def as_typed(parsed: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """The contract's columns, typed, in its order."""
    return parsed.select(pl.col(typed_name(column)).alias(column.name) for column in columns)
