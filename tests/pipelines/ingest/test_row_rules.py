"""The rules that a row must keep."""

from __future__ import annotations

from datetime import date

import pytest

from catalogue.contracts import TEXT_LIMIT, extract_contracts
from pipelines.ingest.row_rules import WHAT_TO_DO
from pipelines.ingest.submission_check import Checked, check
from pipelines.ingest.submission_name import read_name
from tests.pipelines.ingest.extract_rows import EDINBURGH, as_csv, spoil, valid_rows

CONTRACTS = extract_contracts()
FILES = {
    "testing": EDINBURGH,
    "turnaround": "turnaround__GLA__2026-03__v1.csv",
    "outcomes": "outcomes__DUN__2026-03__v1.csv",
    "workforce": "workforce__S08000020__2026-03__v1.csv",
    "programme": "programme__SGV__2026-03__v1.csv",
}


#: The day on which every file here arrives.
ARRIVED = date(2026, 4, 20)


def checked(content: bytes, file: str = EDINBURGH) -> Checked:
    name = read_name(file, CONTRACTS)
    return check(content, name, CONTRACTS[name.extract], CONTRACTS, ARRIVED)


def returned(file: str, **values: str | None) -> dict[str, str]:
    """What the one spoilt row of a file, its fifth, comes back with."""
    found = checked(as_csv(spoil(valid_rows(file, 60), 4, **values)), file)
    assert found.loaded.height == 59
    assert found.returned is not None
    assert found.returned["row_number"].to_list() == [6]
    return found.returned.row(0, named=True)


@pytest.mark.parametrize("file", FILES.values())
def test_rows_in_order_all_load(file: str) -> None:
    found = checked(as_csv(valid_rows(file, 60)), file)
    assert (found.rows_read, found.loaded.height, found.returned) == (60, 60, None)
    assert found.loaded["source_row"].to_list() == list(range(2, 62))


@pytest.mark.parametrize(
    ("extract", "values", "fields", "reasons"),
    [
        ("testing", {"person_id": None}, "person_id", "missing_required"),
        ("testing", {"is_proband": None}, "is_proband", "missing_required"),
        ("testing", {"is_proband": "Yes"}, "is_proband", "unknown_code"),
        ("testing", {"is_proband": "true"}, "is_proband", "unknown_code"),
        ("testing", {"sex": "F"}, "sex", "unknown_code"),
        ("testing", {"sex": " female"}, "sex", "unknown_code"),
        ("testing", {"sex": "=1+1"}, "sex", "formula"),
        ("testing", {"sex": "@SUM(A1)"}, "sex", "formula"),
        ("testing", {"ethnicity_code": "=cmd|x"}, "ethnicity_code", "formula"),
        ("testing", {"requested_date": "=TODAY()"}, "requested_date", "formula"),
        ("testing", {"sample_count": "=2"}, "sample_count", "formula"),
        ("testing", {"person_id": "+P1"}, "person_id", "formula"),
        ("testing", {"requested_date": "04/03/2026"}, "requested_date", "bad_date"),
        ("testing", {"requested_date": "2026-02-30"}, "requested_date", "bad_date"),
        ("testing", {"requested_date": "0026-03-01"}, "requested_date", "out_of_range"),
        ("testing", {"sample_count": "two"}, "sample_count", "bad_number"),
        ("testing", {"sample_count": "1.5"}, "sample_count", "bad_number"),
        ("testing", {"sample_count": "51"}, "sample_count", "out_of_range"),
        ("testing", {"simd_decile": "0"}, "simd_decile", "out_of_range"),
        ("testing", {"simd_decile": "-1"}, "simd_decile", "out_of_range"),
        ("testing", {"person_id": "p1"}, "person_id", "bad_pattern"),
        ("testing", {"request_id": "R1\nR2"}, "request_id", "bad_pattern"),
        ("testing", {"requested_date": "2026-03-31"}, "requested_date, received_date", "date_order"),
        ("testing", {"failed_sample_count": "2"}, "failed_sample_count, sample_count", "more_than"),
        ("testing", {"receiving_lab": "GLA"}, "receiving_lab", "wrong_submitter"),
        (
            "testing",
            {"requested_date": None, "received_date": "2026-02-28"},
            "received_date",
            "wrong_period",
        ),
        ("turnaround", {"report_visible_date": "2026-04-30"}, "report_visible_date, extracted_on", "date_order"),
        ("turnaround", {"clock_start_date": "2026-04-30"}, "clock_start_date, extracted_on", "date_order"),
        ("outcomes", {"relatives_tested_12m": "2"}, "relatives_tested_12m, relatives_eligible", "more_than"),
        ("turnaround", {"cancelled_date": "2026-03-31"}, "report_date, cancelled_date", "not_both"),
        ("workforce", {"census_date": "2025-12-31"}, "census_date", "wrong_period"),
        ("workforce", {"in_post_wte": "nan"}, "in_post_wte", "bad_number"),
        ("programme", {"as_at": "2026-04-01"}, "as_at", "wrong_period"),
        ("programme", {"narrative": "x" * (TEXT_LIMIT + 1)}, "narrative", "too_long"),
        ("programme", {"completed_date": "2026-04-02"}, "completed_date, as_at", "date_order"),
    ],
)
def test_a_row_that_breaks_a_rule_comes_back(
    extract: str, values: dict[str, str | None], fields: str, reasons: str
) -> None:
    row = returned(FILES[extract], **values)
    assert (row["fields"], row["reasons"]) == (fields, reasons)
    assert row["what_to_do"] == WHAT_TO_DO[reasons]


