"""Rows that keep every rule of an extract, made from its contract, for tests to send as they are or to spoil."""

from __future__ import annotations

import gzip
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from catalogue.contracts import Column, Contract, extract_contracts
from catalogue.reference import codes
from pipelines.ingest.row_rules import period_column
from pipelines.ingest.submission_name import SubmissionName, read_name

EDINBURGH = "testing__EDI__2026-03__v1.csv"


def valid_rows(file: str = EDINBURGH, count: int = 20, first: int = 0) -> pl.DataFrame:
    """Rows in order for a submission of that file name, every column as text.

    first: the number from which keys count, so that two calls need not share keys.
    """
    contracts = extract_contracts()
    name = read_name(file, contracts)
    contract = contracts[name.extract]
    rows = range(first, first + count)
    made = pl.DataFrame(
        {column.name: [_value(column, contract, name, row) for row in rows] for column in contract.columns},
        schema={column.name: pl.String for column in contract.columns},
    )
    return made.with_columns(pl.lit(None, pl.String).alias(second) for _, second in contract.not_both)


def _value(column: Column, contract: Contract, name: SubmissionName, row: int) -> str:
    if column.name == contract.owner_column:
        return name.submitter
    if column.type == "id":
        return f"{str(column.pattern).lstrip('^[')[0]}{row + 1:07d}"
    if column.type == "code":
        allowed = codes(str(column.codes))
        return allowed[_digit(column, contract, row) % len(allowed)]
    if column.type == "yes_no":
        return ("yes", "no", "not_recorded")[row % 3]
    if column.type == "date":
        return _day(column, contract, name, row).isoformat()
    if column.type in ("integer", "decimal"):
        return str(int(max(column.minimum or 0, min(1, column.maximum or 1))))
    return f"Words of row {row}"


def _digit(column: Column, contract: Contract, row: int) -> int:
    """The place of a code within its list: those of a key count up like the digits of a number."""
    for part in reversed(contract.key):
        other = contract.column(part)
        if part == column.name:
            return row
        if other.type == "code":
            row //= len(codes(str(other.codes)))
    return row


def _day(column: Column, contract: Contract, name: SubmissionName, row: int) -> date:
    if column.name == contract.extracted_column:
        return name.last_day if period_column(contract) == column.name else name.last_day + timedelta(days=3)
    return name.first_day + timedelta(days=row % 28)


def spoil(rows: pl.DataFrame, row: int, **values: str | None) -> pl.DataFrame:
    """The rows with some fields of one row replaced."""
    return rows.with_columns(
        pl.when(pl.int_range(pl.len()) == row).then(pl.lit(value, dtype=pl.String)).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


def as_csv(rows: pl.DataFrame) -> bytes:
    """The rows as the bytes of a CSV file."""
    return rows.write_csv().encode()


def send(inbox: Path, file: str, content: pl.DataFrame | bytes) -> Path:
    """Put a file into an inbox: rows are written as the file's ending says."""
    inbox.mkdir(parents=True, exist_ok=True)
    path = inbox / file
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif file.endswith(".parquet"):
        content.write_parquet(path)
    else:
        path.write_bytes(gzip.compress(as_csv(content)) if file.endswith(".gz") else as_csv(content))
    return path
