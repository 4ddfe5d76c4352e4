"""The programme's items reach the store as their newest report tells them, less what counts few people."""

from __future__ import annotations

import datetime as dt

import duckdb
import polars as pl

from pipelines.programme_items import programme_items

COLUMNS = """item_id, aim, item_type, title, owner, organisation_code, staff_group, test_code, comparator,
    comparator_version, depends_on, submitted_date, assessed_date, decision, decision_date, due_date, completed_date,
    status, value, target, narrative, author, as_at, is_newest"""


def test_newest_reports_and_every_earlier_one_are_told_and_few_people_are_not() -> None:
    names = [name.strip() for name in COLUMNS.split(",")]
    blank = dict.fromkeys(names)
    reports = [
        ("A01.1", "action", dt.date(2026, 1, 31), "in_progress", False),
        ("A01.1", "action", dt.date(2026, 3, 31), "complete", True),
        ("ELI-X", "eligible_patients", dt.date(2026, 3, 31), "complete", True),
    ]
    rows = [
        blank | {"item_id": item, "aim": "1", "item_type": kind, "as_at": day, "status": status, "is_newest": newest}
        for item, kind, day, status, newest in reports
    ]
    with duckdb.connect() as con:
        con.register("frame", pl.DataFrame(rows))
        con.execute("CREATE TABLE mart_programme AS SELECT * FROM frame")
        found = programme_items(con)
    assert found["programme_items"].select("item_id", "status").rows() == [("A01.1", "complete")]
    assert found["programme_history"].select("item_id", "status").rows() == [
        ("A01.1", "in_progress"),
        ("A01.1", "complete"),
    ]
