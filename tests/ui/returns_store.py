"""A small register and return files as the build side writes them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.ingest.register import Register, Submission
from pipelines.ingest.returns import write_returns
from pipelines.ingest.sent_file import Stamp

LETTER = """# Testing extract of Edinburgh for September 2026, version 2

Rows read: 900. See [here](http://127.0.0.1/x) and ![picture](http://127.0.0.1/y.png), or \\[not\\] <b>this</b>.

## Rows returned

| Reason | What is expected |
| --- | --- |
| unknown code | technology: a code of the list<br>sex: a code of the list |
"""


def sent(file: str, state: Any = "accepted", **changed: Any) -> Submission:
    """A submission as registered, with what is to be otherwise."""
    stem = file.split(".")[0]
    extract, submitter, period, version = stem.split("__")
    sha = hashlib.sha256(f"{file}{state}{changed}".encode()).hexdigest()
    usual: dict[str, Any] = {
        "submission_id": f"{stem}__{sha[:8]}", "file": file, "extract": extract, "submitter": submitter,
        "period": period, "version": int(version[1:]), "sha256": sha, "bytes": 10,
        "registered_at": "2026-11-02T08:00:00+00:00", "state": state, "rows_read": 900, "rows_loaded": 900,
        "rows_returned": 0, "reasons": {}, "refused_because": None, "drift": (), "extracted_on": None,
        "is_synthetic": True,
    }  # fmt: skip
    return Submission(**(usual | changed))


def rows(*faults: tuple[int, str, str], value: str = "R900") -> pl.DataFrame:
    """Returned rows: number, fields and reasons, with a column as it was sent."""
    columns = {"row_number": pl.Int64, "fields": pl.String, "reasons": pl.String}
    return pl.DataFrame(list(faults), schema=columns, orient="row").with_columns(
        what_to_do=pl.lit("Correct it."), request_id=pl.lit(value)
    )


def make_returns(folder: Path) -> None:
    """Edinburgh's and Glasgow's submissions, returned rows and a letter, in a data folder."""
    first = sent("testing__EDI__2026-09__v1.csv", rows_loaded=888, rows_returned=12, reasons={"unknown_code": 12})
    second = sent(
        "testing__EDI__2026-09__v2.csv", rows_loaded=897, rows_returned=3, reasons={"unknown_code": 2, "date_order": 2}
    )
    built = sent("turnaround__EDI__2026-10__v1.csv")
    refused = sent(
        "outcomes__EDI__2026-10__v1.csv", "refused", rows_read=0, rows_loaded=0,
        refused_because="The header lacks [sex](http://127.0.0.1). Send every column agreed.",
    )  # fmt: skip
    mended = [
        sent("testing__EDI__2026-08__v1.csv", rows_loaded=899, rows_returned=1, reasons={"date_order": 1}),
        sent("testing__EDI__2026-08__v2.csv"),
    ]
    replaced = [
        sent("outcomes__EDI__2026-07__v1.csv", "refused", rows_loaded=0, refused_because="It is empty."),
        sent("outcomes__EDI__2026-07__v1.csv"),
    ]
    other = sent("testing__GLA__2026-09__v1.csv", rows_loaded=899, rows_returned=1, reasons={"date_order": 1})
    with Register(folder / "register.sqlite", create=True) as register:
        for number, one in enumerate([*mended, *replaced, first, second, built, refused, other]):
            register.add(one, Stamp(f"hash{number}", 10, 1, 1, number))
        register.record_build_returns({built.submission_id: {"orphan_key": 4}, other.submission_id: {"sent_twice": 1}})
    returns = folder / "returns"
    write_returns(
        returns / "EDI" / "testing__EDI__2026-09__v1.csv", rows(*((n, "technology", "unknown_code") for n in range(12)))
    )
    write_returns(
        returns / "EDI" / "testing__EDI__2026-09__v2.csv",
        rows(
            (7, "technology", "unknown_code"),
            (9, "technology; requested_date, received_date", "unknown_code; date_order"),
            (11, "requested_date, received_date", "date_order"),
        ),
    )
    write_returns(
        returns / "EDI" / "turnaround__EDI__2026-10__v1__build.csv",
        rows(*((number, "request_id", "orphan_key") for number in range(2, 6))),
    )
    (returns / "EDI" / "testing__EDI__2026-09__v2__letter.md").write_text(LETTER, encoding="utf-8")
    write_returns(returns / "GLA" / "testing__GLA__2026-09__v1.csv", rows((2, "x", "date_order"), value="GLASGOWS"))
