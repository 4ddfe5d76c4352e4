"""Every suite says what it is about, and catches a bad row of its table."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import polars as pl
import pytest

from catalogue.contracts import Contract, extract_contracts
from catalogue.reference import codes, reference_tables
from expectations.from_contract import contract_expectations
from expectations.suites import checked_tables, suites
from pipelines.models import read_models
from pipelines.quality.profile import TABLES
from tests.expectations.checking import check

DAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize("table", checked_tables())
def test_every_check_says_what_it_is_about(table: str) -> None:
    for expectation in suites()[table].expectations:
        assert {"dimension", "owner", "why"} <= set(expectation.meta)
        assert expectation.severity in ("critical", "warning", "info")
        assert str(expectation.description).endswith(".")


@pytest.mark.parametrize("table", checked_tables())
def test_every_check_names_what_it_counts(table: str) -> None:
    for expectation in suites()[table].expectations:
        one, many = getattr(expectation, "nouns", ("row", "rows"))
        assert one != many
        assert "group" not in (one, many)


@pytest.mark.parametrize("table", checked_tables())
def test_no_two_checks_of_a_table_have_the_same_name(table: str) -> None:
    names = [expectation.meta["name"] for expectation in suites()[table].expectations]
    assert len(names) == len(set(names))


def test_every_staged_table_mart_and_reference_list_has_a_suite_and_no_other_table_has() -> None:
    made = {model.name for model in read_models() if model.name.startswith(("stg_", "mart_"))}
    listed = {f"ref_{name}" for name in reference_tables()}
    assert set(suites()) == set(checked_tables()) == made | listed | set(TABLES)


def test_every_threshold_that_lets_rows_fail_tells_when_and_why_it_was_chosen() -> None:
    loose = [
        expectation
        for suite in suites().values()
        for expectation in suite.expectations
        if getattr(expectation, "at_most", 0) > 0 or getattr(expectation, "at_least", 1) not in (0, 1)
    ]
    assert loose
    assert not [one.meta["name"] for one in loose if not re.match(r"2026-\d\d-\d\d: ", one.meta["why"])]


def test_every_check_of_what_was_sent_says_what_to_do() -> None:
    left_out = [
        f"{table}.{expectation.meta['name']}"
        for table, suite in suites().items()
        for expectation in suite.expectations
        if expectation.severity == "warning" and not expectation.meta["to_do"].endswith(".")
    ]
    assert not left_out


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
    return sum(found.is_open and found.expectation == kind for found in check(rows, *expectations))
