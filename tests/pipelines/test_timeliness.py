"""Who has sent what, told from the table of submissions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import pytest

from pipelines.timeliness import submitters, whole_to


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Glasgow sent testing to May and Dundee to April; nobody sent outcomes; a census of March; one month is stale."""
    with duckdb.connect() as connection:
        connection.execute("""
            CREATE TABLE dq_submissions AS SELECT * FROM (VALUES
                ('testing', 'GLA', DATE '2026-04-01', FALSE, TRUE), ('testing', 'GLA', DATE '2026-05-01', FALSE, FALSE),
                ('testing', 'DUN', DATE '2026-04-01', FALSE, FALSE), ('testing', 'DUN', DATE '2026-05-01', TRUE, FALSE),
                ('outcomes', 'GLA', DATE '2026-04-01', TRUE, FALSE),
                ('outcomes', 'GLA', DATE '2026-05-01', TRUE, FALSE),
                ('outcomes', 'DUN', DATE '2026-04-01', TRUE, FALSE),
                ('outcomes', 'DUN', DATE '2026-05-01', TRUE, FALSE),
                ('workforce', 'GLA', DATE '2026-03-01', FALSE, FALSE)
            ) AS given (extract, submitter, period, is_missing, is_stale)""")
        yield connection


def test_an_extract_is_whole_to_the_newest_month_that_everybody_sent(con: duckdb.DuckDBPyConnection) -> None:
    assert whole_to(con) == {
        "testing": dt.date(2026, 4, 30), "outcomes": dt.date.min, "workforce": dt.date(2026, 3, 31),
    }  # fmt: skip


def test_a_laboratory_that_sent_nothing_of_an_extract_lacks_every_month(con: duckdb.DuckDBPyConnection) -> None:
    told = submitters(con, ()).select("extract", "submitter", "newest_period", "periods_missing", "is_late")
    assert told.rows() == [
        ("testing", "DUN", "2026-04", 1, True),
        ("testing", "GLA", "2026-05", 0, False),
        ("outcomes", "DUN", None, 2, True),
        ("outcomes", "GLA", None, 2, True),
    ]
    assert submitters(con, ()).filter(submitter="GLA", extract="testing")["stale_periods"].to_list() == [1]
