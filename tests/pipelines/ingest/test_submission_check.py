"""One submission against its contract: what is refused whole, and what is let pass."""

from __future__ import annotations

import gzip
import io
from datetime import date

import polars as pl
import pytest

from catalogue.contracts import extract_contracts
from pipelines.ingest.file_check import MARK
from pipelines.ingest.refusal import RefusedError
from pipelines.ingest.submission_check import Checked, check
from pipelines.ingest.submission_name import read_name
from tests.pipelines.ingest.extract_rows import EDINBURGH, as_csv, spoil, valid_rows

CONTRACTS = extract_contracts()
ROWS = valid_rows(count=60)
CSV = as_csv(ROWS)
PROGRAMME = "programme__SGV__2026-03__v1.csv"

# Invented: a CHI number with a right check digit, a postcode, an e-mail address and a phone number.
PLANTED = ("0611481030", "0301584280", "061148 1030", "EH16 4SB", "jean.smith@example.scot", "0131 496 0000")


#: The day on which files arrive here, if no other is told.
ARRIVED = date(2026, 4, 20)


def checked(content: bytes, file: str = EDINBURGH, arrived_on: date = ARRIVED) -> Checked:
    name = read_name(file, CONTRACTS)
    return check(content, name, CONTRACTS[name.extract], CONTRACTS, arrived_on)


def refused(content: bytes, file: str = EDINBURGH) -> str:
    with pytest.raises(RefusedError) as found:
        checked(content, file)
    return str(found.value)


def as_parquet(rows: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    rows.write_parquet(file)
    return file.getvalue()


def test_csv_gzip_and_parquet_give_the_same_rows() -> None:
    expected = checked(CSV).loaded
    assert checked(MARK + CSV.replace(b"\n", b"\r\n")).loaded.equals(expected)
    assert checked(gzip.compress(CSV), EDINBURGH + ".gz").loaded.equals(expected)
    assert checked(as_parquet(ROWS), EDINBURGH.replace("csv", "parquet")).loaded.equals(expected)
    typed = as_parquet(expected.drop("source_row"))
    assert checked(typed, EDINBURGH.replace("csv", "parquet")).loaded.equals(expected)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (CSV[: CSV.index(b"\n") + 1], "header and no rows"),
        (CSV.replace(b",", b";"), "not separated by commas"),
        (as_csv(ROWS.drop("sex")), "lacks sex"),
        (as_csv(valid_rows("turnaround__EDI__2026-03__v1.csv")), "columns of the turnaround extract"),
        (CSV.replace(b"person_id", b"request_id", 1), "lacks person_id"),
        (CSV.replace(b"R0000030", b'R00"0030'), "Row 31 has broken quoting"),
        (CSV.replace(b"R0000030", b'"R0000030'), "quoting"),
        (CSV.replace(b"R0000030", b"R0000030,"), "Row 31 has 45 fields"),
        (CSV.replace(b"R0000030", b"R\xe9000030"), "not UTF-8"),
        (CSV.replace(b"R0000030", b"R\x00000030"), "Row 31 holds a control"),
        (CSV[:-30], "cut off"),
        (CSV[:-3], "seems cut off"),
        (b"\n" + CSV, "lacks"),
    ],
)
def test_a_file_that_cannot_be_read_as_agreed_is_refused(content: bytes, problem: str) -> None:
    assert problem in refused(content)


def test_a_missing_line_end_after_a_row_in_order_is_let_pass() -> None:
    assert checked(CSV[:-1]).rows_read == 60


@pytest.mark.parametrize("damaged", [b"", b"PAR1", as_parquet(ROWS)[:-20], as_parquet(ROWS)[:200], CSV])
def test_a_damaged_parquet_file_is_refused(damaged: bytes) -> None:
    assert refused(damaged, EDINBURGH.replace("csv", "parquet"))


