"""Made-up items of the programme return, as a release holds them: every type and standing, on 31 October 2026."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import polars as pl

from catalogue.reference import reference_rows

TODAY = dt.date(2026, 10, 31)
PAUSE = dt.date(2024, 10, 14)

SCHEMA: dict[str, Any] = {
    **dict.fromkeys(
        ("item_id", "aim", "item_type", "title", "owner", "organisation_code", "staff_group", "test_code"), pl.String
    ),
    **dict.fromkeys(("comparator", "comparator_version", "depends_on"), pl.String),
    **dict.fromkeys(("submitted_date", "assessed_date"), pl.Date),
    "decision": pl.String,
    **dict.fromkeys(("decision_date", "due_date", "completed_date"), pl.Date),
    "status": pl.String,
    **dict.fromkeys(("value", "target"), pl.Float64),
    **dict.fromkeys(("narrative", "author"), pl.String),
    "as_at": pl.Date,
}


def item(item_id: str, kind: str = "action", **more: Any) -> dict[str, Any]:
    """One item of the newest report."""
    usual = {
        "aim": "1", "title": f"Item {item_id}", "owner": "Policy lead", "organisation_code": "SGV",
        "status": "in_progress", "as_at": TODAY,
    }  # fmt: skip
    return dict.fromkeys(SCHEMA) | usual | {"item_id": item_id, "item_type": kind} | more


def frame(*items: dict[str, Any]) -> pl.DataFrame:
    """Items as the table of a release."""
    return pl.DataFrame(list(items), schema=SCHEMA, orient="row")


def day(text: str) -> dt.date:
    """A day by its ISO date."""
    return dt.date.fromisoformat(text)


def usual_items() -> pl.DataFrame:
    """Items of every type: aim 1 slips, aim 2 is off course, aim 3 has all done, aim 4 nothing due."""
    done = {"status": "complete"}
    boards = [row["code"] for row in reference_rows("boards") if row["is_territorial"] == "yes"]
    actions = [
        item("A01.1", due_date=day("2025-03-31"), completed_date=day("2025-03-20"), **done, narrative="Finished."),
        item("A01.2", due_date=day("2025-09-30"), title="Model for funding"),
        item("A01.3", due_date=day("2025-06-30"), completed_date=day("2025-07-10"), **done),
        item("A01.4", due_date=day("2027-01-31"), depends_on="A01.2", title="Restart evaluation"),
        item("A02.1", aim="2", due_date=day("2026-09-30"), owner="Directory lead"),
        item("A03.1", aim="3", due_date=day("2026-01-31"), completed_date=day("2026-01-31"), **done),
        item("A04.1", aim="4", due_date=day("2027-12-31")),
    ]
    proposals = [
        item("P1", "test_proposal", submitted_date=day("2024-01-01"), assessed_date=day("2024-01-31"),
             decision="approved", decision_date=day("2024-03-01"), completed_date=day("2024-06-01"), **done),
        item("P2", "test_proposal", submitted_date=day("2024-02-01"), assessed_date=day("2024-03-22"),
             decision="declined", decision_date=day("2024-05-01"), **done),
        item("P3", "test_proposal", submitted_date=day("2024-12-01"), status="paused"),
        item("P4", "test_proposal", submitted_date=day("2024-09-01"), assessed_date=day("2024-10-01"), status="paused"),
        item("P5", "test_proposal", submitted_date=day("2025-01-01"), status="withdrawn", decision="withdrawn",
             decision_date=day("2025-02-01")),
        item("P6", "test_proposal", submitted_date=day("2024-03-01"), assessed_date=day("2024-04-10"),
             decision="approved", decision_date=day("2024-06-09"), due_date=day("2024-12-06")),
    ]  # fmt: skip
    mapping = {"aim": "2", "comparator_version": "2025-10", "organisation_code": "NSD"}
    mappings = [
        item("M1", "directory_mapping", comparator="england", test_code="RD.NEU.010", **done, **mapping),
        item("M2", "directory_mapping", comparator="england", **done, **mapping),
        item("M3", "directory_mapping", comparator="england", **mapping),
        item("M4", "directory_mapping", comparator="wales", test_code="RD.NEU.020", **mapping),
    ]
    signed = {"completed_date": day("2026-01-31"), "due_date": day("2025-12-31"), **done}
    agreements = [
        item(f"G{place}", "agreement", aim="10", organisation_code=code,
             **(signed if place > 1 else {"due_date": day("2025-12-31")}))
        for place, code in enumerate(boards)
    ]  # fmt: skip
    scope = [
        item("S1", "accreditation", aim="2", organisation_code="GLA", completed_date=day("2022-01-01"), **done),
        item("S2", "accreditation", aim="2", organisation_code="GLA"),
        item("S3", "accreditation", aim="2", organisation_code="ABE", completed_date=day("2027-01-01")),
    ]
    other = [
        item("D1", "data_standard", aim="8", completed_date=day("2026-01-01"), **done),
        item("D2", "data_standard", aim="8", due_date=day("2026-12-31")),
        item("L1", "site_live", aim="9", organisation_code="EDI", completed_date=day("2024-11-18"), **done),
        item("L2", "site_live", aim="9", organisation_code="DUN", due_date=day("2026-06-30"), depends_on="A01.4"),
        item("R1", "return_due", aim="11", organisation_code="ABE", due_date=day("2026-09-15"),
             completed_date=day("2026-09-15"), **done),
        item("R2", "return_due", aim="11", organisation_code="ABE", due_date=day("2026-10-15"),
             completed_date=day("2026-10-20"), **done),
        item("R3", "return_due", aim="11", organisation_code="GLA", due_date=day("2026-10-15")),
        item("R4", "return_due", aim="11", organisation_code="GLA", due_date=day("2026-11-15")),
    ]  # fmt: skip
    return frame(*actions, *proposals, *mappings, *agreements, *scope, *other)


def insert(con: duckdb.DuckDBPyConnection, items: pl.DataFrame) -> None:
    """Makes the two tables of the programme in a store, in place of any that it has."""
    con.register("incoming", items.to_arrow())
    con.execute("CREATE OR REPLACE TABLE programme_items AS SELECT * FROM incoming")
    con.execute(
        "CREATE OR REPLACE TABLE programme_history AS "
        "SELECT item_id, as_at, status, due_date, completed_date FROM incoming"
    )
    con.unregister("incoming")
