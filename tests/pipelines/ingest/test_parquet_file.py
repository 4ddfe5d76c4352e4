"""Parquet files as sent."""

from __future__ import annotations

import io
import random
import time
from contextlib import suppress
from datetime import UTC, date, datetime

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalogue.contracts import Column
from pipelines.ingest.parquet_file import parquet_names, parquet_text
from pipelines.ingest.refusal import RefusedError

COUNT = Column(name="count", type="integer", meaning="a test", unit="things")


def as_parquet(table: pl.DataFrame | pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table.to_arrow() if isinstance(table, pl.DataFrame) else table, file)
    return file.getvalue()


def text_of(content: bytes) -> pl.DataFrame:
    return parquet_text(content, parquet_names(content), [COUNT])


def test_every_kind_of_column_becomes_the_text_of_a_csv_file() -> None:
    rows = pl.DataFrame(
        {
            "text": ["a", "", None],
            "day": [date(2026, 3, 4), None, None],
            "moment": [datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 4, 10, 30, tzinfo=UTC), None],
            "count": [3.0, 2.5, None],
            "number": [7, -1, None],
            "share": [0.25, 1.0, None],
        }
    )
    assert text_of(as_parquet(rows)).rows() == [
        ("a", "2026-03-04", "2026-03-04", "3", "7", "0.25"),
        (None, None, "2026-03-04T10:30:00", "2.5", "-1", "1.0"),
        (None, None, None, None, None, None),
    ]


def test_categories_are_text() -> None:
    content = as_parquet(pa.table({"a": pa.array(["x", "y", "x", None]).dictionary_encode()}))
    assert text_of(content)["a"].to_list() == ["x", "y", "x", None]


@pytest.mark.parametrize("values", [[[1], [2]], [{"a": 1}, {"a": 2}], [b"a", b"b"]])
def test_a_column_that_is_not_plain_is_refused(values: list[object]) -> None:
    with pytest.raises(RefusedError, match="Column 1 is neither"):
        text_of(as_parquet(pa.table({"a": values})))


def test_control_characters_are_refused() -> None:
    with pytest.raises(RefusedError, match="Column 2 holds a control"):
        text_of(as_parquet(pl.DataFrame({"a": ["x"], "b": ["\x00"]})))


def test_a_file_cut_off_or_damaged_anywhere_is_refused_or_read() -> None:
    whole = as_parquet(pl.DataFrame({"a": [f"v{number}" for number in range(500)]}))
    draw = random.Random(7)
    for _ in range(200):
        content = bytearray(whole[: draw.choice([len(whole), draw.randrange(len(whole))])])
        for _ in range(draw.randrange(4)):
            if content:
                content[draw.randrange(len(content))] = draw.randrange(256)
        with suppress(RefusedError):
            text_of(bytes(content))


@pytest.mark.parametrize("keep_schema", [True, False])
def test_a_small_file_of_endless_text_is_refused_in_bounded_time(keep_schema: bool) -> None:
    # Half a megabyte, five thousand times over: 2.5 GB from a file of some kilobytes.
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 5_000, pa.int32()), pa.array(["x" * 500_000]))
    file = io.BytesIO()
    pq.write_table(pa.table({"a": long}), file, compression="zstd", store_schema=keep_schema)
    started = time.monotonic()
    with pytest.raises(RefusedError, match="far more text"):
        text_of(file.getvalue())
    assert time.monotonic() - started < 5


def test_a_million_columns_are_refused_in_bounded_time() -> None:
    content = as_parquet(pa.table({f"c{number}": [1] for number in range(30_000)}))
    started = time.monotonic()
    with pytest.raises(RefusedError, match="far more"):
        parquet_names(content)
    assert time.monotonic() - started < 5
