"""What became of each submission that was sent or expected, and how it is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import duckdb
import pytest

from pipelines.quality.gate import SEND_AGAIN, SetAside
from pipelines.quality.submission_states import submission_rows
from tests.pipelines.quality.test_gate import sent

IN_USE = tuple(
    replace(sent("turnaround", "GLA", f"2026-0{month}"), extracted_on=dt.date(2026, 5, 5)) for month in (1, 2, 3, 4)
)


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    """Glasgow's turnaround of January (loaded), February (late), March (stale) and April; Dundee's is not there."""
    con = duckdb.connect()
    con.execute("""
        CREATE TABLE dq_submissions AS
        SELECT 'turnaround' AS extract, * FROM (VALUES
            ('GLA', DATE '2026-01-01', 'turnaround__GLA__2026-01__v1', DATE '2026-02-05', 403, 9, FALSE, FALSE),
            ('GLA', DATE '2026-02-01', 'turnaround__GLA__2026-02__v1', DATE '2026-03-20', 401, 0, TRUE, FALSE),
            ('GLA', DATE '2026-03-01', 'turnaround__GLA__2026-03__v1', DATE '2026-04-05', 8, 44, FALSE, TRUE),
            ('GLA', DATE '2026-04-01', 'turnaround__GLA__2026-04__v1', DATE '2026-05-05', 390, 0, FALSE, FALSE),
            ('DUN', DATE '2026-03-01', NULL, NULL, NULL, NULL, FALSE, FALSE),
            ('DUN', DATE '2026-04-01', NULL, NULL, NULL, NULL, FALSE, FALSE)
        ) AS given (submitter, period, submission_id, first_extracted_on, rows_loaded, rows_returned, is_late, is_stale)
        """)
    con.execute("ALTER TABLE dq_submissions ADD COLUMN is_backfill BOOLEAN DEFAULT FALSE")
    con.execute("ALTER TABLE dq_submissions ADD COLUMN rows_in_use BIGINT")
    con.execute(
        "UPDATE dq_submissions SET rows_in_use = rows_loaded - CASE WHEN period = '2026-01-01' THEN 6 ELSE 0 END"
    )
    con.execute("ALTER TABLE dq_submissions ADD COLUMN known_on DATE DEFAULT DATE '2026-05-15'")
    con.execute("ALTER TABLE dq_submissions ADD COLUMN due_on DATE")
    con.execute("UPDATE dq_submissions SET due_on = CAST(period + INTERVAL 1 MONTH + INTERVAL 14 DAY AS DATE)")
    con.execute("ALTER TABLE dq_submissions ADD COLUMN typical_rows DOUBLE DEFAULT 397.5")
    con.execute("""
        CREATE TABLE stg_returned AS
        SELECT 'turnaround__GLA__2026-01__v1' AS submission_id, 'orphan_key' AS reason FROM range(6)""")
    return con


def told(con: duckdb.DuckDBPyConnection, *left_out: SetAside) -> dict[tuple[str, int], dict[str, object]]:
    gone = {one.submission.file for one in left_out}
    in_use = [s for s in IN_USE if s.file not in gone] + [one.instead for one in left_out if one.instead]
    refused = sent("turnaround", "DUN", "2026-03", 1, "refused")
    found = submission_rows(con, in_use, [*IN_USE, refused], left_out)
    return {(row["submitter"], row["period"].month): row for row in found.iter_rows(named=True)}


def test_every_state_is_told_with_its_reason(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert {key: (row["state"], row["reason"]) for key, row in told(warehouse).items()} == {
        ("GLA", 1): ("loaded", ""),
        ("GLA", 2): ("late", "First sent on 20 March 2026, after it was due on 15 March 2026."),
        ("GLA", 3): (
            "stale",
            "Requests of this month are still open, and it was not sent again with the newest extract.",
        ),
        ("GLA", 4): ("loaded", ""),
        ("DUN", 3): ("missing", "What was sent was refused; due on 15 April 2026."),
        ("DUN", 4): ("not_due", "Not sent yet; due on 15 May 2026."),
    }


def test_what_was_not_sent_is_missing_once_files_arrive_after_its_deadline(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("UPDATE dq_submissions SET known_on = DATE '2026-05-16'")
    row = told(warehouse)["DUN", 4]
    assert (row["state"], row["reason"]) == ("missing", "Nothing has been sent; due on 15 May 2026.")


def test_what_was_refused_is_missing_though_it_is_not_due_yet(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("UPDATE dq_submissions SET known_on = DATE '2026-04-10'")
    row = told(warehouse)["DUN", 3]
    assert (row["state"], row["reason"]) == ("missing", "What was sent was refused; due on 15 April 2026.")


def test_a_file_of_which_no_row_is_in_use_is_unusable_and_says_why(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("UPDATE dq_submissions SET rows_in_use = 0 WHERE period = DATE '2026-01-01'")
    row = told(warehouse)["GLA", 1]
    assert (row["state"], row["rows_loaded"]) == ("unusable", 0)
    assert row["reason"] == "Every row was returned: no row of the testing extract of its month is in use."
    warehouse.execute("""
        INSERT INTO dq_submissions BY NAME
        SELECT * REPLACE ('testing' AS extract, NULL AS submission_id, 9 AS rows_in_use)
        FROM dq_submissions WHERE submitter = 'GLA' AND period = DATE '2026-01-01'""")
    with_testing = submission_rows(warehouse, IN_USE, IN_USE, ()).filter(
        extract="turnaround", submitter="GLA", period=dt.date(2026, 1, 1)
    )
    assert with_testing["reason"].to_list() == ["Every row was returned, so nothing of it is in use."]


def test_a_month_due_before_its_sender_began_is_not_said_to_be_in_time(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("UPDATE dq_submissions SET is_backfill = TRUE WHERE period = DATE '2026-01-01'")
    row = told(warehouse)["GLA", 1]
    assert (row["state"], row["reason"]) == (
        "loaded",
        "Due before its sender began to send, so lateness is not judged.",
    )


def test_counts_are_exact_and_what_the_build_returned_counts_as_returned(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    counts = {
        key: tuple(row[name] for name in ("rows_loaded", "rows_returned", "typical_rows", "rows_moved"))
        for key, row in told(warehouse).items()
    }
    assert counts["GLA", 1] == (397, 15, 398, 6)
    assert counts["GLA", 2] == (401, 0, 398, 0)
    assert counts["GLA", 3] == (8, 44, 398, 0)
    assert counts["DUN", 3] == (None, None, 398, 0)
    assert told(warehouse)["GLA", 1]["label"] == "Glasgow"


def test_a_submission_set_aside_says_by_what_and_what_is_used(warehouse: duckdb.DuckDBPyConnection) -> None:
    before = sent("turnaround", "GLA", "2026-04", 0, "superseded")
    said = told(warehouse, SetAside(IN_USE[3], ("stg_turnaround.key",), "Not met: It is so.", SEND_AGAIN, before))
    assert said["GLA", 4]["state"] == "set_aside"
    assert said["GLA", 4]["reason"] == "Version 1 was set aside. Not met: It is so. Version 0 is used instead."


def test_a_month_that_nobody_else_sent_is_told_though_it_was_set_aside(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("DELETE FROM dq_submissions WHERE period = DATE '2026-04-01'")
    said = told(warehouse, SetAside(IN_USE[3], ("stg_turnaround.key",), "Not met: It is so.", SEND_AGAIN, None))
    row = said["GLA", 4]
    assert (row["state"], row["due_on"], row["rows_loaded"]) == ("set_aside", dt.date(2026, 5, 15), None)
    assert str(row["reason"]).endswith("Nothing is used for this month.")