@pytest.mark.parametrize("damaged", [b"", gzip.compress(CSV, mtime=0)[:-20], CSV])
def test_a_damaged_gzip_file_is_refused(damaged: bytes) -> None:
    assert refused(damaged, EDINBURGH + ".gz")


def test_an_extra_column_is_left_out_and_reported() -> None:
    found = checked(as_csv(ROWS.with_columns(lab_comment=pl.lit("all well"))))
    assert found.drift == ("lab_comment",)
    assert found.loaded.columns == [*CONTRACTS["testing"].names, "source_row"]


@pytest.mark.parametrize("value", PLANTED)
@pytest.mark.parametrize(
    "column",
    ["request_id", "family_id", "sex", "received_date", "sample_count", "ethnicity_code", "is_proband", "test_code"],
)
def test_an_identifier_in_any_column_refuses_the_file_unseen(column: str, value: str) -> None:
    message = refused(as_csv(spoil(ROWS, 40, **{column: value})))
    assert f"Row 42, {column}" in message
    assert value not in message


@pytest.mark.parametrize("value", PLANTED)
def test_an_identifier_in_an_extra_column_or_free_text_refuses_the_file_unseen(value: str) -> None:
    extra = ROWS.with_columns(note=pl.lit(None, dtype=pl.String))
    assert "Row 42, column 45" in (message := refused(as_csv(spoil(extra, 40, note=f"call {value} soon"))))
    assert value not in message
    text = valid_rows(PROGRAMME, 60)
    assert "Row 42, narrative" in (message := refused(as_csv(spoil(text, 40, narrative=f"See {value}.")), PROGRAMME))
    assert value not in message


def test_an_identifier_behind_a_prefix_or_in_parquet_refuses_the_file() -> None:
    assert "CHI" in refused(as_csv(spoil(ROWS, 3, person_id="P0611481030")))
    assert "CHI" in refused(as_parquet(spoil(ROWS, 3, person_id="P0611481030")), EDINBURGH.replace("csv", "parquet"))


def test_an_identifier_in_an_unlimited_number_refuses_the_file() -> None:
    rows = spoil(valid_rows(PROGRAMME, 60), 5, value="0611481030")
    assert "Row 7, value" in refused(as_csv(rows), PROGRAMME)


@pytest.mark.parametrize(
    "header", ["surname", "Date of Birth", "postcode", "CHI", "nhs_number", "e-mail", "phone", "address"]
)
def test_a_header_that_names_an_identifier_refuses_the_file_even_where_the_column_is_empty(header: str) -> None:
    message = refused(as_csv(ROWS.with_columns(pl.lit(None, dtype=pl.String).alias(header))))
    assert "identifies a person" in message


def test_a_file_without_its_header_is_refused_without_showing_its_first_row() -> None:
    rows = spoil(ROWS, 0, person_id="Jean Smith")
    assert "Jean" not in refused(as_csv(rows).split(b"\n", 1)[1])


def test_a_period_that_has_not_ended_is_refused_and_one_that_ends_today_or_tomorrow_is_not() -> None:
    with pytest.raises(RefusedError, match="has not ended yet"):
        checked(CSV, arrived_on=date(2026, 3, 29))
    rows = spoiled_everywhere(extracted_on="2026-03-31")
    for day in (30, 31):
        assert checked(rows, arrived_on=date(2026, 3, day)).loaded.height == 60


def test_rows_extracted_after_the_file_arrived_go_back_and_a_file_of_them_is_refused() -> None:
    found = checked(as_csv(spoil(ROWS, 4, extracted_on="2026-04-22")))
    assert (found.loaded.height, found.reasons) == (59, {"in_future": 1})
    assert checked(as_csv(spoil(ROWS, 4, extracted_on="2026-04-21"))).returned is None
    with pytest.raises(RefusedError, match=r"in_future 60.*extracted_on"):
        checked(spoiled_everywhere(extracted_on="2027-11-01"))


def spoiled_everywhere(**values: str) -> bytes:
    return as_csv(ROWS.with_columns(pl.lit(value).alias(name) for name, value in values.items()))
