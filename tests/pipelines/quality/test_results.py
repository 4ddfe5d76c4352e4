"""The tables of results: exact counts for the build side, blame by month, and history over releases."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import duckdb
import polars as pl
import pytest

from catalogue.disclosure import rules
from catalogue.indicators import indicators
from pipelines import store
from pipelines.disclosure.secret import Secret
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
    is_of_people,
    with_since,
)
from pipelines.quality.rows_shown import shown_rows

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


def test_a_check_of_a_whole_table_that_passes_has_no_failing_row() -> None:
    assert results(check(1_003, None)).select("rows_checked", "rows_failing").row(0) == (1_003, 0)
    unmade = dataclasses.replace(check(0, None), status="error")
    assert results(unmade).select("rows_checked", "rows_failing").row(0) == (0, None)


@pytest.mark.parametrize(
    ("one", "of_people"),
    [
        (check(1_003, 4), True),
        (check(14, 4, counted="groups"), False),
        (check(413, 3, table="dq_submissions"), False),
        (check(7, 1, table="ref_boards"), False),
    ],
)
def test_groups_submissions_and_reference_rows_are_no_people(one: Check, of_people: bool) -> None:
    assert results(one)["is_of_people"].to_list() == [of_people]


@pytest.mark.parametrize("table", ["stg_testing", "mart_requests", "mart_open_requests", "stg_outcomes", "not_known"])
def test_tables_of_requests_and_unknown_ones_are_of_people(table: str) -> None:
    assert is_of_people(table, MODELS)


@pytest.mark.parametrize("table", ["stg_workforce", "stg_programme", "mart_working_days", "dq_fields", "ref_boards"])
def test_tables_of_posts_items_days_and_submissions_are_not(table: str) -> None:
    assert not is_of_people(table, MODELS)


def test_parts_keep_whose_they_are() -> None:
    bad = check(
        500,
        31,
        Part("testing", "GLA", JANUARY, None, 9),
        Part("testing", "GLA", FEBRUARY, None, 12),
        Part(None, "EDI", None, None, 10),
    )
    late = check(9, 1, Part("testing", "ABE", JANUARY, None, None, groups=1), table="dq_submissions", counted="groups")
    found = check_parts([bad, late], MODELS)
    assert found.drop("field").rows() == [
        ("dq_submissions.codes", "testing", "ABE", JANUARY, None, 1, None, True),
        ("stg_testing.codes", "testing", "GLA", JANUARY, None, None, 9, True),
        ("stg_testing.codes", "testing", "GLA", FEBRUARY, None, None, 12, True),
        ("stg_testing.codes", None, "EDI", None, None, None, 10, True),
    ]


@pytest.mark.parametrize(("many", "told"), [(4, 4), (5, 2)])
def test_few_failing_rows_in_many_parts_are_told_by_submitter_only_and_have_no_months(many: int, told: int) -> None:
    parts = [
        Part(None, "GLA" if month % 2 else "EDI", dt.date(2026, month, 1), None, 1) for month in range(1, many + 1)
    ]
    bad = check(500, many, *parts, table="mart_requests")
    found = check_parts([bad], MODELS)
    assert (found.height, found["rows_failing"].sum()) == (told, many)
    assert found["period"].is_null().all() == (told < many)
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE mart_requests AS SELECT 'GLA' AS receiving_lab, DATE '2026-01-01' AS received_month FROM range(9)"
    )
    assert check_months(con, [bad], MODELS).is_empty() == (told < many)
    assert check_months(con, [dataclasses.replace(bad, rows_checked=9)], MODELS).is_empty()


def test_rows_that_lack_a_field_are_rows_of_people_though_files_are_counted() -> None:
    parts = [
        Part("testing", "GLA", JANUARY, None, failing, "sex", 1, 200) for failing in (9, 143, 195)
    ] + [Part("workforce", "GLA", JANUARY, None, 7, "role", 1, 12)]  # fmt: skip
    found = check_parts([check(40, 4, *parts, table="dq_fields", counted="groups")], MODELS)
    assert found.select("field", "rows_failing", "is_of_people").rows() == [
        ("sex", 9, True), ("sex", 143, True), ("sex", 195, True), ("role", 7, False),
    ]  # fmt: skip


def test_a_check_says_what_it_counts() -> None:
    files = dataclasses.replace(check(40, 1, counted="groups"), nouns=("file", "files"))
    assert results(files).select("noun", "nouns").row(0) == ("file", "files")
    assert results(check(40, 1)).select("noun", "nouns").row(0) == ("row", "rows")


def test_a_part_is_open_since_the_first_of_the_releases_one_after_another_that_hold_it(tmp_path: Path) -> None:
    january, february = (Part("testing", "GLA", month, None, 20, field) for month, field in
                         ((JANUARY, "sex"), (FEBRUARY, None)))  # fmt: skip
    days = [dt.datetime(2026, month, 1, 8, tzinfo=dt.UTC) for month in (1, 2, 3, 4)]
    before, found = None, pl.DataFrame()
    for number, parts in enumerate([(january,), (january, february), (february,), (january, february)]):
        found = with_since(check_parts([check(500, 20, *parts)], MODELS), days[number], before)
        before = tmp_path / f"{number}" / "protected.duckdb"
        before.parent.mkdir()
        store.write_store(before, {"check_parts": found})
    assert dict(found.select("period", "since").rows()) == {JANUARY: days[3].date(), FEBRUARY: days[1].date()}


def test_parts_of_a_release_that_told_no_since_begin_anew(tmp_path: Path) -> None:
    parts = check_parts([check(500, 20, Part("testing", "GLA", JANUARY, None, 20))], MODELS)
    before = tmp_path / "protected.duckdb"
    store.write_store(before, {"check_parts": parts.drop("field")})
    assert with_since(parts, dt.datetime(2026, 3, 1, tzinfo=dt.UTC), before)["since"].to_list() == [dt.date(2026, 3, 1)]


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
    found = check_months(warehouse, [bad], MODELS)
    assert found.select("check_id", "submitter", "period", "rows_checked", "rows_failing").rows() == [
        ("mart_requests.codes", "EDI", JANUARY, 12, 7),
        ("mart_requests.codes", "GLA", JANUARY, 40, 13),
        ("mart_requests.codes", "GLA", FEBRUARY, 30, 0),
    ]
    assert found.select("table_name", "among", "of_check", "is_of_people").unique().rows() == [
        ("mart_requests", "TRUE", 82, True)
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


def results(*checks: Check) -> pl.DataFrame:
    return check_rows(checks, MODELS, ENTRIES)


def shown(*checks: Check) -> pl.DataFrame:
    """The table `checks` as a release holds it."""
    exact = {
        "checks": results(*checks),
        "check_parts": check_parts(checks, MODELS),
        "check_months": check_months(duckdb.connect(), (), MODELS),
    }
    return shown_rows(exact, Secret.of("5e" * 32), rules())["checks"]


def test_history_carries_what_the_release_before_holds_and_adds_its_own(tmp_path: Path) -> None:
    first = check_history(shown(check(500, 20)), "one", dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC), None)
    before = tmp_path / "protected.duckdb"
    store.write_store(before, {"check_history": first})
    second = check_history(shown(check(500, 0)), "two", dt.datetime(2026, 2, 1, 8, tzinfo=dt.UTC), before)
    assert second.select("release_id", "created_at", "check_id", "rows_failing", "share").rows() == [
        ("one", "2026-01-01T08:00:00+00:00", "stg_testing.codes", 20, 0.04),
        ("two", "2026-02-01T08:00:00+00:00", "stg_testing.codes", 0, 0.0),
    ]


def test_history_keeps_the_newest_releases_only(tmp_path: Path) -> None:
    days = [dt.datetime(2020, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=number) for number in range(HISTORY_RELEASES)]
    own = [check_history(shown(check(500, 20)), f"{day:%Y%m%d}", day, None) for day in days]
    before = tmp_path / "protected.duckdb"
    store.write_store(before, {"check_history": pl.concat(own)})
    found = check_history(shown(check(500, 20)), "newest", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), before)
    assert found["release_id"].n_unique() == HISTORY_RELEASES
    assert found["release_id"].to_list()[0] == "20200102"
    assert found["release_id"].to_list()[-1] == "newest"


def test_a_release_made_before_history_was_kept_gives_none(tmp_path: Path) -> None:
    before = tmp_path / "protected.duckdb"
    store.write_store(before, {"cells": pl.DataFrame({"a": [1]})})
    found = check_history(shown(check(500, 20)), "one", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), before)
    assert found["release_id"].to_list() == ["one"]


def test_a_damaged_release_before_is_told_with_what_to_do(tmp_path: Path) -> None:
    before = tmp_path / "protected.duckdb"
    before.write_bytes(b"not a database" * 1_000)
    with pytest.raises(PipelineError, match="restore the release from a backup"):
        check_history(shown(check(500, 20)), "one", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), before)
