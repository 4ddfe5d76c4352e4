"""Each expectation of the domain passes on sound rows, and counts the rows that are not."""

from __future__ import annotations

import datetime as dt

import great_expectations.expectations as gxe
import polars as pl
import pytest

from expectations import domain as d
from tests.expectations.checking import check

ABOUT = d.about("one", "plausibility", "Tests", "Because a test says so.")
DAY = dt.date(2026, 3, 1)


def test_a_repeated_key_is_counted() -> None:
    unique = d.ExpectKeyToBeUnique(columns=["a", "b"], severity="critical", meta=ABOUT)
    rows = pl.DataFrame({"a": [1, 1, 2], "b": [1, 2, 1]})
    assert check(rows, unique)[0].status == "pass"
    (found,) = check(pl.concat([rows, rows.head(1)]), unique)
    assert (found.status, found.rows_failing, found.stops_the_build) == ("fail", 1, True)


def test_a_reference_that_does_not_exist_is_counted_and_a_blank_passes() -> None:
    exists = d.ExpectReferencesToExist(
        column="board", reference_table="known", reference_column="code", severity="warning", meta=ABOUT
    )
    known = pl.DataFrame({"code": ["A"]})
    assert check(pl.DataFrame({"board": ["A", None]}), exists, known=known)[0].status == "pass"
    (found,) = check(pl.DataFrame({"board": ["A", "B", "C"]}), exists, known=known)
    assert (found.status, found.rows_failing, found.stops_the_build) == ("warn", 2, False)


def test_a_date_before_an_earlier_event_is_counted() -> None:
    order = d.ExpectDateNotBefore(later="report", earlier="receipt", severity="critical", meta=ABOUT)
    rows = pl.DataFrame({"receipt": [DAY, DAY, None], "report": [DAY, None, DAY]})
    assert check(rows, order)[0].status == "pass"
    early = pl.DataFrame({"receipt": [DAY], "report": [DAY - dt.timedelta(days=1)]})
    assert check(pl.concat([rows, early]), order)[0].rows_failing == 1


def test_a_row_that_meets_a_forbidden_condition_is_counted() -> None:
    none = d.ExpectNoRows(condition="days < 0", says="No wait is negative.", severity="critical", meta=ABOUT)
    assert check(pl.DataFrame({"days": [0, 5]}), none)[0].status == "pass"
    (found,) = check(pl.DataFrame({"days": [0, -5]}), none)
    assert (found.rows_failing, found.sentence) == (1, "No wait is negative.")


def test_a_group_that_falls_short_is_counted_and_a_small_one_is_left_out() -> None:
    recorded = d.ExpectRecordedInEachGroup(
        condition="code IS NOT NULL", what="A code", group_by="board", at_least=0.7, min_rows=10, severity="warning",
        meta=ABOUT,
    )  # fmt: skip
    good = pl.DataFrame({"board": ["A"] * 10, "code": ["x"] * 7 + [None] * 3})
    few = pl.DataFrame({"board": ["B"] * 9, "code": [None] * 9}, schema=good.schema)
    assert check(pl.concat([good, few]), recorded)[0].status == "pass"
    short = pl.DataFrame({"board": ["C"] * 10, "code": ["x"] * 6 + [None] * 4})
    (found,) = check(pl.concat([good, few, short]), recorded)
    assert (found.status, found.rows_failing) == ("warn", 1)


def test_an_empty_table_is_not_applicable_unless_rows_are_asked_for() -> None:
    rows = pl.DataFrame({"days": []}, schema={"days": pl.Int64})
    none = d.ExpectNoRows(condition="days < 0", says="No wait is negative.", severity="critical", meta=ABOUT)
    some = gxe.ExpectTableRowCountToBeBetween(
        min_value=1, severity="critical", description="Rows.", meta=ABOUT | {"name": "two"}
    )
    found = {check.expectation: check.status for check in check(rows, none, some)}
    assert found == {"expect_no_rows": "not_applicable", "expect_table_row_count_to_be_between": "fail"}


@pytest.mark.parametrize("condition", ["no_such_column > 1", "days >"])
def test_a_check_that_cannot_be_made_is_an_error_and_stops_the_build(condition: str) -> None:
    broken = d.ExpectNoRows(condition=condition, says="Nothing.", severity="critical", meta=ABOUT)
    (found,) = check(pl.DataFrame({"days": [1]}), broken)
    assert (found.status, found.stops_the_build) == ("error", True)
    assert found.error


def test_no_value_of_a_failing_row_is_kept() -> None:
    in_set = gxe.ExpectColumnValuesToBeInSet(
        column="code", value_set=["a"], severity="critical", description="Known.", meta=ABOUT
    )
    (found,) = check(pl.DataFrame({"code": ["a", "secret"]}), in_set)
    assert found.rows_failing == 1
    assert "secret" not in repr(found)
