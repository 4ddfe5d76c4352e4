"""One submission's bytes against its contract: what loads, what goes back, or why nothing of it can be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from catalogue.contracts import Column, Contract
from pipelines.ingest.file_check import check_records, read_header, row_of
from pipelines.ingest.header_check import Columns, check_columns
from pipelines.ingest.identifiers import Found, find_identifiers
from pipelines.ingest.parquet_file import parquet_names, parquet_text
from pipelines.ingest.parse import as_typed, csv_text, with_typed
from pipelines.ingest.refusal import RefusedError
from pipelines.ingest.returns import count_reasons, returned_rows
from pipelines.ingest.row_rules import CLOCKS, Rule, allowed_codes, broken, submission_rules, with_repeated_keys
from pipelines.ingest.sent_file import unpack
from pipelines.ingest.submission_name import SubmissionName

LARGEST_SAFE_NUMBER = 1_000_000_000


@dataclass(frozen=True)
class Checked:
    """A submission that was read.

    loaded: contract columns typed, and source_row. returned: as returns.returned_rows describes, None where every row
    is in order. reasons: returned rows by reason code.
    """

    rows_read: int
    loaded: pl.DataFrame
    returned: pl.DataFrame | None
    reasons: dict[str, int]
    drift: tuple[str, ...]


@dataclass(frozen=True)
class _Text:
    """Every field of a submission as text."""

    rows: pl.DataFrame
    columns: Columns
    may_be_cut_off: bool


def check(
    content: bytes, name: SubmissionName, contract: Contract, contracts: Mapping[str, Contract], arrived_on: date
) -> Checked:
    """Read and judge a submission that arrived on a day; RefusedError where it is refused whole."""
    if name.last_day > arrived_on + CLOCKS:
        raise RefusedError(
            "The file's name holds a period that has not ended yet. Correct the name, or send the file when it has."
        )
    text = _read(content, name, contract, contracts)
    if not text.rows.height:
        raise RefusedError("The file has a header and no rows. Send the rows of the period.")
    rules = submission_rules(contract, name, arrived_on)
    parsed = with_typed(text.rows, contract.columns)
    flags = broken(parsed, rules)
    _refuse_identifiers(text, contract, flags, rules)
    flags, rules = with_repeated_keys(flags, rules, text.rows, contract.key, contract.names)
    loaded = as_typed(parsed, contract.columns).with_columns(pl.int_range(2, pl.len() + 2).alias("source_row"))
    if not flags.width:
        return Checked(text.rows.height, loaded, None, {}, text.columns.drift)
    is_bad = flags.select(pl.any_horizontal(pl.all()).alias("is_bad"))["is_bad"]
    if text.may_be_cut_off and is_bad[-1]:
        raise RefusedError(
            f"The last row, {row_of(text.rows.height - 1)}, has no line end and is not in order: "
            "the file seems cut off. Send it again, complete."
        )
    bad = flags.filter(is_bad)
    reasons = count_reasons(bad, rules)
    if contract.tolerance.refuses(bad.height, text.rows.height):
        raise RefusedError(_too_many(bad, rules, text.rows.height, reasons), text.rows.height, reasons)
    as_sent = text.rows.filter(is_bad).select(name for name in text.columns.sent if name in contract.names)
    returned = returned_rows(as_sent, bad, rules, loaded["source_row"].filter(is_bad), contract.columns)
    return Checked(text.rows.height, loaded.filter(~is_bad), returned, reasons, text.columns.drift)


def _read(content: bytes, name: SubmissionName, contract: Contract, contracts: Mapping[str, Contract]) -> _Text:
    if name.format == "parquet":
        columns = check_columns(parquet_names(content), contract, contracts)
        return _Text(parquet_text(content, columns.sent, contract.columns), columns, False)
    if name.format == "csv.gz":
        content = unpack(content)
    header = read_header(content)
    columns = check_columns(header.fields, contract, contracts)
    records = check_records(content, header)
    return _Text(csv_text(content, columns.sent, records), columns, not records.ends_with_line_end)


def _refuse_identifiers(text: _Text, contract: Contract, flags: pl.DataFrame, rules: Sequence[Rule]) -> None:
    """RefusedError where any field may hold an identifier.

    A code of the list, a date and a number within its limits cannot; so of those columns only what broke a rule is
    looked at, and of free columns everything.
    """
    free = [column.name for column in contract.columns if column.type in ("id", "text") or _is_unbounded(column)]
    pseudonyms = [column.name for column in contract.columns if column.type == "id"]
    _refuse(find_identifiers(text.rows.select(*free, *text.columns.extra), pseudonyms), None, text)
    suspects: dict[str, pl.Expr] = {}
    for place in flags.columns:
        rule = rules[int(place)]
        if len(rule.fields) == 1 and rule.reason != "missing_required":
            name = rule.fields[0]
            suspects[name] = suspects[name] | pl.col(f"flag:{place}") if name in suspects else pl.col(f"flag:{place}")
    for column in contract.columns:
        if column.open_codes:
            suspects[column.name] = ~pl.col(column.name).is_in(allowed_codes(column))
    flagged = text.rows.hstack(flags.rename(lambda place: f"flag:{place}")) if flags.width else text.rows
    for name, suspect in suspects.items():
        rows = flagged.select(name, pl.int_range(pl.len()).alias("record:")).filter(flagged.select(suspect).to_series())
        once = rows.unique(name, keep="first", maintain_order=True)
        _refuse(find_identifiers(once.select(name)), once["record:"], text)


def _is_unbounded(column: Column) -> bool:
    """Whether a number of ten digits would be within the column's limits."""
    is_number = column.type in ("integer", "decimal")
    return is_number and (column.maximum is None or column.maximum >= LARGEST_SAFE_NUMBER)


def _refuse(found: Found | None, records: pl.Series | None, text: _Text) -> None:
    if found is None:
        return
    record = found.record if records is None else int(records[found.record])
    raise RefusedError(
        f"Row {row_of(record)}, {text.columns.place(found.column)}: the field holds what looks like {found.kind}. "
        "Remove identifiers at their source and send the file again; nothing of it was kept."
    )


def _too_many(bad: pl.DataFrame, rules: Sequence[Rule], rows: int, reasons: Mapping[str, int]) -> str:
    """What to say of a file with too many bad rows: how many, why, and in which fields most often."""
    listed = ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())
    ranked = sorted(zip(bad.sum().row(0), bad.columns, strict=True), key=lambda pair: (-pair[0], int(pair[1])))
    fields = dict.fromkeys(", ".join(rules[int(place)].fields) for _, place in ranked)
    return (
        f"{bad.height:,} of {rows:,} rows have problems ({listed}), more than is allowed. "
        f"Most often in {'; '.join(list(fields)[:3])}. Correct them and send the file again."
    )
