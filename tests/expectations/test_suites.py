"""Every suite says what it is about, and catches a bad row of its table."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from catalogue.contracts import Contract, extract_contracts
from catalogue.reference import codes
from expectations import mart_clock, mart_requests, mart_turnaround, mart_working_days
from expectations.from_contract import contract_expectations
from expectations.suites import checked_tables, suites
from pipelines.models import read_models
from tests.expectations.checking import check

DAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize("table", checked_tables())
def test_every_check_says_what_it_is_about(table: str) -> None:
    for expectation in suites()[table].expectations:
        assert {"dimension", "owner", "why"} <= set(expectation.meta)
        assert expectation.severity in ("critical", "warning", "info")
        assert str(expectation.description).endswith(".")


def test_every_suite_checks_a_table_that_a_model_makes() -> None:
    assert set(checked_tables()) <= {model.name for model in read_models()}


def sound_row(contract: Contract) -> dict[str, Any]:
    """One row that keeps the contract, typed as in the lake."""
    kinds: dict[str, Any] = {"date": DAY, "integer": 1, "decimal": 1.0, "yes_no": "yes", "id": "X1", "text": "words"}
    return {column.name: codes(column.codes)[0] if column.codes else kinds[column.type] for column in contract.columns}


@pytest.mark.parametrize("contract", extract_contracts().values(), ids=extract_contracts())
def test_a_staged_extract_is_checked_for_all_that_its_contract_says(contract: Contract) -> None:
    row = sound_row(contract)
    sound = pl.DataFrame([row])
    expectations = contract_expectations(contract)
    assert {found.status for found in check(sound, *expectations)} == {"pass"}

    coded = [c.name for c in contract.columns if (c.codes and not c.open_codes) or c.type == "yes_no"]
    required = [c.name for c in contract.columns if c.required]
    wrong_codes = pl.DataFrame([row | dict.fromkeys(coded, "no such code")])
    missing = pl.DataFrame([row | dict.fromkeys(required)], schema=sound.schema)
    assert failing(wrong_codes, expectations, "expect_column_values_to_be_in_set") == len(coded)
    assert failing(missing, expectations, "expect_column_values_to_not_be_null") == len(required)
    assert failing(pl.concat([sound, sound]), expectations, "expect_key_to_be_unique") == 1
    for earlier, later in contract.date_order:
        early = pl.DataFrame([row | {earlier: DAY, later: DAY - dt.timedelta(days=1)}])
        assert failing(early, expectations, "expect_date_not_before") >= 1


def failing(rows: pl.DataFrame, expectations: list[Any], kind: str) -> int:
    return sum(found.status == "fail" and found.expectation == kind for found in check(rows, *expectations))


REQUEST: dict[str, Any] = {
    "request_id": "R1",
    "residence_board": "A",
    "receiving_lab": "EDI",
    "has_ethnic_group": True,
    "has_turnaround": True,
    "is_accepted": True,
    "received_month": DAY,
    "ethnic_category": "white",
}
WAIT = {
    "request_id": "R1", "receiving_lab": "EDI", "judged_on": DAY, "report_date": DAY, "due_date": DAY, "gross_days": 3,
    "days_used": 3, "target_days": 3, "day_type": "calendar", "is_reported": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ([{}, {}], "No two rows share the same request_id."),
        ([{"report_date": DAY + dt.timedelta(days=1)}], "judged_on is not before report_date."),
        ([{"gross_days": -1}], "No request ends before its clock starts."),
        ([{"gross_days": 800}], "No request takes longer than two years."),
        ([{"days_used": 4}], "Reported within the standard and reported by the due date agree."),
        ([{"request_id": "R9"}], "Every request_id is in mart_requests."),
        ([{"request_id": f"R{n}", "target_days": None} for n in range(200)],
         "A turnaround standard is named for at least 90% of rows in every receiving lab."),
    ],
)  # fmt: skip
def test_a_bad_row_of_the_turnaround_mart_is_caught(changes: list[dict[str, Any]], sentence: str) -> None:
    schema = pl.DataFrame([WAIT]).schema
    rows = pl.DataFrame([WAIT | change for change in changes], schema=schema)
    requests = pl.DataFrame([REQUEST])
    expectations = mart_turnaround.suite().expectations
    sound = check(pl.DataFrame([WAIT]), *expectations, mart_requests=requests)
    assert {found.status for found in sound} == {"pass"}
    caught = [found.sentence for found in check(rows, *expectations, mart_requests=requests) if found.status == "fail"]
    assert sentence in caught


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"has_ethnic_group": False}, "Ethnic group is recorded for at least 70% of rows in every residence board."),
        ({"has_turnaround": False}, "A turnaround row is there for at least 98% of rows in every laboratory's month."),
        (
            {"ethnic_category": "unmapped"},
            "Ethnic group codes are recognised for at least 98% of rows in every receiving lab.",
        ),
    ],
)
def test_poor_recording_is_caught(change: dict[str, Any], sentence: str) -> None:
    rows = [REQUEST | {"request_id": f"R{n}"} for n in range(200)]
    expectations = mart_requests.suite().expectations
    assert {found.status for found in check(pl.DataFrame(rows), *expectations)} == {"pass"}
    poor = pl.DataFrame([row | change if place % 2 else row for place, row in enumerate(rows)])
    assert [found.sentence for found in check(poor, *expectations) if found.status == "fail"] == [sentence]


CLOCK = {"request_id": "R1", "standard_event": "received", "request_status": "reported"}


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([CLOCK, CLOCK], "No two rows share the same request_id."),
        (
            [CLOCK | {"standard_event": "decision"}],
            "Every standard starts its clock with an event that the build knows.",
        ),
        ([CLOCK, CLOCK | {"request_id": "R2"}], "No accepted request is lost between its clock and its turnaround."),
    ],
)
def test_a_bad_clock_is_caught(rows: list[dict[str, Any]], sentence: str) -> None:
    expectations, kept = mart_clock.suite().expectations, pl.DataFrame([WAIT])
    assert {found.status for found in check(pl.DataFrame([CLOCK]), *expectations, mart_turnaround=kept)} == {"pass"}
    found = check(pl.DataFrame(rows), *expectations, mart_turnaround=kept)
    assert sentence in [one.sentence for one in found if one.status == "fail"]


def test_a_day_counted_twice_is_caught() -> None:
    row = {"board_code": "A", "day": DAY, "is_worked": 1}
    expectations = mart_working_days.suite().expectations
    assert {found.status for found in check(pl.DataFrame([row]), *expectations)} == {"pass"}
    assert "fail" in {found.status for found in check(pl.DataFrame([row, row]), *expectations)}
    assert "fail" in {found.status for found in check(pl.DataFrame([row | {"is_worked": 2}]), *expectations)}
