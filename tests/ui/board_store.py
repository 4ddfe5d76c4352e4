"""A small file of one board's exact figures in the release's schema, made straight with DuckDB."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from tests.ui.store import FIRST, MONTHS, month_after

BOARD = "S08000029"
JUDGED = dt.date(2026, 11, 1)

REQUESTS = {
    **dict.fromkeys(("request_id", "side", "status", "receiving_lab", "performing_lab", "directory"), pl.String),
    **dict.fromkeys(("turnaround_category", "technology", "priority"), pl.String),
    **dict.fromkeys(("received_date", "clock_start_date", "due_date"), pl.Date),
    "target_days": pl.Int64,
    "day_type": pl.String,
    **dict.fromkeys(("days_used", "days_over", "paused_days"), pl.Int64),
    "stage": pl.String,
    **dict.fromkeys(("stage_date", "report_date", "judged_on"), pl.Date),
}
MONTHLY = {
    **dict.fromkeys(("side", "turnaround_category", "performing_lab"), pl.String),
    "month": pl.Date,
    **dict.fromkeys(("received", "due", "within_standard", "open_at_end", "overdue_at_end", "still_open"), pl.Int64),
    **dict.fromkeys(("median_days", "p90_days"), pl.Float64),
}
BREACHES = {
    **dict.fromkeys(("side", "turnaround_category", "performing_lab"), pl.String),
    "due_date": pl.Date,
    "breaches": pl.Int64,
}
COUNTS = ("requests", "first_pass_known", "not_accepted_first", "rejected", "due", "within_standard")
GROUPS = {"specialties": "referrer_specialty", "tests": "test_code"}
STATUS = {"measure": pl.String, "month": pl.Date, "period_status": pl.String}
MEASURES = {"requests_received": 0, "reported_within_standard": 3, "overdue_backlog": 3, "turnaround_days": 0}


def request(name: str, **changed: Any) -> dict[str, Any]:
    """One open request of a resident that the board asked for, due in a month; with what is to be otherwise."""
    usual: dict[str, Any] = {
        "request_id": name, "side": "both", "status": "open", "receiving_lab": "EDI", "performing_lab": "EDI",
        "directory": "rare", "turnaround_category": "rare_standard", "technology": "panel", "priority": "routine",
        "received_date": dt.date(2026, 10, 1), "clock_start_date": dt.date(2026, 10, 1),
        "due_date": dt.date(2026, 12, 1), "target_days": 42, "day_type": "calendar", "days_used": 31, "days_over": 0,
        "paused_days": 0, "stage": "received", "stage_date": dt.date(2026, 10, 1), "report_date": None,
        "judged_on": JUDGED,
    }  # fmt: skip
    return usual | changed


def requests(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as the table of requests."""
    return pl.DataFrame(list(rows), schema=REQUESTS)


def usual_requests() -> pl.DataFrame:
    """Some of each standing, at two laboratories."""
    late = {"due_date": dt.date(2026, 10, 20), "days_over": 12, "stage": "sequenced", "days_used": 54}
    ended = {"status": "reported", "stage": "reported", "report_date": dt.date(2026, 9, 9)}
    rows = [
        *(request(f"R10{n}", **late) for n in range(5)),
        request("R201", due_date=dt.date(2026, 10, 1), days_over=31, performing_lab="DUN"),
        *(request(f"R30{n}", due_date=dt.date(2026, 11, 10), stage="analysed") for n in range(3)),
        *(request(f"R40{n}", side="residence") for n in range(4)),
        *(request(f"R50{n}", side="requesting", **ended) for n in range(6)),
        request("R601", status="cancelled"),
        request("=R701", due_date=None, target_days=None, days_used=None, turnaround_category="none"),
    ]
    return requests(rows)


def usual_months(incomplete: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Monthly counts of both sides, one category and one laboratory, and the months of each measure."""
    rows, months = [], []
    for index in range(MONTHS):
        month = month_after(FIRST, index)
        status = "incomplete" if index >= MONTHS - incomplete else "provisional" if index == MONTHS - 1 else "final"
        months += [(measure, month, status) for measure, run_in in MEASURES.items() if index >= run_in]
        for side, size in (("requesting", 40), ("residence", 44)):
            for category, lab in ((None, None), ("rare_standard", None), (None, "EDI"), ("rare_standard", "EDI")):
                due, late = size + index % 7, 4 + index % 5
                rows.append((side, category, lab, month, size, due, due - late, 3 * size, late, 1, 14.0, 33.0))
    return pl.DataFrame(rows, schema=MONTHLY, orient="row"), pl.DataFrame(months, schema=STATUS, orient="row")


def breaches(days: Sequence[dt.date], **changed: Any) -> pl.DataFrame:
    """A missed due date a row."""
    usual = {"side": "requesting", "turnaround_category": "rare_standard", "performing_lab": "EDI", "breaches": 1}
    return pl.DataFrame([usual | {"due_date": day} | changed for day in days], schema=BREACHES)


def group_schema(name: str) -> dict[str, Any]:
    """The columns of the table of specialties or of tests."""
    return {
        **dict.fromkeys(("side", GROUPS[name]), pl.String),
        **dict.fromkeys(COUNTS, pl.Int64),
        **dict.fromkeys(("period_start", "period_end"), pl.Date),
    }


def groups(name: str, rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    """The table of specialties or of tests. rows: side, value, and the counts in their order."""
    year = (dt.date(2025, 11, 1), dt.date(2026, 10, 31))
    return pl.DataFrame([(*row, *year) for row in rows], schema=group_schema(name), orient="row")


def usual_specialties() -> pl.DataFrame:
    """One specialty of which much comes back, one usual, and the rest together."""
    rows = [("A3", 400, 400, 20, 8, 380, 340), ("J4", 200, 200, 40, 20, 180, 150), (None, 60, 58, 3, 1, 55, 50)]
    return groups("specialties", [(side, *row) for side in ("requesting", "residence") for row in rows])


def usual_tests() -> pl.DataFrame:
    """One test that is often late, one usual, and the rest together."""
    rows = [
        ("CA.LUN.011", 60, 60, 6, 2, 60, 20),
        ("RD.DEV.010", 160, 160, 9, 3, 150, 140),
        (None, 440, 438, 48, 24, 405, 380),
    ]
    return groups("tests", [(side, *row) for side in ("requesting", "residence") for row in rows])


def make_board(
    release: Path, board: str = BOARD, *, held: pl.DataFrame | None = None, says: Mapping[str, str] | None = None,
    incomplete: int = 0,
) -> Path:  # fmt: skip
    """Writes boards/<board>.duckdb into a release folder. held: its requests. says: what `about` says otherwise."""
    monthly, months = usual_months(incomplete)
    about = {"board_code": board, "release_id": release.name, "is_synthetic": "true"} | dict(says or {})
    every = [dt.date(2026, 1, 1) + dt.timedelta(days=14 * number) for number in range(20)]
    tables = {
        "requests": usual_requests() if held is None else held,
        "monthly": monthly,
        "breaches": breaches(every),
        "months": months,
        "specialties": usual_specialties() if held is None else groups("specialties", []),
        "tests": usual_tests() if held is None else groups("tests", []),
        "about": pl.DataFrame({"key": list(about), "value": list(about.values())}),
    }
    path = release / "boards" / f"{board}.duckdb"
    path.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(path)) as con:
        for name, frame in tables.items():
            con.register("frame", frame)
            con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM frame')
            con.unregister("frame")
    return path
