"""From the text of a table to typed columns, as its contract says; nothing is guessed."""

from __future__ import annotations

import io
from collections.abc import Sequence

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from catalogue.contracts import Column
from pipelines.file_check import CELL_LIMIT, RECORD_LIMIT, Records
from pipelines.refusal import RefusedError
from pipelines.sent_file import BYTES_LIMIT

TYPED = "typed:"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
INTEGER = r"^-?[0-9]{1,18}$"
DECIMAL = r"^-?[0-9]{1,15}(?:\.[0-9]{1,17})?(?:[eE][+-]?[0-9]{1,2})?$"

FOOTER_LIMIT = 4 << 20
MAGIC = b"PAR1"
DAMAGED = "The Parquet file is cut off or damaged. Write it again and send it again."
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{206f}\x{feff}]"


def csv_text(content: bytes, names: Sequence[str], records: Records) -> pl.DataFrame:
    """Every field of a checked CSV file as text, under these names; an empty field is null.

    Raises RefusedError where the reader does not find the records that were counted.
    """
    scan = pl.scan_csv(
        content,
        schema={name: pl.String() for name in names},
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


def parquet_names(content: bytes) -> list[str]:
    """The columns of a Parquet file; RefusedError where it is cut off, damaged or of an unreasonable size."""
    footer = int.from_bytes(content[-8:-4], "little")
    if not content.strip():
        raise RefusedError("The file is empty. Send the rows of the period.")
    if content[:4] != MAGIC or content[-4:] != MAGIC or footer > len(content) - 12:
        raise RefusedError(DAMAGED)
    if footer > FOOTER_LIMIT:
        raise RefusedError("The Parquet file has far more columns than agreed. Send only the columns agreed.")
    try:
        described = pq.read_metadata(io.BytesIO(content))
        names = list(described.schema.to_arrow_schema().names)
        groups = [described.row_group(group) for group in range(described.num_row_groups)]
        size = sum(group.total_byte_size for group in groups)
    except (pa.ArrowException, OSError, ValueError):
        raise RefusedError(DAMAGED) from None
    if described.num_rows * max(len(names), 1) > CELL_LIMIT or size > BYTES_LIMIT:
        raise RefusedError("The Parquet file holds far more than a submission does. Send only the rows of its period.")
    return names


def parquet_text(content: bytes, names: Sequence[str], columns: Sequence[Column]) -> pl.DataFrame:
    """Every field of a Parquet file as the text that a CSV file would hold, under these names; empty is null."""
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        raise RefusedError(DAMAGED) from None
    if frame.width != len(names):
        raise RefusedError(DAMAGED)
    frame.columns = list(names)
    whole_numbers = {column.name for column in columns if column.type == "integer"}
    text = frame.select(
        _as_text(frame[name].dtype, name, name in whole_numbers, place) for place, name in enumerate(names, 1)
    )
    text = text.with_columns(pl.when(pl.all() != "").then(pl.all()))
    longest = text.select(pl.all().str.len_bytes().max()).row(0) if text.height else ()
    if max((size or 0 for size in longest), default=0) > RECORD_LIMIT:
        raise RefusedError(f"A field is longer than {RECORD_LIMIT // 1024:,} KiB. Send only the columns agreed.")
    controls = text.select(pl.all().str.contains(CONTROL).any()).row(0) if text.height else ()
    if any(controls):
        raise RefusedError(
            f"Column {controls.index(True) + 1} holds a control or invisible character. Remove it and send again."
        )
    return text


def _as_text(held: pl.DataType, name: str, is_integer: bool, place: int) -> pl.Expr:
    column = pl.col(name)
    if held == pl.String or isinstance(held, pl.Categorical | pl.Enum) or held in (pl.Date, pl.Boolean, pl.Null):
        return column.cast(pl.String) if held != pl.Date else column.dt.to_string("%Y-%m-%d")
    if isinstance(held, pl.Datetime):
        day = column.dt.to_string("%Y-%m-%d")
        return pl.when(column == column.dt.truncate("1d")).then(day).otherwise(column.dt.to_string("%Y-%m-%dT%H:%M:%S"))
    if held.is_float() and is_integer:
        whole = column.cast(pl.Int64, strict=False)
        return pl.when(whole == column).then(whole.cast(pl.String)).otherwise(column.cast(pl.String))
    if held.is_numeric():
        return column.cast(pl.String)
    raise RefusedError(f"Column {place} is of a kind that is neither text, number nor date. Write it as text.")


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
