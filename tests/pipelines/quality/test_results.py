"""The tables of results: every count as it may be shown, blame by month, and history over releases."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.indicators import indicators
from pipelines import store
from pipelines.errors import PipelineError
from pipelines.models import read_models
from pipelines.quality.blame import Part
from pipelines.quality.checks import Check
from pipelines.quality.results import (
    HISTORY_RELEASES,
    check_history,
    check_months,
    check_parts,
    check_rows,
    field_rows,
    is_of_people,
)

MODELS, ENTRIES = read_models(), indicators()
JANUARY, FEBRUARY = dt.date(2026, 1, 1), dt.date(2026, 2, 1)


def check(
    checked: int,
    failing: int | None,
    *parts: Part,
    table: str = "stg_testing",
    counted: str = "rows",
    among: str = "TRUE",
    name: str = "codes",
) -> Check:
    return Check(
        table=table, name=name, expectation="expect_it", column=None, sentence="It is so.", severity="warning",
        dimension="conformance", owner="Owner", why="Why.", to_do="Mend it.", affects=(),
        status="warn" if failing else "pass", counted=counted, rows_checked=checked, rows_failing=failing, at_most=0.0,
        error=None, parts=parts, among=among,
    )  # fmt: skip


def shown(one: Check) -> tuple[object, ...]:
    return check_rows([one], MODELS, ENTRIES).select("rows_checked", "rows_failing", "share").row(0)


@pytest.mark.parametrize(
    ("checked", "failing", "expected"),
    [
        (1_003, 0, (1_005, 0, 0.0)),
        (1_003, 1, (1_005, None, None)),
        (1_003, 9, (1_005, None, None)),
        (1_003, 10, (1_005, 10, 0.01)),
        (1_003, 993, (1_005, 995, 0.99)),
        # Under 10 sound rows are not told apart from none.
        (1_003, 994, (1_005, 1_005, 1.0)),
        (1_003, 1_003, (1_005, 1_005, 1.0)),
        (9, 9, (None, None, None)),
        (0, 0, (0, 0, None)),
        # A check of a whole table, such as that it has rows, counts no failing ones.
        (1_003, None, (1_005, 0, 0.0)),
    ],
)
def test_counts_of_rows_of_people_are_rounded_and_few_are_left_out(
    checked: int, failing: int | None, expected: tuple[object, ...]
) -> None:
    assert shown(check(checked, failing)) == expected


def test_a_check_that_could_not_be_made_counts_nothing() -> None:
    assert shown(dataclasses.replace(check(0, None), status="error")) == (0, None, None)


def test_groups_submissions_and_reference_rows_are_no_people() -> None:
    assert shown(check(14, 4, counted="groups")) == (14, 4, 0.286)
    assert shown(check(413, 3, table="dq_submissions")) == (413, 3, 0.007)
    assert shown(check(7, 1, table="ref_boards")) == (7, 1, 0.143)


@pytest.mark.parametrize("table", ["stg_testing", "mart_requests", "mart_open_requests", "stg_outcomes", "not_known"])
def test_tables_of_requests_and_unknown_ones_are_of_people(table: str) -> None:
    assert is_of_people(table, MODELS)


@pytest.mark.parametrize("table", ["stg_workforce", "stg_programme", "mart_working_days", "dq_fields", "ref_boards"])
def test_tables_of_posts_items_days_and_submissions_are_not(table: str) -> None:
    assert not is_of_people(table, MODELS)


@given(st.integers(0, 3_000), st.data())
def test_no_few_rows_can_be_told(checked: int, data: st.DataObject) -> None:
    failing = data.draw(st.integers(0, checked))
    seen_checked, seen_failing, share = shown(check(checked, failing))
    for count in (seen_checked, seen_failing):
        assert count is None or (isinstance(count, int) and count % 5 == 0 and (count == 0 or count >= 10))
    if isinstance(seen_checked, int) and isinstance(seen_failing, int):
        assert seen_checked == seen_failing or seen_checked - seen_failing >= 10 - 5
    if 0 < failing < 10:
        assert seen_failing is None
        assert share is None
    assert share is None or (isinstance(share, float) and 0 <= share <= 1)


def test_parts_keep_whose_they_are_and_hide_few() -> None:
    bad = check(
        500,
        31,
        Part("testing", "GLA", JANUARY, None, 9),
        Part("testing", "GLA", FEBRUARY, None, 12),
        Part(None, "EDI", None, None, 10),
    )
    late = check(9, 1, Part("testing", "ABE", JANUARY, None, 1), table="dq_fields")
    found = check_parts([bad, late], MODELS)
    assert found.rows() == [
        ("stg_testing.codes", "testing", "GLA", JANUARY, None, None),
        ("stg_testing.codes", "testing", "GLA", FEBRUARY, None, 10),
        ("stg_testing.codes", None, "EDI", None, None, 10),
        ("dq_fields.codes", "testing", "ABE", JANUARY, None, 1),
    ]


def test_a_group_of_few_failing_rows_is_hidden_though_groups_are_counted_exactly() -> None:
    parts = (Part(None, None, None, "S08000025", 8), Part(None, None, None, "S08000031", 640))
    found = check_parts([check(14, 2, *parts, counted="groups", table="mart_requests")], MODELS)
    assert found["rows_failing"].to_list() == [None, 640]


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    """40 requests of Glasgow in January, 30 in February, 12 of Edinburgh in January; half are urgent."""
    con = duckdb.connect()
    con.execute("""
        CREATE TABLE mart_requests AS
        SELECT lab AS receiving_lab, month AS received_month, number % 2 = 0 AS is_urgent
        FROM (VALUES ('GLA', DATE '2026-01-01', 40), ('GLA', DATE '2026-02-01', 30), ('EDI', DATE '2026-01-01', 12))
            AS given (lab, month, rows), unnest(range(rows)) AS one (number)""")
    return con


def test_months_count_every_month_of_a_submitter_also_those_without_a_failing_row(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    bad = check(
        82, 20, Part(None, "GLA", JANUARY, None, 13), Part(None, "EDI", JANUARY, None, 7), table="mart_requests"
    )
    assert check_months(warehouse, [bad], MODELS).rows() == [
        ("mart_requests.codes", "EDI", JANUARY, 10, None, None),
        ("mart_requests.codes", "GLA", JANUARY, 40, 15, 0.375),
        ("mart_requests.codes", "GLA", FEBRUARY, 30, 0, 0.0),
    ]


def test_months_count_only_the_rows_that_the_check_looked_at(warehouse: duckdb.DuckDBPyConnection) -> None:
    bad = check(41, 10, Part(None, "GLA", JANUARY, None, 10), table="mart_requests", among="is_urgent")
    found = check_months(warehouse, [bad], MODELS)
    assert dict(found.select("period", "rows_checked").filter(found["submitter"] == "GLA").rows()) == {
        JANUARY: 20,
        FEBRUARY: 15,
    }


def test_checks_without_a_failing_row_and_checks_of_groups_have_no_months(warehouse: duckdb.DuckDBPyConnection) -> None:
    sound = check(82, 0, table="mart_requests")
    groups = check(14, 1, Part(None, "GLA", JANUARY, None, 20), table="mart_requests", counted="groups")
    assert check_months(warehouse, [sound, groups], MODELS).is_empty()


def test_unknown_shares_of_fields_are_those_of_the_counts_shown() -> None:
    con = duckdb.connect()
    con.execute("""
        CREATE TABLE dq_fields AS SELECT 'testing' AS extract, 'GLA' AS submitter, DATE '2026-01-01' AS period, *
        FROM (VALUES ('a', 200, 0), ('b', 200, 9), ('c', 200, 32), ('d', 200, 191), ('e', 8, 0), ('f', 200, 200))
            AS given (field, rows, unknown)""")
    assert field_rows(con).select("field", "rows", "unknown_share").rows() == [
        ("a", 200, 0.0), ("b", 200, None), ("c", 200, 30 / 200), ("d", 200, None), ("e", None, None),
        ("f", 200, 1.0),
    ]  # fmt: skip


def results(*checks: Check) -> pl.DataFrame:
    return check_rows(checks, MODELS, ENTRIES)


def test_history_carries_what_the_release_before_holds_and_adds_its_own(tmp_path: Path) -> None:
    first = check_history(results(check(500, 20)), "one", dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC), None)
    before = tmp_path / "protected.duckdb"
    store.write_store(before, {"check_history": first})
    second = check_history(results(check(500, 0)), "two", dt.datetime(2026, 2, 1, 8, tzinfo=dt.UTC), before)
    assert second.select("release_id", "created_at", "check_id", "rows_failing", "share").rows() == [
        ("one", "2026-01-01T08:00:00+00:00", "stg_testing.codes", 20, 0.04),
        ("two", "2026-02-01T08:00:00+00:00", "stg_testing.codes", 0, 0.0),
    ]


def test_history_keeps_the_newest_releases_only(tmp_path: Path) -> None:
    days = [dt.datetime(2020, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=number) for number in range(HISTORY_RELEASES)]
    own = [check_history(results(check(500, 20)), f"{day:%Y%m%d}", day, None) for day in days]
    before = tmp_path / "protected.duckdb"
    store.write_store(before, {"check_history": pl.concat(own)})
    found = check_history(results(check(500, 20)), "newest", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), before)
    assert found["release_id"].n_unique() == HISTORY_RELEASES
    assert found["release_id"].to_list()[0] == "20200102"
    assert found["release_id"].to_list()[-1] == "newest"


def test_a_release_made_before_history_was_kept_gives_none(tmp_path: Path) -> None:
    before = tmp_path / "protected.duckdb"
    store.write_store(before, {"cells": pl.DataFrame({"a": [1]})})
    found = check_history(results(check(500, 20)), "one", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), before)
    assert found["release_id"].to_list() == ["one"]


def test_a_damaged_release_before_is_told_with_what_to_do(tmp_path: Path) -> None:
    before = tmp_path / "protected.duckdb"
    before.write_bytes(b"not a database" * 1_000)
    with pytest.raises(PipelineError, match="restore the release from a backup"):
        check_history(results(check(500, 20)), "one", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), before)