@pytest.mark.parametrize(
    ("extract", "values"),
    [
        ("testing", {"ethnicity_code": "9Z"}),
        ("testing", {"ethnicity_code": None}),
        ("testing", {"family_id": None, "sex": None, "simd_decile": None, "requested_date": None}),
        ("programme", {"due_date": "2028-01-01"}),
        ("programme", {"narrative": "=SUM(A1:A3)"}),
        ("programme", {"narrative": "x" * TEXT_LIMIT}),
        ("programme", {"value": "-1.5", "target": "1e-05"}),
    ],
)
def test_what_the_contract_allows_is_kept_as_sent(extract: str, values: dict[str, str | None]) -> None:
    found = checked(as_csv(spoil(valid_rows(FILES[extract], 60), 4, **values)), FILES[extract])
    assert found.returned is None
    row = found.loaded.row(4, named=True)
    assert {name: None if row[name] is None else str(row[name]) for name in values} == values


def test_a_row_with_several_problems_comes_back_once_with_all_of_them() -> None:
    row = returned(EDINBURGH, sex="F", simd_decile="11", person_id=None)
    assert row["fields"] == "person_id; sex; simd_decile"
    assert row["reasons"] == "missing_required; unknown_code; out_of_range"


def test_of_identical_rows_the_first_is_kept() -> None:
    rows = valid_rows(count=60)
    found = checked(as_csv(rows.vstack(rows[7:8]).vstack(rows[7:8])))
    assert found.returned is not None
    assert found.returned["row_number"].to_list() == [62, 63]
    assert found.reasons == {"repeated_key": 2}
    assert found.loaded["request_id"].n_unique() == found.loaded.height == 60


def test_of_differing_rows_with_one_key_none_is_kept() -> None:
    rows = valid_rows(count=60)
    found = checked(as_csv(rows.vstack(spoil(rows[7:8], 0, sex="other"))))
    assert found.returned is not None
    assert found.returned["row_number"].to_list() == [9, 62]
    assert set(found.returned["fields"]) == {"request_id"}


def test_a_key_of_several_columns_is_judged_whole() -> None:
    file = FILES["workforce"]
    rows = valid_rows(file, 60)
    found = checked(as_csv(rows.vstack(spoil(rows[:1], 0, in_post_wte="9"))), file)
    assert found.reasons == {"repeated_key": 2}


def test_rows_without_a_key_are_not_repeats() -> None:
    rows = spoil(spoil(valid_rows(count=60), 1, request_id=None), 2, request_id=None)
    assert checked(as_csv(rows)).reasons == {"missing_required": 2}
