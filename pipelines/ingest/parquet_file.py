"""A Parquet file as sent: its columns, and every field as the text that a CSV file would hold, within stated limits."""

from __future__ import annotations

import io
from collections.abc import Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from catalogue.contracts import Column
from pipelines.ingest.file_check import CELL_LIMIT, RECORD_LIMIT
from pipelines.ingest.refusal import RefusedError
from pipelines.ingest.sent_file import BYTES_LIMIT

FOOTER_LIMIT = 4 << 20
MAGIC = b"PAR1"
PLAIN_KINDS = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_date,
    pa.types.is_timestamp,
    pa.types.is_boolean,
    pa.types.is_null,
)
ONLY_AGREED = "Send only the columns agreed and the rows of the period."
DAMAGED = "The Parquet file is cut off or damaged. Write it again and send it again."
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{206f}\x{feff}]"


def parquet_names(content: bytes) -> list[str]:
    """The columns of a Parquet file; RefusedError where it is cut off, damaged or of an unreasonable size."""
    footer = int.from_bytes(content[-8:-4], "little")
    if not content.strip():
        raise RefusedError("The file is empty. Send the rows of the period.")
    if content[:4] != MAGIC or content[-4:] != MAGIC or footer > len(content) - 12:
        raise RefusedError(DAMAGED)
    if footer > FOOTER_LIMIT:
        raise RefusedError(f"The Parquet file has far more columns than agreed. {ONLY_AGREED}")
    try:
        described = pq.read_metadata(io.BytesIO(content))
        schema = described.schema.to_arrow_schema()
        groups = [described.row_group(group) for group in range(described.num_row_groups)]
        size = sum(group.total_byte_size for group in groups)
    except (pa.ArrowException, OSError, ValueError):
        raise RefusedError(DAMAGED) from None
    _check_kinds(schema)
    if described.num_rows * max(len(schema), 1) > CELL_LIMIT or size > BYTES_LIMIT:
        raise RefusedError(f"The Parquet file holds far more than a submission does. {ONLY_AGREED}")
    return list(schema.names)


def _check_kinds(schema: pa.Schema) -> None:
    """RefusedError for a column that is no plain text, number or date, such as a list or a structure."""
    for place, held in enumerate(schema.types, 1):
        if not (_is_text(held) or any(is_kind(held) for is_kind in PLAIN_KINDS)):
            raise RefusedError(f"Column {place} is neither plain text, number nor date. Write it as text.")


def parquet_text(content: bytes, names: Sequence[str], columns: Sequence[Column]) -> pl.DataFrame:
    """Every field of a Parquet file as the text that a CSV file would hold, under these names; empty is null."""
    try:
        described = pq.read_schema(io.BytesIO(content))
        texts = [name for name, held in zip(described.names, described.types, strict=True) if _is_text(held)]
        # As dictionaries first: a small file can repeat a long text a million times.
        table = pq.read_table(io.BytesIO(content), read_dictionary=texts).rename_columns(list(names))
        sizes = [_text_size(column) for column in table.columns]
    except (pa.ArrowException, OSError, ValueError):
        raise RefusedError(DAMAGED) from None
    if max(longest for longest, _ in sizes) > RECORD_LIMIT or sum(total for _, total in sizes) > BYTES_LIMIT:
        raise RefusedError(f"The Parquet file holds far more text than a submission does. {ONLY_AGREED}")
    whole_numbers = {column.name for column in columns if column.type == "integer"}
    frame = pl.DataFrame([_series(name, table[name]) for name in names])
    text = frame.select(_as_text(frame[name].dtype, name, name in whole_numbers) for name in names)
    text = text.with_columns(pl.when(pl.all() != "").then(pl.all()))
    controls = text.select(pl.all().str.contains(CONTROL).any()).row(0) if text.height else ()
    if any(controls):
        raise RefusedError(
            f"Column {controls.index(True) + 1} holds a control or invisible character. Remove it and send again."
        )
    return text


def _is_text(held: pa.DataType) -> bool:
    held = held.value_type if pa.types.is_dictionary(held) else held
    return bool(pa.types.is_string(held) or pa.types.is_large_string(held) or pa.types.is_string_view(held))


def _text_size(column: pa.ChunkedArray) -> tuple[int, int]:
    """The longest text of a column and the length of all of them, in bytes, without writing any of them out."""
    longest = total = 0
    for chunk in column.chunks:
        if pa.types.is_dictionary(chunk.type):
            lengths = pc.binary_length(chunk.dictionary)
            longest = max(longest, pc.max(lengths).as_py() or 0)
            total += pc.sum(pc.take(pc.cast(lengths, pa.int64()), chunk.indices)).as_py() or 0
    return longest, total


def _series(name: str, column: pa.ChunkedArray) -> pl.Series:
    plain = pc.cast(column, pa.large_string()) if pa.types.is_dictionary(column.type) else column
    return pl.Series(name, plain)


def _as_text(held: pl.DataType, name: str, is_integer: bool) -> pl.Expr:
    column = pl.col(name)
    if held == pl.Date:
        return column.dt.to_string("%Y-%m-%d")
    if isinstance(held, pl.Datetime):
        day = column.dt.to_string("%Y-%m-%d")
        return pl.when(column == column.dt.truncate("1d")).then(day).otherwise(column.dt.to_string("%Y-%m-%dT%H:%M:%S"))
    if held.is_float() and is_integer:
        whole = column.cast(pl.Int64, strict=False)
        return pl.when(whole == column).then(whole.cast(pl.String)).otherwise(column.cast(pl.String))
    return column.cast(pl.String)
